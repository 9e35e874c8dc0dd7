"""Samples and confirmed time in PostgreSQL, as stores give them.

The index by series and time finds the neighbours of a window at once, however far away they lie.
Nothing is kept in memory: other processes write, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from domain.frames import HISTORY, LineHistory
from domain.time import MICROSECOND, Window
from store.telemetry.frames import MACHINE_SPANS, distinct, merged_spans
from store.telemetry.postgresql.database import Frames, PostgresDatabase
from store.telemetry.protocol import LineReach

_NO_SAMPLES = pl.Schema({"line": pl.String(), **HISTORY})
_KNOWN = " AND EXISTS (SELECT 1 FROM batches WHERE id = batch AND received <= {known_at})"
# Each series is looked up in the index by itself: "OFFSET 0" keeps PostgreSQL from making one join
# of it, for which it read all there is and looked for the neighbours at every sample.
# The last instant before the window and the first one at or after its end; the window's own
# borders where there is none.
_NEIGHBOURS = """
CROSS JOIN LATERAL (SELECT
    coalesce((SELECT time FROM readings WHERE series = series.id AND time < {{start}}{known}
        ORDER BY time DESC LIMIT 1), {{start}}) AS low,
    coalesce((SELECT time FROM readings WHERE series = series.id AND time >= {{end}}{known}
        ORDER BY time LIMIT 1), {{last}}) AS high OFFSET 0) AS reach
"""
_SAMPLES = """
SELECT line, machine, signal, time, value, text, quality
FROM series {reach} CROSS JOIN LATERAL (
    SELECT time, value, text, quality FROM readings
    WHERE series = series.id AND time >= {low} AND time <= {high}{known} OFFSET 0) AS samples
WHERE line = ANY({{lines}}::text[])
"""
_SPANS = """
SELECT line, machine, "start", "end" FROM spans
WHERE line = ANY({{lines}}::text[]) AND "end" >= {{start}} AND "start" <= {{end}}{known}
"""


def histories_of(
    frames: Frames,
    lines: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    neighbours: bool,
    known_at: datetime | None = None,
) -> list[LineHistory]:
    """See the protocol."""
    known = "" if known_at is None else _KNOWN
    asked = {"lines": lines, "start": start, "end": end, "last": end - MICROSECOND}
    reach = _NEIGHBOURS.format(known=known) if neighbours else ""
    borders = ("low", "high") if neighbours else ("{start}", "{last}")
    query = _SAMPLES.format(reach=reach, low=borders[0], high=borders[1], known=known)
    samples = _by_line(frames.read(query, **asked, known_at=known_at), _NO_SAMPLES)
    spans = _by_line(
        frames.read(_SPANS.format(known=known), **asked, known_at=known_at),
        pl.Schema({"line": pl.String(), **MACHINE_SPANS}),
    )
    return [
        LineHistory(
            line,
            start,
            end,
            distinct(samples.get(line, HISTORY.to_frame())),
            merged_spans(spans.get(line, MACHINE_SPANS.to_frame())),
        )
        for line in lines
    ]


def _by_line(frame: pl.DataFrame, schema: pl.Schema) -> dict[str, pl.DataFrame]:
    """The rows of each line, without its name."""
    parts = frame.cast(schema).partition_by("line", as_dict=True, include_key=False)
    return {str(line): part for (line,), part in parts.items()}


class PostgresSeries:
    """Questions to one line's samples. Thread-safe."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See the protocol."""
        found = self._database.frame(
            "SELECT machine, signal, time, value, text, quality "
            "FROM series JOIN readings ON series = series.id WHERE line = {line} "
            "AND machine = {machine} AND signal = {signal} AND time >= {start} AND time < {end}",
            line=line, machine=machine, signal=signal, start=start, end=end,
        )  # fmt: skip
        return distinct(found.cast(HISTORY))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        """See the protocol."""
        ((count,),) = self._database.rows(
            "SELECT count(*) AS count FROM series JOIN readings ON series = series.id "
            "WHERE line = {line} AND time >= {start} AND time < {end}",
            line=line, start=start, end=end,
        )  # fmt: skip
        return int(count)

    def latest(self, line: str) -> pl.DataFrame:
        """See the protocol."""
        found = self._database.frame(
            "SELECT machine, signal, time, value, text, quality FROM series CROSS JOIN LATERAL "
            "(SELECT max(time) AS last FROM readings WHERE series = series.id) AS newest "
            "JOIN readings ON series = series.id AND time = last WHERE line = {line}",
            line=line,
        )
        return distinct(found.cast(HISTORY))

    def last_span_end(self, line: str) -> dict[str, datetime]:
        """See the protocol."""
        rows = self._database.rows(
            "SELECT machine, heard FROM machines WHERE line = {line}", line=line
        )
        return dict(rows)

    def extent(self, line: str) -> Window | None:
        """See the protocol."""
        reach = self.reaches([line]).get(line)
        return None if reach is None else reach.extent

    def reaches(self, lines: Sequence[str]) -> dict[str, LineReach]:
        """See the protocol."""
        rows = self._database.rows(
            "SELECT line, first, last, machine, heard FROM lines LEFT JOIN machines USING (line) "
            "WHERE line = ANY({lines}::text[]) AND first IS NOT NULL",
            lines=lines,
        )
        heard: dict[str, dict[str, datetime]] = {}
        extents = {}
        for line, first, last, machine, until in rows:
            extents[line] = Window(first, max(last, first + MICROSECOND))
            if machine is not None:
                heard.setdefault(line, {})[machine] = until
        return {line: LineReach(it, heard.get(line, {})) for line, it in extents.items()}

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """See the protocol."""
        rows = self._database.rows(
            "SELECT (SELECT max(time) FROM readings WHERE series = series.id AND time < {start}) "
            "AS before, (SELECT min(time) FROM readings WHERE series = series.id AND time > {end}) "
            "AS after FROM series "
            "WHERE line = {line} AND machine = {machine} AND signal = {signal}",
            line=line, machine=machine, signal=signal, start=start, end=end,
        )  # fmt: skip
        ((before, after),) = rows or [(None, None)]
        return before, after
