"""Facts added up by line and period, in SQL where the facts are, or from frames.

The same figures either way, but for the order in which floats are added. Knows no method and
no KPI; what the columns mean is told by `domain.frames.FACT_SUMS`.
"""

from __future__ import annotations

import polars as pl

from domain.frames import (
    COUNT_COLUMNS,
    FACT_SUMS,
    METHOD_KEYS,
    QUANTITY_COLUMNS,
    STATE_COLUMNS,
    check,
)
from domain.states import Plan
from store.telemetry.protocol import CalendarPeriod

_KEYS = ["line", "period", *METHOD_KEYS]
_BUSY = pl.col("plan") == Plan.BUSY.value
_TRUNCATED = {"day": "1d", "week": "1w", "month": "1mo"}
# Cutting a date down by a subtraction takes a sixth of the time of date_trunc.
_FIRST_DAY = {
    "day": "day",
    "week": "day - (isodow(day) - 1)::INTEGER",
    "month": "day - (dayofmonth(day) - 1)::INTEGER",
}


def sums_query(period: CalendarPeriod, keys: str, condition: str) -> str:
    """SELECT over the table `facts` that gives what `finished` takes, but with columns `keys`
    for the line and what is told apart besides."""
    whole = ", ".join(f"sum({name})::BIGINT AS {name}" for name in (*STATE_COLUMNS, *COUNT_COLUMNS))
    shares = ", ".join(f"sum({name}) AS {name}" for name in QUANTITY_COLUMNS)
    return f"""
SELECT {keys}, {_FIRST_DAY[period]} AS period, {whole}, {shares},
    min(CASE WHEN good_count <> 0 THEN good_ideal_s / good_count END) AS cycle_time_s,
    bit_or(flags) AS flags
FROM facts WHERE {condition} GROUP BY ALL
"""


def finished(sums: pl.DataFrame) -> pl.DataFrame:
    """FACT_SUMS, sorted: a stop outside the planned busy time is none."""
    counts = [pl.when(_BUSY).then(pl.col(name)).otherwise(0).alias(name) for name in COUNT_COLUMNS]
    ordered = sums.select(FACT_SUMS.names()).with_columns(counts)
    return check(ordered, FACT_SUMS, "sums of facts").sort(_KEYS)


def sums_of(facts: pl.DataFrame, period: CalendarPeriod) -> pl.DataFrame:
    """FACT_SUMS of FACTS."""
    cycle = pl.when(pl.col("good_count") != 0).then(pl.col("good_ideal_s") / pl.col("good_count"))
    keyed = facts.with_columns(
        pl.col("day").dt.truncate(_TRUNCATED[period]).alias("period"),
        (pl.col("order") != "").alias("has_order"),
        cycle.alias("cycle_time_s"),
    )
    shares = (
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
        for name in QUANTITY_COLUMNS
    )
    return finished(
        keyed.group_by(_KEYS).agg(
            pl.col(STATE_COLUMNS).sum(),
            *shares,
            pl.col(COUNT_COLUMNS).sum(),
            pl.col("cycle_time_s").min(),
            pl.col("flags").bitwise_or(),
        )
    )
