"""From FACTS to CONDENSED: facts added up to a row for each combination that methods tell apart.

Stores add up what they hold and the analytics the rest, so how that is done is told once, here.

What a row says of how fast its line was, an example with a cycle time of 2 s; the second hour made
nothing and was not heard for half an hour, which 900 items fit into:

    hour    producing   good_count   good_ideal_s   possible_count   cycle_time_s    pace
    08:00      3600 s         1980           3960                0             2      1.1
    09:00      1800 s            0              0              900             2     none
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from domain.frames import (
    COUNT_COLUMNS,
    MATCHED_COLUMNS,
    METHOD_KEYS,
    ORDER_LOST,
    PACE_MIN_S,
    QUANTITY_COLUMNS,
    STATE_COLUMNS,
)
from domain.states import OrderIs, Plan

_BUSY = pl.col("plan") == Plan.BUSY.value
_AT_START = (
    "unsure_start_s",
    "unsure_start_count",
    "rework_unsure_start_count",
    "energy_unsure_start_kwh",
)
_AT_END = ("unsure_end_s", "unsure_end_count", "rework_unsure_end_count", "energy_unsure_end_kwh")
_MATCHED = dict(zip(MATCHED_COLUMNS, ("energy_kwh", "total_count", "good_count"), strict=True))
_SILENT = ("energy_unheard_s", "total_unheard_s", "good_unheard_s")


def condensed_by(
    facts: pl.DataFrame, keys: Sequence[str], runs: Sequence[str] = ()
) -> pl.DataFrame:
    """FACTS (with the key columns, and `order_is`, beside) added up: the key columns, then
    CONDENSED. Groups stand in the order of their first appearance. `runs`: columns beside that
    tell stretches without a hole apart, where the facts have holes: each has borders of its own."""
    row, total = _condensing(tuple(keys), tuple(runs))
    return (
        facts.select(*keys, *METHOD_KEYS, *row)
        .group_by(*keys, *METHOD_KEYS, maintain_order=True)
        .agg(total)
    )


@cache
def _condensing(
    keys: tuple[str, ...], runs: tuple[str, ...]
) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """What a row of FACTS says, and how it adds up. Kept: to write it takes longer than to add up
    the facts of a month."""
    whole = ["line", *(key for key in keys if key != "line"), *runs]
    first = pl.col("start") == pl.col("start").min().over(whole)
    last = pl.col("end") == pl.col("end").max().over(whole)
    counted = [pl.when(_BUSY).then(pl.col(name)).alias(name) for name in COUNT_COLUMNS]
    borders = [
        pl.when(place).then(pl.col(name)).otherwise(pl.col(name) * 0.0).alias(name)
        for place, names in ((first, _AT_START), (last, _AT_END))
        for name in names
    ]
    heard = pl.sum_horizontal(_SILENT) == 0.0
    matched = [pl.when(heard).then(pl.col(of)).alias(name) for name, of in _MATCHED.items()]
    plain = [name for name in QUANTITY_COLUMNS if name not in (*_AT_START, *_AT_END)]
    row = [
        pl.col(*STATE_COLUMNS, *plain),
        *borders,
        *matched,
        *counted,
        pl.min_horizontal(_cycle_times()).alias("cycle_time_s"),
        pl.max_horizontal(_cycle_times()).alias("longest_cycle_time_s"),
        pace().alias("pace"),
        pl.col("flags"),
    ]
    total = [
        pl.col(STATE_COLUMNS).sum(),
        *(_total(name) for name in (*QUANTITY_COLUMNS, *_MATCHED)),
        pl.col(COUNT_COLUMNS).sum(),
        pl.col("cycle_time_s").min(),
        pl.col("longest_cycle_time_s").max(),
        pl.col("pace").max(),
        pl.col("flags").bitwise_or(),
    ]
    return row, total


def order_is() -> pl.Expr:
    """What FACTS' `order` says, as METHOD_KEYS have it."""
    order = pl.col("order")
    kinds = (
        pl.when(order == "")
        .then(pl.lit(OrderIs.NONE.value))
        .when(order == ORDER_LOST)
        .then(pl.lit(OrderIs.UNKNOWN.value))
        .when(order.is_not_null())
        .then(pl.lit(OrderIs.ACTIVE.value))
    )
    return kinds.alias("order_is")


def _cycle_times() -> list[pl.Expr]:
    """The planned run time per item in a row of FACTS: by its good items, by all of them, and by
    those that fit into its hidden time, which may have been of a faster product."""
    hidden_s = (
        pl.max_horizontal("total_unheard_s", "good_unheard_s")
        + pl.max_horizontal("total_quiet_s", "good_quiet_s").fill_null(0.0)
        + pl.when(_BUSY).then(pl.col("unknown_us") / 1e6).otherwise(0.0)
    )
    ideal_s = pl.col("ideal_s") + pl.col("ideal_unknown_s")
    return [
        pl.when(pl.col(items) > 0).then(seconds / pl.col(items))
        for seconds, items in (
            (pl.col("good_ideal_s"), "good_count"),
            (ideal_s, "total_count"),
            (hidden_s, "possible_count"),
        )
    ]


def pace() -> pl.Expr:
    """How fast the line was in a row of FACTS, 1 as planned; null where it says too little."""
    silent_s = pl.sum_horizontal("total_unheard_s", "total_quiet_s")
    heard_s = pl.col("producing_us") / 1e6 - silent_s
    return pl.when(heard_s >= PACE_MIN_S).then(pl.col("ideal_s") / heard_s)


def _total(name: str) -> pl.Expr:
    """The sum of a column; null where it holds nothing."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


_HEARD = " AND ".join(f"coalesce({name}, 0) = 0" for name in _SILENT)
_HEARD_S = "(producing_us / 1e6 - (coalesce(total_unheard_s, 0) + coalesce(total_quiet_s, 0)))"
_HIDDEN_S = f"""(greatest(total_unheard_s, good_unheard_s)
    + coalesce(greatest(total_quiet_s, good_quiet_s), 0)
    + CASE WHEN plan = '{Plan.BUSY.value}' THEN unknown_us / 1e6 ELSE 0 END)"""
_CYCLES = f"""CASE WHEN good_count > 0 THEN good_ideal_s / good_count END,
    CASE WHEN total_count > 0 THEN (ideal_s + ideal_unknown_s) / total_count END,
    CASE WHEN possible_count > 0 THEN {_HIDDEN_S} / possible_count END"""


def condensed_in_sql(whole: str, source: str) -> tuple[str, str]:
    """The same in DuckDB's SQL: the columns of CONDENSED behind METHOD_KEYS, and what they are
    selected from. `source`: a FROM clause with FACTS; `whole`: what one sum is of. Counts of stops
    are still of every plan."""
    plain = [name for name in QUANTITY_COLUMNS if name not in (*_AT_START, *_AT_END)]
    columns = [
        *(f"sum({name})::BIGINT AS {name}" for name in (*STATE_COLUMNS, *COUNT_COLUMNS)),
        *(f"sum({name}) AS {name}" for name in plain),
        *(f'sum({name} * ("start" = first)::INTEGER) AS {name}' for name in _AT_START),
        *(f'sum({name} * ("end" = last)::INTEGER) AS {name}' for name in _AT_END),
        *(f"sum(CASE WHEN {_HEARD} THEN {of} END) AS {name}" for name, of in _MATCHED.items()),
        f"min(least({_CYCLES})) AS cycle_time_s",
        f"max(greatest({_CYCLES})) AS longest_cycle_time_s",
        f"max(CASE WHEN {_HEARD_S} >= {PACE_MIN_S} THEN ideal_s / {_HEARD_S} END) AS pace",
        "bit_or(flags) AS flags",
    ]
    windowed = f"""(SELECT *, min("start") OVER (PARTITION BY {whole}) AS first,
    max("end") OVER (PARTITION BY {whole}) AS last {source})"""
    return ",\n    ".join(columns), windowed
