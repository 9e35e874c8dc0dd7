"""Site visits as JSON: what was entered, and what the sealed series says beside each reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from analytics.milestones.panel_readings import Comparison
from api.documents.times import local_text
from api.queries.site_visits import ComparedReading, ComparedVisit, without_figures
from domain.plant import Confidential, Withheld
from domain.signals import signal_named
from domain.site_visits import PanelReading, SiteVisit, VisitWithdrawal


def visit_json(
    compared: ComparedVisit, zone: ZoneInfo, withheld: Withheld, name: Callable[[str], str] = str
) -> dict[str, Any]:
    """`name`: how people's names are told to who reads it; the officer's is told as it is."""
    return _visit(compared.visit, zone) | {
        "readings": [
            _reading(it.reading, compared.visit, zone, name)
            | {"sealed": _sealed(it, zone, withheld)}
            for it in compared.readings
        ]
    }


def proved_visit_json(
    compared: ComparedVisit, zone: ZoneInfo, withheld: Withheld
) -> dict[str, Any]:
    """The same for a dossier: where the plant keeps raw samples back, nothing in it could show what
    was sealed, so `sealed` is null."""
    if Confidential.RAW_SAMPLES not in withheld:
        return visit_json(compared, zone, withheld)
    visit = compared.visit
    return _visit(visit, zone) | {
        "readings": [_reading(it, visit, zone, str) | {"sealed": None} for it in visit.readings]
    }


def _visit(it: SiteVisit, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "project": it.project,
        "milestone": it.milestone or None,
        "number": it.number,
        "line": it.line,
        "kind": it.kind.value,
        "visited_at": local_text(it.visited_at, zone),
        "author": it.author,
        "recorded_at": local_text(it.recorded_at, zone),
        "note": it.note,
        **({} if it.withdrawn is None else {"withdrawn": _withdrawn(it.withdrawn, zone)}),
    }


def _withdrawn(it: VisitWithdrawal, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "author": it.author,
        "at": local_text(it.withdrawn_at, zone),
        "reason": it.reason,
    }


def _reading(
    it: PanelReading, visit: SiteVisit, zone: ZoneInfo, name: Callable[[str], str]
) -> dict[str, Any]:
    return {
        "machine": it.machine,
        "signal": it.signal,
        "unit": signal_named(it.signal).unit,
        "read_at": local_text(it.read_at, zone),
        "value": str(it.value),
        "read_by": it.read_by if it.read_by == visit.author else name(it.read_by),
        "note": it.note,
    }


def _sealed(it: ComparedReading, zone: ZoneInfo, withheld: Withheld) -> dict[str, Any]:
    then = None if it.then is None else _comparison(it.then, zone, withheld)
    return {
        **_comparison(it.now, zone, withheld),
        "late": it.is_late,
        "when_entered": then if it.is_late else None,
    }


def _comparison(it: Comparison, zone: ZoneInfo, withheld: Withheld) -> dict[str, Any]:
    shown = without_figures(it, withheld)
    return {
        "agreement": shown.agreement.value,
        "low": shown.low,
        "high": shown.high,
        "before": local_text(shown.before, zone),
        "after": local_text(shown.after, zone),
        "difference": shown.difference,
    }
