"""Days, weeks or months of many lines, from sums that the store makes where its facts lie.

A period's sum is the store's when its facts are complete there and still hold; the open rest, and
what changed since, are computed from facts, as for a single line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from analytics.kpi.aggregation import ROW
from analytics.kpi.periods import Period, Periods, periods_of
from api.queries.lines import Queries
from domain.frames import CONDENSED, STATE_COLUMNS
from domain.time import Window, micros, midnight
from store.telemetry.protocol import CalendarPeriod

CALENDAR_PERIODS: dict[str, CalendarPeriod] = {"day": "day", "week": "week", "month": "month"}
_LABELS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
_LONGEST = {"day": 1, "week": 7, "month": 31}
_KEYS = ["line", "period"]


class SummedPeriods:
    """The periods of the lines in the window, `by` one of CALENDAR_PERIODS: of each line the places
    in `periods.each` (`places`), one after the other."""

    def __init__(self, queries: Queries, lines: Sequence[str], window: Window, by: str) -> None:
        self._queries, self._by = queries, by
        plants = {line: queries.line(line)[0] for line in lines}
        sums, self._changed = queries.stored_sums(plants, window, CALENDAR_PERIODS[by])
        held = sums.group_by(_KEYS).agg(pl.sum_horizontal(STATE_COLUMNS).sum())
        self._held = {(line, first): lasted for line, first, lasted in held.iter_rows()}
        self._each: list[Period] = []
        self._whole: list[tuple[str, date, int]] = []  # as stored, for the row of that number
        self._computed: list[pl.DataFrame] = []
        self.places: dict[str, range] = {}
        parts = {zone: _parts(zone, window, by) for zone in {it.zone for it in plants.values()}}
        for line, plant in plants.items():
            before = len(self._each)
            for part in parts[plant.zone]:
                self._add(line, plant.zone, part)
            self.places[line] = range(before, len(self._each))
        keys = {"line": pl.String(), "period": pl.Date(), ROW: pl.Int64()}
        numbers = pl.DataFrame(self._whole, schema=keys, orient="row")
        frames = [sums.join(numbers, on=_KEYS), *self._computed]
        columns = pl.Schema({ROW: pl.Int64(), **CONDENSED})
        facts = pl.concat([it.select(columns.names()).cast(columns) for it in frames])
        self.periods = Periods(self._each, facts)

    def _add(self, line: str, zone: ZoneInfo, part: _Part) -> None:
        if self._holds(line, part):
            self._whole.append((line, part.first, len(self._each)))
            self._each.append(Period(line, zone, part.window, part.label))
            return
        facts = self._queries.present_facts(line, part.window)
        found = periods_of(line, zone, facts, part.window, self._by)
        self._computed.append(found.facts.with_columns(pl.col(ROW) + len(self._each)))
        self._each += found.each

    def _holds(self, line: str, part: _Part) -> bool:
        window = part.window
        complete = self._held.get((line, part.first)) == micros(window.end) - micros(window.start)
        return complete and not any(
            it.start < window.end and window.start < it.end for it in self._changed[line]
        )


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
        following = _first_day(first + timedelta(days=_LONGEST[by]), by)
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
