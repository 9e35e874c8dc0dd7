"""Production that does not look like production: nothing moves that should, or too much.

All of it is read from hours of facts in which the counters concerned were heard:

- `production_without_energy`: items were counted and the meter, which was heard, shows (nearly)
  nothing: less than a twentieth of what the line usually takes for an hour of production;
- `flat_line`: the state says producing, other things move, and the counter of items tells the same
  number for hours;
- `over_capacity`: more items in a day than fit into all of its time that may have produced, at the
  ideal cycle time, by a tenth or more. (`ideal_cycle_beaten` tells of single hours.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from analytics.integrity.examined import Examined, hours_text
from domain.frames import PACE_MIN_S
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.time import HOUR_US

PRODUCTION_WITHOUT_ENERGY = "production_without_energy"
FLAT_LINE = "flat_line"
OVER_CAPACITY = "over_capacity"
ENERGY_SHARE_MAX = 0.05
ENERGY_HOURS_MIN = 1.0
FLAT_HOURS_MIN = 4.0
FLAT_CYCLES_MIN = 10
OVER_CAPACITY_MIN = 1.1
_MAY_PRODUCE = ("producing_us", "unknown_us", "setup_us", "maintenance_us")


def unlikely_production(examined: Examined) -> Iterator[Finding]:
    """Findings of each line."""
    for line in examined.lines:
        hours = _hours(examined.rows.filter(line=line))
        yield from _without_energy(line, hours)
        yield from _flat(line, hours, examined)
        yield from _over_capacity(line, hours)


def _without_energy(line: str, hours: pl.DataFrame) -> Iterator[Finding]:
    heard = hours.filter(
        (pl.col("energy_hidden") == 0)
        & pl.col("energy_kwh").is_not_null()
        & (pl.col("producing_us") >= PACE_MIN_S * 1e6)
    ).with_columns(power_kw=pl.col("energy_kwh") / pl.col("producing_us") * HOUR_US)
    usual = heard.select(pl.col("power_kw").filter(pl.col("power_kw") > 0).median()).item() or 0.0
    idle = heard.filter(
        (pl.col("power_kw") <= usual * ENERGY_SHARE_MAX) & (pl.col("total_count") > 0)
    )
    producing_us = int(idle["producing_us"].sum())
    if producing_us < ENERGY_HOURS_MIN * HOUR_US:
        return
    yield Finding(
        PRODUCTION_WITHOUT_ENERGY,
        FindingSeverity.WARNS,
        (line,),
        _from_to(idle["day"].to_list()),
        Reason(
            "In %(hours)s hours of production %(line)s counted %(items)s items and used "
            "%(energy)s kWh; in others it takes %(usual)s kW.",
            {
                "hours": hours_text(producing_us),
                "line": line,
                "items": f"{idle['total_count'].sum():,.0f}",
                "energy": f"{idle['energy_kwh'].sum():.1f}",
                "usual": f"{usual:.3g}",
            },
        ),
        Reason("Ask what the line ran on, and compare with the electricity bill."),
    )


def _flat(line: str, hours: pl.DataFrame, examined: Examined) -> Iterator[Finding]:
    """Days on which the line produced so long without an item in those hours."""
    cycle_s = examined.plant.lines[line].ideal_cycle_time_s or 1.0
    least_us = max(FLAT_HOURS_MIN * HOUR_US, FLAT_CYCLES_MIN * cycle_s * 1e6)
    flat = (
        hours.filter(
            (pl.col("total_count") == 0)
            & (pl.col("items_hidden") == 0)
            & (pl.col("producing_us") > 0)
        )
        .group_by("day")
        .agg(pl.col("producing_us").sum())
        .filter(pl.col("producing_us") >= least_us)
        .sort("day")
    )
    if flat.is_empty():
        return
    yield Finding(
        FLAT_LINE,
        FindingSeverity.WARNS,
        (line,),
        _from_to(flat["day"].to_list()),
        Reason(
            "For %(hours)s hours on %(count)s days %(line)s said that it produced, and its "
            "counter of items, which was heard, stood still.",
            {
                "hours": hours_text(int(flat["producing_us"].sum())),
                "count": flat.height,
                "line": line,
            },
        ),
        Reason("Ask what was made in these hours, and who looked at the counter."),
    )


def _over_capacity(line: str, hours: pl.DataFrame) -> Iterator[Finding]:
    over = (
        hours.group_by("day")
        .agg(pl.col("ideal_s", "total_count").sum(), room_s=pl.col("room_us").sum() / 1e6)
        .filter(pl.col("ideal_s") > pl.col("room_s") * OVER_CAPACITY_MIN)
        .filter(pl.col("ideal_s") - pl.col("room_s") > PACE_MIN_S)
        .sort("day")
    )
    if over.is_empty():
        return
    ideal_s, room_s = float(over["ideal_s"].sum()), float(over["room_s"].sum())
    yield Finding(
        OVER_CAPACITY,
        FindingSeverity.WARNS,
        (line,),
        _from_to(over["day"].to_list()),
        Reason(
            "On %(count)s days %(line)s counted %(items)s items, which take %(needed)s hours at "
            "the ideal cycle time; it had %(room)s hours for them.",
            {
                "count": over.height,
                "line": line,
                "items": f"{over['total_count'].sum():,.0f}",
                "needed": hours_text(ideal_s * 1e6),
                "room": hours_text(room_s * 1e6),
            },
        ),
        Reason("Ask for delivery notes of these days, and how the counter counts."),
    )


def _hours(facts: pl.DataFrame) -> pl.DataFrame:
    """A row a slice, with what was counted and used in it; `…_hidden`: not zero where that counter
    was not heard throughout, or missed something; `room_us`: time that may have produced."""
    items = ("total_unheard_s", "total_quiet_s", "total_count_missed", "total_count_implausible")
    energy = ("energy_unheard_s", "energy_implausible_kwh")
    return facts.group_by("day", "start").agg(
        pl.col("producing_us").sum(),
        *(
            pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
            for name in ("total_count", "ideal_s", "energy_kwh")
        ),
        room_us=pl.sum_horizontal(_MAY_PRODUCE).sum(),
        items_hidden=pl.sum_horizontal(items).sum(),
        energy_hidden=pl.sum_horizontal(energy).sum(),
    )


def _from_to(days: Sequence[date]) -> DayRange:
    return DayRange(min(days), max(days))
