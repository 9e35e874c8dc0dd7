"""Facts added up by line and period, in SQL where the facts are, or from frames.

The same figures either way, but for the order in which floats are added. Knows no method and
no KPI; what the columns mean is told by `domain.frames.FACT_SUMS`.
"""

from __future__ import annotations

import polars as pl

from domain.condensing import condensed_by, condensed_in_sql, order_is
from domain.frames import COUNT_COLUMNS, FACT_SUMS, METHOD_KEYS, check
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


def sums_query(period: CalendarPeriod, line: str, keys: str, condition: str) -> str:
    """SELECT over the table `facts` that gives what `finished` takes, but with the column `line`
    for the line, and columns `keys` for what is told apart besides."""
    source = f"FROM (SELECT *, {_FIRST_DAY[period]} AS period FROM facts WHERE {condition})"
    columns, rows = condensed_in_sql(f"{line}, period", source)
    return f"SELECT {line}, {keys}, period, {columns} FROM {rows} GROUP BY {line}, {keys}, period"


def finished(sums: pl.DataFrame) -> pl.DataFrame:
    """FACT_SUMS, sorted: a stop outside the planned busy time is none."""
    counts = [pl.when(_BUSY).then(pl.col(name)).otherwise(0).alias(name) for name in COUNT_COLUMNS]
    ordered = sums.select(FACT_SUMS.names()).with_columns(counts)
    return check(ordered, FACT_SUMS, "sums of facts").sort(_KEYS)


def sums_of(facts: pl.DataFrame, period: CalendarPeriod) -> pl.DataFrame:
    """FACT_SUMS of FACTS."""
    keyed = facts.with_columns(
        pl.col("day").dt.truncate(_TRUNCATED[period]).alias("period"),
        order_is(),
    )
    return finished(condensed_by(keyed, ["line", "period"]))
