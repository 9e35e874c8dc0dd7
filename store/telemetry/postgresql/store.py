"""Telemetry, receipts and facts in PostgreSQL: for any number of collectors and keepers.

Rules: a batch is known by its row in `batches`, written in the same transaction as its samples, so
a repeat is harmless and half a batch never lasts, whichever of the collectors it reaches; of two
that store the same batch at once one waits for the other and then says that it was known. Nothing
is kept in memory that another process may change. Knows nothing of sealed bytes, plants or KPIs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from domain.frames import REJECTIONS, LineHistory, check
from domain.time import Window
from store.telemetry.frames import (
    REJECTED,
    REJECTION_COUNTS,
    SERIES,
    checked,
    checked_facts,
    distinguishing,
    marks_of,
)
from store.telemetry.postgresql.contents import PostgresContents
from store.telemetry.postgresql.database import Frames, PostgresDatabase, database_url
from store.telemetry.postgresql.facts import PostgresFacts
from store.telemetry.postgresql.schema import SCHEMA, TABLES_VERSION
from store.telemetry.postgresql.series import PostgresSeries, histories_of
from store.telemetry.postgresql.shares import KeeperShares
from store.telemetry.protocol import (
    REJECTED_MAX,
    SPAN,
    BatchContent,
    BatchRecord,
    CalendarPeriod,
    DirtyMark,
    LineChanges,
    LineFacts,
    LineReach,
)

_LEDGER = "agent, number, digest, samples, rejections, first_time, last_time, received"
_TYPES = "text, bigint, text, bigint, bigint, timestamptz, timestamptz, timestamptz"
_OF_LINE = "({line}::text IS NULL OR line = {line})"
_MARK = 'marks.id, marks.line, marks.machine, marks.signal, marks."start", marks."end"'


class PostgresStore:
    """A `store.telemetry.protocol.TelemetryStore` in the database at `url`, in a schema of its own,
    which is made when it is not there.

    Raises InputError where the URL or the database cannot serve, StorageError when the database
    cannot be used.
    """

    def __init__(self, url: str, *, schema: str = SCHEMA, is_anew: bool = False) -> None:
        self._database = PostgresDatabase(database_url(url), schema, is_anew=is_anew)
        self._series = PostgresSeries(self._database)
        self._shares = KeeperShares(self._database)
        self._facts = PostgresFacts(self._database, self._shares)
        self.contents = PostgresContents(self._database)

    # batches

    def append(self, batches: Sequence[tuple[BatchRecord, BatchContent]]) -> list[bool]:
        contents = [checked(content) for _, content in batches]
        if not batches:
            return []
        with self._database.transaction() as frames:
            ids = _entered(frames, [record for record, _ in batches])
            fresh = [ids.pop((it.agent, it.number), None) for it, _ in batches]
            new = [(number, it) for number, it in zip(fresh, contents, strict=True) if number]
            if new:
                _insert_contents(frames, new)
        return [number is not None for number in fresh]

    def last_batch(self, agent: str) -> BatchRecord | None:
        found = self._batches("WHERE agent = {agent} ORDER BY number DESC LIMIT 1", agent=agent)
        return found[0] if found else None

    def batches(
        self, *, agent: str | None = None, after: tuple[str, int] | None = None, limit: int = 100
    ) -> list[BatchRecord]:
        conditions = ["true"]
        if agent is not None:
            conditions.append("agent = {agent}")
        if after is not None:
            conditions.append("(agent, number) > ({after_agent}, {after_number})")
        after_agent, after_number = after or (None, None)
        return self._batches(
            f"WHERE {' AND '.join(conditions)} ORDER BY agent, number LIMIT {{limit}}",
            agent=agent, after_agent=after_agent, after_number=after_number, limit=limit,
        )  # fmt: skip

    def late_batches(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        return self._batches(
            "WHERE agent = {agent} AND last_time >= {start} AND first_time < {end} "
            "AND received - first_time > {late_us} * INTERVAL '1 microsecond' "
            "ORDER BY number LIMIT {limit}",
            agent=agent, start=start, end=end, late_us=late // timedelta(microseconds=1),
            limit=limit,
        )  # fmt: skip

    def _batches(self, which: str, **values: object) -> list[BatchRecord]:
        rows = self._database.rows(f"SELECT {_LEDGER} FROM batches {which}", **values)
        return [BatchRecord(*row) for row in rows]

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        frame = self._database.frame(
            f"SELECT {', '.join(REJECTIONS.names())} FROM rejections "
            f"WHERE {_OF_LINE} ORDER BY received DESC, line, machine, address, time, reason, raw "
            "LIMIT {limit}",
            line=line, limit=limit,
        )  # fmt: skip
        return check(frame, REJECTIONS, "rejections")

    def rejection_counts(self) -> pl.DataFrame:
        frame = self._database.frame(
            "SELECT line, machine, reason, count(*) AS count FROM rejections "
            "GROUP BY line, machine, reason ORDER BY line, machine, reason"
        )
        return check(frame, REJECTION_COUNTS, "rejection counts")

    def rejected(self, start: datetime, end: datetime, *, line: str | None = None) -> pl.DataFrame:
        frame = self._database.frame(
            "SELECT line, machine, address, reason, count(*) AS count, max(received) AS last, "
            "(array_agg(raw ORDER BY received DESC, raw DESC NULLS LAST))[1] AS raw "
            f"FROM rejections WHERE received >= {{start}} AND received < {{end}} AND {_OF_LINE} "
            "GROUP BY line, machine, address, reason "
            f"ORDER BY count DESC, line, machine, address, reason LIMIT {REJECTED_MAX}",
            start=start, end=end, line=line,
        )  # fmt: skip
        return check(frame, REJECTED, "what was rejected")

    # telemetry

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        (history,) = self._histories([line], start, end, neighbours=True, known_at=known_at)
        return history

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        if not lines:
            return []
        return self._histories(lines, start, end, neighbours=neighbours)

    def _histories(
        self,
        lines: Sequence[str],
        start: datetime,
        end: datetime,
        *,
        neighbours: bool,
        known_at: datetime | None = None,
    ) -> list[LineHistory]:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        with self._database.snapshot() as frames:
            return histories_of(frames, lines, start, end, neighbours=neighbours, known_at=known_at)

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        return self._series.said(line, machine, signal, start, end)

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
        rows = self._database.rows(
            "SELECT line, samples, spans, facts FROM lines WHERE samples > 0 OR spans > 0"
        )
        return {line: LineChanges(*numbers) for line, *numbers in rows}

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        rows = self._database.rows(
            f"SELECT {_MARK} FROM marks WHERE line = {{line}} AND id > {{mark}} ORDER BY id",
            line=line, mark=mark,
        )  # fmt: skip
        return [DirtyMark(*row) for row in rows]

    # facts

    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        return self._facts.replaced_since(line, number)

    def dirty(self, *lines: str) -> list[DirtyMark]:
        of_lines = "AND lines.line = ANY({lines}::text[])" if lines else ""
        rows = self._database.rows(
            f"SELECT {_MARK} FROM lines JOIN marks ON marks.line = lines.line AND id > cleared "
            f"WHERE greatest(lines.samples, lines.spans) > cleared {of_lines} ORDER BY id",
            lines=lines,
        )
        return [DirtyMark(*row) for row in rows]

    def reaches(self, lines: Sequence[str]) -> dict[str, LineReach]:
        return self._series.reaches(lines)

    def lines_to_keep(self, lines: Sequence[str]) -> dict[str, int]:
        return self._shares.taken(lines)

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

    # the server

    def check(self) -> None:
        with self._database.transaction() as frames:
            frames.do("UPDATE version SET number = {version}", version=TABLES_VERSION)
        self._database.rows("SELECT count(*) AS count FROM counters")

    def close(self) -> None:
        self._shares.close()
        self._database.close()


def _entered(frames: Frames, records: Sequence[BatchRecord]) -> dict[tuple[str, int], int]:
    """The numbers of the batches' new ledger rows; none where a batch is known. In one order for
    all collectors, so no two of them wait for each other."""
    ordered = sorted(records, key=lambda it: (it.agent, it.number))
    columns = {name: [getattr(it, name) for it in ordered] for name in _LEDGER.split(", ")}
    kinds = zip(columns, _TYPES.split(", "), strict=True)
    rows = frames.read(
        f"INSERT INTO batches ({_LEDGER}) SELECT * FROM unnest("
        f"{', '.join(f'{{{name}}}::{kind}[]' for name, kind in kinds)}) "
        "ON CONFLICT DO NOTHING RETURNING agent, number, id",
        **columns,
    ).rows()
    return {(agent, number): identity for agent, number, identity in rows}


def _insert_contents(frames: Frames, new: Sequence[tuple[int, BatchContent]]) -> None:
    samples, spans, rejections = (_joined(new, part) for part in ("samples", "spans", "rejections"))
    marks = marks_of(samples, spans)
    numbers = _series_numbers(frames, marks.filter(pl.col("signal") != SPAN))
    keys = distinguishing(samples)
    readings = samples.join(numbers.select(*keys, "series"), on=keys, how="left").select(
        "series", "time", "value", "text", pl.col("quality").cast(pl.Int16), "batch"
    )
    frames.insert("readings", readings)
    frames.insert("spans", spans)
    frames.insert("rejections", rejections)
    _mark(frames, marks)


def _joined(new: Sequence[tuple[int, BatchContent]], part: str) -> pl.DataFrame:
    """That part of all contents, with the number of each row's batch."""
    frames: list[pl.DataFrame] = [getattr(content, part) for _, content in new]
    return pl.concat(
        frame.with_columns(batch=pl.lit(number, dtype=pl.Int64))
        for frame, (number, _) in zip(frames, new, strict=True)
    )


def _series_numbers(frames: Frames, marks: pl.DataFrame) -> pl.DataFrame:
    """SERIES and `series`, the number of each; new ones are stored, in one order for all."""
    names = marks.select(SERIES).unique().sort(SERIES)
    values = {name: names[name].to_list() for name in SERIES}
    asked = "unnest({line}::text[], {machine}::text[], {signal}::text[])"
    found = (
        f"SELECT series.* FROM series JOIN {asked} AS asked(its_line, its_machine, its_signal) "
        "ON line = its_line AND machine = its_machine AND signal = its_signal"
    )
    known = frames.read(found, **values)
    if known.height < names.height:
        frames.do(
            f"INSERT INTO series (line, machine, signal) SELECT * FROM {asked} "
            "ON CONFLICT DO NOTHING",
            **values,
        )
        known = frames.read(found, **values)
    return known.rename({"id": "series"})


def _mark(frames: Frames, marks: pl.DataFrame) -> None:
    """Last in the transaction: it holds the counter, for which others wait, until it ends."""
    if marks.is_empty():
        return
    (last,) = frames.read(
        "UPDATE counters SET mark = mark + {count} RETURNING mark", count=marks.height
    )["mark"]
    marks = marks.with_row_index("id", offset=last - marks.height + 1).cast({"id": pl.Int64})
    frames.insert("marks", marks)
    is_span = pl.col("signal") == SPAN
    newest = marks.group_by("line").agg(
        samples=pl.col("id").filter(~is_span).max().fill_null(0),
        spans=pl.col("id").filter(is_span).max().fill_null(0),
        first=pl.col("start").min(),
        last=pl.col("end").max(),
    )
    frames.do(
        "INSERT INTO lines (line, samples, spans, first, last) SELECT * FROM "
        "unnest({line}::text[], {samples}::bigint[], {spans}::bigint[], {first}::timestamptz[], "
        "{last}::timestamptz[]) "
        "ON CONFLICT (line) DO UPDATE SET samples = greatest(lines.samples, excluded.samples), "
        "spans = greatest(lines.spans, excluded.spans), "
        "first = least(lines.first, excluded.first), last = greatest(lines.last, excluded.last)",
        **newest.sort("line").to_dict(as_series=False),
    )
    alive = marks.filter(is_span).select("line", "machine", "end")
    frames.do(
        "INSERT INTO machines SELECT * FROM unnest({line}::text[], {machine}::text[], "
        "{end}::timestamptz[]) ON CONFLICT (line, machine) DO UPDATE SET "
        "heard = greatest(machines.heard, excluded.heard)",
        **alive.to_dict(as_series=False),
    )
