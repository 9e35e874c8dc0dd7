"""Whether planned down time swells: its share of the planned operation time (POT = PBT + PDOT,
ISO 22400-2) at least doubles, and grows by five points or more.

The days are held against those before them, where there are seven working days or more; else their
second half against their first. Seven days on both sides, so that a weekly cleaning is no growth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from analytics.integrity.examined import Examined
from domain.frames import STATE_COLUMNS
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.states import Plan

PLANNED_DOWN_SWELLING = "planned_down_swelling"
WORKING_DAYS_MIN = 7
TIMES_MIN = 2.0
POINTS_MIN = 0.05


def swelling_down_time(examined: Examined) -> Iterator[Finding]:
    """One finding for each line."""
    days = examined.days
    for line in examined.lines:
        working = _working_days(examined.facts.rows.filter(line=line))
        before = working.filter(pl.col("day") < days.start)
        later = working.filter(pl.col("day").is_between(days.start, days.end))
        if before.height < WORKING_DAYS_MIN:
            half = later.height // 2
            before, later = later.head(half), later.slice(half)
        if min(before.height, later.height) < WORKING_DAYS_MIN:
            continue
        was, now = _share(before), _share(later)
        if now < was * TIMES_MIN or now - was < POINTS_MIN:
            continue
        yield Finding(
            PLANNED_DOWN_SWELLING,
            FindingSeverity.WARNS,
            (line,),
            DayRange(later["day"][0], later["day"][-1]),
            Reason(
                "Of the time that shifts of %(line)s take, %(after)s was planned down time from "
                "%(start)s to %(end)s, and %(before)s from %(earlier_start)s to %(earlier_end)s.",
                {
                    "line": line,
                    "after": f"{now * 100:.1f} %",
                    "before": f"{was * 100:.1f} %",
                    **_values("", later["day"].to_list()),
                    **_values("earlier_", before["day"].to_list()),
                },
            ),
            Reason("Ask what was done in the planned down time, and who planned it."),
        )


def _working_days(facts: pl.DataFrame) -> pl.DataFrame:
    """day, busy_us, down_us: of days with planned operation time, in order."""
    time_us = pl.sum_horizontal(STATE_COLUMNS)
    return (
        facts.group_by("day")
        .agg(
            time_us.filter(pl.col("plan") == Plan.BUSY.value).sum().alias("busy_us"),
            time_us.filter(pl.col("plan") == Plan.PLANNED_DOWN.value).sum().alias("down_us"),
        )
        .filter(pl.col("busy_us") + pl.col("down_us") > 0)
        .sort("day")
    )


def _share(days: pl.DataFrame) -> float:
    busy, down = (int(days[name].sum()) for name in ("busy_us", "down_us"))
    return down / (busy + down)


def _values(prefix: str, days: Sequence[date]) -> dict[str, str]:
    return {f"{prefix}start": days[0].isoformat(), f"{prefix}end": days[-1].isoformat()}
