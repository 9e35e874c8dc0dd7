"""`/grants/{ref}/{milestone}/export`: a milestone's days as a file, with the chart of its page.

The figures are those that the verdict and its chart were made of. Who may see the page may have
them; nothing that a plant keeps confidential is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.kpi.evaluation import KPIS
from analytics.kpi.words import metric_name
from analytics.milestones.day_figures import DayFigures, FigureKind
from api.exports.charts import Chart, Period, PeriodsChart
from api.exports.tables import Column, ColumnKind, Table, Tables, file_name
from api.http.dependencies import ServicesDep
from api.http.exported import asked_file, exported
from api.http.project_answers import project_answer
from api.i18n import Language
from api.pages.exports import ExportLink, about_rows, export_links
from api.pages.labels import SHARES, VERDICTS
from api.pages.officer.grants import ShownMilestone, Until, shown_milestone, verdicts_of
from api.pages.officer.terms import days_text, metric_of, value_text
from api.pages.templates import language_of
from api.queries.milestone_basis import milestone_basis
from api.queries.prices import verdicts_price
from api.records.milestone_steps import milestone_named
from domain.errors import InputError
from domain.texts import N_

router = APIRouter()
_CHART_DAYS_MAX = 400  # more are thinner than a pixel


@router.get("/grants/{ref}/{milestone}/export")
async def milestone_export(
    ref: str, milestone: str, request: Request, services: ServicesDep, until: Until = None
) -> Response:
    """`until` as of the page; `format`."""
    file = asked_file(request)
    queries = services.queries.still()
    _, project = await run_in_threadpool(queries.project, ref)
    milestone_named(project, milestone)
    found, _ = await verdicts_of(request, services, project, until)
    language = language_of(request)
    verdict = next(it for it in found.verdicts if it.milestone.id == milestone)
    basis = await project_answer(
        request,
        services,
        project,
        ("basis", ref, milestone, until),
        found.as_of if until else None,
        lambda asked: milestone_basis(asked, found, verdict),
    )
    row, figures = shown_milestone(verdict, language, found), basis.figures
    if figures is None:
        raise InputError(
            f"no day of machines stands behind the milestone '{milestone}'",
            where="milestone",
            todo="There is nothing to take along before the first day of its window has ended, and "
            "for terms that look at no machine.",
        )

    def read() -> Tables:
        zone, page = found.plant.zone, f"/grants/{quote(ref, safe='')}/{quote(milestone, safe='')}"
        days = _days(figures, row, language)
        about = [*_about(ref, row, language)]
        about += about_rows(request, page, verdict.as_of, zone, language)
        return Tables(
            f"{ref} · {milestone} · {row.title}",
            tuple(about),
            (days,),
            language.tag,
            zone,
            verdict.as_of,
            file_name(ref, milestone, verdict.as_of.astimezone(zone).date().isoformat()),
            tuple(_charts(figures, row, days.title, language)),
        )

    price = verdicts_price(queries, project, found.as_of if until else None)
    return await exported(request, services.lanes, file, price, read)


def milestone_links(
    ref: str, milestone: str, until: date | None, has_days: bool, language: Language
) -> list[ExportLink]:
    """To the milestone's days as files; none without days."""
    if not has_days:
        return []
    path = f"/grants/{quote(ref, safe='')}/{quote(milestone, safe='')}/export"
    days = [("days", language.text(N_("Days against the target")))]
    given = {"until": until.isoformat()} if until else {}
    return export_links(path, given, language, days, days)


def _about(ref: str, row: ShownMilestone, language: Language) -> Iterator[tuple[str, str]]:
    say = language.text
    yield say(N_("Project")), ref
    yield say(N_("Verdict")), say(VERDICTS[row.verdict.status.value][0])
    if row.value:
        yield row.metric or say(N_("Value")), row.value
    if row.target:
        yield say(N_("Target")), row.target
    if row.window:
        yield say(N_("Window")), row.window
    if row.reasons:
        yield say(N_("Why")), "\n".join(row.reasons)


def _days(figures: DayFigures, row: ShownMilestone, language: Language) -> Table:
    """From the first day on."""
    heading, is_share = _metric(figures, row, language)
    kind, digits = (ColumnKind.SHARE, 1) if is_share else (ColumnKind.NUMBER, 0)
    metric = metric_of(row.milestone.terms)
    unit = KPIS[metric].unit if metric in KPIS and not is_share else ""
    say = language.text
    columns = (
        Column(say(N_("First day")), ColumnKind.DAY),
        Column(say(N_("Last day")), ColumnKind.DAY),
        Column(heading, kind, digits, unit),
        Column(say(N_("At worst")), kind, digits, unit),
        Column(say(N_("At best")), kind, digits, unit),
    )
    rows = [(it.days.start, it.days.end, it.value, it.low, it.high) for it in figures.figures]
    return Table("days", say(N_("Days against the target")), columns, rows)


def _metric(figures: DayFigures, row: ShownMilestone, language: Language) -> tuple[str, bool]:
    """What each day's figure is called, and whether it is a share."""
    if figures.kind is FigureKind.EACH_MONTH:
        return language.text(N_("Days with production")), False
    metric = metric_of(row.milestone.terms)
    return language.text(metric_name(metric)), metric in SHARES


def _charts(
    figures: DayFigures, row: ShownMilestone, title: str, language: Language
) -> Iterator[Chart]:
    drawn = figures.figures[-_CHART_DAYS_MAX:]
    if not any(it.value is not None for it in drawn):
        return
    heading, is_share = _metric(figures, row, language)
    periods = tuple(Period(days_text(it.days, language), it.value, it.low, it.high) for it in drawn)
    goal, word = figures.goal, ""
    if goal is not None:
        target = language.number(goal)
        if figures.kind is not FigureKind.EACH_MONTH:
            target = value_text(metric_of(row.milestone.terms), goal, language)
        word = language.text(N_("Target %(target)s"), target=target)
    note = language.text(
        N_("A tick is the value, the bar reaches from the worst to the best reading.")
    )
    chart = PeriodsChart(periods, heading, is_share, True, goal, word)
    yield Chart("days", title, f"{row.window or ''} · {note}", chart)
