"""Slices: time cut at local midnights, local hours and every border of the plan.

Facts are kept by slice, so any hour, shift, day, month or grant window is a plain sum. A slice
has one plan, one shift and one local day. Days of daylight saving have 23 or 25 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from analytics.arrays import Micros, sorted_unique
from analytics.calendar.planned_time import plan_segments
from domain.frames import UTC_US
from domain.plant import CHATTER_MAX_S, REASON_REACHES_BACK, Calendar, Plant
from domain.time import HOUR_US, Window, instant, micros, midnight

_NO_TIME, _SECOND = timedelta(0), timedelta(seconds=1)
_WAITS_FIRST = REASON_REACHES_BACK + timedelta(seconds=CHATTER_MAX_S)
_WAITS_WITHIN_S = 180  # seconds that lines wait longer, each for its own part of them
WAITS_MAX = _WAITS_FIRST + timedelta(seconds=_WAITS_WITHIN_S)  # of a line that goes on
_SILENT = timedelta(minutes=10)

# Columns of `slices`: start, end, day and the plan's columns; a partition of the window.
SLICES = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "day": pl.Date(),
        "plan": pl.String(),
        "shift": pl.String(),
        "shift_start": UTC_US,
    }
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Whole slices that adjoin: SLICES, and their borders (one more than there are slices)."""

    rows: pl.DataFrame
    borders: Micros


def slices(
    plant: Plant, line_id: str, start: datetime, end: datetime, cuts: tuple[datetime, ...] = ()
) -> pl.DataFrame:
    """SLICES of the line that partition [start, end); the first and last may be partial.

    `cuts` are further instants inside at which time is cut.
    """
    return _slices(plant.lines[line_id].calendar, plant.zone, start, end, cuts)


def borders(plant: Plant, line_id: str, window: Window) -> Micros:
    """Where the slices that the window overlaps begin, and where the last of them ends."""
    every = _table(plant.lines[line_id].calendar, plant.zone, window.start, window.end).borders
    first = np.searchsorted(every, micros(window.start), side="right") - 1
    last = np.searchsorted(every, micros(window.end), side="left")
    return every[first : last + 1]


def closed_until(plant: Plant, line_id: str, known_until: datetime) -> datetime:
    """The end of the last slice that ends at or before `known_until`."""
    every = _table(plant.lines[line_id].calendar, plant.zone, known_until, known_until).borders
    last = np.searchsorted(every, micros(known_until), side="right") - 1
    return instant(int(every[last]))


def stored_until(
    plant: Plant, line_id: str, known_until: datetime, now: datetime, later: timedelta = _NO_TIME
) -> datetime:
    """The end of the last closed slice whose facts are worth storing.

    What happens shortly behind the end of a slice still changes it: a reason reaches back to its
    stop. So a slice is stored once it is known for some minutes what followed; or where nothing
    follows, ten minutes after its end by the clock. How many minutes differs from line to line, so
    that the slices of very many lines are not stored all at once. `later`: so much later.

    Example, a line that waits for 3 minutes: its slice from 9 to 10 is stored once it is known what
    it did until 10:03; or at 10:10, if it fell silent at 10:01.
    """
    drawn = int.from_bytes(sha256(line_id.encode()).digest()[:4], "big")
    waits = _WAITS_FIRST + drawn % _WAITS_WITHIN_S * _SECOND + later
    until = max(known_until - waits, min(known_until, now - _SILENT - later))
    return closed_until(plant, line_id, until)


@lru_cache(maxsize=64)  # the lines of a plant share few calendars
def _slices(
    calendar: Calendar | None,
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    cuts: tuple[datetime, ...],
) -> pl.DataFrame:
    table = _table(calendar, zone, start, end)
    begins = table.borders[:-1]
    first, last = micros(start), micros(end)
    own = np.concatenate([begins, np.array([micros(cut) for cut in cuts], dtype=np.int64)])
    starts = sorted_unique(np.append(own[(own > first) & (own < last)], first))
    return table.rows[np.searchsorted(begins, starts, side="right") - 1].with_columns(
        pl.Series("start", starts).cast(UTC_US),
        pl.Series("end", np.append(starts[1:], last)).cast(UTC_US),
    )


def _table(calendar: Calendar | None, zone: ZoneInfo, start: datetime, end: datetime) -> _Table:
    """The slices of the local months that [start, end] touches."""
    months = [_of_month(calendar, zone, it) for it in _months(zone, start, end)]
    if len(months) == 1:
        return months[0]
    begins = [month.borders[:-1] for month in months]
    return _Table(
        pl.concat([month.rows for month in months]),
        np.concatenate([*begins, months[-1].borders[-1:]]),
    )


def _months(zone: ZoneInfo, start: datetime, end: datetime) -> list[date]:
    """The first days of the local months that [start, end] touches."""
    month, last = (at.astimezone(zone).date().replace(day=1) for at in (start, end))
    months = [month]
    while month < last:
        month = _following(month)
        months.append(month)
    return months


def _following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


@lru_cache(maxsize=256)  # mostly a time near the one asked for before
def _of_month(calendar: Calendar | None, zone: ZoneInfo, month: date) -> _Table:
    """The slices of the local month that begins on that day."""
    start, end = (midnight(day, zone) for day in (month, _following(month)))
    plan = _without_reasons(plan_segments(calendar, zone, start, end))
    plan_starts = plan["start"].cast(pl.Int64).to_numpy()
    cuts = np.concatenate([plan_starts, _hours(zone, start, end)])
    first, last = micros(start), micros(end)
    edges = sorted_unique(np.append(cuts[(cuts >= first) & (cuts < last)], last))
    segment = np.searchsorted(plan_starts, edges[:-1], side="right") - 1
    rows = (
        pl.DataFrame({"start": edges[:-1], "end": edges[1:]})
        .cast(UTC_US)
        .with_columns(
            pl.col("start").dt.convert_time_zone(zone.key).dt.date().alias("day"),
            *(plan[column].gather(segment) for column in ("plan", "shift", "shift_start")),
        )
        .select(SLICES.names())
    )
    return _Table(rows, edges)


def _without_reasons(plan: pl.DataFrame) -> pl.DataFrame:
    """The plan's segments, neighbours joined that differ in their reason alone: a text that people
    write must not cut time, so that facts do not depend on it."""
    says = [pl.col(name) for name in ("plan", "shift", "shift_start")]
    return plan.filter(pl.any_horizontal(it.ne_missing(it.shift()) for it in says))


def _hours(zone: ZoneInfo, start: datetime, end: datetime) -> Micros:
    """Local midnights and full hours counted from them, around the window."""
    first = start.astimezone(zone).date()
    days = (end.astimezone(zone).date() - first).days + 2
    midnights = [micros(midnight(first + timedelta(days=n), zone)) for n in range(days)]
    hours = [
        np.arange(begin, finish, HOUR_US, dtype=np.int64) for begin, finish in pairwise(midnights)
    ]
    return np.concatenate(hours)
