"""KPI rows of many lines at once: what is stored is added up by the store, where it lies.

The same rows as `api.queries.kpis.kpis` gives line by line. A period's sums are the store's when
its facts are complete there and still hold; the open rest, what changed since, and lines with
frozen periods or measurements go the way of a single line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.facts.line_digest import line_digest
from analytics.kpi.aggregation import CONDENSED, ROW
from analytics.kpi.periods import Period, Periods, periods_of
from analytics.kpi.rows import Beside, beside, period_rows
from analytics.methods import registry
from api.queries.facts import changed_since
from api.queries.kpis import kpis
from api.queries.lines import Queries
from domain.corrections import LineCorrections
from domain.frames import STATE_COLUMNS
from domain.plant import Plant
from domain.time import Window, micros, midnight
from store.telemetry.protocol import DirtyMark
from store.telemetry.protocol import Period as StorePeriod

_LABELS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
_STORED: dict[str, StorePeriod] = {"day": "day", "week": "week", "month": "month"}
_KEYS = ["line", "period"]
_NOBODY_TOLD = LineCorrections()


def kpis_of_lines(
    queries: Queries, lines: Sequence[str], window: Window, by: str | None, method: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of `lineproof kpi` for each of the lines, one line after the other.

    Raises NotFoundError, InputError.
    """
    registry.chosen(method)
    now = queries.now()
    if by not in _STORED or len(lines) == 1 or window.start >= now:
        return [row for line in lines for row in kpis(queries, line, window, by, method)]
    past = Window(window.start, min(window.end, now))
    owners = {line.id: plant for plant, line in queries.lines()}
    plants = {line: owners.get(line) or queries.line(line)[0] for line in lines}
    told_of = queries.registry.lines_told_of()
    rows: dict[str, list[dict[str, Any]]] = {line: [] for line in lines}
    together = _Together(queries, plants, past, by)
    for line, plant in plants.items():
        told = line in told_of
        if plant.lines[line].measurements or (told and queries.frozen(line, past)):
            rows[line] = kpis(queries, line, window, by, method)
        else:
            together.add(line, queries.registry.line_corrections(line) if told else _NOBODY_TOLD)
    for row in together.rows(method):
        rows[row["line"]].append(row)
    return [row for of_line in rows.values() for row in of_line]


class _Together:
    """The periods of many lines, from the store's sums as far as they hold."""

    def __init__(
        self, queries: Queries, plants: Mapping[str, Plant], window: Window, by: str
    ) -> None:
        self._queries, self._plants, self._window, self._by = queries, plants, window, by
        specs = {line: line_digest(plant, line) for line, plant in plants.items()}
        telemetry = queries.telemetry
        self._stored = telemetry.fact_sums(specs, window.start, window.end, _STORED[by])
        held = self._stored.group_by(_KEYS).agg(pl.sum_horizontal(STATE_COLUMNS).sum())
        self._held = {(line, first): lasted for line, first, lasted in held.iter_rows()}
        self._marks: dict[str, list[DirtyMark]] = defaultdict(list)
        for mark in telemetry.dirty():
            self._marks[mark.line].append(mark)
        zones = {plant.zone for plant in plants.values()}
        self._parts = {zone: _parts(zone, window, by) for zone in zones}
        self._each: list[Period] = []
        self._told: list[Beside] = []
        self._whole: list[tuple[str, date, int]] = []  # as stored, for the row of that number
        self._computed: list[pl.DataFrame] = []

    def add(self, line: str, corrections: LineCorrections) -> None:
        queries, plant = self._queries, self._plants[line]
        marks = self._marks[line]
        changed = changed_since(queries.telemetry, plant, line, marks, corrections)
        before = len(self._each)
        for part in self._parts[plant.zone]:
            window = part.window
            held = self._held.get((line, part.first)) == micros(window.end) - micros(window.start)
            if held and not any(it.start < window.end and window.start < it.end for it in changed):
                self._whole.append((line, part.first, len(self._each)))
                self._each.append(Period(line, plant.zone, window, part.label))
                continue
            facts = queries.present_facts(line, window)
            found = periods_of(line, plant.zone, facts, window, self._by)
            self._computed.append(found.facts.with_columns(pl.col(ROW) + len(self._each)))
            self._each += found.each
        figures = corrections.in_force
        self._told += [beside(period, self._by, figures) for period in self._each[before:]]

    def rows(self, method: Sequence[str]) -> list[dict[str, Any]]:
        columns = pl.Schema({ROW: pl.Int64(), **CONDENSED})
        keys = {"line": pl.String(), "period": pl.Date(), ROW: pl.Int64()}
        numbers = pl.DataFrame(self._whole, schema=keys, orient="row")
        whole = self._stored.join(numbers, on=_KEYS)
        frames = [frame.select(columns.names()) for frame in (whole, *self._computed)]
        facts = pl.concat([frame.cast(columns) for frame in frames])
        return period_rows(Periods(self._each, facts), self._told, method)


@dataclass(frozen=True, slots=True)
class _Part:
    """A period of the window: its first local day, its label, and how far the window has it."""

    first: date
    label: str
    window: Window


def _parts(zone: ZoneInfo, window: Window, by: str) -> list[_Part]:
    """Each period that the window touches."""
    parts = []
    first = _first_day(window.start.astimezone(zone), by)
    while (start := midnight(first, zone)) < window.end:
        following = _first_day(first + timedelta(days={"day": 1, "week": 7, "month": 31}[by]), by)
        end = midnight(following, zone)
        inside = Window(max(start, window.start), min(end, window.end))
        parts.append(_Part(first, first.strftime(_LABELS[by]), inside))
        first = following
    return parts


def _first_day(at: date, by: str) -> date:
    day = at.date() if isinstance(at, datetime) else at
    if by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "week" else day
