"""Planned down time that swells, and such that does not."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from examining import LINE, MONDAY, examined, told
from facts_frames import Day, facts, weeks

from analytics.integrity.planned_down_time import swelling_down_time
from domain.frames import FACTS

WEEKS = 4
LAST = MONDAY + timedelta(days=7 * WEEKS - 1)


def planned_down(day: date, hours: float) -> pl.DataFrame:
    """So much of the day's planned time was planned down instead."""
    whole = facts(day, [Day(36_000)])
    us, is_busy = round(hours * 3.6e9), pl.col("plan") == "busy"
    busy = whole.with_columns(
        pl.when(is_busy).then(pl.col("producing_us") - us).otherwise(pl.col("producing_us"))
    )
    down = whole.filter(is_busy).with_columns(
        pl.lit("planned_down").alias("plan"), pl.lit(us, pl.Int64).alias("producing_us")
    )
    return pl.concat([busy, down]).select(FACTS.names())


def days_with(*hours: float) -> pl.DataFrame:
    """The hours of planned down time of the days from Monday to Friday, week after week; what is
    not given is 0.5."""
    rest = facts(MONDAY, weeks(MONDAY, LAST, Day(36_000))).filter(pl.col("plan") != "busy")
    working = [MONDAY + timedelta(days=n) for n in range(7 * WEEKS) if n % 7 < 5]
    padded = [*hours, *[0.5] * (len(working) - len(hours))]
    return pl.concat([rest, *map(planned_down, working, padded)])


def test_it_doubled_behind_the_days_before() -> None:
    given = days_with(*[0.5] * 10, *[1.5] * 10)
    start = MONDAY + timedelta(days=14)
    expected = (
        "Of the time that shifts of filler-1 take, 15.0 % was planned down time from 2026-03-16 to "
        "2026-03-27, and 5.0 % from 2026-03-02 to 2026-03-13."
    )
    [found] = told(swelling_down_time, examined(start, LAST, given=given))
    assert found["says"] == expected
    assert (found["severity"], found["days"]) == ("warns", (start, date(2026, 3, 27)))
    [halves] = told(swelling_down_time, examined(MONDAY, LAST, given=given))
    assert halves["says"] == expected


@pytest.mark.parametrize(
    "hours",
    [
        (),
        [0.5] * 10 + [0.9] * 10,  # less than double
        [0.1] * 10 + [0.5] * 10,  # four points
        [0.5, 0.5, 0.5, 0.5, 3.0] * 4,  # a cleaning every Friday
        [3.0] * 10 + [0.5] * 10,  # it shrank
    ],
)
def test_no_growth(hours: list[float]) -> None:
    given = days_with(*hours)
    for start in (MONDAY, MONDAY + timedelta(days=14)):
        assert told(swelling_down_time, examined(start, LAST, given=given)) == []


def test_too_few_days_say_nothing() -> None:
    given = days_with(*[0.5] * 10, *[5.0] * 10)
    last = MONDAY + timedelta(days=18)
    for start in (MONDAY + timedelta(days=7), last):
        assert told(swelling_down_time, examined(start, last, given=given.filter(day=start))) == []
    assert told(swelling_down_time, examined(MONDAY, LAST, lines=("other",), given=given)) == []
    assert LINE in given["line"]
