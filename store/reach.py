"""How far a change in the telemetry reaches into the facts: dirty marks → windows of time.

A mark says where samples changed; facts change further, because a sample's meaning reaches
to its neighbours:

- a counter shares its increments over the time to the sample before and the one after;
- a state, mode or text holds until the next sample of its signal, or to the end of the data;
- a state or a confirmed span also says where an increment that crosses it was counted, so
  it reaches as far as the increments of the line's counters do.

Windows may be too wide (that costs time), never too narrow (that would leave wrong facts).
A change at a border belongs to the slices on both sides, hence the microsecond around.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from domain.plant import Line
from domain.signals import SignalKind, signal_named
from domain.time import Window
from store.protocol import DirtyMark, TelemetryStore
from store.usable import usable_neighbours

SPAN = ""  # the signal of a mark that a confirmed span made
_MICROSECOND = timedelta(microseconds=1)
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
    telemetry: TelemetryStore, line: Line, marks: Iterable[DirtyMark], data_end: datetime
) -> list[Window]:
    """The windows whose facts may have changed: sorted, apart from each other.

    `data_end` is where the line's data end: nothing holds beyond it.
    """
    found = [_reach(telemetry, line, change, data_end) for change in changes(marks)]
    return merged([Window(start - _MICROSECOND, end + _MICROSECOND) for start, end in found])


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
    telemetry: TelemetryStore, line: Line, change: Change, data_end: datetime
) -> tuple[datetime, datetime]:
    start, end = change.start, change.end
    if change.signal != SPAN:
        before, after = usable_neighbours(
            telemetry, line.id, change.machine, change.signal, start, end
        )
        if signal_named(change.signal).kind is SignalKind.COUNTER:
            return before or start, after or end
        end = after or max(end, data_end)
    if change.machine != line.roles.get("state"):
        return start, end
    return _with_increments(telemetry, line, start, end)


def _with_increments(
    telemetry: TelemetryStore, line: Line, start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """[start, end] widened to the increments that lie across its borders."""
    first, last = start, end
    for role in _COUNTS:
        if role in line.roles:
            counter = (telemetry, line.id, line.roles[role], role)
            before, after = usable_neighbours(*counter, start, start - _MICROSECOND)
            if before is not None and after is not None:  # after: at or behind the start
                first = min(first, before)
            before, after = usable_neighbours(*counter, end + _MICROSECOND, end)
            if before is not None and after is not None:  # before: at or ahead of the end
                last = max(last, after)
    return first, last
