"""Keeps the stored facts of every line up to date: only dirty slices are computed again.

Rules: a slice is stored once it is closed, that is, once it lies before the end of what the
line's machines confirmed (or before now); the open rest is the reader's to compute. Stored
facts depend on the telemetry alone, not on the clock and not on the order or the moment in
which samples came: refreshing after every batch or once at the end gives the same frame to
the last bit. A changed plant gives the line another digest, and all of it is computed again.
A correction makes the slices that it touches dirty until the registry has been told that the
stored facts follow it; a crash in between repeats the work. Memory stays flat: history is
loaded in pieces. What is new of live lines is little: it is read together (`facts_near`), and
stored in one step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.calendar.slices import borders, closed_until
from analytics.corrections.invalidation import touched, widened
from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from domain.corrections import LineCorrections
from domain.frames import FACTS, LineHistory
from domain.plant import Plant
from domain.time import Window, instant, micros
from store.history import affected_windows
from store.history.batched_reads import NearReader
from store.history.line_history import MARGIN, line_history
from store.telemetry.protocol import DirtyMark, LineFacts, TelemetryStore

PIECE = timedelta(days=366)  # of history in memory at a time, at most
ROWS_AT_ONCE = 2_000_000  # samples of a piece, unless a few slices have more
THREADS = 2  # lines in work at a time
_FEW = 2
_NO_FACTS = FACTS.to_frame()
_MICROSECOND = timedelta(microseconds=1)

Made = TypeVar("Made")
Progress = Callable[[int, int], None]  # slices done, slices in all
Slices = npt.NDArray[np.int64]  # their starts and ends in microseconds: shape (slices, 2), sorted


class PlantSource(Protocol):
    """What the keeper asks of the registry."""

    def plants(self) -> list[Plant]: ...

    def line_corrections(self, line: str) -> LineCorrections: ...

    def mark_applied(self, line: str, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Stored:
    """Of a line's facts: made under `spec`, complete from `start` to `end`."""

    spec: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with something to do: its plant, the digest of its specification, its dirty marks
    and corrections, where its data end, and its closed slices as one window."""

    plant: Plant
    id: str
    spec: str
    marks: list[DirtyMark]
    corrections: LineCorrections
    data_end: datetime
    whole: Window

    @property
    def clear(self) -> int:
        """Up to where its marks are followed when this is done."""
        return max((mark.id for mark in self.marks), default=0)


@dataclass(frozen=True, slots=True)
class _Task:
    """`slices` to compute of the line. `near`: what was read around its changes."""

    line: _Line
    slices: Slices
    near: LineHistory | None

    def is_at_hand(self) -> bool:
        """Whether what was read has (mostly) all that the slices need."""
        near = self.near
        return near is not None and all(
            near.start <= it.start and it.end <= near.end for it in _runs(self.slices)
        )


class _Done:
    """How many of `total` slices are done, told to `progress` from whatever thread."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._done = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            if self._progress is not None:
                self._progress(self._done, self._total)


class FactsKeeper:
    """Computes the dirty slices of the plants' lines. One refresh runs at a time."""

    def __init__(
        self, telemetry: TelemetryStore, registry: PlantSource, now: Callable[[], datetime]
    ) -> None:
        self._telemetry = telemetry
        self._registry = registry
        self._now = now
        self._near = NearReader(telemetry)
        self._stored: dict[str, _Stored] = {}
        self._specs: dict[str, tuple[Plant, str]] = {}
        self._lock = threading.Lock()

    def refresh(self, line: str | None = None, progress: Progress | None = None) -> int:
        """Bring the facts of `line` (or of all lines) up to date; how many slices it took.

        Lines that no plant names are left alone. Raises StorageError when the store
        does; what was computed before it is kept, and the next refresh goes on from there.
        """
        with self._lock, ThreadPoolExecutor(THREADS, thread_name_prefix="facts") as pool:
            lines = list(self._lines(line))
            windows = {it.id: self._around(it) for it in lines}
            near = self._near.read({line: it for line, it in windows.items() if it is not None})
            tasks = list(_each(pool, self._task, [(it, near.get(it.id)) for it in lines]))
            done = _Done(sum(len(task.slices) for task in tasks), progress)
            count = self._work_at_once([task for task in tasks if task.is_at_hand()], done)
            others = [(task, done) for task in tasks if not task.is_at_hand()]
            return count + sum(_each(pool, self._work, others))

    def _lines(self, wanted: str | None) -> Iterator[_Line]:
        """The lines of the plants with something to do."""
        known = [
            (plant, line)
            for plant in self._registry.plants()
            for line in plant.lines
            if wanted in (None, line)
        ]
        marks: dict[str, list[DirtyMark]] = {line: [] for _, line in known}
        for mark in self._telemetry.dirty(*marks) if marks else []:
            marks[mark.line].append(mark)
        for plant, line in known:
            extent = self._telemetry.extent(line)
            if extent is None:
                continue
            spec, stored = self._spec(plant, line), self._stored.get(line)
            corrections = self._registry.line_corrections(line)
            idle = not marks[line] and not corrections.not_yet_applied
            if idle and stored is not None and stored.spec == spec:
                continue  # without new data nothing closes
            whole = self._closed(plant, line, extent)
            if whole is not None:
                yield _Line(plant, line, spec, marks[line], corrections, extent.end, whole)

    def _spec(self, plant: Plant, line: str) -> str:
        """The digest of the line's specification; while the plant is the same, it is known."""
        known = self._specs.get(line)
        if known is None or known[0] is not plant:
            known = self._specs[line] = (plant, line_digest(plant, line))
        return known[1]

    def _closed(self, plant: Plant, line: str, extent: Window) -> Window | None:
        """The closed slices of the line as one window; None while there is none."""
        confirmed = self._telemetry.last_span_end(line).values()
        known_until = min(extent.end, max([self._now(), *confirmed]))
        begin = Window(extent.start, extent.start + _MICROSECOND)
        start = instant(int(borders(plant, line, begin)[0]))
        end = closed_until(plant, line, known_until)
        return Window(start, end) if start < end else None

    def _around(self, line: _Line) -> Window | None:
        """What to read of a live line: what is near its changes, and where they may reach into
        closed slices or some have closed since, these too."""
        near = affected_windows.nearby(line.marks, line.data_end)
        if near is None:
            return None
        stored = self._stored.get(line.id)
        first = min(near.start, line.whole.end if stored is None else stored.end)
        if first >= line.whole.end:
            return near
        (start, *_) = borders(line.plant, line.id, Window(first, first + _MICROSECOND))
        return Window(instant(int(start)) - MARGIN, near.end)

    def _task(self, line: _Line, near: LineHistory | None) -> _Task:
        """Which slices are to be computed of the line."""
        changed = affected_windows.windows(
            self._telemetry, line.plant.lines[line.id], line.marks, line.data_end, near
        )
        changed += touched(line.corrections.not_yet_applied)
        wanted = widened(changed, line.corrections.in_force) + self._missing(line)
        return _Task(line, _dirty(line, wanted), near)

    def _missing(self, line: _Line) -> list[Window]:
        """Closed slices that were never computed under the line's specification.

        The store is asked once; from then on only what closed since, or what came before.
        """
        stored, whole = self._stored.get(line.id), line.whole
        if stored is None or stored.spec != line.spec:
            parts = pl.DataFrame(_slices(line, whole), schema=["start", "end"])
            there = self._telemetry.facts(line.id, line.spec, whole.start, whole.end)
            known = there.select(pl.col("start", "end").cast(pl.Int64)).unique()
            return _runs(
                parts.join(known, on=["start", "end"], how="anti").sort("start").to_numpy()
            )
        edges = [(whole.start, stored.start), (stored.end, whole.end)]
        return [Window(start, end) for start, end in edges if start < end]

    def _work_at_once(self, tasks: Sequence[_Task], told: _Done) -> int:
        """Compute what is at hand, and store it in one step; how many slices it took."""
        made: list[LineFacts] = []
        try:
            for task in tasks:
                made.append(self._made(task, _runs(task.slices), task.line.clear))
        finally:  # one that fails takes nothing from those before it
            if made:
                self._telemetry.replace_facts_of_lines(made)
            for task in tasks[: len(made)]:
                self._followed(task)
                told.add(len(task.slices))
        return sum(len(task.slices) for task in tasks)

    def _work(self, task: _Task, told: _Done) -> int:
        """Compute and store piece by piece; how many slices it took.

        The marks are cleared with the last piece, so a crash before it repeats the work.
        """
        done = 0
        while done < len(task.slices):
            window, count = self._next_piece(task.line.id, task.slices[done:])
            done += count
            clear = task.line.clear if done == len(task.slices) else 0
            self._telemetry.replace_facts_of_lines([self._made(task, [window], clear)])
            told.add(count)
        if not len(task.slices) and task.line.clear:
            self._telemetry.replace_facts_of_lines([self._made(task, [], task.line.clear)])
        self._followed(task)
        return done

    def _made(self, task: _Task, windows: Sequence[Window], clear: int) -> LineFacts:
        """The facts of the windows."""
        line, facts = task.line, []
        for it in windows:
            history = line_history(
                self._telemetry, line.id, it.start, it.end, line.corrections.in_force, task.near
            )
            facts.append(line_facts(line.plant, line.id, history, it.start, it.end))
        made = pl.concat(facts) if facts else _NO_FACTS
        return LineFacts(line.id, line.spec, windows, made, clear)

    def _followed(self, task: _Task) -> None:
        """The stored facts of the line are as the task says."""
        line = task.line
        if line.corrections.not_yet_applied:
            self._registry.mark_applied(line.id, line.corrections.last)
        self._stored[line.id] = _Stored(line.spec, line.whole.start, line.whole.end)

    def _next_piece(self, line: str, parts: Slices) -> tuple[Window, int]:
        """The first of the slices that adjoin, as far as memory should go, and how many."""
        first = instant(int(parts[0, 0]))
        whole = _runs(parts[parts[:, 1] <= micros(first + PIECE)])
        count = int(parts[:, 1].searchsorted(micros(whole[0].end), side="right")) if whole else 1
        while True:
            window = Window(first, instant(int(parts[count - 1, 1])))
            if count <= _FEW or (
                self._telemetry.sample_count(line, window.start, window.end) <= ROWS_AT_ONCE
            ):
                return window, count
            count = (count + 1) // 2


def _each(
    pool: ThreadPoolExecutor, work: Callable[..., Made], of: Sequence[tuple[Any, ...]]
) -> Iterator[Made]:
    """The work done for each, in order. While one line is read, another one is computed; a
    single one is not worth a thread."""
    if len(of) == 1:
        yield work(*of[0])
        return
    waiting = [pool.submit(work, *arguments) for arguments in of]
    try:
        for each in waiting:
            yield each.result()
    finally:
        for each in waiting:
            each.cancel()


def _dirty(line: _Line, wanted: Sequence[Window]) -> Slices:
    """The closed slices that one of the windows overlaps."""
    whole = line.whole
    clipped = [
        Window(max(it.start, whole.start), min(it.end, whole.end))
        for it in wanted
        if it.start < whole.end and it.end > whole.start
    ]
    found = [
        np.empty((0, 2), dtype=np.int64),
        *(_slices(line, it) for it in affected_windows.merged(clipped)),
    ]
    every = np.concatenate(found)  # windows that lie apart may overlap the same slice
    return every[np.diff(every[:, 0], prepend=every[:1, 0] - 1) > 0]


def _slices(line: _Line, window: Window) -> Slices:
    """The slices that the window overlaps."""
    edges = borders(line.plant, line.id, window)
    return np.column_stack([edges[:-1], edges[1:]])


def _runs(parts: Slices) -> list[Window]:
    """Slices as windows, those that adjoin as one."""
    if not len(parts):
        return []
    apart = np.flatnonzero(parts[1:, 0] != parts[:-1, 1])
    starts, ends = parts[[0, *(apart + 1)], 0], parts[[*apart, len(parts) - 1], 1]
    return [
        Window(instant(start), instant(end))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
