"""Samples and spans of a line in InfluxDB, read as they stand now or as they stood earlier.

Every point holds when it was first received (store.telemetry.influxdb.receipts), so an earlier view
is the same questions with one condition more, which the server applies before it sorts and limits:
neighbours of a window are the nearest of what was known. Knows nothing of batches and facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from domain.frames import HISTORY, LineHistory, check
from domain.time import MICROSECOND, Window, instant, micros
from store.telemetry.frames import MACHINE_SPANS, distinct, history_of_samples
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.line_protocol import string_literal
from store.telemetry.influxdb.points import DAY

_PAGE = timedelta(days=7)  # of a line's history in one answer
_VARIANTS = 1000  # as many contradicting samples can lie in one microsecond
_SAMPLE = pl.Schema({"time_ns": pl.Int64(), **{k: v for k, v in HISTORY.items() if k != "time"}})
_SAMPLE_COLUMNS = '"machine", "signal", value, text, quality'
_SPAN = pl.Schema({"time_ns": pl.Int64(), "machine": pl.String(), "end_us": pl.Int64()})
_TIME = pl.Schema({"time_ns": pl.Int64()})
_Order = Literal["ASC", "DESC"]


class InfluxSeries:
    """The part of a `store.telemetry.protocol.TelemetryStore` that reads telemetry."""

    def __init__(self, connection: InfluxConnection) -> None:
        self._connection = connection

    def history(
        self,
        line: str,
        start: datetime,
        end: datetime,
        known_at: datetime | None,
        *,
        neighbours: bool = True,
    ) -> LineHistory:
        """`start` and `end` in UTC; `known_at`: of what was received up to then alone."""
        of_line = of(line)
        if known_at is not None:
            of_line += f" AND received_us <= {micros(known_at)}"
        pieces = [
            self._samples(f"WHERE {of_line} AND {_between(first, last)}")
            for first, last in self._pages(line, start, end)
        ]
        if neighbours:
            pieces += [
                self._nearest(f"{of_line} AND time < {_ns(start)}", "DESC"),
                self._nearest(f"{of_line} AND time >= {_ns(end)}", "ASC"),
            ]
        samples = pl.concat([HISTORY.to_frame(), *pieces])
        return history_of_samples(line, start, end, samples, self._spans(of_line, start, end))

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """`start` and `end` in UTC."""
        of_series = _of_series(line, machine, signal)
        pieces = [
            self._samples(f"WHERE {of_series} AND {_between(first, last)}")
            for first, last in self._pages(line, start, end)
        ]
        return distinct(pl.concat([HISTORY.to_frame(), *pieces]))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        counts = self._connection.read(
            f"SELECT count(quality) FROM samples WHERE {of(line)} AND {_between(start, end)}",
            pl.Schema({"count": pl.Int64()}),
        )
        return int(counts["count"].sum())

    def latest(self, line: str) -> pl.DataFrame:
        return distinct(self._nearest(of(line), "DESC"))

    def last_span_end(self, line: str) -> dict[str, datetime]:
        ends = self._last_spans(line).group_by("machine").agg(pl.col("end").max())
        return dict(ends.sort("machine").iter_rows())

    def extent(self, line: str) -> Window | None:
        starts, ends = [], []
        bounds = self._sample_bounds(line)
        if bounds is not None:
            starts.append(bounds[0])
            ends.append(bounds[1])
        for measurement in ("spans", "long_spans"):
            first = self._first_or_last(measurement, "end_us", of(line), "ASC")
            if first is not None:
                starts.append(first)
        ends += self._last_spans(line)["end"].to_list()
        if not starts:
            return None
        return Window(min(starts), max(*ends, min(starts) + MICROSECOND))

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        series = _of_series(line, machine, signal)
        before = self._first_or_last(
            "samples", "quality", f"{series} AND time < {_ns(start)}", "DESC"
        )
        after = self._first_or_last(
            "samples", "quality", f"{series} AND time >= {_ns(end + MICROSECOND)}", "ASC"
        )
        return before, after

    def _pages(
        self, line: str, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """[start, end) as far as the line has samples, cut so that an answer stays small."""
        bounds = self._sample_bounds(line)
        if bounds is None:
            return
        start, end = max(start, bounds[0]), min(end, bounds[1] + MICROSECOND)
        while start < end:
            yield start, min(start + _PAGE, end)
            start += _PAGE

    def _samples(self, condition: str) -> pl.DataFrame:
        """HISTORY rows, as they lie."""
        rows = self._connection.read(f"SELECT {_SAMPLE_COLUMNS} FROM samples {condition}", _SAMPLE)
        return check(rows.with_columns(_time()).drop("time_ns"), HISTORY, "samples")

    def _nearest(self, condition: str, order: _Order) -> pl.DataFrame:
        """Every sample, contradictions and all, of the first or last microsecond in which each
        machine and signal has one."""
        extreme = pl.col("time").max() if order == "DESC" else pl.col("time").min()
        rows = HISTORY.to_frame()
        for limit in (8, _VARIANTS):
            rows = self._samples(
                f"WHERE {condition} GROUP BY machine, signal ORDER BY time {order} LIMIT {limit}"
            )
            crowded = rows.group_by("machine", "signal").agg(
                full=(pl.len() >= limit) & (pl.col("time").n_unique() == 1)
            )
            if not crowded["full"].any():
                break
        return rows.filter(pl.col("time") == extreme.over("machine", "signal"))

    def _sample_bounds(self, line: str) -> tuple[datetime, datetime] | None:
        first = self._first_or_last("samples", "quality", of(line), "ASC")
        last = self._first_or_last("samples", "quality", of(line), "DESC")
        return None if first is None or last is None else (first, last)

    def _spans(self, of_line: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Spans that touch [start, end], and possibly more."""
        until = f"time < {_ns(end + MICROSECOND)}"
        since = f"time >= {_ns(start - DAY)}"
        return pl.concat(
            [
                self._read_spans("spans", f"{of_line} AND {since} AND {until}"),
                self._read_spans("long_spans", f"{of_line} AND {until}"),
            ]
        )

    def _last_spans(self, line: str) -> pl.DataFrame:
        """Spans among which are those that end last, for each machine."""
        latest = self._read_spans(
            "spans", f"{of(line)} GROUP BY machine ORDER BY time DESC LIMIT 1"
        )
        long = self._read_spans("long_spans", of(line))
        if latest.is_empty():
            return long
        # None of `spans` is longer than a day, so what starts earlier than a day before a
        # machine's last one ends before it, too.
        oldest = latest["start"].to_list()
        since = f"time >= {_ns(min(oldest) - DAY)}"
        return pl.concat([long, self._read_spans("spans", f"{of(line)} AND {since}")])

    def _read_spans(self, measurement: str, condition: str) -> pl.DataFrame:
        rows = self._connection.read(
            f'SELECT "machine", end_us FROM {measurement} WHERE {condition}', _SPAN
        )
        return rows.select(
            "machine",
            _time().alias("start"),
            pl.col("end_us").cast(MACHINE_SPANS["end"]).alias("end"),
        )

    def _first_or_last(
        self, measurement: str, field: str, condition: str, order: _Order
    ) -> datetime | None:
        rows = self._connection.read(
            f"SELECT {field} FROM {measurement} WHERE {condition} ORDER BY time {order} LIMIT 1",
            _TIME,
        )
        return None if rows.is_empty() else instant(rows["time_ns"][0] // 1000)


def of(line: str) -> str:
    """The condition that a point is the line's."""
    return f"line = {string_literal(line)}"


def _of_series(line: str, machine: str, signal: str) -> str:
    return (
        f"{of(line)} AND machine = {string_literal(machine)} AND signal = {string_literal(signal)}"
    )


def _ns(at: datetime) -> int:
    return micros(at) * 1000


def _between(start: datetime, end: datetime) -> str:
    return f"time >= {_ns(start)} AND time < {_ns(end)}"


def _time() -> pl.Expr:
    """The points' time as UTC microseconds, without the digits that only name them."""
    return (pl.col("time_ns") // 1000).cast(HISTORY["time"]).alias("time")
