"""Telemetry and facts in one DuckDB file: the default store of one machine.

Rules: a batch is known by its row in `batches`, written in the same transaction as its
samples, so a repeat is harmless and half a batch never lasts; what contradicts itself is kept
in full. Knows nothing of sealed bytes, plants or KPIs.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from domain.frames import HISTORY, REJECTIONS, SPANS, LineHistory, check
from domain.time import MICROSECOND, Window
from store.telemetry.duckdb.as_known import known_history
from store.telemetry.duckdb.contents import DuckDBContents
from store.telemetry.duckdb.dirty_marks import DirtyMarks
from store.telemetry.duckdb.facts import DuckDBFacts
from store.telemetry.duckdb.file import DuckDBFile, insert, query_frame
from store.telemetry.duckdb.schema import SCHEMA_VERSION
from store.telemetry.duckdb.series import (
    NO_SIGNAL,
    SeriesIndex,
    history_samples,
    neighbour_times,
    samples_at,
    samples_within,
    series_samples,
)
from store.telemetry.frames import (
    MACHINE_SPANS,
    REJECTED,
    REJECTION_COUNTS,
    SERIES,
    checked,
    checked_facts,
    distinct,
    distinguishing,
    marks_of,
    merged_spans,
)
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

_LEDGER = "agent, number, digest, samples, rejections, first_time, last_time, received"


class DuckDBStore:
    """A `store.telemetry.protocol.TelemetryStore` in the file at `path`, made when it is not there.

    `memory_limit` bounds DuckDB's cache and working memory. Raises BusyError when another
    process has the file open, StorageError when it cannot be used.
    """

    def __init__(self, path: Path, *, memory_limit: str = "1GB") -> None:
        self._file = DuckDBFile(path, memory_limit)
        self._series = SeriesIndex(self._file)
        self._appending = threading.Lock()  # until what was committed is known to the index
        # The file has one owner, so its highest ids are known here and need no sequence.
        self._last_batch_id = self._highest("batches")
        self._last_mark = self._highest("marks")
        self._marks = DirtyMarks(self._file)
        self._facts = DuckDBFacts(self._file, self._marks)
        self.contents = DuckDBContents(self._file)

    # batches

    def append(self, batches: Sequence[tuple[BatchRecord, BatchContent]]) -> list[bool]:
        contents = [checked(content) for _, content in batches]
        with self._appending:
            with self._file.transaction() as cursor:
                ids = self._enter(cursor, [record for record, _ in batches])
                new = [
                    (identity, content)
                    for identity, content in zip(ids, contents, strict=True)
                    if identity is not None
                ]
                self._last_batch_id += len(batches)
                marks = self._insert_contents(cursor, new) if new else None
            if marks is not None:
                self._series.grown(marks)
                columns = ("id", "line", "machine", "signal", "start", "end")
                self._marks.added(DirtyMark(*row) for row in marks.select(columns).rows())
        return [identity is not None for identity in ids]

    def _enter(
        self, cursor: duckdb.DuckDBPyConnection, records: Sequence[BatchRecord]
    ) -> list[int | None]:
        """The batches' new ledger rows by their ids; None where a batch is known. One statement
        for all: each costs as much as a few thousand samples."""
        if not records:
            return []
        ids = range(self._last_batch_id + 1, self._last_batch_id + 1 + len(records))
        row = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
        fresh = cursor.execute(
            f"INSERT INTO batches (id, {_LEDGER}) VALUES {', '.join([row] * len(records))} "
            "ON CONFLICT DO NOTHING RETURNING id",
            [
                value
                for identity, record in zip(ids, records, strict=True)
                for value in (
                    identity,
                    record.agent,
                    record.number,
                    record.digest,
                    record.samples,
                    record.rejections,
                    record.first_time,
                    record.last_time,
                    record.received,
                )
            ],
        ).fetchall()
        entered = {identity for (identity,) in fresh}
        return [identity if identity in entered else None for identity in ids]

    def _insert_contents(
        self, cursor: duckdb.DuckDBPyConnection, new: Sequence[tuple[int, BatchContent]]
    ) -> pl.DataFrame:
        """Returns the marks of what is new, with the numbers of the series."""
        samples = _joined(new, "samples")
        spans = _joined(new, "spans")
        marks = self._series.enter(cursor, marks_of(samples, spans))
        marks = marks.with_row_index("id", offset=self._last_mark + 1)
        insert(cursor, "readings", _readings(samples, marks))
        insert(cursor, "spans", spans)
        insert(cursor, "rejections", _joined(new, "rejections"))
        insert(cursor, "marks", marks.drop("series"))
        self._last_mark += marks.height
        return marks

    def last_batch(self, agent: str) -> BatchRecord | None:
        rows = self._file.rows(
            f"SELECT {_LEDGER} FROM batches WHERE agent = ? ORDER BY number DESC LIMIT 1", agent
        )
        return BatchRecord(*rows[0]) if rows else None

    def batches(
        self, *, agent: str | None = None, after: tuple[str, int] | None = None, limit: int = 100
    ) -> list[BatchRecord]:
        rows = self._file.rows(
            f"SELECT {_LEDGER} FROM batches WHERE ($1 IS NULL OR agent = $1) "
            "AND ($2 IS NULL OR (agent, number) > ($2, $3)) ORDER BY agent, number LIMIT $4",
            agent,
            *(after or (None, None)),
            limit,
        )
        return [BatchRecord(*row) for row in rows]

    def late_batches(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        rows = self._file.rows(
            f"SELECT {_LEDGER} FROM batches WHERE agent = $1 AND last_time >= $2 "
            "AND first_time < $3 AND received - first_time > $4 ORDER BY number LIMIT $5",
            agent,
            start,
            end,
            late,
            limit,
        )
        return [BatchRecord(*row) for row in rows]

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        frame = self._file.frame(
            f"SELECT {', '.join(REJECTIONS.names())} FROM rejections "
            "WHERE ($1 IS NULL OR line = $1) "
            "ORDER BY received DESC, line, machine, address, time, reason, raw LIMIT $2",
            line,
            limit,
        )
        return check(frame, REJECTIONS, "rejections")

    def rejection_counts(self) -> pl.DataFrame:
        frame = self._file.frame(
            "SELECT line, machine, reason, count(*) AS count FROM rejections "
            "GROUP BY line, machine, reason ORDER BY line, machine, reason"
        )
        return check(frame, REJECTION_COUNTS, "rejection counts")

    def rejected(self, start: datetime, end: datetime, *, line: str | None = None) -> pl.DataFrame:
        frame = self._file.frame(
            "SELECT line, machine, address, reason, count(*) AS count, max(received) AS last, "
            "max_by(raw, (received, raw)) AS raw FROM rejections "
            "WHERE received >= $1 AND received < $2 AND ($3 IS NULL OR line = $3) "
            "GROUP BY line, machine, address, reason "
            f"ORDER BY count DESC, line, machine, address, reason LIMIT {REJECTED_MAX}",
            start.astimezone(UTC),
            end.astimezone(UTC),
            line,
        )
        return check(frame, REJECTED, "what was rejected")

    # telemetry

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        if known_at is not None:
            start, end = start.astimezone(UTC), end.astimezone(UTC)
            return known_history(self._file, line, start, end, known_at)
        (history,) = self.histories([line], start, end)
        return history

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if not lines:
            return []
        extents = {line: self._series.of_line(line) for line in lines}
        with self._file.snapshot() as cursor:
            spans = query_frame(
                cursor,
                'SELECT line, machine, "start", "end" FROM spans '
                f"WHERE line IN ({', '.join('?' * len(lines))}) "
                'AND "end" >= ? AND "start" <= ?',
                [*lines, start, end],
            )  # the snapshot stands from its first statement on
            series = {line: self._series.present(line, of) for line, of in extents.items()}
            read = history_samples if neighbours else samples_within
            samples = read(cursor, series, start, end)
        alive = merged_spans(check(spans, SPANS, "spans"))
        owners, stretches = alive["line"].to_list(), alive[MACHINE_SPANS.names()]
        return [
            LineHistory(line, start, end, part, _of_line(line, owners, stretches))
            for line, part in zip(lines, samples, strict=True)
        ]

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        extent = self._series.of(line, machine, signal)
        if extent is None:
            return HISTORY.to_frame()
        with self._file.snapshot() as cursor:
            return series_samples(cursor, extent, start.astimezone(UTC), end.astimezone(UTC))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        numbers = [str(it.id) for it in self._series.of_line(line) if it.signal != NO_SIGNAL]
        if not numbers:
            return 0
        ((count,),) = self._file.rows(
            f"SELECT count(*) FROM readings WHERE series IN ({', '.join(numbers)}) "
            "AND time >= ? AND time < ?",
            start,
            end,
        )
        return int(count)

    def latest(self, line: str) -> pl.DataFrame:
        series = {it.id: it for it in self._series.of_line(line) if it.signal != NO_SIGNAL}
        if not series:
            return HISTORY.to_frame()
        with self._file.snapshot() as cursor:
            found = samples_at(cursor, [(it.id, it.last, it.last) for it in series.values()])
        names = {
            name: pl.col("series").replace_strict(
                {number: getattr(it, name) for number, it in series.items()}, return_dtype=pl.String
            )
            for name in ("machine", "signal")
        }
        return distinct(found.with_columns(**names).drop("series"))

    def last_span_end(self, line: str) -> dict[str, datetime]:
        return {it.machine: it.last for it in self._series.of_line(line) if it.signal == NO_SIGNAL}

    def extent(self, line: str) -> Window | None:
        extents = self._series.of_line(line)
        if not extents:
            return None
        start = min(it.first for it in extents)
        return Window(start, max(*(it.last for it in extents), start + MICROSECOND))

    def changes(self) -> dict[str, LineChanges]:
        replaced = self._facts.replaced()
        return {
            line: LineChanges(last.samples, last.spans, replaced.get(line, 0))
            for line, last in self._marks.last().items()
        }

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        return self._marks.since(line, mark)

    # facts

    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        return self._facts.replaced_since(line, number)

    def dirty(self, *lines: str) -> list[DirtyMark]:
        return self._marks.of(lines)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        extent = self._series.of(line, machine, signal)
        if extent is None:
            return None, None
        with self._file.snapshot() as cursor:
            return neighbour_times(cursor, line, extent, start, end)

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
        self.replace_facts_of_lines([LineFacts(line, spec, windows, facts, clear)])

    def replace_facts_of_lines(self, made: Sequence[LineFacts]) -> None:
        checked_ones = [
            replace(it, facts=checked_facts(it.facts, it.line, it.windows)) for it in made
        ]
        if made:
            self._facts.replace(checked_ones)

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        return self.facts_of_lines({line: spec}, start, end)[line]

    def facts_of_lines(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        return self._facts.read(specs, start, end)

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        return self._facts.sums(specs, start, end, period)

    # the file

    def check(self) -> None:
        with self._file.transaction() as cursor:
            cursor.execute("UPDATE version SET number = ?", [SCHEMA_VERSION])
        self._file.rows("SELECT count(*) FROM batches")

    def close(self) -> None:
        self._file.close()

    def _highest(self, table: str) -> int:
        ((highest,),) = self._file.rows(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(highest)


def _of_line(line: str, owners: list[str], spans: pl.DataFrame) -> pl.DataFrame:
    """The spans of the line; `owners`, sorted, are the lines that each of them is of."""
    first = bisect_left(owners, line)
    return spans.slice(first, bisect_right(owners, line) - first)


def _joined(new: Sequence[tuple[int, BatchContent]], part: str) -> pl.DataFrame:
    """That part of all contents as it is kept, with the id of each row's batch."""
    return pl.concat(
        [
            _part(content, part).with_columns(batch=pl.lit(identity, dtype=pl.Int64))
            for identity, content in new
        ]
    )


def _part(content: BatchContent, part: str) -> pl.DataFrame:
    frame: pl.DataFrame = getattr(content, part)
    return frame.drop("received", "raw") if part == "samples" else frame


def _readings(samples: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """The samples as they are kept: under the numbers of their series."""
    keys = distinguishing(samples)
    numbers = marks.filter(pl.col("signal") != NO_SIGNAL).select(*keys, "series")
    return samples.join(numbers, on=keys, how="left", maintain_order="left").drop(SERIES)
