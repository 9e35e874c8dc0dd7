"""The portfolio as programs read it: `GET portfolio`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.documents.times import local_text
from api.queries.portfolio import PortfolioRow, PortfolioTotals, totals, totals_by_scheme
from domain.grants import Project
from domain.plant import text_in
from domain.schemes.published import Indicators, PublishedFigures, PublishedNumber, published


def portfolio_json(
    rows: Sequence[PortfolioRow],
    shown: Sequence[PortfolioRow],
    too_dear: Sequence[Project],
    at: datetime,
    language: str,
) -> dict[str, Any]:
    """`rows`: all, which the totals are of; `shown`: those that are told one by one; `at`: until
    when waiting is counted; texts in `language`."""
    by_scheme = totals_by_scheme(rows)
    told = published()
    return {
        "totals": _totals_json(totals(rows)),
        "schemes": [
            {
                "scheme": name,
                "totals": _totals_json(by_scheme[name]),
                "published": [_published_json(it) for it in told.schemes.get(name, ())],
            }
            for name in by_scheme
        ],
        "indicators": _indicators_json(told.indicators, language),
        "not_computed": [it.reference for it in too_dear],
        "projects": [_project_json(it, at, language) for it in shown],
    }


def amount(hkd: Decimal | float | None) -> float | None:
    """HKD as a number of JSON."""
    return None if hkd is None else float(hkd)


def _totals_json(of: PortfolioTotals) -> dict[str, Any]:
    return {
        name: amount(value) if isinstance(value, Decimal) else value
        for name, value in asdict(of).items()
    }


def _project_json(row: PortfolioRow, at: datetime, language: str) -> dict[str, Any]:
    found, project, zone = row.found, row.found.project, row.found.plant.zone
    spent = found.spending
    return {
        "project": project.reference,
        "scheme": project.scheme,
        "plant": project.plant,
        "company": text_in(found.plant.company, language),
        "sector": text_in(found.plant.sector, language) or None,
        "lines": project.lines,
        "approved_on": project.approved_on.isoformat(),
        "start": project.start.isoformat(),
        "end": project.end.isoformat(),
        "as_of": local_text(found.as_of, zone),
        "approved_cost_hkd": project.approved_cost_hkd,
        "grant_hkd": found.funding.grant_hkd,
        "disbursed_hkd": amount(spent.disbursed_hkd) if spent else None,
        "refunded_hkd": amount(spent.refunded_hkd) if spent else None,
        "open_hkd": amount(spent.open_hkd) if spent else None,
        "verdicts": dict(row.statuses),
        "states": dict(row.states),
        "output": asdict(row.output),
        "waiting": [
            {
                "milestone": it.milestone,
                "state": it.state.value,
                "waits_for": it.waits_for.value,
                "since": local_text(it.since, zone),
                "days": it.days(at),
            }
            for it in row.waiting
        ],
    }


def _published_json(of: PublishedFigures) -> dict[str, Any]:
    def number(told: PublishedNumber | None) -> dict[str, Any] | None:
        return None if told is None else asdict(told)

    return {
        "on": of.on.isoformat(),
        "is_target": of.is_target,
        "projects": number(of.projects),
        "lines": number(of.lines),
        "people": number(of.people),
        "grant_hkd": number(of.grant_hkd),
        "source": of.source.title,
        "is_excerpt": of.source.is_excerpt,
    }


def _indicators_json(of: Indicators, language: str) -> dict[str, Any]:
    return {
        "years": list(of.years),
        "rows": [
            {"title": text_in(it.title, language), "unit": it.unit, "values": list(it.values)}
            for it in of.rows
        ],
        "source": of.source.title,
    }
