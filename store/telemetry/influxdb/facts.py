"""Facts in InfluxDB, which has no transactions: revisions, and one point that names the valid.

Every replacement is a revision with a greater number. Its facts are written beside those in
force, never over them: each slice has two `generation`s (tag) that take turns. Then the point
of each slice in `slices` (tag line, time: the slice's start) is pointed to the new revision
and generation, then `revisions` (tag line, time: the revision) says which specification is in
force since which revision. A crash in between leaves slices that are wholly old, wholly new,
or absent; never rows of both. Knows nothing of dirty marks.

A generation comes to be written over again, and a field that a new row lacks would stay the old
row's: so every row says in `nulls` which of its columns are null (bit k: the k-th of FACTS that
may be).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from domain.frames import COUNT_COLUMNS, FACTS, STATE_COLUMNS, check
from domain.time import Window, micros
from store.telemetry.frames import FACT_KEYS
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.line_protocol import line_protocol, string_literal

_GENERATIONS = ("a", "b")
_SLICES = pl.Schema(
    {
        "time_ns": pl.Int64(),
        "end_us": pl.Int64(),
        "revision": pl.Int64(),
        "generation": pl.String(),
        "spec": pl.String(),
    }
)
_REVISIONS = pl.Schema({"time_ns": pl.Int64(), "since": pl.Int64(), "spec": pl.String()})
_POINT = {
    "slice_ns": pl.Int64(),
    "revision": pl.Int64(),
    "generation": pl.String(),
    "nulls": pl.Int64(),
}
_NEVER_NULL = {"line", "start", "end", "day", "plan", "flags", *STATE_COLUMNS, *COUNT_COLUMNS}
# One bit for each of the others; more than 63 would not fit into a number.
_NULL_BITS = {it: 1 << n for n, it in enumerate(it for it in FACTS if it not in _NEVER_NULL)}
_NONE = 0  # the revision of a slice that is no more


class InfluxFacts:
    def __init__(self, connection: InfluxConnection) -> None:
        self._connection = connection

    def read(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        """FACTS of slices wholly inside [start, end) made under `spec`."""
        in_force = self._in_force(line)
        if in_force is None or in_force[2] != spec:
            return FACTS.to_frame()
        since = in_force[1]
        slices = self._slices(line, start, end).filter(
            pl.col("spec") == spec,
            pl.col("revision") >= since,
            pl.col("end_us") <= micros(end),
        )
        if slices.is_empty():
            return FACTS.to_frame()
        stored = {name: kind for name, kind in FACTS.items() if name != "line"}
        columns = ", ".join(f'"{name}"' for name in (*_POINT, *stored))
        rows = self._connection.read(
            f"SELECT {columns} FROM facts WHERE line = {string_literal(line)} "
            f"AND time >= {micros(start) * 1000} AND time < {micros(end) * 1000}",
            pl.Schema(_POINT | stored),
        )
        valid = rows.join(
            slices,
            left_on=["slice_ns", "revision", "generation"],
            right_on=["time_ns", "revision", "generation"],
            how="semi",
        )
        facts = valid.with_columns(line=pl.lit(line)).select(_kept(name) for name in FACTS)
        return check(facts, FACTS, "facts").sort(FACT_KEYS)

    def replace(self, line: str, spec: str, windows: Sequence[Window], facts: pl.DataFrame) -> None:
        """Replace the slices inside the windows; `facts` lie inside them."""
        in_force = self._in_force(line)
        if not windows and in_force and in_force[2] == spec:
            return  # marks alone are cleared
        revision = max(time.time_ns(), in_force[0] + 1 if in_force else 1)
        since = in_force[1] if in_force and in_force[2] == spec else revision
        old = self._slices_inside(line, windows)
        turn = pl.col("generation").replace_strict(
            dict(zip(_GENERATIONS, reversed(_GENERATIONS), strict=True)),
            default=_GENERATIONS[0],
            return_dtype=pl.String(),
        )
        new = (
            facts.group_by(time_ns=pl.col("start").dt.epoch("us") * 1000)
            .agg(end_us=pl.col("end").dt.epoch("us").max())
            .join(old.select("time_ns", "generation"), on="time_ns", how="left")
            .with_columns(turn, revision=pl.lit(revision), spec=pl.lit(spec))
        )
        gone = old.join(new, on="time_ns", how="anti").with_columns(
            revision=pl.lit(_NONE, dtype=pl.Int64())
        )
        points = pl.concat([new.select(_SLICES.names()), gone.select(_SLICES.names())])
        self._connection.write(_fact_lines(facts, new))
        self._connection.write(
            line_protocol("slices", points.with_columns(line=pl.lit(line)), ("line",))
        )
        named = pl.DataFrame([(revision, since, spec)], schema=_REVISIONS, orient="row")
        self._connection.write(
            line_protocol("revisions", named.with_columns(line=pl.lit(line)), ("line",))
        )

    def _in_force(self, line: str) -> tuple[int, int, str] | None:
        """The last revision, the first one under its specification, and that."""
        rows = self._connection.read(
            f"SELECT since, spec FROM revisions WHERE line = {string_literal(line)} "
            "ORDER BY time DESC LIMIT 1",
            _REVISIONS,
        ).rows()
        return rows[0] if rows else None

    def _slices(self, line: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Slices that start in [start, end) and are there, of any specification."""
        return self._connection.read(
            "SELECT end_us, revision, generation, spec FROM slices "
            f"WHERE line = {string_literal(line)} AND time >= {micros(start) * 1000} "
            f"AND time < {micros(end) * 1000}",
            _SLICES,
        ).filter(pl.col("revision") != _NONE)

    def _slices_inside(self, line: str, windows: Sequence[Window]) -> pl.DataFrame:
        """Slices wholly inside one of the windows."""
        if not windows:
            return _SLICES.to_frame()
        first = min(window.start for window in windows)
        last = max(window.end for window in windows)
        start, end = pl.col("time_ns") // 1000, pl.col("end_us")
        return self._slices(line, first, last).filter(
            pl.any_horizontal(
                (start >= micros(window.start)) & (end <= micros(window.end)) for window in windows
            )
        )


def _nulls() -> pl.Expr:
    """Which columns of a row are null."""
    return pl.sum_horizontal(
        pl.col(name).is_null().cast(pl.Int64()) * bit for name, bit in _NULL_BITS.items()
    )


def _kept(name: str) -> pl.Expr:
    """The column, null where the row says so."""
    bit = _NULL_BITS.get(name)
    if bit is None:
        return pl.col(name)
    is_null = pl.col("nulls").fill_null(0) & bit != 0
    return pl.when(~is_null).then(pl.col(name)).alias(name)


def _fact_lines(facts: pl.DataFrame, slices: pl.DataFrame) -> Iterator[bytes]:
    slice_ns = pl.col("start").dt.epoch("us") * 1000
    rows = (
        facts.with_columns(slice_ns=slice_ns, nulls=_nulls())
        .join(
            slices.select("time_ns", "revision", "generation"),
            left_on="slice_ns",
            right_on="time_ns",
        )
        .sort("slice_ns", *FACT_KEYS)
        # A slice's rows differ in the last digits of their time.
        .with_columns(time_ns=pl.col("slice_ns") + pl.int_range(pl.len()).over("slice_ns"))
    )
    return line_protocol("facts", rows, ("line", "generation"))
