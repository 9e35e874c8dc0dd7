"""Keeps the stored facts of every line up to date: only dirty slices are computed again.

Rules: a slice is stored some minutes after it is closed (`analytics.calendar.slices.stored_until`),
that is, after it lies before the end of what the line's machines confirmed (or before now); the
open rest is the reader's to compute. Stored facts depend on the telemetry alone, not on the clock
and not on the order or the moment in which samples came: refreshing after every batch or once at
the end gives the same frame to the last bit. A changed plant gives the line another digest, and all
of it is computed again. A correction makes the slices that it touches dirty until the registry has
been told that the stored facts follow it; a crash in between repeats the work. Memory stays flat:
history is loaded in pieces. What is new of live lines is little: it is read together
(`store.history.batched_reads`), and stored in one step. Which slices are dirty is planned in
`collector.facts.plan`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any, TypeVar

import polars as pl

from analytics.facts.line_facts import line_facts
from collector.facts.plan import Planner, PlantSource, Slices, Task, runs
from domain.frames import FACTS
from domain.time import Window, instant, micros
from store.history.batched_reads import NearReader
from store.history.line_history import line_history
from store.telemetry.protocol import LineFacts, TelemetryReader, TelemetryStore

PIECE = timedelta(days=366)  # of history in memory at a time, at most
ROWS_AT_ONCE = 2_000_000  # samples of a piece, unless a few slices have more
THREADS = 2  # lines in work at a time
_FEW = 2
_NO_FACTS = FACTS.to_frame()

Made = TypeVar("Made")
Progress = Callable[[int, int], None]  # slices done, slices in all


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
        self._planner = Planner(telemetry, registry, now)
        self._near = NearReader(telemetry)
        self._lock = threading.Lock()

    def refresh(self, line: str | None = None, progress: Progress | None = None) -> int:
        """Bring the facts of `line` (or of all lines) up to date; how many slices it took.

        Lines that no plant names are left alone. Raises StorageError when the store
        does; what was computed before it is kept, and the next refresh goes on from there.
        """
        with self._lock, ThreadPoolExecutor(THREADS, thread_name_prefix="facts") as pool:
            lines = list(self._planner.changed_lines(line))
            windows = {it.id: self._planner.around(it) for it in lines}
            near = self._near.read({line: it for line, it in windows.items() if it is not None})
            tasks = list(_each(pool, self._planner.task, [(it, near.get(it.id)) for it in lines]))
            done = _Done(sum(len(task.slices) for task in tasks), progress)
            count = self._work_at_once([task for task in tasks if task.is_at_hand()], done)
            others = [(task, done) for task in tasks if not task.is_at_hand()]
            return count + sum(_each(pool, self._work, others))

    def _work_at_once(self, tasks: Sequence[Task], told: _Done) -> int:
        """Compute what is at hand, and store it in one step; how many slices it took."""
        made: list[LineFacts] = []
        try:
            for task in tasks:
                made.append(self._made(task, runs(task.slices), task.line.clear))
        finally:  # one that fails takes nothing from those before it
            if made:
                self._telemetry.replace_facts_of_lines(made)
            for task in tasks[: len(made)]:
                self._planner.done(task)
                told.add(len(task.slices))
        return sum(len(task.slices) for task in tasks)

    def _work(self, task: Task, told: _Done) -> int:
        """Compute and store piece by piece; how many slices it took.

        The marks are cleared with the last piece, so a crash before it repeats the work.
        """
        done = 0
        while done < len(task.slices):
            rest = task.slices[done:]
            until = instant(int(rest[0, 0])) + PIECE
            window, count = next_piece(self._telemetry, task.line.id, rest, until, ROWS_AT_ONCE)
            done += count
            clear = task.line.clear if done == len(task.slices) else 0
            self._telemetry.replace_facts_of_lines([self._made(task, [window], clear)])
            told.add(count)
        self._planner.done(task)
        return done

    def _made(self, task: Task, windows: Sequence[Window], clear: int) -> LineFacts:
        """The facts of the windows."""
        line, facts = task.line, []
        for it in windows:
            history = line_history(
                self._telemetry, line.id, it.start, it.end, line.corrections.in_force, task.near
            )
            facts.append(line_facts(line.plant, line.id, history, it.start, it.end))
        made = pl.concat(facts) if facts else _NO_FACTS
        return LineFacts(line.id, line.spec, windows, made, clear)


def next_piece(
    telemetry: TelemetryReader, line: str, parts: Slices, until: datetime, rows: int
) -> tuple[Window, int]:
    """The first of the slices that adjoin and end by `until`, as far as memory should go (so many
    samples), and how many; a single one in any case."""
    first = instant(int(parts[0, 0]))
    whole = runs(parts[parts[:, 1] <= micros(until)])
    count = int(parts[:, 1].searchsorted(micros(whole[0].end), side="right")) if whole else 1
    while True:
        window = Window(first, instant(int(parts[count - 1, 1])))
        if count <= _FEW or telemetry.sample_count(line, window.start, window.end) <= rows:
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
    waiting = [pool.submit(copy_context().run, work, *arguments) for arguments in of]
    try:
        for each in waiting:
            yield each.result()
    finally:
        for each in waiting:
            each.cancel()
