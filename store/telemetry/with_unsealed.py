"""A telemetry store and, over it, what agents told and have not sealed yet: for the live board.

Reads as a store does into which the unsealed had come as a batch. What is in both counts once, so a
batch that takes the place of its frames changes nothing; so what is held is always asked for
before the store. Facts, batches and rejections are the
store's alone. Numbers of changes and ids of marks are counted here anew: they grow by what the
store took in, and by what was told and let go.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from domain.frames import HISTORY, LineHistory
from domain.time import MICROSECOND, Window
from store.telemetry.batches_of_store import BatchesOfStore
from store.telemetry.frames import distinct, history_of_samples, marks_of, with_neighbours
from store.telemetry.protocol import (
    SPAN,
    CalendarPeriod,
    DirtyMark,
    LineChanges,
    TelemetryReader,
)
from store.telemetry.unsealed import Unsealed, UnsealedRows

_MARKS_KEPT = 256  # of a line, those that came last
_COLUMNS = ("line", "machine", "signal", "start", "end")


@dataclass(slots=True)
class _Line:
    """`store`: up to where the store's marks of the line are among `marks`, of which all with an id
    above `base` are there."""

    store: LineChanges = field(default_factory=LineChanges)
    samples: int = 0
    spans: int = 0
    base: int = 0
    marks: deque[DirtyMark] = field(default_factory=deque)

    def add(self, mark: DirtyMark) -> None:
        if mark.signal == SPAN:
            self.spans = mark.id
        else:
            self.samples = mark.id
        self.marks.append(mark)
        if len(self.marks) > _MARKS_KEPT:
            self.base = self.marks.popleft().id


class WithUnsealed(BatchesOfStore):
    """A `store.telemetry.protocol.TelemetryReader` of both. Thread-safe."""

    def __init__(self, store: TelemetryReader, unsealed: Unsealed) -> None:
        self._store = store
        self._unsealed = unsealed
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._last_id = 0

    # telemetry

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        if known_at is not None:
            return self._store.history(line, start, end, known_at)
        held = self._unsealed.of_line(line)
        return _with(self._store.history(line, start, end), held)

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        held = {line: self._unsealed.of_line(line) for line in lines}
        found = self._store.histories(lines, start, end, neighbours=neighbours)
        return [_with(it, held[it.line]) for it in found]

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        held = self._unsealed.of_line(line)
        found = self._store.said(line, machine, signal, start, end)
        if held is None:
            return found
        inside = pl.col("time").is_between(start, end, closed="left")
        more = held.samples.filter(inside, machine=machine, signal=signal)
        return distinct(pl.concat([found, _as_history(more)]))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        held = self._unsealed.of_line(line)
        found = self._store.sample_count(line, start, end)
        if held is None:
            return found
        inside = pl.col("time").is_between(start, end, closed="left")
        return found + held.samples.filter(inside).height

    def latest(self, line: str) -> pl.DataFrame:
        held = self._unsealed.of_line(line)
        found = self._store.latest(line)
        if held is None:
            return found
        both = distinct(pl.concat([found, _as_history(held.samples)]))
        time = pl.col("time")
        return both.filter(time == time.max().over("machine", "signal"))

    def last_span_end(self, line: str) -> dict[str, datetime]:
        held = self._unsealed.of_line(line)
        found = self._store.last_span_end(line)
        if held is None:
            return found
        ends = held.spans.group_by("machine").agg(pl.col("end").max())
        for machine, end in ends.iter_rows():
            found[machine] = max(end, found.get(machine, end))
        return dict(sorted(found.items()))

    def extent(self, line: str) -> Window | None:
        held = self._unsealed.of_line(line)
        found = self._store.extent(line)
        if held is None:
            return found
        marks = marks_of(held.samples, held.spans)
        starts, ends = marks["start"].to_list(), marks["end"].to_list()
        if found is not None:
            starts, ends = [*starts, found.start], [*ends, found.end]
        return Window(min(starts), max(*ends, min(starts) + MICROSECOND))

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        held = self._unsealed.of_line(line)
        before, after = self._store.neighbours(line, machine, signal, start, end)
        if held is None:
            return before, after
        times = held.samples.filter(machine=machine, signal=signal)["time"].to_list()
        earlier = [it for it in (*times, before) if it is not None and it < start]
        later = [it for it in (*times, after) if it is not None and it > end]
        return max(earlier, default=None), min(later, default=None)

    # changes

    def changes(self) -> dict[str, LineChanges]:
        with self._lock:
            of_store = self._store.changes()
            for line, changes in of_store.items():
                self._follow(line, changes)
            for marks in self._unsealed.take_changes():
                self._add(marks.select(_COLUMNS).iter_rows())
            return {
                line: LineChanges(it.samples, it.spans, of_store.get(line, LineChanges()).facts)
                for line, it in self._lines.items()
            }

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        with self._lock:
            of_line = self._lines.get(line)
            if of_line is None:
                return []
            if mark < of_line.base:
                return None
            return [it for it in of_line.marks if it.id > mark]

    def _follow(self, line: str, changes: LineChanges) -> None:
        """Takes over what the store took in of the line."""
        of_line = self._lines.setdefault(line, _Line())
        if replace(of_line.store, facts=changes.facts) == changes:
            return
        since = max(of_line.store.samples, of_line.store.spans)
        marks = self._store.marks_since(line, since)
        of_line.store = changes
        if marks is None:
            self._last_id += 1
            of_line.samples = of_line.base = self._last_id
            of_line.marks.clear()
        else:
            self._add((it.line, it.machine, it.signal, it.start, it.end) for it in marks)

    def _add(self, marks: Iterable[tuple[str, str, str, datetime, datetime]]) -> None:
        for line, machine, signal, start, end in marks:
            self._last_id += 1
            mark = DirtyMark(self._last_id, line, machine, signal, start, end)
            self._lines.setdefault(line, _Line()).add(mark)

    # facts: the store's, and where what is unsealed reaches into them

    def dirty(self, *lines: str) -> list[DirtyMark]:
        found = self._store.dirty(*lines)
        last = max((it.id for it in found), default=0)
        for line in lines:
            held = self._unsealed.of_line(line)
            if held is not None:
                for row in marks_of(held.samples, held.spans).select(_COLUMNS).iter_rows():
                    last += 1
                    found.append(DirtyMark(last, *row))
        return found

    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        return self._store.facts_replaced_since(line, number)

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        return self._store.facts(line, spec, start, end)

    def facts_of_lines(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        return self._store.facts_of_lines(specs, start, end)

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        return self._store.fact_sums(specs, start, end, period)


def _with(history: LineHistory, held: UnsealedRows | None) -> LineHistory:
    """The history with what is held of its line, and both with their neighbours."""
    if held is None:
        return history
    samples = with_neighbours(_as_history(held.samples), history.start, history.end)
    if samples.is_empty() and held.spans.is_empty():
        return history
    return history_of_samples(
        history.line,
        history.start,
        history.end,
        pl.concat([history.samples, samples]),
        pl.concat([history.spans, held.spans.drop("line")]),
    )


def _as_history(samples: pl.DataFrame) -> pl.DataFrame:
    return samples.select(HISTORY.names())
