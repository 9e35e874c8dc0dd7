"""Copied days are found, whatever was done to hide it in one part; days that are the same by plan
or by design are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from examining import MONDAY, examined, told
from told_days import HOUR_S, WHERE, Moment, facts_of, lively, steady

from analytics.integrity.repeated_hours import repeated_hours

DAYS = [MONDAY + timedelta(days=n) for n in range(7)]
LAST = DAYS[-1]


def found(given: pl.DataFrame, *lines: str) -> list[str]:
    days = examined(MONDAY, LAST, given=given, of=WHERE, lines=lines or ("l1",))
    return [it["says"] for it in told(repeated_hours, days)]


def honest() -> dict[date, list[Moment]]:
    return {day: lively(f"seed {day}") for day in DAYS}


HONEST = facts_of(honest())


def forged(changes: Mapping[date, Sequence[Moment]]) -> pl.DataFrame:
    return facts_of({**honest(), **changes})


def test_days_that_really_happened() -> None:
    assert found(HONEST) == []


def test_a_day_that_was_copied() -> None:
    [says] = found(forged({DAYS[4]: honest()[DAYS[1]]}))
    assert says == (
        "On 1 day 12 hours of l1 are to the microsecond and the item what l1 told: "
        "2026-03-06 = 2026-03-03."
    )


def test_one_that_was_copied_over_and_over() -> None:
    [says] = found(forged(dict.fromkeys(DAYS[1:], honest()[DAYS[0]])))
    assert says.startswith("On 6 days 72 hours of l1")
    assert says.endswith("2026-03-07 = 2026-03-02 ….")


def test_a_morning_that_was_copied() -> None:
    """Five hours: the rest of the day is its own."""
    noon = 12 * HOUR_S
    copied = [it for it in honest()[DAYS[1]] if it[0] < noon]
    own = [it for it in honest()[DAYS[4]] if it[0] >= noon]
    [says] = found(forged({DAYS[4]: [*copied, *own]}))
    assert "On 1 day 5 hours of l1 are" in says


def test_other_counts_do_not_hide_copied_states() -> None:
    more = [(at, state, round(made * 1.05)) for at, state, made in honest()[DAYS[1]]]
    [says] = found(forged({DAYS[4]: more}))
    assert "2026-03-06 = 2026-03-03" in says


def test_days_of_another_line() -> None:
    own = facts_of({day: lively(f"other {day}") for day in DAYS})
    other = pl.concat([own.filter(pl.col("day") != DAYS[3]), HONEST.filter(day=DAYS[3])])
    both = pl.concat([HONEST, other.with_columns(line=pl.lit("l2"))])
    assert found(both, "l1", "l2") == [
        "On 1 day 12 hours of l2 are to the microsecond and the item what l1 told: "
        "2026-03-05 = 2026-03-05."
    ]


@pytest.mark.parametrize("cycle_s", [2.0, 3.63, 48.0])
def test_one_item_a_cycle_all_the_time(cycle_s: float) -> None:
    begin = datetime.combine(MONDAY, datetime.min.time())
    given = facts_of(steady(begin, begin + timedelta(days=7), cycle_s))
    assert given["total_count"].sum() > 10_000
    assert found(given) == []


def test_a_machine_that_stands_still() -> None:
    assert found(facts_of({day: [(0.0, "off", 0)] for day in DAYS})) == []


def test_days_that_go_by_the_clock() -> None:
    """The same plan, pace and change of product each day: a machine that never fails."""
    day: list[Moment] = [(0.0, "off", 0), (7 * HOUR_S, "producing", 0)]
    for hour in range(8, 20):
        pace = 1800 if hour < 13 else 900
        day.append((hour * HOUR_S, "setup" if hour == 13 else "producing", pace))
        day.append((hour * HOUR_S + 600, "producing", 0))
    given = facts_of({it: [*day, (20 * HOUR_S, "off", 0)] for it in DAYS})
    assert found(given) == []


def test_one_stop_at_the_same_second_each_day() -> None:
    """As of a timer: it says too little to be a copy."""
    day: list[Moment] = [
        (0.0, "off", 0),
        (7 * HOUR_S, "producing", 0),
        (10.3 * HOUR_S + 7.25, "stopped", 6000),
        (10.5 * HOUR_S + 3.75, "producing", 0),
        (19 * HOUR_S, "off", 15_000),
    ]
    assert found(facts_of(dict.fromkeys(DAYS, day))) == []
