"""Samples of the DuckDB file by series: one for each machine and signal of a line.

A sample names its series by a number, so what is read again and again are integers and not
texts. How far each series reaches is kept in memory, because the file has one owner: so what
is new costs the same whether the line has a history of a day or of ten years. Rules: an extent
grows only after what it tells of is committed, and reading takes the extents before its snapshot;
a number is known before it is committed, and reading takes the numbers once its snapshot stands.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice, pairwise

import duckdb
import numpy as np
import polars as pl

from domain.frames import HISTORY
from domain.time import MICROSECOND, micros
from store.telemetry.duckdb.file import DuckDBFile, insert, query_frame
from store.telemetry.duckdb.schema import NEIGHBOUR_BOUNDS
from store.telemetry.frames import around, distinct_of_series

NO_SIGNAL = ""  # the signal under which a machine's confirmed time goes
NO_SERIES = 0  # its number: it has no samples

# Around a window this much is read at once: mostly it holds the neighbours, too.
_MARGIN = timedelta(minutes=5)
# Where a series begins and ends that has no samples.
_NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
# So few series of so long a time are read with a query each, which spares telling them apart.
_ONE_BY_ONE_MAX, _LONG = 4, timedelta(days=2)
_COLUMNS = "time, value, text, quality"
_SAMPLE = pl.Schema({name: HISTORY[name] for name in ("time", "value", "text", "quality")})
_EMPTY = _SAMPLE.to_frame()
_EXTENTS = """
SELECT line, machine, signal, coalesce(any_value(series.id), 0), min("start"), max("end")
FROM marks LEFT JOIN series USING (line, machine, signal) GROUP BY line, machine, signal
"""

Range = tuple[int, datetime, datetime]  # series, first and last time


@dataclass(frozen=True, slots=True)
class SeriesExtent:
    """A series, and the times of its first and last sample (or span border)."""

    machine: str
    signal: str
    id: int
    first: datetime
    last: datetime


class SeriesIndex:
    """Every series of the file with its extent. Thread-safe."""

    def __init__(self, file: DuckDBFile) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, dict[tuple[str, str], SeriesExtent]] = {}
        self._numbers: dict[str, dict[tuple[str, str], int]] = {}
        for line, *extent in file.rows(_EXTENTS):
            self._lines.setdefault(line, {})[extent[0], extent[1]] = SeriesExtent(*extent)
            if extent[2] != NO_SERIES:
                self._numbers.setdefault(line, {})[extent[0], extent[1]] = extent[2]
        ((self._last_id,),) = file.rows("SELECT coalesce(max(id), 0) FROM series")

    def of_line(self, line: str) -> list[SeriesExtent]:
        """All of the line, by machine and signal; confirmed time among them as NO_SIGNAL."""
        with self._lock:
            return [extent for _, extent in sorted(self._lines.get(line, {}).items())]

    def of(self, line: str, machine: str, signal: str) -> SeriesExtent | None:
        with self._lock:
            return self._lines.get(line, {}).get((machine, signal))

    def present(self, line: str, extents: Iterable[SeriesExtent]) -> list[SeriesExtent]:
        """Every series that a snapshot taken by now can have samples of, by machine and signal;
        those that the extents do not have as if they had none."""
        known = {(it.machine, it.signal): it for it in extents}
        with self._lock:
            numbers = sorted(self._numbers.get(line, {}).items())
        return [
            known.get(names) or SeriesExtent(*names, number, *_NEVER) for names, number in numbers
        ]

    def enter(self, cursor: duckdb.DuckDBPyConnection, marks: pl.DataFrame) -> pl.DataFrame:
        """`marks` with the series' numbers, new ones stored. How far they reach is known only
        when it has `grown`, after the commit. A number is never given twice."""
        new: list[tuple[int, str, str, str]] = []
        numbers = []
        for line, machine, signal in marks.select("line", "machine", "signal").rows():
            known = self.of(line, machine, signal)
            if signal == NO_SIGNAL:
                numbers.append(NO_SERIES)
            elif known is not None:
                numbers.append(known.id)
            else:
                self._last_id += 1
                new.append((self._last_id, line, machine, signal))
                numbers.append(self._last_id)
        if new:
            with self._lock:
                for number, line, machine, signal in new:
                    self._numbers.setdefault(line, {})[machine, signal] = number
            columns = {"id": pl.Int32, "line": pl.String, "machine": pl.String, "signal": pl.String}
            insert(cursor, "series", pl.DataFrame(new, schema=columns, orient="row"))
        return marks.with_columns(series=pl.Series(numbers, dtype=pl.Int32))

    def grown(self, entered: pl.DataFrame) -> None:
        """What `enter` gave is committed."""
        columns = ("line", "machine", "signal", "series", "start", "end")
        with self._lock:
            for line, machine, signal, number, start, end in entered.select(columns).rows():
                extents = self._lines.setdefault(line, {})
                old = extents.get((machine, signal))
                extent = SeriesExtent(machine, signal, number, start, end)
                if old is not None:
                    first, last = min(old.first, start), max(old.last, end)
                    extent = replace(extent, first=first, last=last)
                extents[machine, signal] = extent


def history_samples(
    cursor: duckdb.DuckDBPyConnection,
    lines: Mapping[str, Sequence[SeriesExtent]],
    start: datetime,
    end: datetime,
) -> list[pl.DataFrame]:
    """HISTORY rows of each line in [start, end) with their neighbours, sorted, each once.
    The series may reach a little less far than in the snapshot: that serves the neighbours
    alone."""
    numbers = [it.id for series in lines.values() for it in series]
    found = _within(cursor, numbers, start - _MARGIN, end + _MARGIN)
    return [_line_samples(cursor, line, lines[line], found, start, end) for line in lines]


def samples_within(
    cursor: duckdb.DuckDBPyConnection,
    lines: Mapping[str, Sequence[SeriesExtent]],
    start: datetime,
    end: datetime,
) -> list[pl.DataFrame]:
    """The same without neighbours."""
    every = [it for series in lines.values() for it in series]
    found = _within(cursor, [it.id for it in every], start, end)
    # Of many lines there are few samples each: named together, and only then told apart.
    parts = [distinct_of_series(found.get(it.id, _EMPTY)) for it in every]
    named = _named(parts, every)
    heights = iter(part.height for part in parts)
    ends = accumulate((sum(islice(heights, len(of))) for of in lines.values()), initial=0)
    return [named[first:end] for first, end in pairwise(ends)]


def _line_samples(
    cursor: duckdb.DuckDBPyConnection,
    line: str,
    series: Sequence[SeriesExtent],
    found: Mapping[int, pl.DataFrame],
    start: datetime,
    end: datetime,
) -> pl.DataFrame:
    """HISTORY rows of the line from what was `found` around [start, end), and beyond it."""
    parts: dict[int, pl.DataFrame] = {}
    beyond: list[SeriesExtent] = []
    for it in series:
        part = distinct_of_series(found.get(it.id, _EMPTY))
        times = part["time"].cast(pl.Int64).to_numpy()
        first, last = times.searchsorted([micros(start), micros(end)]).tolist()
        parts[it.id] = part[around(times, start, end)]
        if (first == 0 and it.first < start) or (last == len(times) and it.last >= end):
            beyond.append(it)
    for number, side in _neighbours(cursor, line, beyond, start, end).items():
        own = parts[number]
        times = side["time"].cast(pl.Int64).to_numpy()
        near = around(times, start, end)
        first, last = times.searchsorted([micros(start), micros(end)]).tolist()
        if own.is_empty() or own["time"][0] >= start:
            own = pl.concat([side[near.start : first], own])
        if own.is_empty() or own["time"][-1] < end:
            own = pl.concat([own, side[last : near.stop]])
        parts[number] = own
    return _named([parts[it.id] for it in series], series)


def _named(parts: Sequence[pl.DataFrame], series: Sequence[SeriesExtent]) -> pl.DataFrame:
    """The samples of each series as HISTORY rows, one behind the other."""
    samples = pl.concat([_EMPTY, *(part for part in parts if part.height)], rechunk=True)
    of = np.repeat(np.arange(len(parts)), [part.height for part in parts])
    names = {"machine": [it.machine for it in series], "signal": [it.signal for it in series]}
    columns = [pl.Series(key, name, dtype=pl.String).gather(of) for key, name in names.items()]
    return pl.DataFrame([*columns, *samples.get_columns()])


def neighbour_times(
    cursor: duckdb.DuckDBPyConnection,
    line: str,
    extent: SeriesExtent,
    start: datetime,
    end: datetime,
) -> tuple[datetime | None, datetime | None]:
    """Time of the series' last sample before `start` and of its first one after `end`."""
    after_end = end + MICROSECOND
    times = pl.Series(dtype=_SAMPLE["time"])
    near: list[Range] = []
    if extent.first < start <= extent.last:
        near.append((extent.id, start - _MARGIN, start - MICROSECOND))
    if extent.first < after_end <= extent.last:
        near.append((extent.id, after_end, after_end + _MARGIN))
    if near:
        times = samples_at(cursor, near)["time"]
    before, after = times.filter(times < start).max(), times.filter(times > end).min()
    if (before is None and extent.first < start) or (after is None and extent.last > end):
        sides = _neighbours(cursor, line, [extent], start, after_end)
        further = sides.get(extent.id, _EMPTY)["time"]
        before = further.filter(further < start).max() if before is None else before
        after = further.filter(further > end).min() if after is None else after
    return before, after  # type: ignore[return-value]  # of times, times


def samples_at(cursor: duckdb.DuckDBPyConnection, ranges: Sequence[Range]) -> pl.DataFrame:
    """`series` and its samples in those ranges, as they lie. One branch a range, because only so
    does DuckDB skip the row groups that a range does not touch."""
    branch = f"SELECT series, {_COLUMNS} FROM readings WHERE series = ? AND time >= ? AND time <= ?"
    return query_frame(
        cursor,
        " UNION ALL ".join([branch] * len(ranges)),
        [value for item in ranges for value in item],
    )


def series_samples(
    cursor: duckdb.DuckDBPyConnection, extent: SeriesExtent, start: datetime, end: datetime
) -> pl.DataFrame:
    """HISTORY rows of the series in [start, end), sorted, each once."""
    found = _within(cursor, [extent.id], start, end)
    return _named([distinct_of_series(found.get(extent.id, _EMPTY))], [extent])


def _within(
    cursor: duckdb.DuckDBPyConnection, numbers: Sequence[int], low: datetime, high: datetime
) -> dict[int, pl.DataFrame]:
    """The samples of each series in [low, high), as they lie."""
    if not numbers:
        return {}
    if len(numbers) <= _ONE_BY_ONE_MAX and high - low > _LONG:
        query = f"SELECT {_COLUMNS} FROM readings WHERE series = ? AND time >= ? AND time < ?"
        return {number: query_frame(cursor, query, [number, low, high]) for number in numbers}
    frame = query_frame(
        cursor,
        f"SELECT series, {_COLUMNS} FROM readings WHERE series IN ({', '.join(map(str, numbers))})"
        " AND time >= ? AND time < ?",
        [low, high],
    )
    return _by_series(frame)


def _by_series(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The samples of each series, without its number, in the order in which they lie."""
    numbers = frame.drop_in_place("series").to_numpy()
    if len(numbers) and numbers.max() <= np.iinfo(np.uint16).max:
        numbers = numbers.astype(np.uint16)  # numpy sorts these without comparing them
    order = np.argsort(numbers, kind="stable")
    present, begins, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    ordered = frame.rechunk()[order]  # from one piece, or each row's is looked for
    return {
        number: ordered.slice(begin, count)
        for number, begin, count in zip(
            present.tolist(), begins.tolist(), counts.tolist(), strict=True
        )
    }


def _neighbours(
    cursor: duckdb.DuckDBPyConnection,
    line: str,
    extents: Sequence[SeriesExtent],
    start: datetime,
    end: datetime,
) -> dict[int, pl.DataFrame]:
    """Samples, each once, among which are those of the last instant before `start` and of the first
    at or after `end` of each series. A series wholly on one side needs no looking for."""
    exact: dict[int, list[Range]] = {it.id: _ends(it, start, end) for it in extents}
    straddling = {it.id for it in extents if it.first < end and it.last >= start}
    if straddling:
        for number, *bounds in cursor.execute(NEIGHBOUR_BOUNDS, [line, start, end]).fetchall():
            if number in straddling:
                exact[number] = list(_bounded(number, *bounds))
    ranges = [item for items in exact.values() for item in items]
    found = _by_series(samples_at(cursor, ranges)) if ranges else {}
    return {number: distinct_of_series(samples) for number, samples in found.items()}


def _ends(extent: SeriesExtent, start: datetime, end: datetime) -> list[Range]:
    """The neighbours of a window that the series lies wholly before or behind."""
    if extent.last < start:
        return [(extent.id, extent.last, extent.last)]
    return [(extent.id, extent.first, extent.first)] if extent.first >= end else []


def _bounded(
    number: int,
    before_low: datetime | None,
    before_high: datetime,
    after_high: datetime | None,
    after_low: datetime,
) -> Iterable[Range]:
    """Where the neighbours of a series can be, by NEIGHBOUR_BOUNDS."""
    if before_low is not None:
        yield number, before_low, before_high
    if after_high is not None:
        yield number, after_low, after_high
