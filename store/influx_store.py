"""Telemetry and facts in InfluxDB: written as line protocol, read by InfluxQL.

Rules: points are named by content, so a repeat overwrites itself (store.influx_points); the
ledger point of a batch is written last, so a batch that a crash cut off is not known and its
repeat mends it. A batch's dirty marks are written after its samples, and cleared after the
facts: at worst a slice is computed twice. One process writes. Works with InfluxDB 1.x behind
a proxy with the v2 write path; made for 2.x and 3.x by their compatibility endpoints. The
bucket must keep data for ever: the ledger's points have batch numbers for times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

from domain.errors import StorageError
from domain.frames import FACT_SUMS, HISTORY, REJECTIONS, UTC_US, LineHistory, check
from domain.time import Window, instant, micros
from store.content import (
    MACHINE_SPANS,
    REJECTION_COUNTS,
    checked,
    checked_facts,
    line_history,
    marks_of,
    resolved,
)
from store.fact_sums import sums_of
from store.influx_client import InfluxConnection
from store.influx_facts import InfluxFacts
from store.influx_ledger import InfluxLedger
from store.influx_lines import line_protocol, quoted
from store.influx_points import DAY, content_lines, mark_lines
from store.protocol import BatchContent, BatchRecord, DirtyMark, Period

_MICROSECOND = timedelta(microseconds=1)
_PAGE = timedelta(days=7)  # of a line's history in one answer
_VARIANTS = 1000  # as many contradicting samples can lie in one microsecond
_SAMPLE = pl.Schema({"time_ns": pl.Int64(), **{k: v for k, v in HISTORY.items() if k != "time"}})
_SAMPLE_COLUMNS = '"machine", "signal", value, text, quality'
_SPAN = pl.Schema({"time_ns": pl.Int64(), "machine": pl.String(), "end_us": pl.Int64()})
_MARK = pl.Schema(
    {
        "time_ns": pl.Int64(),
        "line": pl.String(),
        "machine": pl.String(),
        "signal": pl.String(),
        "start": UTC_US,
        "end": UTC_US,
    }
)
_REJECTION = pl.Schema(
    {
        "line": pl.String(),
        "machine": pl.String(),
        "address": pl.String(),
        "raw": pl.String(),
        "source_us": REJECTIONS["time"],
        "received_us": REJECTIONS["received"],
        "reason": pl.String(),
    }
)
_TIME = pl.Schema({"time_ns": pl.Int64()})
_Order = Literal["ASC", "DESC"]


class InfluxStore:
    """A `store.protocol.TelemetryStore` in a bucket: its name, or `database/retention-policy`.

    Raises StorageError when the server cannot be reached or refuses the token or bucket.
    """

    def __init__(
        self, url: str, org: str, bucket: str, token: str, *, timeout_s: float = 60.0
    ) -> None:
        self._connection = InfluxConnection(url, org, bucket, token, timeout_s)
        self._ledger = InfluxLedger(self._connection)
        self._facts = InfluxFacts(self._connection)
        self._writer_lock = threading.Lock()
        self.check()
        self._last_mark = max(self._newest("marks", "machine"), self._newest("cleared", "mark"))

    # batches

    def append(self, batches: Sequence[tuple[BatchRecord, BatchContent]]) -> list[bool]:
        contents = [checked(content) for _, content in batches]
        with self._writer_lock:
            known = self._ledger.known([record for record, _ in batches])
            new: list[tuple[BatchRecord, BatchContent]] = []
            fresh = []
            for (record, _), content in zip(batches, contents, strict=True):
                key = (record.agent, record.number)
                fresh.append(key not in known)
                if key not in known:
                    known.add(key)
                    new.append((record, content))
            if new:
                self._write(new)
        return fresh

    def _write(self, new: Sequence[tuple[BatchRecord, BatchContent]]) -> None:
        for record, content in new:
            self._connection.write(content_lines(record, content))
        samples = pl.concat([content.samples for _, content in new])
        spans = pl.concat([content.spans for _, content in new])
        marks = marks_of(samples, spans).with_columns(
            id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64()) + self._last_mark
        )
        self._connection.write(mark_lines(marks))
        self._last_mark += marks.height
        self._ledger.add([record for record, _ in new])

    def last_batch(self, agent: str) -> BatchRecord | None:
        return self._ledger.last(agent)

    def batches(
        self, *, agent: str | None = None, after: tuple[str, int] | None = None, limit: int = 100
    ) -> list[BatchRecord]:
        return self._ledger.page(agent, after, limit)

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        of_line = "" if line is None else f"WHERE line = {quoted(line)}"
        found = self._rejections(f"{of_line} ORDER BY time DESC LIMIT {limit}")
        return found.sort(
            "received",
            "line",
            "machine",
            "address",
            "time",
            "reason",
            "raw",
            descending=[True, *[False] * 6],
            nulls_last=True,
        )

    def rejection_counts(self) -> pl.DataFrame:
        counts = (
            self._rejections("")
            .group_by("line", "machine", "reason")
            .agg(pl.len().cast(pl.Int64()).alias("count"))
            .sort("line", "machine", "reason")
        )
        return check(counts, REJECTION_COUNTS, "rejection counts")

    def _rejections(self, condition: str) -> pl.DataFrame:
        rows = self._connection.read(
            'SELECT "line", machine, address, raw, source_us, received_us, reason '
            f"FROM rejections {condition}",
            _REJECTION,
        ).rename({"source_us": "time", "received_us": "received"})
        return check(rows, REJECTIONS, "rejections")

    # telemetry

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if known_at is not None:
            # A point is named by its content, so a repeat overwrites when it first came.
            raise StorageError(
                "a store in InfluxDB cannot tell what was known at an earlier time",
                todo="Ask for the present, or keep the telemetry in DuckDB (store.yaml) and run "
                "'lineproof rebuild'.",
            )
        pieces = [
            self._samples(f"WHERE {_of(line)} AND {_between(first, last)}")
            for first, last in self._pages(line, start, end)
        ]
        neighbours = (
            self._nearest(f"{_of(line)} AND time < {_ns(start)}", "DESC"),
            self._nearest(f"{_of(line)} AND time >= {_ns(end)}", "ASC"),
        )
        return line_history(
            line, start, end, pl.concat([*pieces, *neighbours]), self._spans(line, start, end)
        )

    def _pages(
        self, line: str, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """[start, end) as far as the line has samples, cut so that an answer stays small."""
        bounds = self._sample_bounds(line)
        if bounds is None:
            return
        start, end = max(start, bounds[0]), min(end, bounds[1] + _MICROSECOND)
        while start < end:
            yield start, min(start + _PAGE, end)
            start += _PAGE

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        counts = self._connection.read(
            f"SELECT count(quality) FROM samples WHERE {_of(line)} AND {_between(start, end)}",
            pl.Schema({"count": pl.Int64()}),
        )
        return int(counts["count"].sum())

    def latest(self, line: str) -> pl.DataFrame:
        return resolved(self._nearest(_of(line), "DESC"))

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
            first = self._first_or_last(measurement, "end_us", line, "ASC")
            if first is not None:
                starts.append(first)
        ends += self._last_spans(line)["end"].to_list()
        if not starts:
            return None
        return Window(min(starts), max(*ends, min(starts) + _MICROSECOND))

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        series = f"{_of(line)} AND machine = {quoted(machine)} AND signal = {quoted(signal)}"
        before = self._first_or_last_where(
            "samples", "quality", f"{series} AND time < {_ns(start)}", "DESC"
        )
        after = self._first_or_last_where(
            "samples", "quality", f"{series} AND time >= {_ns(end + _MICROSECOND)}", "ASC"
        )
        return before, after

    def _samples(self, condition: str) -> pl.DataFrame:
        """HISTORY rows, not resolved."""
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
        first = self._first_or_last("samples", "quality", line, "ASC")
        last = self._first_or_last("samples", "quality", line, "DESC")
        return None if first is None or last is None else (first, last)

    def _spans(self, line: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Spans that touch [start, end], and possibly more."""
        until = f"time < {_ns(end + _MICROSECOND)}"
        since = f"time >= {_ns(start - DAY)}"
        return pl.concat(
            [
                self._read_spans("spans", f"{_of(line)} AND {since} AND {until}"),
                self._read_spans("long_spans", f"{_of(line)} AND {until}"),
            ]
        )

    def _last_spans(self, line: str) -> pl.DataFrame:
        """Spans among which are those that end last, for each machine."""
        latest = self._read_spans(
            "spans", f"{_of(line)} GROUP BY machine ORDER BY time DESC LIMIT 1"
        )
        long = self._read_spans("long_spans", _of(line))
        if latest.is_empty():
            return long
        # None of `spans` is longer than a day, so what starts earlier than a day before a
        # machine's last one ends before it, too.
        oldest = latest["start"].to_list()
        since = f"time >= {_ns(min(oldest) - DAY)}"
        return pl.concat([long, self._read_spans("spans", f"{_of(line)} AND {since}")])

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
        self, measurement: str, field: str, line: str, order: _Order
    ) -> datetime | None:
        return self._first_or_last_where(measurement, field, _of(line), order)

    def _first_or_last_where(
        self, measurement: str, field: str, condition: str, order: _Order
    ) -> datetime | None:
        rows = self._connection.read(
            f"SELECT {field} FROM {measurement} WHERE {condition} ORDER BY time {order} LIMIT 1",
            _TIME,
        )
        return None if rows.is_empty() else instant(rows["time_ns"][0] // 1000)

    # facts

    def dirty(self, line: str | None = None) -> list[DirtyMark]:
        lines = [line] if line is not None else self._connection.tag_values("marks", "line")
        marks = [
            self._connection.read(
                'SELECT "line", machine, signal, "start", "end" FROM marks '
                f"WHERE {_of(name)} AND time > {self._newest('cleared', 'mark', _of(name))}",
                _MARK,
            )
            for name in lines
        ]
        if not marks:
            return []
        return [DirtyMark(*row) for row in pl.concat(marks).sort("time_ns").iter_rows()]

    def replace_facts(
        self, line: str, spec: str, windows: Sequence[Window], facts: pl.DataFrame, clear: int
    ) -> None:
        facts = checked_facts(facts, line, windows)
        with self._writer_lock:
            self._facts.replace(line, spec, windows, facts)
            cleared = pl.DataFrame({"line": [line], "time_ns": [clear], "mark": [clear]})
            self._connection.write(line_protocol("cleared", cleared, ("line",)))

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        return self._facts.read(line, spec, start, end)

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: Period
    ) -> pl.DataFrame:
        # Line by line: InfluxQL knows no columns that are neither tag nor time to group by.
        parts = [
            sums_of(self.facts(line, spec, start, end), period) for line, spec in specs.items()
        ]
        return pl.concat([FACT_SUMS.to_frame(), *parts]).sort("line", maintain_order=True)

    # the server

    def check(self) -> None:
        with self._writer_lock:
            point = pl.DataFrame({"time_ns": [0], "count": [1]})
            self._connection.write(line_protocol("checks", point, ()))
        self._connection.read("SELECT count FROM checks", _TIME)

    def close(self) -> None:
        self._connection.close()

    def _newest(self, measurement: str, field: str, condition: str = "time >= 0") -> int:
        """The highest number that serves as time in that measurement; 0 without one."""
        rows = self._connection.read(
            f"SELECT {field} FROM {measurement} WHERE {condition} ORDER BY time DESC LIMIT 1",
            _TIME,
        )
        return 0 if rows.is_empty() else int(rows["time_ns"][0])


def _of(line: str) -> str:
    return f"line = {quoted(line)}"


def _ns(at: datetime) -> int:
    return micros(at) * 1000


def _between(start: datetime, end: datetime) -> str:
    return f"time >= {_ns(start)} AND time < {_ns(end)}"


def _time() -> pl.Expr:
    """The points' time as UTC microseconds, without the digits that only name them."""
    return (pl.col("time_ns") // 1000).cast(HISTORY["time"]).alias("time")
