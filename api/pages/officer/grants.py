"""`/grants`, `/grants/{ref}`: projects and what the data say. A milestone has a page of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import NoMatchFound

from analytics.kpi.words import metric_name
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.project_answers import project_answer
from api.i18n import Language
from api.pages import labels
from api.pages.drawing.bars import BoundsBar, bounds_bar
from api.pages.officer.terms import days_text, metric_of, reason_text, terms_fields, value_text
from api.pages.officer.waiting_rows import ageing
from api.pages.operator.product_mix import ShownMix, shown_mix
from api.pages.render import render
from api.pages.templates import language_of
from api.pages.words import figures_sentence
from api.queries.lines import Queries
from api.queries.prices import TooDearError
from api.queries.smart_line import smart_line
from api.queries.verdicts import ProjectVerdicts, restated, verdicts
from domain.grants import (
    Finding,
    FindingSeverity,
    Funding,
    Milestone,
    Project,
    Reason,
    Verdict,
)
from domain.milestone_states import state_after
from domain.plant import Confidential, Plant, line_called, machine_called, text_in
from domain.schemes.funding import funding, rule_for
from domain.schemes.spending import Spending
from domain.time import MICROSECOND, check_past, midnight

router = APIRouter()
Until = Annotated[date | None, Query(description="The last day that the verdicts look at")]


@dataclass(frozen=True)
class ShownProject:
    """A project's head: its texts, its money, how many milestones have which verdict; or why there
    are none."""

    project: Project
    funding: Funding
    rule: list[str]
    scheme: str
    company: str
    lines: str
    period: str
    counts: list[tuple[str, int]]
    too_dear: str = ""


@dataclass(frozen=True)
class ShownFinding:
    """What is odd in a milestone's days, as texts; `is_warning`: somebody should ask."""

    name: str
    is_warning: bool
    says: str
    asks: str


@dataclass(frozen=True)
class ShownMilestone:
    """A milestone's verdict with its texts and its drawing, and where it stands. `agreed_due`: of
    one that was extended."""

    milestone: Milestone
    verdict: Verdict
    title: str
    kind: str
    due: str
    window: str | None
    met_on: str | None
    value: str
    metric: str
    show: Callable[[float | None], str]
    target: str
    bar: BoundsBar
    figures: str
    reasons: list[str]
    findings: list[ShownFinding]
    terms: list[tuple[str, str]]
    state: str
    agreed_due: str | None
    product_mix: ShownMix | None


@router.get("/grants")
async def grants(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    language = language_of(request)
    projects = await run_in_threadpool(seen.projects)
    shown = [await _shown(request, services, project, language) for project in projects]
    return render(request, "grants.html", projects=shown)


@router.get("/grants/{ref}")
async def grant(ref: str, request: Request, services: ServicesDep, until: Until = None) -> Response:
    _, project = await run_in_threadpool(services.queries.project, ref)
    found, _ = await verdicts_of(request, services, project, until)
    language = language_of(request)
    return render(
        request,
        "grant.html",
        milestones=[shown_milestone(it, language, found) for it in found.verdicts],
        has_dossiers=_has_dossiers(request, ref),
        keeps_samples=Confidential.RAW_SAMPLES in found.plant.confidential,
        smart_points=await _smart_points(request, services, project),
        waiting=ageing([found], services.queries.now(), language),
        **shown_project_of(found, until, language),
        **printing(found, services.queries.now(), language),
    )


async def _smart_points(
    request: Request, services: Services, project: Project
) -> list[dict[str, Any]]:
    ref, language = project.reference, language_of(request)
    try:
        points = await project_answer(
            request, services, project, ("smart line", ref), None, lambda it: smart_line(it, ref)
        )
    except TooDearError:
        return []
    return [
        {
            "title": text_in(it.item.title, language.tag),
            "measured": language.sentence(it.measured) if it.measured else "",
            "documents": it.documents,
        }
        for it in points
    ]


def _has_dossiers(request: Request, ref: str) -> bool:
    """Whether this node hands them out: one that takes batches in does."""
    try:
        request.app.url_path_for("dossier", ref=ref)
    except NoMatchFound:
        return False
    return True


async def _shown(
    request: Request, services: Services, project: Project, language: Language
) -> ShownProject:
    """A project among others, which are shown also where the verdicts of this one are too dear."""
    try:
        found, _ = await verdicts_of(request, services, project, None)
    except TooDearError as refused:
        plant, _ = await run_in_threadpool(services.queries.project, project.reference)
        others = await run_in_threadpool(services.queries.projects_of_companies)
        money = funding(project, others[plant.id])
        shown = _project(project, plant, money, (), language)
        return replace(shown, too_dear=language.sentence(refused.reason))
    return _project(project, found.plant, found.funding, found.verdicts, language)


Restated = dict[str, tuple[Verdict, datetime]]  # by milestone (api.queries.verdicts.restated)


async def verdicts_of(
    request: Request, services: Services, project: Project, until: date | None
) -> tuple[ProjectVerdicts, Restated]:
    """The verdicts, and what they would be now."""
    ref = project.reference
    as_of = None if until is None else _end_of(until, services.queries, project)

    def make(queries: Queries) -> tuple[ProjectVerdicts, Restated]:
        found = verdicts(queries, ref, as_of)
        return found, restated(queries, found)

    key = ("verdicts", ref, until)
    return await project_answer(request, services, project, key, as_of, make)


def _end_of(day: date, queries: Queries, project: Project) -> datetime | None:
    """The end of that day; None, which means now, of today. Raises InputError for a later one."""
    zone = queries.project_zone(project.reference)
    check_past(midnight(day, zone), queries.now(), zone, "until")
    end = midnight(day + timedelta(days=1), zone)
    return None if end > queries.now() else end


def printing(found: ProjectVerdicts, now: datetime, language: Language) -> dict[str, Any]:
    """What stands on paper: when the page was shown, until its script knows when it is printed."""
    zone = found.plant.zone
    return {"shown_at": language.moment(now, zone), "zone": zone.key}


def shown_project_of(
    found: ProjectVerdicts, until: date | None, language: Language
) -> dict[str, Any]:
    """What the pages of a project and of its milestones have alike."""
    zone = found.plant.zone
    last_moment = found.as_of.astimezone(zone) - MICROSECOND
    return {
        "project": found.project,
        "shown": _project(found.project, found.plant, found.funding, found.verdicts, language),
        "as_of": language.moment(found.as_of, zone),
        "until": (until or last_moment.date()).isoformat(),
        "chosen": until is not None,
        "spending": found.spending and _spending(found.spending, language),
        "spending_said": [_said(it, language) for it in found.spending.says]
        if found.spending
        else [],
    }


def _spending(found: Spending, language: Language) -> dict[str, Any]:
    """Its amounts; of each category the title in the language, or its name where the rule has
    none."""
    rows = [
        asdict(it) | {"title": text_in(it.item.title, language.tag) if it.item else it.name}
        for it in found.categories
    ]
    amounts = {it.name: getattr(found, it.name) for it in fields(found) if it.name != "says"}
    return amounts | {"categories": rows}


def _project(
    project: Project,
    plant: Plant,
    money: Funding,
    verdicts: Sequence[Verdict],
    language: Language,
) -> ShownProject:
    rule = rule_for(project.scheme, project.approved_on)
    counts = Counter(verdict.status.value for verdict in verdicts)
    names = [text_in(plant.lines[line].name, language.tag) for line in project.lines]
    return ShownProject(
        project,
        money,
        [_said(it, language) for it in money.rule],
        f"{project.scheme} {text_in(rule.title, language.tag)}" if rule else project.scheme,
        text_in(plant.company, language.tag) or plant.id,
        " · ".join(names),
        language.days(project.start, project.end),
        [(status, counts[status]) for status in labels.STATUS_ORDER if counts[status]],
    )


def _said(rule: Reason, language: Language) -> str:
    """With numbers as they are written in the language."""
    values = {
        name: value if isinstance(value, str) else language.number(value)
        for name, value in rule.values.items()
    }
    return language.text(rule.message, **values)


def shown_milestone(verdict: Verdict, language: Language, found: ProjectVerdicts) -> ShownMilestone:
    """A verdict with its texts, and where its milestone stands."""
    terms, agreed = verdict.milestone.terms, verdict.milestone.agreed_due
    metric = metric_of(terms)

    def show(number: float | None) -> str:
        return value_text(metric, number, language)

    figures = (verdict.value, verdict.low, verdict.high)
    return ShownMilestone(
        verdict.milestone,
        verdict,
        text_in(verdict.milestone.title, language.tag),
        language.text(labels.TERMS.get(terms.kind, terms.kind)),
        language.day(verdict.milestone.due),
        days_text(verdict.window, language) if verdict.window else None,
        language.day(verdict.met_on) if verdict.met_on else None,
        show(verdict.value),
        language.text(metric_name(metric)) if metric else "",
        show,
        show(verdict.target),
        bounds_bar(*figures, verdict.target, ratio=metric in labels.SHARES),
        figures_sentence(language, *figures, target=verdict.target, show=show),
        [reason_text(reason, language) for reason in verdict.reasons],
        [_shown_finding(it, found.plant, language) for it in verdict.findings],
        terms_fields(terms, language),
        state_after(found.steps_of(verdict.milestone.id)).value,
        language.day(agreed) if agreed else None,
        shown_mix(verdict, found.plant, language),
    )


def _shown_finding(found: Finding, plant: Plant, language: Language) -> ShownFinding:
    return ShownFinding(
        language.text(labels.FLAGS[found.flag]),
        found.severity is FindingSeverity.WARNS,
        language.sentence(_as_called(found.says, plant, language)),
        language.sentence(_as_called(found.asks, plant, language)),
    )


def _as_called(said: Reason, plant: Plant, language: Language) -> Reason:
    """The sentence with lines, machines, products and signals as people call them."""
    values = dict(said.values)
    line, machine, product, signal = (
        str(values.get(it, "")) for it in ("line", "machine", "product", "signal")
    )
    if line in plant.lines:
        values["line"] = line_called(plant, line, language.tag)
        if machine:
            values["machine"] = machine_called(plant.lines[line], machine, language.tag)
    if product in plant.products:
        values["product"] = text_in(plant.products[product].name, language.tag) or product
    if signal in labels.SIGNALS:
        values["signal"] = labels.SIGNALS[signal]
    return Reason(said.message, values)
