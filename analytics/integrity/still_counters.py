"""`flat_line` of what nearly always moves while a line produces: rejected and reworked items, and
energy where no items are counted (where they are, `production_without_energy` tells).

A counter that often stands still says nothing by standing still. So it is held against itself, of
each product alone: on days on which it moved at all it moved in nearly every hour, and these are
more days than those on which it stood still to the last digit for hours of production. An example,
rejected items of one product:

    days   hours of production   of these it moved in
    38     304                   300, 98.7 %: it nearly always moves
    2      16                    0: warned of

    40     320                   9, 2.8 %: it rarely moves, so nothing is said

A product of which nothing is ever rejected stands still on all its days, and a meter that counts
whole megawatt-hours in most hours: neither is warned of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analytics.integrity.examined import Examined, hours_text
from analytics.integrity.unlikely_production import FLAT_HOURS_MIN, FLAT_LINE
from domain.frames import PACE_MIN_S
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.texts import N_
from domain.time import HOUR_US

MOVING_SHARE_MIN = 0.95
MOVING_HOURS_MIN = 40


@dataclass(frozen=True, slots=True)
class _Counter:
    """`amount`: its column of FACTS. `hidden`: columns that are not 0 where it was not heard
    throughout, or missed something. `says`: what is told of it."""

    amount: str
    hidden: tuple[str, ...]
    says: str


_ITEMS = ("total_unheard_s", "total_quiet_s", "total_count_missed", "unsure_judged_count")
_COUNTERS = (
    _Counter(
        "reject_count",
        (*_ITEMS, "reject_unheard_s", "reject_quiet_s", "reject_count_missed"),
        N_(
            "For %(hours)s hours on %(count)s days %(line)s made items and its count of rejected "
            "ones, which was heard, stood still; on other days it moves in %(share)s %% of the "
            "hours."
        ),
    ),
    _Counter(
        "rework_count",
        (*_ITEMS, "rework_unheard_s", "rework_quiet_s", "rework_count_missed"),
        N_(
            "For %(hours)s hours on %(count)s days %(line)s made items and its count of reworked "
            "ones, which was heard, stood still; on other days it moves in %(share)s %% of the "
            "hours."
        ),
    ),
    _Counter(
        "energy_kwh",
        ("energy_unheard_s", "energy_implausible_kwh"),
        N_(
            "For %(hours)s hours on %(count)s days %(line)s said that it produced, and its "
            "energy meter, which was heard, stood still; on other days it moves in %(share)s %% of "
            "the hours."
        ),
    ),
)


def still_counters(examined: Examined) -> Iterator[Finding]:
    """Findings of each line."""
    for line in examined.lines:
        facts = examined.rows.filter(line=line)
        for counter in _COUNTERS:
            yield from _still(line, counter, _hours(facts, counter))


def _still(line: str, counter: _Counter, hours: pl.DataFrame) -> Iterator[Finding]:
    days = hours.group_by("product", "day").agg(
        pl.col("producing_us").sum(),
        hours=pl.len(),
        moved=(pl.col("amount") > 0).sum(),
    )
    is_still = (pl.col("moved") == 0) & (pl.col("producing_us") >= FLAT_HOURS_MIN * HOUR_US)
    moves = pl.col("moved") > 0
    usual = days.group_by("product").agg(
        still_days=is_still.sum(),
        moving_days=moves.sum(),
        moving_hours=pl.col("hours").filter(moves).sum(),
        moved=pl.col("moved").sum(),
    )
    steady = usual.filter(
        (pl.col("moving_hours") >= MOVING_HOURS_MIN)
        & (pl.col("moved") >= pl.col("moving_hours") * MOVING_SHARE_MIN)
        & (pl.col("moving_days") > pl.col("still_days"))
        & (pl.col("still_days") > 0)
    )
    found = days.filter(is_still).join(steady, on="product", how="semi", nulls_equal=True)
    if found.is_empty():
        return
    share = 100 * int(steady["moved"].sum()) / int(steady["moving_hours"].sum())
    told = found["day"].unique().sort().to_list()
    yield Finding(
        FLAT_LINE,
        FindingSeverity.WARNS,
        (line,),
        DayRange(told[0], told[-1]),
        Reason(
            counter.says,
            {
                "hours": hours_text(int(found["producing_us"].sum())),
                "count": len(told),
                "line": line,
                "share": f"{share:.0f}",
            },
        ),
        Reason("Ask what was made in these hours, and who looked at the counter."),
    )


def _hours(facts: pl.DataFrame, counter: _Counter) -> pl.DataFrame:
    """A row for each slice and product in which the line produced and the counter was heard."""
    amount, is_energy = pl.col(counter.amount), counter.amount == "energy_kwh"
    found = facts.group_by("product", "day", "start").agg(
        pl.col("producing_us").sum(),
        pl.col("total_count").sum(),
        amount=amount.sum(),
        is_heard=amount.is_not_null().any(),
        is_counted=pl.col("total_count").is_not_null().any(),
        hidden=pl.sum_horizontal(counter.hidden).sum(),
    )
    wanted = ~pl.col("is_counted") if is_energy else pl.col("total_count") > 0
    return found.filter(
        wanted
        & pl.col("is_heard")
        & (pl.col("hidden") == 0)
        & (pl.col("producing_us") >= PACE_MIN_S * 1e6)
    )
