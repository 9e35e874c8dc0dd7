"""Telemetry and facts in InfluxDB: written as line protocol, read by InfluxQL.

Rules: points are named by content, so a repeat overwrites itself (store.telemetry.influxdb.points);
the ledger point of a batch is written last, so a batch that a crash cut off is not known and its
repeat mends it. A batch's dirty marks are written after its samples, and cleared after the
facts: at worst a slice is computed twice. One process writes. Works with InfluxDB 1.x behind
a proxy with the v2 write path; made for 2.x and 3.x by their compatibility endpoints. The
bucket must keep data for ever: the ledger's points have batch numbers for times.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from domain.errors import StorageError
from domain.frames import FACT_SUMS, REJECTIONS, UTC_US, LineHistory, check
from domain.time import Window, micros
from store.telemetry.fact_sums import sums_of
from store.telemetry.frames import REJECTED, REJECTION_COUNTS, checked, checked_facts, marks_of
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.facts import InfluxFacts
from store.telemetry.influxdb.ledger import InfluxLedger
from store.telemetry.influxdb.line_protocol import line_protocol, string_literal
from store.telemetry.influxdb.points import (
    LAYOUT,
    TAGS,
    mark_lines,
    rejection_lines,
    telemetry_points,
)
from store.telemetry.influxdb.receipts import InfluxReceipts
from store.telemetry.influxdb.series import InfluxSeries, of
from store.telemetry.protocol import (
    REJECTED_MAX,
    BatchContent,
    BatchRecord,
    CalendarPeriod,
    DirtyMark,
    LineChanges,
    LineFacts,
    LineReach,
)

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


class InfluxStore:
    """A `store.telemetry.protocol.TelemetryStore` in a bucket: its name, or
    `database/retention-policy`.

    Raises StorageError when the server cannot be reached or refuses the token or bucket.
    """

    def __init__(
        self, url: str, org: str, bucket: str, token: str, *, timeout_s: float = 60.0
    ) -> None:
        self._connection = InfluxConnection(url, org, bucket, token, timeout_s)
        self._ledger = InfluxLedger(self._connection)
        self._facts = InfluxFacts(self._connection)
        self._series = InfluxSeries(self._connection)
        self._receipts = InfluxReceipts(self._connection)
        self._writer_lock = threading.Lock()
        self._bucket = bucket
        self.check()
        self._knows_receipts = self._begun()
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
            for measurement, points in telemetry_points(content):
                dated = self._receipts.dated(measurement, points, record.received)
                self._connection.write(line_protocol(measurement, dated, TAGS[measurement]))
            self._connection.write(rejection_lines(record, content.rejections))
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

    def late_batches(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        return self._ledger.late(agent, start, end, late, limit)

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        of_line = "" if line is None else f"WHERE line = {string_literal(line)}"
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

    def rejected(self, start: datetime, end: datetime, *, line: str | None = None) -> pl.DataFrame:
        of_line = "" if line is None else f" AND line = {string_literal(line)}"
        rows = self._rejections(
            f"WHERE received_us >= {micros(start)} AND received_us < {micros(end)}{of_line}"
        )
        found = (
            rows.sort("received", "raw")
            .group_by("line", "machine", "address", "reason")
            .agg(
                pl.len().cast(pl.Int64()).alias("count"),
                pl.col("received").last().alias("last"),
                pl.col("raw").last(),
            )
            .sort("count", "line", "machine", "address", "reason", descending=[True, *[False] * 4])
        )
        return check(found.select(REJECTED.names()).head(REJECTED_MAX), REJECTED, "rejected")

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
        if known_at is not None and not self._knows_receipts:
            raise StorageError(
                "the bucket was begun by a version that did not keep when a sample came, so what "
                "was known at an earlier time cannot be told",
                where=self._bucket,
                todo="Name a new bucket and run 'lineproof rebuild': the archive knows.",
            )
        return self._series.history(line, start.astimezone(UTC), end.astimezone(UTC), known_at)

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        return [self._series.history(it, start, end, None, neighbours=neighbours) for it in lines]

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        return self._series.said(line, machine, signal, start.astimezone(UTC), end.astimezone(UTC))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        return self._series.sample_count(line, start, end)

    def latest(self, line: str) -> pl.DataFrame:
        return self._series.latest(line)

    def last_span_end(self, line: str) -> dict[str, datetime]:
        return self._series.last_span_end(line)

    def extent(self, line: str) -> Window | None:
        return self._series.extent(line)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        return self._series.neighbours(line, machine, signal, start, end)

    def changes(self) -> dict[str, LineChanges]:
        marks = self._connection.newest_of_lines("marks", "machine")
        replaced = self._connection.newest_of_lines("revisions", "spec")
        return {
            line: LineChanges(samples=mark, facts=replaced.get(line, 0))
            for line, mark in marks.items()
        }

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        return [DirtyMark(*row) for row in self._marks(line, str(mark)).iter_rows()]

    # facts

    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        return [] if self._newest("revisions", "spec", of(line)) == number else None

    def dirty(self, *lines: str) -> list[DirtyMark]:
        marks = [
            self._marks(name, self._newest("cleared", "mark", of(name)))
            for name in lines or self._connection.tag_values("marks", "line")
        ]
        if not marks:
            return []
        return [DirtyMark(*row) for row in pl.concat(marks).sort("time_ns").iter_rows()]

    def _marks(self, line: str, after: object) -> pl.DataFrame:
        """The line's marks with a greater id, in any order."""
        return self._connection.read(
            'SELECT "line", machine, signal, "start", "end" FROM marks '
            f"WHERE {of(line)} AND time > {after}",
            _MARK,
        )

    def reaches(self, lines: Sequence[str]) -> dict[str, LineReach]:
        extents = {line: self.extent(line) for line in lines}
        return {
            line: LineReach(extent, self.last_span_end(line))
            for line, extent in extents.items()
            if extent is not None
        }

    def lines_to_keep(self, lines: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(lines, 0)

    def replace_facts(
        self, line: str, spec: str, windows: Sequence[Window], facts: pl.DataFrame, clear: int
    ) -> None:
        facts = checked_facts(facts, line, windows)
        with self._writer_lock:
            self._facts.replace(line, spec, windows, facts)
            cleared = pl.DataFrame({"line": [line], "time_ns": [clear], "mark": [clear]})
            self._connection.write(line_protocol("cleared", cleared, ("line",)))

    def replace_facts_of_lines(self, made: Sequence[LineFacts]) -> None:
        for it in made:
            self.replace_facts(it.line, it.spec, it.windows, it.facts, it.clear)

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        return self._facts.read(line, spec, start, end)

    def facts_of_lines(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        return {line: self.facts(line, spec, start, end) for line, spec in specs.items()}

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
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

    def _begun(self) -> bool:
        """Whether the bucket has this layout, which an empty one gets by this."""
        if self._ledger.is_empty():
            mark = pl.DataFrame({"time_ns": [0], "number": [LAYOUT]})
            self._connection.write(line_protocol("layout", mark, ()))
        layout = pl.Schema({"number": pl.Int64()})
        return self._connection.read("SELECT number FROM layout", layout).rows() == [(LAYOUT,)]

    def _newest(self, measurement: str, field: str, condition: str = "time >= 0") -> int:
        """The highest number that serves as time in that measurement; 0 without one."""
        rows = self._connection.read(
            f"SELECT {field} FROM {measurement} WHERE {condition} ORDER BY time DESC LIMIT 1",
            _TIME,
        )
        return 0 if rows.is_empty() else int(rows["time_ns"][0])
