"""`/portfolio/export`: all projects that who asks may see as a file, and who is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.documents.portfolio import amount
from api.exports.tables import Column, ColumnKind, Table, Tables, Value, file_name
from api.http.dependencies import SeenDep, ServicesDep
from api.http.exported import asked_file, exported
from api.http.project_answers import portfolio_rows
from api.i18n import Language
from api.pages.exports import ExportLink, about_rows, export_links
from api.pages.labels import STATUS_ORDER, VERDICTS
from api.pages.templates import language_of
from api.queries.portfolio import PortfolioRow
from api.queries.prices import Price
from domain.plant import text_in
from domain.texts import N_

router = APIRouter()
_MADE = Price("milestones", 0)  # each project's verdicts were paid for before


@router.get("/portfolio/export")
async def portfolio_export(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    """`format`."""
    file, language = asked_file(request), language_of(request)
    projects = await run_in_threadpool(seen.projects)
    rows, too_dear = await portfolio_rows(request, services, projects)
    at = services.queries.now()
    zone = rows[0].found.plant.zone if rows else ZoneInfo("UTC")
    title = language.text(N_("Portfolio"))

    def read() -> Tables:
        about = about_rows(request, "/portfolio", at, zone, language)
        if too_dear:
            names = language.listed(it.reference for it in too_dear)
            about.append((language.text(N_("Left out")), names))
        name = file_name("portfolio", at.astimezone(zone).date().isoformat())
        tables = (_projects(rows, title, language),)
        return Tables(title, tuple(about), tables, language.tag, zone, at, name)

    return await exported(request, services.lanes, file, _MADE, read)


def portfolio_links(language: Language) -> list[ExportLink]:
    """To the portfolio as files."""
    return export_links("/portfolio/export", {}, language, [("projects", "")])


def _projects(rows: Sequence[PortfolioRow], title: str, language: Language) -> Table:
    say = language.text
    money, number = (ColumnKind.NUMBER, 0, "HKD"), (ColumnKind.NUMBER, 0)
    columns = (
        Column(say(N_("Project"))),
        Column(say(N_("Scheme"))),
        Column(say(N_("Company"))),
        Column(say(N_("Sector")), printed=False),
        Column(say(N_("Lines")), printed=False),
        *(Column(say(VERDICTS[it][0]), *number) for it in STATUS_ORDER),
        Column(say(N_("Grant")), *money),
        Column(say(N_("Disbursed")), *money),
        Column(say(N_("Good items")), *number),
        Column(say(N_("At worst")), *number, printed=False),
        Column(say(N_("At best")), *number, printed=False),
    )
    note = say(N_("Good items of each project's lines since it began."))
    return Table("projects", title, columns, [_project(it, language) for it in rows], note)


def _project(row: PortfolioRow, language: Language) -> tuple[Value, ...]:
    found, project, tag = row.found, row.found.project, language.tag
    spent, plant = found.spending, found.plant
    return (
        project.reference,
        project.scheme,
        text_in(plant.company, tag) or plant.id,
        text_in(plant.sector, tag),
        language.listed(text_in(plant.lines[it].name, tag) or it for it in project.lines),
        *(row.statuses[it] for it in STATUS_ORDER),
        amount(found.funding.grant_hkd),
        amount(spent.disbursed_hkd) if spent else None,
        row.output.good_count,
        row.output.low,
        row.output.high,
    )
