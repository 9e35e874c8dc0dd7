"""What a DuckDB store knew of a line at an earlier time: the batches received up to then.

The marks that make reading fast say nothing of when, so neighbours of a window are looked for
step by step, in stretches that grow, until every signal of the line has one or its data end.
For questions about the past, not for every page. Knows nothing of corrections.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import duckdb
import polars as pl

from domain.frames import HISTORY, LineHistory, check
from domain.time import MICROSECOND
from store.telemetry.duckdb.file import DuckDBFile, query_frame
from store.telemetry.frames import MACHINE_SPANS, history_of_samples

_FIRST_STEP = timedelta(hours=1)
_GROWTH = 8
_WITHIN = """
FROM samples WHERE line = ? AND time >= ? AND time < ?
AND batch IN (SELECT id FROM batches WHERE received <= ?)
"""
_COLUMNS = "machine, signal, time, value, text, quality"
# Every sample of a neighbour's microsecond.
_LAST = "QUALIFY time = max(time) OVER (PARTITION BY machine, signal)"
_FIRST = "QUALIFY time = min(time) OVER (PARTITION BY machine, signal)"
_SPANS = """
SELECT machine, "start", "end" FROM spans WHERE line = ? AND "end" >= ? AND "start" <= ?
AND batch IN (SELECT id FROM batches WHERE received <= ?)
"""
_SERIES = ["machine", "signal"]


def known_history(
    file: DuckDBFile, line: str, start: datetime, end: datetime, known_at: datetime
) -> LineHistory:
    """Like the store's history, of the batches received up to `known_at` alone."""
    with file.snapshot() as cursor:
        known = _Known(cursor, line, known_at)
        samples = [
            known.samples(start, end),
            *known.nearest(start, "before"),
            *known.nearest(end, "after"),
        ]
        spans = query_frame(cursor, _SPANS, [line, start, end, known_at])
    return history_of_samples(
        line, start, end, pl.concat(samples), check(spans, MACHINE_SPANS, "spans")
    )


class _Known:
    """The line's samples of the batches received up to `known_at`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, line: str, known_at: datetime) -> None:
        self._cursor = cursor
        self._line = line
        self._known_at = known_at
        rows = cursor.execute(
            'SELECT count(DISTINCT (machine, signal)), min("start"), max("end") FROM marks '
            "WHERE line = ? AND signal <> ''",
            [line],
        ).fetchall()
        ((self._series, self._first, self._last),) = rows

    def samples(self, start: datetime, end: datetime, qualify: str = "") -> pl.DataFrame:
        """HISTORY rows in [start, end), as they lie."""
        frame = query_frame(
            self._cursor,
            f"SELECT {_COLUMNS} {_WITHIN} {qualify}",
            [self._line, start, end, self._known_at],
        )
        return check(frame, HISTORY, "samples")

    def nearest(self, at: datetime, side: Literal["before", "after"]) -> Iterator[pl.DataFrame]:
        """The samples of each signal's last microsecond before `at`, or first one from it on."""
        found = HISTORY.to_frame().select(_SERIES)
        step = _FIRST_STEP
        while found.height < self._series:
            if side == "before":
                begin, finish = max(at - step, self._first), at
                edge = begin
            else:
                begin, finish = at, min(at + step, self._last + MICROSECOND)
                edge = finish
            if begin >= finish:
                return
            near = self.samples(begin, finish, _LAST if side == "before" else _FIRST)
            new = near.join(found, on=_SERIES, how="anti")
            yield new
            found = pl.concat([found, new.select(_SERIES).unique()])
            at, step = edge, step * _GROWTH
