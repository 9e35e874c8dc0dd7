"""`/portfolio`: all projects side by side, who is waited for, and what was measured beside the
public money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.dependencies import SeenDep, ServicesDep
from api.http.project_answers import portfolio_rows
from api.i18n import Language
from api.pages import labels
from api.pages.officer.portfolio_export import portfolio_links
from api.pages.officer.waiting_rows import ageing
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.portfolio import PortfolioRow, totals, totals_by_scheme
from domain.plant import text_in
from domain.schemes.funding import rule_for
from domain.schemes.published import Indicator, PublishedFigures, PublishedNumber, published
from domain.texts import N_

router = APIRouter()
_LEAST = N_("at least %(target)s")


@dataclass(frozen=True)
class ShownRow:
    """A project's row in the reader's language."""

    row: PortfolioRow
    company: str
    sector: str
    lines: str
    counts: list[tuple[str, int]]


@router.get("/portfolio")
async def portfolio(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    language, now = language_of(request), services.queries.now()
    projects = await run_in_threadpool(seen.projects)
    rows, too_dear = await portfolio_rows(request, services, projects)
    by_scheme, told = totals_by_scheme(rows), published()
    return render(
        request,
        "portfolio.html",
        totals=totals(rows),
        schemes=[
            {
                "title": _scheme_title(name, rows, language),
                "totals": of,
                "published": [_published(it, language) for it in told.schemes.get(name, ())],
            }
            for name, of in by_scheme.items()
        ],
        rows=[_shown(it, language) for it in rows],
        waiting=ageing([it.found for it in rows], now, language),
        too_dear=too_dear,
        years=told.indicators.years,
        indicators=[
            (text_in(it.title, language.tag), [_value(it, each, language) for each in it.values])
            for it in told.indicators.rows
        ],
        indicators_source=told.indicators.source.title,
        exports=portfolio_links(language),
    )


def _scheme_title(name: str, rows: list[PortfolioRow], language: Language) -> str:
    projects = [it.found.project for it in rows if it.found.project.scheme == name]
    rule = rule_for(name, max(it.approved_on for it in projects))
    return f"{name} {text_in(rule.title, language.tag)}" if rule else name


def _shown(row: PortfolioRow, language: Language) -> ShownRow:
    plant, statuses = row.found.plant, row.statuses
    names = [text_in(plant.lines[it].name, language.tag) for it in row.found.project.lines]
    return ShownRow(
        row,
        text_in(plant.company, language.tag) or plant.id,
        text_in(plant.sector, language.tag),
        " · ".join(names),
        [(it, statuses[it]) for it in labels.STATUS_ORDER if statuses[it]],
    )


def _published(of: PublishedFigures, language: Language) -> dict[str, Any]:
    def number(told: PublishedNumber | None, *, is_money: bool = False) -> str:
        if told is None:
            return "–"
        shown = language.money(told.value) if is_money else language.number(told.value)
        return language.text(_LEAST, target=shown) if told.is_least else shown

    return {
        "on": language.day(of.on),
        "is_target": of.is_target,
        "projects": number(of.projects),
        "lines": number(of.lines),
        "people": number(of.people),
        "grant": number(of.grant_hkd, is_money=True),
        "source": of.source.title,
        "is_excerpt": of.source.is_excerpt,
    }


def _value(of: Indicator, value: float, language: Language) -> str:
    if of.unit == "share":
        return language.percent(value, 2)
    if of.unit == "hkd":
        return language.money(value)
    return language.number(value, 2 if of.unit == "decimal" else 0)
