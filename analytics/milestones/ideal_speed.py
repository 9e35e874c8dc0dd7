"""What counts towards a target where a line was faster than its ideal cycle time allows.

Ratios are not capped: an effectiveness of 108 % is shown. But a cycle time that is too easy must
not make up for stops, so for a verdict no slice gives more ideal time than it has time that may
have produced. An example, slices of an hour with a cycle time of 2 s:

    slice     producing  unknown  items   ideal time    counts towards the target
    08:00        3600 s      0 s   1900       3800 s    3602 s
    09:00        1800 s      0 s   1200       2400 s    1802 s: the other half hour it stood
    10:00        1800 s   1800 s   1500       3000 s    3000 s

One item more than fits is let pass in each slice: it was counted a moment after it was made.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.frames import FACTS
from domain.states import MachineMode, Plan

IDEAL_CYCLE_BEATEN = "ideal_cycle_beaten"  # a flag of verdicts
_ROUNDING = 1e-9
_SLICE = ("line", "start")
# What is made in maintenance mode is in no production time, and counts towards nothing.
_IN_PLAN = (pl.col("plan") == Plan.BUSY.value) & (
    pl.col("mode").ne_missing(MachineMode.MAINTENANCE.value)
)


@dataclass(frozen=True, slots=True)
class BeatenCycle:
    """In how many slices a line was too fast, and the ideal time of all items that it made in them
    beyond what fits, in seconds."""

    slices: int
    excess_s: float


def within_ideal_speed(facts: pl.DataFrame) -> pl.DataFrame:
    """The FACTS, in which no slice has more ideal time than fits into it."""
    capped = {
        "ideal_s": _share(pl.col("ideal_s"), pl.col("producing_us")),
        "good_ideal_s": _share(
            pl.col("good_ideal_s"), pl.col("producing_us") + pl.col("unknown_us")
        ),
    }
    return facts.with_columns(
        (pl.col(name) * share).alias(name) for name, share in capped.items()
    ).select(FACTS.names())


def beaten_cycle(facts: pl.DataFrame) -> BeatenCycle | None:
    """What of the FACTS was too fast; None where nothing was."""
    ideal, room = _ideal_and_room(pl.col("ideal_s"), pl.col("producing_us"))
    slices = facts.select(*_SLICE, ideal.alias("ideal"), room.alias("room")).unique(_SLICE)
    beaten = slices.filter(pl.col("ideal") > pl.col("room") * (1 + _ROUNDING))
    if beaten.is_empty():
        return None
    return BeatenCycle(beaten.height, float((beaten["ideal"] - beaten["room"]).sum()))


def _share(ideal_s: pl.Expr, time_us: pl.Expr) -> pl.Expr:
    """How much of each row's ideal time counts: 1 but in slices that have more than fits."""
    ideal, room = _ideal_and_room(ideal_s, time_us)
    return pl.when(_IN_PLAN & (ideal > room * (1 + _ROUNDING))).then(room / ideal).otherwise(1.0)


def _ideal_and_room(ideal_s: pl.Expr, time_us: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The ideal time of each row's slice within the plan, and how much fits into it. Seconds."""
    good = pl.col("good_count")
    cycle_s = pl.when(good > 0).then(pl.col("good_ideal_s") / good).otherwise(0.0)
    planned = [
        pl.when(_IN_PLAN).then(it).otherwise(0.0) for it in (ideal_s, time_us / 1e6, cycle_s)
    ]
    ideal, time_s, one_item_s = (it.fill_null(0.0) for it in planned)
    return (
        ideal.sum().over(_SLICE),
        time_s.sum().over(_SLICE) + one_item_s.max().over(_SLICE),
    )
