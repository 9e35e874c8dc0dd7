"""At which instant a sample stands: the order of what one machine says of one signal.

A source may say several things at one instant of its clock, and in which order is known here alone.
So each next one is moved on by a microsecond, unless the order says nothing that whoever reads the
samples would not see by itself (`domain.instants`): a value that follows a mere repetition of what
was said before, and a count that is higher than the one before it. So it is the same whether it
comes live or from a file.

    said at 10:00:00     before it    stands at
    producing, stopped   producing    10:00:00, 10:00:00           the repetition yields
    stopped, producing   producing    10:00:00, 10:00:00.000001    it stopped for a moment
    7, 8                 6            10:00:00, 10:00:00           it went through both
    8, 0                 7            10:00:00, 10:00:00.000001    it was reset
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from device_profiles.decoding.clock_error import TOLERANCE
from device_profiles.decoding.convert import Content
from domain.signals import SignalKind, signal_named
from domain.time import MICROSECOND

_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """The last sample of a signal: its source time, the time it was given, its content, and
    whether that repeats the sample before it."""

    source: datetime
    time: datetime
    content: Content
    repeats: bool


class GivenTimes:
    """What was given last, signal by signal."""

    def __init__(self) -> None:
        self._last: dict[str, Given] = {}

    def last(self, signal: str) -> Given | None:
        return self._last.get(signal)

    def put(self, signal: str, given: Given) -> None:
        """What was given last by somebody else."""
        self._last[signal] = given

    def give(self, signal: str, time: datetime, content: Content, *, timed: bool) -> datetime:
        """The instant of a sample that was true at `time`: after all others of its signal unless
        it is late itself. `timed`: by the machine's own clock."""
        last = self._last.get(signal)
        if last is not None:
            # One that stands at its receipt came after those whose clock is a little fast.
            is_late = timed or last.source - time > TOLERANCE
            if time < last.source and is_late:
                return time
            if time == last.source and content == last.content:
                return last.time
        given = time
        if last is not None and time <= last.time < _LAST_INSTANT:
            at_once = time == last.source and not _has_order(signal, last, content)
            given = last.time if at_once else last.time + MICROSECOND
        source = time if last is None else max(time, last.source)
        repeats = last is not None and last.content == content
        self._last[signal] = Given(source, given, content, repeats)
        return given


def _has_order(signal: str, last: Given, content: Content) -> bool:
    """Whether it says something that this content came after the last one."""
    if signal_named(signal).kind is not SignalKind.COUNTER:
        return not last.repeats
    before, after = last.content.value, content.value
    return before is None or after is None or after < before
