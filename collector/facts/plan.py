"""Which slices of which lines are to be computed again: changes in, slices out.

A slice is to be computed once it is closed and was never stored, or when samples, spans or
corrections that came since reach into it. What comes in of a live line mostly reaches no closed
slice, and that is known without reading anything: where a change at 10:05 reached back to 10:04
only, a change of the same signal at 10:10 reaches back no further. Example, slices of an hour:

    09:00          10:00   10:05   10:10
      | closed       | open  |       |
                         <---|       `- the same signal again: settled, nothing is read
                             `- looked up: reaches back to 10:04, so no closed slice

This holds until a slice closes, or something comes in from before what was looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.calendar.slices import borders, closed_until, stored_until
from analytics.corrections.invalidation import touched, widened
from analytics.facts.line_digest import line_digest
from domain.corrections import LineCorrections
from domain.frames import LineHistory
from domain.plant import Plant
from domain.time import MICROSECOND, Window, instant
from store.history import affected_windows
from store.history.line_history import MARGIN
from store.telemetry.protocol import DirtyMark, LineReach, TelemetryStore

Series = tuple[str, str]  # machine, signal
Slices = npt.NDArray[np.int64]  # their starts and ends in microseconds: shape (slices, 2), sorted
_NO_SLICES: Slices = np.empty((0, 2), dtype=np.int64)


class PlantSource(Protocol):
    """What is asked of the registry. `version` grows whenever anything was recorded."""

    @property
    def version(self) -> int: ...

    def plants(self) -> list[Plant]: ...

    def line_corrections(self, line: str) -> LineCorrections: ...

    def mark_applied(self, line: str, number: int) -> None: ...


@dataclass(slots=True)
class _Stored:
    """Of a line's facts: made under `spec`, complete from `start` to `end`. `settled`: from when
    on a change of each series reaches back to none of them."""

    spec: str
    start: datetime
    end: datetime
    settled: dict[Series, datetime] = field(default_factory=dict)

    def is_of(self, spec: str, whole: Window) -> bool:
        return (self.spec, self.start, self.end) == (spec, whole.start, whole.end)

    def settles(self, marks: Sequence[DirtyMark]) -> bool:
        """Whether none of the marks reaches what is stored."""
        settled = self.settled
        return all(
            (since := settled.get((mark.machine, mark.signal))) is not None and mark.start >= since
            for mark in marks
        )

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """These were looked up and reach nothing that is stored. What came in from before others
        of its series may change how far back these reach."""
        first: dict[Series, datetime] = {}
        for mark in marks:
            series = mark.machine, mark.signal
            first[series] = min(mark.start, first.get(series, mark.start))
        if any(self.settled.get(series, start) > start for series, start in first.items()):
            self.settled.clear()
        for series, start in first.items():
            self.settled.setdefault(series, start)


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line with something to do: its plant, the digest of its specification, its dirty marks
    and corrections, where its data end, and its closed slices as one window. `is_settled`:
    nothing of it reaches a closed slice."""

    plant: Plant
    id: str
    spec: str
    marks: list[DirtyMark]
    corrections: LineCorrections
    data_end: datetime
    whole: Window
    is_settled: bool

    @property
    def clear(self) -> int:
        """Up to where its marks are followed when this is done."""
        return max((mark.id for mark in self.marks), default=0)


@dataclass(frozen=True, slots=True)
class Task:
    """`slices` to compute of the line. `near`: what was read around its changes."""

    line: ChangedLine
    slices: Slices
    near: LineHistory | None = None

    def is_at_hand(self) -> bool:
        """Whether what was read has (mostly) all that the slices need."""
        near = self.near
        return not len(self.slices) or (
            near is not None
            and all(near.start <= it.start and it.end <= near.end for it in runs(self.slices))
        )


class Planner:
    """Remembers what is stored, so that little is asked again. One plan is made at a time;
    `task` and `done` may be called from several threads, for different lines."""

    def __init__(
        self, telemetry: TelemetryStore, registry: PlantSource, now: Callable[[], datetime]
    ) -> None:
        self._telemetry = telemetry
        self._registry = registry
        self._now = now
        self._stored: dict[str, _Stored] = {}
        self._kept: Mapping[str, int] = {}
        self._specs: dict[str, tuple[Plant, str]] = {}
        self._corrections: dict[str, LineCorrections] = {}
        self._version: int | None = None

    def changed_lines(self, wanted: str | None) -> Iterator[ChangedLine]:
        """The lines of the plants (or the one wanted) that this process keeps, with something to
        do."""
        version = self._registry.version
        if version != self._version:
            self._corrections.clear()
            self._version = version
        every = [(plant, line) for plant in self._registry.plants() for line in plant.lines]
        self._keep([line for _, line in every])
        known = [it for it in every if wanted in (None, it[1]) and it[1] in self._kept]
        marks: dict[str, list[DirtyMark]] = {line: [] for _, line in known}
        for mark in self._telemetry.dirty(*marks) if marks else []:
            marks[mark.line].append(mark)
        reaches = self._telemetry.reaches([line for _, line in known])
        for plant, line in known:
            if line in reaches:
                changed = self._changed(plant, line, marks[line], reaches[line])
                if changed is not None:
                    yield changed

    def _changed(
        self, plant: Plant, line: str, marks: list[DirtyMark], reach: LineReach
    ) -> ChangedLine | None:
        extent = reach.extent
        spec, stored = self._spec(plant, line), self._stored.get(line)
        corrections = self._corrections_of(line)
        whole = self._closed(plant, line, reach, spec)
        if whole is None:
            return None
        is_kept = (
            stored is not None and stored.is_of(spec, whole) and not corrections.not_yet_applied
        )
        if is_kept and not marks:
            return None
        settled = is_kept and stored is not None and stored.settles(marks)
        return ChangedLine(plant, line, spec, marks, corrections, extent.end, whole, settled)

    def around(self, line: ChangedLine) -> Window | None:
        """What to read of a live line: what is near its changes, and where they may reach into
        closed slices or some have closed since, these too. None: nothing, or too much."""
        near = None if line.is_settled else affected_windows.nearby(line.marks, line.data_end)
        if near is None:
            return None
        stored = self._stored.get(line.id)
        first = min(near.start, line.whole.end if stored is None else stored.end)
        if first >= line.whole.end:
            return near
        (start, *_) = borders(line.plant, line.id, Window(first, first + MICROSECOND))
        return Window(instant(int(start)) - MARGIN, near.end)

    def task(self, line: ChangedLine, near: LineHistory | None) -> Task:
        """Which slices are to be computed of the line."""
        if line.is_settled:
            return Task(line, _NO_SLICES)
        changed = affected_windows.windows(
            self._telemetry, line.plant.lines[line.id], line.marks, line.data_end, near
        )
        changed += touched(line.corrections.not_yet_applied)
        wanted = widened(changed, line.corrections.in_force) + self._missing(line)
        return Task(line, _dirty(line, wanted), near)

    def done(self, task: Task) -> None:
        """The stored facts of the line are as the task says."""
        line, stored = task.line, self._stored.get(task.line.id)
        if line.corrections.not_yet_applied:
            self._registry.mark_applied(line.id, line.corrections.last)
            self._corrections.pop(line.id, None)
        made = stored
        if made is None or not made.is_of(line.spec, line.whole):
            made = _Stored(line.spec, line.whole.start, line.whole.end)
        if len(task.slices):
            made.settled.clear()
        else:
            made.settle(line.marks)
        self._stored[line.id] = made

    def _keep(self, lines: Sequence[str]) -> None:
        """What is remembered of a line that somebody else kept meanwhile holds no more."""
        kept = self._telemetry.lines_to_keep(lines)
        for line, number in self._kept.items():
            if kept.get(line) != number:
                self._stored.pop(line, None)
                self._corrections.pop(line, None)
        self._kept = kept

    def _corrections_of(self, line: str) -> LineCorrections:
        """Asked for again only after anything was recorded."""
        known = self._corrections.get(line)
        if known is None:
            known = self._corrections[line] = self._registry.line_corrections(line)
        return known

    def _spec(self, plant: Plant, line: str) -> str:
        """The digest of the line's specification; while the plant is the same, it is known."""
        known = self._specs.get(line)
        if known is None or known[0] is not plant:
            known = self._specs[line] = (plant, line_digest(plant, line))
        return known[1]

    def _closed(self, plant: Plant, line: str, reach: LineReach, spec: str) -> Window | None:
        """The slices to store of the line, as one window; None while there is none. What is stored
        already is among them, whatever the clock says now."""
        extent, now = reach.extent, self._now()
        known_until = min(extent.end, max([now, *reach.heard.values()]))
        begin = Window(extent.start, extent.start + MICROSECOND)
        start = instant(int(borders(plant, line, begin)[0]))
        end = stored_until(plant, line, known_until, now)
        stored = self._stored.get(line)
        if stored is not None and stored.spec == spec:
            end = max(end, stored.end)
        elif (closed := closed_until(plant, line, known_until)) > end:
            stores_more = not self._telemetry.facts(line, spec, end, closed).is_empty()
            end = closed if stores_more else end
        return Window(start, end) if start < end else None

    def _missing(self, line: ChangedLine) -> list[Window]:
        """Closed slices that were never computed under the line's specification.

        The store is asked once; from then on only what closed since, or what came before.
        """
        stored, whole = self._stored.get(line.id), line.whole
        if stored is None or stored.spec != line.spec:
            parts = pl.DataFrame(_slices(line, whole), schema=["start", "end"])
            there = self._telemetry.facts(line.id, line.spec, whole.start, whole.end)
            known = there.select(pl.col("start", "end").cast(pl.Int64)).unique()
            return runs(parts.join(known, on=["start", "end"], how="anti").sort("start").to_numpy())
        edges = [(whole.start, stored.start), (stored.end, whole.end)]
        return [Window(start, end) for start, end in edges if start < end]


def _dirty(line: ChangedLine, wanted: Sequence[Window]) -> Slices:
    """The closed slices that one of the windows overlaps."""
    whole = line.whole
    clipped = [
        Window(max(it.start, whole.start), min(it.end, whole.end))
        for it in wanted
        if it.start < whole.end and it.end > whole.start
    ]
    found = [
        _NO_SLICES,
        *(_slices(line, it) for it in affected_windows.merged(clipped)),
    ]
    every = np.concatenate(found)  # windows that lie apart may overlap the same slice
    return every[np.diff(every[:, 0], prepend=every[:1, 0] - 1) > 0]


def _slices(line: ChangedLine, window: Window) -> Slices:
    """The slices that the window overlaps."""
    edges = borders(line.plant, line.id, window)
    return np.column_stack([edges[:-1], edges[1:]])


def runs(parts: Slices) -> list[Window]:
    """Slices as windows, those that adjoin as one."""
    if not len(parts):
        return []
    apart = np.flatnonzero(parts[1:, 0] != parts[:-1, 1])
    starts, ends = parts[[0, *(apart + 1)], 0], parts[[*apart, len(parts) - 1], 1]
    return [
        Window(instant(start), instant(end))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
