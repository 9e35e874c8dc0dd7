"""When a value was true: by the machine's own time if that can be believed, else by its receipt.

Pure, and judged for each address by itself: one wrong clock must not move the rest. A source time
is not believed when it

- lies ahead of its receipt by more than TOLERANCE (a clock that is fast, a zone error);
- is older than any clock that was ever set (they start in 1970, 1990 or 2000);
- lies before what had come already: before `Reading.not_before`, up to which the source had
  handed over everything; before a value of the same address that stood at its receipt; or, from a
  source that keeps the order, before the last one (a clock that was set back);
- stands still for more than TOLERANCE while the value changes.

Such a value stands at its receipt, is UNCERTAIN and has a `Doubt`. Its time is never before that
of an earlier value of the address, so that the later value holds. What is merely late keeps its own
time: a gateway may send what it had buffered. Lateness that goes on at the pace of the clock on the
wall is a clock that is behind and not a buffer, which is emptied faster.

The first value of an address may have held for long, or be what a clock says that is hours behind.
If its time is older than LATE_MAX, it is believed only of a machine whose clock is known to be
right because another of its times was near its receipt. Else it holds from its receipt on, which
is certain; nothing is told, since nothing is known to be wrong.

    received  source    stands at
    10:00:00  10:00:00  10:00:00
    10:00:05  12:00:05  10:00:05  AHEAD: nothing is held back until 12:00
    10:00:10  10:00:10  10:00:10
    10:00:15  09:00:15  10:00:15  BEHIND, where `not_before` is 10:00:10
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from device_profiles.decoding.clock_error import TOLERANCE, ClockWatch
from device_profiles.model.values import shown
from domain.samples import Reading

_CLOCKS_SET_FROM = datetime(2001, 1, 1, tzinfo=UTC)
_TOLD_AGAIN_AFTER = timedelta(hours=1)
EPISODE = timedelta(minutes=1)
LATE_MAX = timedelta(minutes=2)  # later than this is no usual way from the machine to us


class Doubt(StrEnum):
    """Why a source time is not believed, in words without amounts, so that it can be counted."""

    AHEAD = "source time ahead of receipt: the value stands at its receipt"
    NEVER_SET = "source time of a clock that was never set: the value stands at its receipt"
    BEHIND = "source time before what had come already: the value stands at its receipt"
    STILL = "source time stands still while the value changes: the value stands at its receipt"


@dataclass(slots=True)
class Doubted:
    """The source times that were not believed for one reason: since when that goes on (with pauses
    of no more than EPISODE), when the last one came, of which address it was and by how much it lay
    ahead of its receipt; and how many there were in all."""

    since: datetime
    last: datetime
    address: str
    ahead_s: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """When a value was true. `timed`: by the machine's own time, not by that of receipt.
    `is_certain`: the profile asks for no other time than this one."""

    time: datetime
    timed: bool
    is_certain: bool
    doubt: Doubt | None = None


@dataclass(slots=True)
class _Address:
    """What came of one address: the last reading, and the times that were given."""

    value: Any
    source: datetime | None
    since: datetime  # when the first value with this source time was received
    given: datetime  # the newest time given
    believed: datetime | None = None  # the newest source time believed
    at_receipt: datetime | None = None  # where the newest value stands that had no usable time
    still: datetime | None = None  # a source time that was seen to stand still
    late: tuple[datetime, datetime] | None = None  # source and receipt where lateness began
    unproven: datetime | None = None  # where its first value stands, if at no time of its own


class SourceTimes:
    """The judgement over all addresses of one machine. `by_receipt`: no source time counts.
    `is_clock_right`: as it was known before the first reading; None: it was not."""

    def __init__(self, *, by_receipt: bool = False, is_clock_right: bool | None = True) -> None:
        self._by_receipt = by_receipt
        self.is_clock_right = is_clock_right
        self._addresses: dict[str, _Address] = {}
        self._told: dict[tuple[str, Doubt], datetime] = {}
        self.doubted: dict[Doubt, Doubted] = {}
        self.clock = ClockWatch()

    def judge(self, reading: Reading) -> Judged:
        """When the reading's value was true. Readings come in the order of their arrival."""
        source, received = reading.source_time, reading.received
        if self._by_receipt:
            return Judged(received, timed=False, is_certain=True)
        if reading.unchanged:
            is_timed = source is not None
            return Judged(source or received, is_timed, is_timed)
        before = self._addresses.get(reading.address)
        is_first = before is None
        if before is None:
            before = _Address(reading.value, None, received, received)
            self._addresses[reading.address] = before
        if before.unproven is not None and _says_the_same(before, reading):
            return Judged(before.unproven, timed=False, is_certain=True)
        before.unproven = None
        doubt = None if source is None else _doubt(before, reading, source)
        if source is not None and source != before.source:
            self._learn(source, received, doubt)
        if (
            source is not None
            and doubt is None
            and is_first
            and not self._is_proven(source, received)
        ):
            judged = Judged(received, timed=False, is_certain=True)
            before.unproven = before.at_receipt = received
        elif source is not None and doubt is None:
            judged = Judged(source, timed=True, is_certain=True)
            before.believed = max(source, before.believed or source)
        else:
            judged = Judged(_after(before.given, received), False, False, doubt)
            before.at_receipt = judged.time
        before.given = max(before.given, judged.time)
        if source is not None and source != before.source:
            self.clock.seen(source, received, is_first=before.source is None)
        if source != before.source:
            before.source, before.since = source, received
        before.value = reading.value
        if source is not None and doubt is not None:
            self._count(doubt, reading.address, source, received)
        return judged

    def _is_proven(self, source: datetime, received: datetime) -> bool:
        """Whether the first source time of an address can be believed, however old it is."""
        is_right = self.is_clock_right is True and self.clock.error is None
        return is_right or received - source <= LATE_MAX

    def _learn(self, source: datetime, received: datetime, doubt: Doubt | None) -> None:
        """What a source time that is new says of the clock; an old one may be right or not."""
        is_late = received - source > LATE_MAX
        if source > received + TOLERANCE or (is_late and doubt is not None):
            self.is_clock_right = False
        elif not is_late:
            self.is_clock_right = True

    def _count(self, doubt: Doubt, address: str, source: datetime, received: datetime) -> None:
        doubted = self.doubted.setdefault(doubt, Doubted(received, received, address, 0.0))
        if received - doubted.last > EPISODE:
            doubted.since = received
        doubted.last, doubted.address = received, address
        doubted.ahead_s = (source - received).total_seconds()
        doubted.count += 1

    def is_news(self, address: str, doubt: Doubt, received: datetime) -> bool:
        """Whether it is to be told: at first, and once an hour while it lasts."""
        last = self._told.get((address, doubt))
        if last is not None and abs(received - last) < _TOLD_AGAIN_AFTER:
            return False
        self._told[address, doubt] = received
        return True


def is_possible(source: datetime, received: datetime, not_before: datetime | None) -> bool:
    """Whether a source time can be true, by receipt and by what had come already."""
    too_early = not_before is not None and source < not_before - TOLERANCE
    return not too_early and source <= received + TOLERANCE


def _doubt(before: _Address, reading: Reading, source: datetime) -> Doubt | None:
    received = reading.received
    if source > received + TOLERANCE:
        return Doubt.AHEAD
    if source < _CLOCKS_SET_FROM:
        return Doubt.NEVER_SET
    if before.source == source and (
        before.still == source
        or (received - before.since > TOLERANCE and shown(reading.value) != shown(before.value))
    ):
        before.still = source
        return Doubt.STILL
    in_order = reading.not_before is not None
    if (
        not is_possible(source, received, reading.not_before)
        or (before.at_receipt is not None and source < before.at_receipt)
        or (in_order and before.believed is not None and source < before.believed)
        or _stays_late(before, source, received)
    ):
        return Doubt.BEHIND
    return None


def _says_the_same(before: _Address, reading: Reading) -> bool:
    """Whether it repeats the last reading, source time and all."""
    same = reading.source_time == before.source
    return same and shown(reading.value) == shown(before.value)


def _stays_late(before: _Address, source: datetime, received: datetime) -> bool:
    """Whether values have been late for so long, at the pace of receipt, that no buffer is."""
    is_in_order = before.believed is None or source >= before.believed
    if is_in_order and received - source <= LATE_MAX:
        before.late = None
        return False
    if before.late is None:
        before.late = (source, received)
        return False
    passed = received - before.late[1]
    return passed > TOLERANCE and abs((source - before.late[0]) - passed) <= passed / 2


def _after(given: datetime, received: datetime) -> datetime:
    """The receipt, or a time given before if it is ahead by no more than the tolerance. (By more
    only when the agent's own clock was set back: then nothing may wait for it.)"""
    return given if received < given <= received + TOLERANCE else received
