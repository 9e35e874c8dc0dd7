"""How far a change in the telemetry reaches into the facts: dirty marks → windows of time.

A mark says where samples changed; facts change further, because a sample's meaning reaches
to its neighbours (how far, says `domain.signals.Reach`):

- a counter shares its increments over the time to the sample before and the one after, and
  these are read anew (in or out of line), so it reaches to the second on each side;
- a state, mode or text holds until the next sample of its signal, or to the end of the data; and
  where several things were said at an instant, which of them holds depends on what was left before,
  so it reaches to the next instant at which one thing alone was said;
- a state (or a mode, without which no state is known) ends reasons and joins stops behind it:
  until the next reason, and for chatter;
- a reason reaches back to the begin of its stop, so a reason, and a state, matter to the time
  before; and so does unknown time, behind chatter too, that cuts off a stop before all was told;
- a state or a confirmed span also says where an increment that crosses it was counted, so
  it reaches as far as the increments of the line's counters do;
- a counter's last sample says what is not heard after it, and its last two say how long it may be
  silent there: to the end of the data;
- a counter that reads the same before unknown time and behind it says that a reason told before
  goes on: until the next reason;
- the first samples of a count may change what the other counts are taken for, everywhere.

Windows may be too wide (that costs time), never too narrow (that would leave wrong facts).
A change at a border belongs to the slices on both sides, hence the microsecond around.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, product

from domain.frames import LineHistory
from domain.plant import REASON_REACHES_BACK, Line
from domain.signals import REACHES, Reach, reach_of
from domain.time import MICROSECOND, Window
from store.history.line_history import MARGIN
from store.history.neighbours import Nearest
from store.telemetry.protocol import SPAN, DirtyMark, TelemetryReader

READ_AT_ONCE = timedelta(hours=2)
_JOINED_WITHIN = timedelta(hours=1)  # marks of a signal nearer than this are looked up as one
_LAST_TWO = 2
_COUNTERS = tuple(name for name, reach in REACHES.items() if reach.increments)
_BY_STATE = tuple(name for name in _COUNTERS if REACHES[name].by_state)
_ITEMS = ("total_count", "good_count", "reject_count")
_REASON = "stop_reason"


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


def nearby(marks: Sequence[DirtyMark], data_end: datetime) -> Window | None:
    """What to read of a line at once when it changed within a short time, as a live line does;
    None where it did not: then neighbours are asked for signal by signal."""
    if not marks:
        return None
    start = min(mark.start for mark in marks)
    end = max(*(mark.end for mark in marks), data_end) + MICROSECOND
    return Window(start - MARGIN, end + MARGIN) if end - start <= READ_AT_ONCE else None


def windows(
    telemetry: TelemetryReader,
    line: Line,
    marks: Iterable[DirtyMark],
    data_end: datetime,
    history: LineHistory | None = None,
) -> list[Window]:
    """The windows whose facts may have changed: sorted, apart from each other.

    `data_end` is where the line's data end: nothing holds beyond it. `history`: what was read
    of the line `nearby`. Corrections reach further: `analytics.corrections.invalidation.widened`.
    """
    found = changes(marks)
    if not found:
        return []
    near = Nearest(telemetry, line.id, history)
    extent = telemetry.extent(line.id)
    if extent is not None and _is_first(near, found):
        return [Window(extent.start - MICROSECOND, max(extent.end, data_end) + MICROSECOND)]
    reached = [_reach(near, line, change, data_end) for change in found]
    return merged([Window(start - MICROSECOND, end + MICROSECOND) for start, end in reached])


def _is_first(near: Nearest, found: Sequence[Change]) -> bool:
    """Whether a count came that there was none of before: then the line's other counts may
    mean something else (see analytics.facts.line_facts: good items by difference), wherever they
    are."""
    counts = [change for change in found if change.signal in _COUNTERS]
    for (machine, signal), group in groupby(counts, key=lambda it: (it.machine, it.signal)):
        same = list(group)
        start, end = min(it.start for it in same), max(it.end for it in same)
        if near.any(machine, signal, start, end) == (None, None):
            return True
    return False


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
    near: Nearest, line: Line, change: Change, data_end: datetime
) -> tuple[datetime, datetime]:
    start, end = change.start, change.end
    if change.signal != SPAN:
        reach = reach_of(change.signal)
        if reach.increments:
            before, after = near.usable(change.machine, change.signal, start, end)
            start, end = _so_many_away(near, change, reach, before, after, data_end)
            if change.signal in _ITEMS and end < data_end:
                end = _behind_state(near, line, end, data_end)
            return start, end
        _, after = near.any(change.machine, change.signal, start, end)
        alone = after and near.alone_from(change.machine, change.signal, after)
        end = alone or max(end, data_end)
        if change.signal == _REASON:
            start -= REASON_REACHES_BACK
    tells_mode = change.signal == "mode" and change.machine == _role(line, "mode")
    if change.machine != line.roles.get("state") and not tells_mode:
        counts = change.signal == SPAN and change.machine in line.roles.values()
        return _with_increments(near, line, start, end, _COUNTERS) if counts else (start, end)
    if change.signal in (SPAN, "state") or tells_mode:
        # A reason behind it may reach over it.
        start -= REASON_REACHES_BACK + timedelta(seconds=line.chatter_s)
        end = _behind_state(near, line, end, data_end)
    return _with_increments(near, line, start, end)


def _role(line: Line, role: str) -> str | None:
    """The machine of a role that the one with the state plays unless another is named."""
    return line.roles.get(role) or line.roles.get("state")


def _so_many_away(
    near: Nearest,
    change: Change,
    reach: Reach,
    before: datetime | None,
    after: datetime | None,
    data_end: datetime,
) -> tuple[datetime, datetime]:
    """As many samples away from a changed counter as an increment reaches to, on each side. Behind
    its last one a counter is not heard, or stands still: to the end of the data, where the change
    is among the last two."""
    series = (change.machine, change.signal)
    # What needs so many samples after it is reached by a change so many behind it.
    earlier = near.onwards(*series, before, reach.after, back=True)
    later = near.onwards(*series, after, reach.before, back=False)
    end = later[-1] if len(later) >= _LAST_TWO else max(change.end, data_end)
    return (earlier or [change.start])[-1], end


def _behind_state(near: Nearest, line: Line, end: datetime, data_end: datetime) -> datetime:
    """How far a state that holds until `end` matters: to reasons, and to a stop behind it."""
    machine = _role(line, _REASON)
    if machine is None:
        return end
    before, after = near.usable(machine, _REASON, end, end)
    reasoned = end
    if before is not None:  # a reason that may end, or no longer end, with this state
        held = REACHES[_REASON].whole_max
        assert held is not None
        reasoned = min(after or data_end, before + held)
    joined = end + timedelta(seconds=line.chatter_s)
    return max(joined + REASON_REACHES_BACK, reasoned)


def _with_increments(
    near: Nearest,
    line: Line,
    start: datetime,
    end: datetime,
    counters: Sequence[str] = _BY_STATE,
) -> tuple[datetime, datetime]:
    """[start, end] widened to the increments that lie across its borders."""
    first, last = start, end
    # The machine that gives the good count may give it by difference of its other counts.
    machines = {line.roles.get(role) for role in counters}
    for machine, role in product(sorted(filter(None, machines)), counters):
        before, after = near.usable(machine, role, start, start - MICROSECOND)
        if before is not None and after is not None:  # after: at or behind the start
            first = min(first, before)
        before, after = near.usable(machine, role, end + MICROSECOND, end)
        if before is not None and after is not None:  # before: at or ahead of the end
            last = max(last, after)
    return first, last
