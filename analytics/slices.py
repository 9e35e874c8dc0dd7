"""Slices: time cut at local midnights, local hours and every border of the plan.

Facts are kept by slice, so any hour, shift, day, month or grant window is a plain sum. A slice
has one plan, one shift and one local day. Days of daylight saving have 23 or 25 hours.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from analytics.arrays import Micros, sorted_unique
from analytics.calendar import plan_segments
from domain.frames import UTC_US
from domain.plant import Calendar, Plant
from domain.time import HOUR_US, Window, micros, midnight

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


def slices(
    plant: Plant, line_id: str, start: datetime, end: datetime, cuts: tuple[datetime, ...] = ()
) -> pl.DataFrame:
    """SLICES of the line that partition [start, end); the first and last may be partial.

    `cuts` are further instants inside at which time is cut.
    """
    return _slices(plant.lines[line_id].calendar, plant.zone, start, end, cuts)


@lru_cache(maxsize=64)  # the lines of a plant share few calendars
def _slices(
    calendar: Calendar | None,
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    cuts: tuple[datetime, ...],
) -> pl.DataFrame:
    table = pl.concat([_of_month(calendar, zone, it) for it in _months(zone, start, end)])
    begins = table["start"].to_physical().to_numpy()
    first, last = micros(start), micros(end)
    own = np.concatenate([begins, np.array([micros(cut) for cut in cuts], dtype=np.int64)])
    starts = sorted_unique(np.append(own[(own > first) & (own < last)], first))
    return table[np.searchsorted(begins, starts, side="right") - 1].with_columns(
        pl.Series("start", starts).cast(UTC_US),
        pl.Series("end", np.append(starts[1:], last)).cast(UTC_US),
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


@lru_cache(maxsize=256)  # what is asked for is mostly near the time asked for before
def _of_month(calendar: Calendar | None, zone: ZoneInfo, month: date) -> pl.DataFrame:
    """SLICES of the local month that begins on that day."""
    start, end = (midnight(day, zone) for day in (month, _following(month)))
    plan = plan_segments(calendar, zone, start, end)
    plan_starts = plan["start"].to_physical().to_numpy()
    cuts = np.concatenate([plan_starts, _hours(zone, start, end)])
    first, last = micros(start), micros(end)
    edges = sorted_unique(np.append(cuts[(cuts >= first) & (cuts < last)], last))
    segment = np.searchsorted(plan_starts, edges[:-1], side="right") - 1
    return (
        pl.DataFrame({"start": edges[:-1], "end": edges[1:]})
        .cast(UTC_US)
        .with_columns(
            pl.col("start").dt.convert_time_zone(zone.key).dt.date().alias("day"),
            *(plan[column].gather(segment) for column in ("plan", "shift", "shift_start")),
        )
        .select(SLICES.names())
    )


def aligned(plant: Plant, line_id: str, window: Window) -> Window:
    """The window widened outward to whole slices."""
    around = slices(
        plant, line_id, window.start - timedelta(hours=2), window.end + timedelta(hours=2)
    )
    whole = around[1:-1]  # the outermost two may be partial
    start = whole.filter(pl.col("start") <= window.start)["start"].max()
    end = whole.filter(pl.col("end") >= window.end)["end"].min()
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    return Window(start, end)


def _hours(zone: ZoneInfo, start: datetime, end: datetime) -> Micros:
    """Local midnights and full hours counted from them, around the window."""
    first = start.astimezone(zone).date()
    days = (end.astimezone(zone).date() - first).days + 2
    midnights = [micros(midnight(first + timedelta(days=n), zone)) for n in range(days)]
    hours = [
        np.arange(begin, finish, HOUR_US, dtype=np.int64) for begin, finish in pairwise(midnights)
    ]
    return np.concatenate(hours)


def closed_until(plant: Plant, line_id: str, known_until: datetime) -> datetime:
    """The end of the last slice that ends at or before `known_until`."""
    around = slices(
        plant, line_id, known_until - timedelta(hours=2), known_until + timedelta(hours=2)
    )
    end = around.filter(pl.col("end") <= known_until)["end"].max()
    assert isinstance(end, datetime)
    return end
