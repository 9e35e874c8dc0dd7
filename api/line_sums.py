"""KPI rows of many lines at once: what is stored is added up by the store, where it lies.

The same rows as `api.kpis.kpis` gives line by line. A period's sums are the store's when its
facts are complete there and still hold; the open rest, what changed since, and lines with
frozen periods or measurements go the way of a single line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from analytics import methods
from analytics.facts import line_digest
from analytics.kpi_rows import Period, period_rows, periods_of
from analytics.kpi_totals import Row, micros_in, rows_by
from api.facts_window import changed_since
from api.kpis import kpis
from api.queries import Queries
from domain.corrections import in_force
from domain.plant import Plant
from domain.time import Window, micros, midnight
from store.protocol import DirtyMark
from store.protocol import Period as StorePeriod

_LABELS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
_STORED: dict[str, StorePeriod] = {"day": "day", "week": "week", "month": "month"}
Sums = dict[tuple[object, ...], list[Row]]  # by line and the period's first day


def kpis_of_lines(
    queries: Queries, lines: Sequence[str], window: Window, by: str | None, method: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of `lineproof kpi` for each of the lines, one line after the other.

    Raises NotFoundError, InputError.
    """
    methods.chosen(method)
    now = queries.now()
    if by not in _STORED or len(lines) == 1 or window.start >= now:
        return [row for line in lines for row in kpis(queries, line, window, by, method)]
    past = Window(window.start, min(window.end, now))
    plants = {line: queries.line(line)[0] for line in lines}
    specs = {line: line_digest(plant, line) for line, plant in plants.items()}
    stored = queries.telemetry.fact_sums(specs, past.start, past.end, _STORED[by])
    sums = rows_by(stored, ["line", "period"])
    marks: dict[str, list[DirtyMark]] = {}
    for mark in queries.telemetry.dirty():
        marks.setdefault(mark.line, []).append(mark)
    rows: list[dict[str, Any]] = []
    for line, plant in plants.items():
        if plant.lines[line].measurements or queries.frozen(line, past):
            rows += kpis(queries, line, window, by, method)
            continue
        periods = list(_periods(queries, plant, line, past, by, sums, marks.get(line, [])))
        told = in_force(queries.registry.corrections(line))
        rows += period_rows(plant, line, periods, by, method, told)
    return rows


def _periods(
    queries: Queries,
    plant: Plant,
    line: str,
    window: Window,
    by: str,
    sums: Sums,
    marks: Sequence[DirtyMark],
) -> Iterator[Period]:
    """The line's periods, from the store's sums as far as they hold."""
    corrections = queries.registry.line_corrections(line)
    changed = changed_since(queries.telemetry, plant, line, marks, corrections)
    for first, part in _parts(plant.zone, window, by):
        rows = sums.get((line, first), [])
        held = sum(sum(micros_in(row)) for row in rows)
        whole = held == micros(part.end) - micros(part.start)
        if whole and not any(it.start < part.end and part.start < it.end for it in changed):
            yield Period(part, first.strftime(_LABELS[by]), rows)
        else:
            yield from periods_of(plant.zone, queries.present_facts(line, part), part, by)


def _parts(zone: ZoneInfo, window: Window, by: str) -> Iterator[tuple[date, Window]]:
    """The first local day of each period that the window touches, and its part of it."""
    first = _first_day(window.start.astimezone(zone), by)
    while (start := midnight(first, zone)) < window.end:
        following = _first_day(first + timedelta(days={"day": 1, "week": 7, "month": 31}[by]), by)
        yield first, Window(max(start, window.start), min(midnight(following, zone), window.end))
        first = following


def _first_day(at: date, by: str) -> date:
    day = at.date() if isinstance(at, datetime) else at
    if by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "week" else day
