"""Keeps the stored facts of every line up to date: only dirty slices are computed again.

Rules: a slice is stored once it is closed, that is, once it lies before the end of what the
line's machines confirmed (or before now); the open rest is the reader's to compute. Stored
facts depend on the telemetry alone, not on the clock and not on the order or the moment in
which samples came: refreshing after every batch or once at the end gives the same frame to
the last bit. A changed plant gives the line another digest, and all of it is computed again.
A correction makes the slices that it touches dirty until the registry has been told that the
stored facts follow it; a crash in between repeats the work. Memory stays flat: history is
loaded in pieces.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import polars as pl

from analytics.corrections import touched, widened
from analytics.facts import line_digest, line_facts
from analytics.slices import aligned, closed_until, slices
from domain.frames import FACTS, UTC_US
from domain.plant import Plant
from domain.time import Window
from store import reach
from store.corrections import LineCorrections
from store.protocol import TelemetryStore
from store.reading import line_history

PIECE = timedelta(days=366)  # of history in memory at a time, at most
ROWS_AT_ONCE = 2_000_000  # samples of a piece, unless a few slices have more
THREADS = 2  # lines in work at a time
_FEW = 2
_MICROSECOND = timedelta(microseconds=1)

Made = TypeVar("Made")
Progress = Callable[[int, int], None]  # slices done, slices in all


class PlantSource(Protocol):
    """What the keeper asks of the registry."""

    def plants(self) -> list[Plant]: ...

    def line_corrections(self, line: str) -> LineCorrections: ...

    def facts_follow(self, line: str, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Stored:
    """Of a line's facts: made under `spec`, complete from `start` to `end`."""

    spec: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Task:
    """`slices` (start, end) to compute of `line`, within its closed slices `whole`; then its
    dirty marks up to `clear` and its corrections are followed."""

    plant: Plant
    line: str
    spec: str
    whole: Window
    slices: pl.DataFrame
    clear: int
    corrections: LineCorrections


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
        self._stored: dict[str, _Stored] = {}
        self._lock = threading.Lock()

    def refresh(self, line: str | None = None, progress: Progress | None = None) -> int:
        """Bring the facts of `line` (or of all lines) up to date; how many slices it took.

        Lines that no plant names are left alone. Raises StorageError when the store
        does; what was computed before it is kept, and the next refresh goes on from there.
        """
        with self._lock, ThreadPoolExecutor(THREADS, thread_name_prefix="facts") as pool:
            lines = [
                (plant, it)
                for plant in self._registry.plants()
                for it in plant.lines
                if line in (None, it)
            ]
            tasks = [task for task in _each(pool, self._task, lines) if task is not None]
            done = _Done(sum(task.slices.height for task in tasks), progress)
            return sum(_each(pool, self._work, [(task, done) for task in tasks]))

    def _task(self, plant: Plant, line: str) -> _Task | None:
        """What is to be computed of the line; None when there is nothing to do."""
        marks = self._telemetry.dirty(line)
        spec = line_digest(plant, line)
        extent = self._telemetry.extent(line)
        if extent is None:
            return None
        stored = self._stored.get(line)
        corrections = self._registry.line_corrections(line)
        new = touched(corrections.unfollowed)
        if not marks and not new and stored is not None and stored.spec == spec:
            return None  # without new data nothing closes
        whole = self._closed(plant, line, extent)
        if whole is None:
            return None
        changed = reach.windows(self._telemetry, plant.lines[line], marks, extent.end)
        wanted = widened(changed + new, corrections.in_force)
        wanted += self._missing(plant, line, spec, whole)
        dirty = _dirty(plant, line, whole, wanted)
        clear = max((mark.id for mark in marks), default=0)
        return _Task(plant, line, spec, whole, dirty, clear, corrections)

    def _closed(self, plant: Plant, line: str, extent: Window) -> Window | None:
        """The closed slices of the line as one window; None while there is none."""
        confirmed = self._telemetry.last_span_end(line).values()
        known_until = min(extent.end, max([self._now(), *confirmed]))
        begin = Window(extent.start, extent.start + _MICROSECOND)
        start = aligned(plant, line, begin).start  # not of all that is between: that grows
        end = closed_until(plant, line, known_until)
        return Window(start, end) if start < end else None

    def _missing(self, plant: Plant, line: str, spec: str, whole: Window) -> list[Window]:
        """Closed slices that were never computed under `spec`.

        The store is asked once; from then on only what closed since, or what came before.
        """
        stored = self._stored.get(line)
        if stored is None or stored.spec != spec:
            parts = slices(plant, line, whole.start, whole.end).select("start", "end")
            there = self._telemetry.facts(line, spec, whole.start, whole.end)
            absent = parts.join(
                there.select("start", "end").unique(), on=["start", "end"], how="anti"
            )
            return _runs(absent)
        edges = [(whole.start, stored.start), (stored.end, whole.end)]
        return [Window(start, end) for start, end in edges if start < end]

    def _work(self, task: _Task, told: _Done) -> int:
        """Compute and store piece by piece; how many slices it took.

        The marks are cleared with the last piece, so a crash before it repeats the work.
        """
        done = 0
        while done < task.slices.height:
            window, count = self._next_piece(task.line, task.slices[done:])
            done += count
            history = line_history(
                self._telemetry, task.line, window.start, window.end, task.corrections.in_force
            )
            facts = line_facts(task.plant, task.line, history, window.start, window.end)
            last = done == task.slices.height
            self._telemetry.replace_facts(
                task.line, task.spec, [window], facts, task.clear if last else 0
            )
            told.add(count)
        if task.slices.is_empty() and task.clear:
            self._telemetry.replace_facts(task.line, task.spec, [], FACTS.to_frame(), task.clear)
        if task.corrections.unfollowed:
            self._registry.facts_follow(task.line, task.corrections.last)
        self._stored[task.line] = _Stored(task.spec, task.whole.start, task.whole.end)
        return done

    def _next_piece(self, line: str, parts: pl.DataFrame) -> tuple[Window, int]:
        """The first of the slices that adjoin, as far as memory should go, and how many."""
        first = parts["start"][0]
        whole = _runs(parts.filter(pl.col("end") <= first + PIECE))
        count = parts["end"].search_sorted(whole[0].end, side="right") if whole else 1
        while True:
            window = Window(first, parts["end"][count - 1])
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


def _dirty(plant: Plant, line: str, whole: Window, wanted: Sequence[Window]) -> pl.DataFrame:
    """The closed slices that one of the windows overlaps: start, end; sorted."""
    clipped = [
        Window(max(it.start, whole.start), min(it.end, whole.end))
        for it in wanted
        if it.start < whole.end and it.end > whole.start
    ]
    outward = reach.merged([aligned(plant, line, it) for it in reach.merged(clipped)])
    frames = [slices(plant, line, it.start, it.end).select("start", "end") for it in outward]
    return pl.concat(frames) if frames else pl.DataFrame(schema={"start": UTC_US, "end": UTC_US})


def _runs(parts: pl.DataFrame) -> list[Window]:
    """Sorted slices as windows, those that adjoin as one."""
    begins = (pl.col("start") != pl.col("end").shift()).fill_null(True)
    runs = parts.group_by(begins.cum_sum().alias("run"), maintain_order=True).agg(
        pl.col("start").first(), pl.col("end").last()
    )
    return [Window(start, end) for start, end in runs.select("start", "end").rows()]
