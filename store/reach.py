"""How far a change in the telemetry reaches into the facts: dirty marks → windows of time.

A mark says where samples changed; facts change further, because a sample's meaning reaches
to its neighbours:

- a counter shares its increments over the time to the sample before and the one after, and
  these are read anew (in or out of line), so it reaches to the second on each side;
- a state, mode or text holds until the next sample of its signal, or to the end of the data;
- a state ends reasons and joins stops behind it: until the next reason, and for a flicker;
- a state or a confirmed span also says where an increment that crosses it was counted, so
  it reaches as far as the increments of the line's counters do;
- the first samples of a count may change what the other counts are taken for, everywhere.

Windows may be too wide (that costs time), never too narrow (that would leave wrong facts).
A change at a border belongs to the slices on both sides, hence the microsecond around.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, product

import polars as pl

from domain.plant import REASON_HOLDS_MAX, Line
from domain.signals import SignalKind, signal_named
from domain.time import Window
from store.protocol import DirtyMark, TelemetryStore
from store.usable import usable, usable_neighbours

SPAN = ""  # the signal of a mark that a confirmed span made
_MICROSECOND = timedelta(microseconds=1)
READ_AT_ONCE = timedelta(hours=2)
_AROUND = timedelta(minutes=5)  # read besides: it mostly holds the second neighbours, too
_JOINED_WITHIN = timedelta(hours=1)  # marks of a signal nearer than this are looked up as one
_COUNTS = ("total_count", "good_count", "reject_count", "rework_count")


@dataclass(frozen=True, slots=True)
class Change:
    """Samples of one signal of one machine changed somewhere in [start, end]."""

    machine: str
    signal: str
    start: datetime
    end: datetime


def changes(marks: Iterable[DirtyMark]) -> list[Change]:
    """The marks of one line, those of a signal that lie close together as one."""
    ordered = sorted(marks, key=lambda mark: (mark.machine, mark.signal, mark.start, mark.end))
    joined: list[Change] = []
    for (machine, signal), group in groupby(ordered, key=lambda it: (it.machine, it.signal)):
        for start, end in _joined(((it.start, it.end) for it in group), _JOINED_WITHIN):
            joined.append(Change(machine, signal, start, end))
    return joined


def windows(
    telemetry: TelemetryStore,
    line: Line,
    marks: Iterable[DirtyMark],
    data_end: datetime,
) -> list[Window]:
    """The windows whose facts may have changed: sorted, apart from each other.

    `data_end` is where the line's data end: nothing holds beyond it. Corrections reach
    further: see `store.corrections.widened`.
    """
    found = changes(marks)
    if not found:
        return []
    near = _Neighbours(telemetry, line.id, found, data_end)
    extent = telemetry.extent(line.id)
    if extent is not None and _is_first(near, found):
        return [Window(extent.start - _MICROSECOND, max(extent.end, data_end) + _MICROSECOND)]
    reached = [_reach(near, line, change, data_end) for change in found]
    return merged([Window(start - _MICROSECOND, end + _MICROSECOND) for start, end in reached])


class _Neighbours:
    """Nearest usable samples around a stretch of time.

    What changed in a short time, as in a live line, is read at once; only what lies beyond
    that, and what a long import changed, is asked for signal by signal.
    """

    def __init__(
        self, telemetry: TelemetryStore, line: str, found: Sequence[Change], data_end: datetime
    ) -> None:
        self._telemetry = telemetry
        self._line = line
        start = min(change.start for change in found)
        end = max(*(change.end for change in found), data_end) + _MICROSECOND
        self._read: Window | None = None
        if end - start <= READ_AT_ONCE:
            self._read = Window(start - _AROUND, end + _AROUND)
            history = telemetry.history(line, self._read.start, self._read.end)
            self._all = _times(history.samples)
            self._usable = _times(usable(history.samples))

    def around(
        self, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Of the usable samples the last one before `start` and the first one after `end`."""
        if self._read is not None and self._read.start <= start and end < self._read.end:
            series = (machine, signal)
            before, after = _nearest(self._usable.get(series, []), start, end)
            any_before, any_after = _nearest(self._all.get(series, []), start, end)
            # A history names the nearest sample on each side; if that is unusable, look further.
            if (before is None) == (any_before is None) and (after is None) == (any_after is None):
                return before, after
        return usable_neighbours(self._telemetry, self._line, machine, signal, start, end)

    def alone(self, machine: str, signal: str, start: datetime, end: datetime) -> bool:
        """Whether the signal has no sample, usable or not, outside [start, end]."""
        if self._read is not None:
            around = _nearest(self._all.get((machine, signal), []), start, end)
        else:
            around = self._telemetry.neighbours(self._line, machine, signal, start, end)
        return around == (None, None)


def _is_first(near: _Neighbours, found: Sequence[Change]) -> bool:
    """Whether a count came that there was none of before: then the line's other counts may
    mean something else (see analytics.facts: good items by difference), wherever they are."""
    counts = [change for change in found if change.signal in _COUNTS]
    for (machine, signal), group in groupby(counts, key=lambda it: (it.machine, it.signal)):
        same = list(group)
        start, end = min(it.start for it in same), max(it.end for it in same)
        if near.alone(machine, signal, start, end):
            return True
    return False


def _times(samples: pl.DataFrame) -> dict[tuple[str, str], list[datetime]]:
    """Times of the samples of each machine and signal, sorted."""
    groups = samples.group_by("machine", "signal").agg(pl.col("time").sort())
    return {(machine, signal): times for machine, signal, times in groups.rows()}


def _nearest(
    times: list[datetime], start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    low, high = bisect_left(times, start), bisect_right(times, end)
    return times[low - 1] if low else None, times[high] if high < len(times) else None


def merged(found: Sequence[Window]) -> list[Window]:
    """Windows that touch or overlap become one; sorted."""
    pairs = _joined(sorted((it.start, it.end) for it in found), timedelta(0))
    return [Window(start, end) for start, end in pairs]


def _joined(
    spans: Iterable[tuple[datetime, datetime]], within: timedelta
) -> list[tuple[datetime, datetime]]:
    """Sorted spans, neighbours not further apart than `within` as one."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= within:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _reach(
    near: _Neighbours, line: Line, change: Change, data_end: datetime
) -> tuple[datetime, datetime]:
    start, end = change.start, change.end
    if change.signal != SPAN:
        before, after = near.around(change.machine, change.signal, start, end)
        if signal_named(change.signal).kind is SignalKind.COUNTER:
            return _two_away(near, change, before, after)
        end = after or max(end, data_end)
    if change.machine != line.roles.get("state"):
        return start, end
    if change.signal in (SPAN, "state"):
        end = _behind_state(near, line, end, data_end)
    return _with_increments(near, line, start, end)


def _two_away(
    near: _Neighbours, change: Change, before: datetime | None, after: datetime | None
) -> tuple[datetime, datetime]:
    """From the second sample before a changed counter to the second one after."""
    start, end = before or change.start, after or change.end
    if before is not None:
        start = near.around(change.machine, change.signal, before, before)[0] or start
    if after is not None:
        end = near.around(change.machine, change.signal, after, after)[1] or end
    return start, end


def _behind_state(near: _Neighbours, line: Line, end: datetime, data_end: datetime) -> datetime:
    """How far a state that holds until `end` matters: to reasons, and to a stop behind it."""
    machine = line.roles.get("stop_reason") or line.roles["state"]
    before, after = near.around(machine, "stop_reason", end, end)
    reasoned = end
    if before is not None:  # a reason that may end, or no longer end, with this state
        reasoned = min(after or data_end, before + REASON_HOLDS_MAX)
    return max(end + timedelta(seconds=line.chatter_s), reasoned)


def _with_increments(
    near: _Neighbours, line: Line, start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """[start, end] widened to the increments that lie across its borders."""
    first, last = start, end
    # The machine that gives the good count may give it by difference of its other counts.
    machines = {line.roles.get(role) for role in _COUNTS}
    for machine, role in product(sorted(filter(None, machines)), _COUNTS):
        before, after = near.around(machine, role, start, start - _MICROSECOND)
        if before is not None and after is not None:  # after: at or behind the start
            first = min(first, before)
        before, after = near.around(machine, role, end + _MICROSECOND, end)
        if before is not None and after is not None:  # before: at or ahead of the end
            last = max(last, after)
    return first, last
