"""A count that nearly always moves stands still; others may."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from examining import MONDAY, examined, told
from facts_frames import Day, facts, weeks

from analytics.integrity.still_counters import still_counters

LAST = MONDAY + timedelta(days=69)  # fifty working days
DAYS = weeks(MONDAY, LAST, Day(30_000, good=25_000, total=25_300, energy_kwh=80.0))
FACTS = facts(MONDAY, DAYS)
WORKED = (pl.col("plan") == "busy") & (pl.col("producing_us") > 0)
MADE = FACTS.filter(WORKED)["day"].to_list()


def found(rejected: list[float], **changed: pl.Expr) -> list[tuple[str, str]]:
    """What is told where so many items were rejected on these of the days, one after the other."""
    counts = pl.col("day").replace_strict(dict(zip(MADE, rejected, strict=True)), default=0.0)
    given = FACTS.with_columns(reject_count=pl.when(WORKED).then(counts).otherwise(0.0))
    given = given.with_columns(
        pl.when(WORKED).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in changed.items()
    )
    return [
        (str(it["days"][0]), it["says"])
        for it in told(still_counters, examined(MONDAY, LAST, given=given))
    ]


def test_a_count_of_rejects_that_freezes() -> None:
    assert found([300.0] * 48 + [0.0] * 2) == [
        (
            "2026-05-07",
            "For 16.7 hours on 2 days filler-1 made items and its count of rejected ones, which "
            "was heard, stood still; on other days it moves in 100 % of the hours.",
        )
    ]


def test_what_often_stands_still_or_always_moves_says_nothing() -> None:
    assert found([300.0] * 50) == []
    assert found([0.0] * 50) == []
    assert found([0.0] * 26 + [300.0] * 24) == []  # it began to move, or rarely does
    assert found([300.0, 0.0] * 25) == []


@pytest.mark.parametrize("column", ["reject_unheard_s", "reject_count_missed", "total_quiet_s"])
def test_a_count_that_was_not_heard_says_nothing(column: str) -> None:
    is_still = pl.col("reject_count") == 0
    assert found([300.0] * 48 + [0.0] * 2, **{column: pl.when(is_still).then(1.0)}) == []


def test_a_product_of_which_nothing_is_rejected() -> None:
    """It is another one than the one that was made until then."""
    product = pl.when(pl.col("reject_count") == 0).then(pl.lit("tea")).otherwise(pl.lit("juice"))
    assert found([300.0] * 45 + [0.0] * 5, product=product) == []


def test_little_production_says_nothing() -> None:
    is_still = pl.col("reject_count") == 0
    short = pl.when(is_still).then(pl.lit(14_399_000_000)).otherwise(pl.col("producing_us"))
    assert found([300.0] * 48 + [0.0] * 2, producing_us=short) == []


def test_an_energy_meter_that_freezes_where_no_items_are_counted() -> None:
    power = pl.col("day").replace_strict(
        dict(zip(MADE, [80.0] * 47 + [0.0] * 3, strict=True)), default=0.0
    )
    none = pl.lit(None, dtype=pl.Float64)
    [(_, says)] = found([300.0] * 50, energy_kwh=power, total_count=none)
    assert "its energy meter, which was heard, stood still" in says
    assert found([300.0] * 50, energy_kwh=power) == []
