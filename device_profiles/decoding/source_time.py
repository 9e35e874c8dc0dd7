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
wall is a clock that is behind and not a buffer, which is emptied faster; that shows it for all
addresses of the machine.

A source that keeps no order may tell an old value after a newer one, or its clock was set back: one
such value cannot show which. So nothing is taken from it that would be wrong either way.

- Whether the newer value still holds is not known: from the receipt on nothing does (`ends`),
  until a value comes that is newer again.
- It keeps its time if the machine was not heard then: a gateway had kept it. If the machine was
  heard then (`heard_times`) and told something else, neither is known (`unsure_from`).
- A value that is newer than all before it holds now, whatever its clock says. Is it late, and was
  the machine heard since its time, it stands at its receipt, and before it nothing is known.

The first value of an address may have held for long, or be what a clock says that is hours behind.
If its time is older than LATE_MAX, it is believed only of a machine whose clock is known to be
right because another of its times was near its receipt. Else it holds from its receipt on, which
is certain; nothing is told, since nothing is known to be wrong.

    received  source    stands at
    10:00:00  10:00:00  10:00:00
    10:00:05  12:00:05  10:00:05  AHEAD: nothing is held back until 12:00
    10:00:10  10:00:10  10:00:10
    10:00:15  09:00:15  10:00:15  BEHIND, where `not_before` is 10:00:10; else as said above
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from device_profiles.decoding.address_times import AddressTimes, Doubt, Judged
from device_profiles.decoding.clock_error import TOLERANCE, ClockWatch
from device_profiles.decoding.heard_times import HeardTimes
from device_profiles.decoding.remembered import CHANGES_MAX, Remembered
from device_profiles.model.values import shown
from domain.samples import Reading

CLOCKS_SET_FROM = datetime(2001, 1, 1, tzinfo=UTC)
_TOLD_AGAIN_AFTER = timedelta(hours=1)
EPISODE = timedelta(minutes=1)
LATE_MAX = timedelta(minutes=2)  # later than this is no usual way from the machine to us
PAUSE_MAX = timedelta(minutes=1)  # a machine of which nothing comes for longer is not heard
_CHANGES_MAX = 1000  # of an address, to know what it had told of a time


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


class SourceTimes:
    """The judgement over all addresses of one machine. `by_receipt`: no source time counts.
    `is_clock_right`: as it was known before the first reading; None: it was not. `keeps_order`:
    the source hands over the values of an address in the order of their times. `remembered`: what
    another one knew before us."""

    def __init__(
        self,
        *,
        by_receipt: bool = False,
        is_clock_right: bool | None = True,
        keeps_order: bool = False,
        pause_max: timedelta = PAUSE_MAX,
        remembered: Remembered | None = None,
    ) -> None:
        known = remembered or Remembered()
        self._by_receipt = by_receipt
        self.is_clock_right = is_clock_right
        self.keeps_order = keeps_order
        # Where the order is kept, none but the last one is ever asked for.
        self._changes_max = 1 if keeps_order else _CHANGES_MAX
        self._heard = HeardTimes(pause_max, known.heard)
        self._is_behind = False  # the clock, as the pace of an address has shown
        self._addresses = {
            name: AddressTimes.of(it, self._changes_max)
            for name, it in known.addresses.items()
            if it.changes
        }
        self._told: dict[tuple[str, str], datetime] = {}
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
        is_first = before is None or (before.is_remembered and self.keeps_order)
        if before is None:
            before = AddressTimes.begin(reading.value, received, self._changes_max)
            self._addresses[reading.address] = before
        if before.unproven is not None and _says_the_same(before, reading):
            return Judged(before.unproven, timed=False, is_certain=True)
        before.unproven = None
        judged = self._judge(before, reading, is_first=is_first)
        before.is_remembered = False
        before.take(judged, shown(reading.value))
        before.given = max(before.given, judged.time)
        if source is not None and source != before.source:
            self._learn(source, received, judged.doubt)
            self.clock.seen(source, received, is_first=before.source is None)
        if source != before.source:
            before.source, before.since = source, received
        before.value = reading.value
        if source is not None and judged.doubt is not None:
            self._count(judged.doubt, reading.address, source, received)
        return judged

    def _judge(self, before: AddressTimes, reading: Reading, *, is_first: bool) -> Judged:
        source, received = reading.source_time, reading.received
        doubt = None if source is None else self._doubt(before, reading, source)
        if source is None or doubt is not None:
            return _at_receipt(before, received, doubt)
        if is_first and not self._is_proven(source, received):
            before.unproven = before.at_receipt = received
            return Judged(received, timed=False, is_certain=True)
        if not self.keeps_order and not is_first:
            judged = self._out_of_order(before, reading, source)
            if judged is not None:
                return judged
        before.believed = max(source, before.believed or source)
        return Judged(source, timed=True, is_certain=True)

    def _out_of_order(
        self, before: AddressTimes, reading: Reading, source: datetime
    ) -> Judged | None:
        """Of a source that keeps no order: the judgement where more than one thing can be true."""
        received, says = reading.received, shown(reading.value)
        is_late = received - source > LATE_MAX
        believed, ended = before.believed or source, before.ended or source
        newest = max(believed, ended, source)
        is_old = source < newest
        if believed < source < ended and not is_late:  # told at once, by a clock that is slow
            before.believed = source
            return Judged(ended, timed=False, is_certain=True)
        is_unsure = says != before.told(source) and self._heard.was_heard(source, received)
        if not is_old:
            if is_late and is_unsure and says != before.holds:
                return replace(_at_receipt(before, received, Doubt.BEHIND), unsure_from=source)
            return None
        is_ending = before.holds is not None and says != before.holds
        ends = _after(before.given, received) if is_ending else None
        if is_unsure and newest - source > TOLERANCE:
            return Judged(source, True, True, Doubt.BEHIND, source, False, True, ends)
        return Judged(source, timed=True, is_certain=True, is_old=True, ends=ends)

    def is_at_once(self, reading: Reading) -> bool:
        """Whether there is nothing to judge: it comes soon after its source time, which is no
        earlier than anything that is known of its address. As nearly all do."""
        source, received = reading.source_time, reading.received
        before = self._addresses.get(reading.address)
        if before is None or source is None or self._by_receipt or reading.unchanged:
            return False
        if before.is_remembered or before.unproven is not None or source < CLOCKS_SET_FROM:
            return False
        if source == before.source and (
            before.still == source or received - before.since > TOLERANCE
        ):
            return False
        not_before = reading.not_before
        return (
            received - LATE_MAX <= source <= received + TOLERANCE
            and (not_before is None or source >= not_before - TOLERANCE)
            and (before.believed is None or source >= before.believed)
            and (before.at_receipt is None or source >= before.at_receipt)
            and (before.ended is None or source >= before.ended)
        )

    def take_at_once(self, reading: Reading, says: str) -> None:
        """What `judge` learns of a value that `is_at_once` and `says` that: it was true at its
        source time, and the machine is heard."""
        source, received = reading.source_time, reading.received
        before = self._addresses[reading.address]
        assert source is not None  # it is at once
        before.late, before.believed = None, source
        before.take_newest(source, says)
        if source > before.given:
            before.given = source
        if source != before.source:
            self.is_clock_right, self._is_behind = True, False
            self.clock.seen(source, received, is_first=before.source is None)
            before.source, before.since = source, received
        before.value = reading.value
        self._heard.heard(received)

    def address(self, name: str) -> AddressTimes | None:
        """What came of it; None: nothing yet."""
        return self._addresses.get(name)

    def confirm(self, sources: Sequence[datetime], received: datetime) -> None:
        """Source times of a hand-over came that are new, and neither ahead nor late: as `judge`
        learns it. What they show of the clock is shown by the first and the nearest of them."""
        self.is_clock_right, self._is_behind = True, False
        for source in sources:
            self.clock.seen(source, received)

    def heard(self, received: datetime) -> None:
        """Something came that confirms that the machine is alive."""
        self._heard.heard(received)

    @property
    def remembered(self) -> Remembered:
        """What whoever comes after us must know."""
        changes_max = 1 if self.keeps_order else CHANGES_MAX
        return Remembered(
            heard=self._heard.spells,
            addresses={name: it.remembered(changes_max) for name, it in self._addresses.items()},
        )

    def _doubt(self, before: AddressTimes, reading: Reading, source: datetime) -> Doubt | None:
        received = reading.received
        if source > received + TOLERANCE:
            return Doubt.AHEAD
        if source < CLOCKS_SET_FROM:
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
            or (self.keeps_order and self._contradicts_memory(before, reading, source))
            or self._is_late_by_its_clock(before, source, received)
        ):
            return Doubt.BEHIND
        return None

    def _contradicts_memory(self, before: AddressTimes, reading: Reading, source: datetime) -> bool:
        """Whether the first value since somebody else read the machine in order would have been
        told by them, and was not."""
        if not before.is_remembered or before.believed is None:
            return False
        is_news = shown(reading.value) != before.told(source)
        return source < before.believed or (
            is_news and self._heard.was_heard(source, reading.received)
        )

    def _is_late_by_its_clock(
        self, before: AddressTimes, source: datetime, received: datetime
    ) -> bool:
        if _stays_late(before, source, received):
            self._is_behind = True
            return True
        is_late = received - source > LATE_MAX
        return is_late and self._is_behind and not self.keeps_order and before.source is not None

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
            self.is_clock_right, self._is_behind = True, False

    def _count(self, doubt: Doubt, address: str, source: datetime, received: datetime) -> None:
        doubted = self.doubted.setdefault(doubt, Doubted(received, received, address, 0.0))
        if received - doubted.last > EPISODE:
            doubted.since = received
        doubted.last, doubted.address = received, address
        doubted.ahead_s = (source - received).total_seconds()
        doubted.count += 1

    def is_news(self, address: str, why: str, received: datetime) -> bool:
        """Whether it is to be told: at first, and once an hour while it lasts."""
        last = self._told.get((address, why))
        if last is not None and abs(received - last) < _TOLD_AGAIN_AFTER:
            return False
        self._told[address, why] = received
        return True


def is_possible(source: datetime, received: datetime, not_before: datetime | None) -> bool:
    """Whether a source time can be true, by receipt and by what had come already."""
    too_early = not_before is not None and source < not_before - TOLERANCE
    return not too_early and source <= received + TOLERANCE


def _says_the_same(before: AddressTimes, reading: Reading) -> bool:
    """Whether it repeats the last reading, source time and all."""
    same = reading.source_time == before.source
    return same and shown(reading.value) == shown(before.value)


def _stays_late(before: AddressTimes, source: datetime, received: datetime) -> bool:
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


def _at_receipt(before: AddressTimes, received: datetime, doubt: Doubt | None) -> Judged:
    before.at_receipt = _after(before.given, received)
    return Judged(before.at_receipt, timed=False, is_certain=False, doubt=doubt)


def _after(given: datetime, received: datetime) -> datetime:
    """The receipt, or a time given before if it is ahead by no more than the tolerance. (By more
    only when the agent's own clock was set back: then nothing may wait for it.)"""
    return given if received < given <= received + TOLERANCE else received
