"""Hours of states and counts the way that pandas and DuckDB SQL do it: what the kernel is compared
with, in speed and to the last microsecond.

Both get what the kernel gets, a line's changes of state and readings of its count, and give
STATES_AND_COUNTS for every hour. They know that all slices of the made-up plant are hours and
that no increment crosses one, which the kernel does not: that makes them faster, not slower.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd
import polars as pl

from domain.frames import STATE_COLUMNS, UTC_US, LineHistory
from domain.states import MachineState

HOURS = pl.Schema(
    {
        "line": pl.String(),
        "start": UTC_US,
        **{name: pl.Int64() for name in STATE_COLUMNS},
        "total_count": pl.Float64(),
    }
)
_STATES = len(MachineState)
_SAMPLE = ("time", "value")


def of_facts(facts: pl.DataFrame) -> pl.DataFrame:
    """HOURS of the kernel's FACTS."""
    hours = facts.group_by("line", "start").agg(
        pl.col(STATE_COLUMNS).sum(), pl.col("total_count").sum()
    )
    return hours.select(HOURS.names()).cast(HOURS).sort("line", "start")


def difference(one: pl.DataFrame, other: pl.DataFrame) -> str:
    """Where two HOURS differ; empty when microseconds are equal and counts to a millionth."""
    keys = ["line", "start", *STATE_COLUMNS]
    if not one.select(keys).equals(other.select(keys)):
        return f"states differ: {one.select(keys).sum()} and {other.select(keys).sum()}"
    apart = (one["total_count"] - other["total_count"]).abs().max()
    return "" if isinstance(apart, float) and apart <= 1e-6 else f"counts differ by {apart}"


# pandas


def for_pandas(histories: list[LineHistory]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`line`, `time`, `state` (code) of all lines; `line`, `time`, `value` of their counts."""
    states, counts = _signal(histories, "state"), _signal(histories, "total_count")
    states["state"] = states.pop("value").astype("int8")
    return states, counts


def _signal(histories: list[LineHistory], signal: str) -> pd.DataFrame:
    rows = _rows(histories, signal)
    times = rows["time"].dt.replace_time_zone(None).to_numpy()
    return pd.DataFrame(
        {
            "line": pd.Categorical(rows["line"].to_list()),
            "time": pd.DatetimeIndex(times, tz="UTC"),
            "value": rows["value"].to_numpy(),
        }
    )


def pandas_hours(
    states: pd.DataFrame, counts: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """Index: line and hour; columns: the states' codes (microseconds) and `total_count`."""
    hours = pd.date_range(start, end, freq="h", inclusive="left", unit="us")
    lines = states["line"].cat.categories
    edges = pd.MultiIndex.from_product([lines, hours], names=["line", "time"]).to_frame(index=False)
    edges["line"] = edges["line"].astype(states["line"].dtype)
    spans = pd.concat([edges, states]).sort_values(["line", "time"], kind="stable")
    of_line = spans.groupby("line", observed=True)
    spans["state"] = of_line["state"].ffill().fillna(0).astype("int8")
    lasting = of_line["time"].shift(-1).fillna(end) - spans["time"]
    spans["us"] = lasting // pd.Timedelta(1, "us")
    spans["hour"] = spans["time"].dt.floor("h")
    table = spans.groupby(["line", "hour", "state"], observed=True)["us"].sum()
    table = table.unstack(fill_value=0).reindex(columns=range(_STATES), fill_value=0)
    made = counts[["line"]].assign(
        hour=(counts["time"] - pd.Timedelta(1, "us")).dt.floor("h"),
        items=counts.groupby("line", observed=True)["value"].diff().clip(lower=0),
    )
    items = made.groupby(["line", "hour"], observed=True)["items"].sum()
    table["total_count"] = items.reindex(table.index, fill_value=0.0)
    return table


def of_pandas(table: pd.DataFrame) -> pl.DataFrame:
    """HOURS of what `pandas_hours` gave."""
    hours = pd.DatetimeIndex(table.index.get_level_values("hour"))
    columns = {
        "line": table.index.get_level_values("line").astype(str).to_list(),
        "start": pl.Series(hours.as_unit("us").asi8).cast(UTC_US),
        **{name: table[code].to_numpy() for code, name in enumerate(STATE_COLUMNS)},
        "total_count": table["total_count"].to_numpy(),
    }
    return pl.DataFrame(columns).cast(HOURS).sort("line", "start")


def _rows(histories: list[LineHistory], signal: str) -> pl.DataFrame:
    """`line`, `time`, `value` of that signal of all lines, sorted."""
    return pl.concat(
        [
            history.series(machine, name).select(pl.lit(history.line).alias("line"), *_SAMPLE)
            for history in histories
            for machine, name in history.all_series
            if name == signal
        ]
    )


# DuckDB SQL

_SUMS = ", ".join(
    f"sum(us) FILTER (code = {code})::BIGINT AS {name}" for code, name in enumerate(STATE_COLUMNS)
)
_SQL = f"""
WITH intervals AS (
    SELECT line, code, time AS start,
        lead(time, 1, $2) OVER (PARTITION BY line ORDER BY time) AS finish
    FROM states
    UNION ALL
    SELECT line, 0, $1, min(time) FROM states GROUP BY line
),
parts AS (
    SELECT line, code, start, finish, unnest(
        generate_series(date_trunc('hour', start), finish - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)
    ) AS hour
    FROM intervals WHERE finish > start
),
lasting AS (
    SELECT line, hour, code, epoch_us(least(finish, hour + INTERVAL 1 HOUR))
        - epoch_us(greatest(start, hour)) AS us
    FROM parts
),
seconds AS (
    SELECT line, hour AS start,
        {_SUMS}
    FROM lasting GROUP BY line, hour
),
made AS (
    SELECT line, date_trunc('hour', time - INTERVAL 1 MICROSECOND) AS start,
        greatest(value - lag(value) OVER (PARTITION BY line ORDER BY time), 0) AS items
    FROM counts
),
items AS (SELECT line, start, sum(items) AS total_count FROM made GROUP BY line, start)
SELECT line, start, {", ".join(f"coalesce({c}, 0) AS {c}" for c in STATE_COLUMNS)},
    coalesce(total_count, 0) AS total_count
FROM seconds LEFT JOIN items USING (line, start) ORDER BY line, start
"""


def for_sql(histories: list[LineHistory]) -> duckdb.DuckDBPyConnection:
    """A database in memory with the tables `states` and `counts`."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    for table, signal, value in (
        ("states", "state", "value::TINYINT AS code"),
        ("counts", "total_count", "value"),
    ):
        rows = _rows(histories, signal)
        connection.register("rows", rows.to_arrow())
        connection.execute(f"CREATE TABLE {table} AS SELECT line, time, {value} FROM rows")
        connection.unregister("rows")
    return connection


def sql_hours(
    connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime
) -> pl.DataFrame:
    """HOURS of all lines in [start, end)."""
    frame: pl.DataFrame = connection.sql(_SQL, params=[start, end]).pl()
    return frame.cast(HOURS)
