"""Production without energy, without items, or beyond what the line can make."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from examining import MONDAY, examined, told
from facts_frames import BUSY_S, Day, facts, weeks

from analytics.integrity.unlikely_production import unlikely_production

LAST = MONDAY + timedelta(days=13)
USUAL = Day(30_000, good=25_000, energy_kwh=80.0)
WEDNESDAY = date(2026, 3, 4)


def found(odd: Day, **changed: pl.Expr) -> list[tuple[str, str, date, date]]:
    """What is found where a Wednesday was odd; `changed`: columns of that day's facts."""
    days = weeks(MONDAY, LAST, USUAL)
    days[2] = odd
    given = facts(MONDAY, days)
    is_odd = (pl.col("day") == WEDNESDAY) & (pl.col("plan") == "busy")
    given = given.with_columns(
        pl.when(is_odd).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in changed.items()
    )
    return [
        (it["flag"], it["says"], *it["days"])
        for it in told(unlikely_production, examined(MONDAY, LAST, given=given))
    ]


def test_usual_days() -> None:
    assert found(USUAL) == []
    assert found(Day()) == []
    assert found(Day(30_000, good=25_000, energy_kwh=None)) == []


@pytest.mark.parametrize("energy_kwh", [0.0, 3.9])
def test_without_energy(energy_kwh: float) -> None:
    assert found(Day(30_000, good=25_000, energy_kwh=energy_kwh)) == [
        (
            "production_without_energy",
            f"In 8.3 hours of production filler-1 counted 25,000 items and used {energy_kwh:.1f} "
            "kWh; in others it takes 9.6 kW.",
            WEDNESDAY,
            WEDNESDAY,
        )
    ]


def test_little_energy_is_no_lie() -> None:
    assert found(Day(30_000, good=25_000, energy_kwh=10.0)) == []
    assert found(Day(3000, good=2500, energy_kwh=0.0)) == []  # less than an hour
    assert found(Day(30_000, good=0, energy_kwh=0.0)) == [  # that is another thing
        ("flat_line", "For 8.3 hours on 1 day filler-1 said that it produced, and its counter "
         "of items, which was heard, stood still.", WEDNESDAY, WEDNESDAY)
    ]  # fmt: skip


def test_a_meter_that_was_not_heard_says_nothing() -> None:
    silent = Day(30_000, good=25_000, energy_kwh=0.0)
    assert found(silent, energy_unheard_s=pl.lit(60.0)) == []
    assert found(silent, energy_implausible_kwh=pl.lit(9.0)) == []


def test_a_counter_that_stands_still() -> None:
    assert [it[0] for it in found(Day(14_400, good=0, energy_kwh=40))] == ["flat_line"]
    assert found(Day(14_399, good=0, energy_kwh=40)) == []
    assert found(Day(30_000, good=0, energy_kwh=80), total_unheard_s=pl.lit(1.0)) == []


def test_over_capacity() -> None:
    assert found(Day(20_000, good=23_000, energy_kwh=60)) == [
        (
            "over_capacity",
            "On 1 day filler-1 counted 23,000 items, which take 6.4 hours at the ideal cycle "
            "time; it had 5.6 hours for them.",
            WEDNESDAY,
            WEDNESDAY,
        )
    ]
    assert found(Day(20_000, good=22_000, energy_kwh=60)) == []  # ten per cent
    assert found(Day(20_000, unknown_s=3_000, good=23_000, energy_kwh=60)) == []
    assert BUSY_S > 23_000
