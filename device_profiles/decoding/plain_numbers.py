"""Plain numbers of many addresses at once: the short way through the judgement of their times.

Pure. Nearly all values are numbers of an address that one signal alone uses, as they are or scaled,
and come in the order of their times, soon after them. Of such a value `source_time` and
`given_times` find nothing to doubt: it is true at its source time. So its times need no object; the
newest of them is kept in a row of columns, and all values of a hand-over are compared at once.

Only what is sure to be so goes this way. Whatever comes of an address otherwise (no number, a time
that is late, ahead, or not after the last one) goes the general way; before, what the columns know
of the address is given back to it (`give_back`). Both ways tell the same.

    address  newest    comes     value
    Speed    10:00:00  10:00:01  2.5     short way: newest is 10:00:01
    Good     10:00:00  10:00:00  8       general way: its time stands still
    Door     10:00:00  10:00:01  "open"  general way: no number

At one instant the order of addresses says nothing, so those of the short way come first and the
others stay together: they may be one change of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_profiles.decoding.clock_error import TOLERANCE
from device_profiles.decoding.convert import Content
from device_profiles.decoding.given_times import Given, GivenTimes
from device_profiles.decoding.source_time import CLOCKS_SET_FROM, LATE_MAX, SourceTimes
from device_profiles.model.profile import Input, NumberRule, Profile, Source
from device_profiles.model.values import shown
from domain.columns import ReadingColumns
from domain.samples import Quality
from domain.time import MICROSECOND, instant, micros

_Whole = NDArray[np.int64]
_Truth = NDArray[np.bool_]
_Real = NDArray[np.float64]

NUMBERS = (int, float)
EXACT_MAX = 2**53 - 1  # beyond it several whole numbers are the same float
_TOLERANCE_US, _LATE_MAX_US = TOLERANCE // MICROSECOND, LATE_MAX // MICROSECOND
_SET_FROM_US = micros(CLOCKS_SET_FROM)
_NO_SLOT = -1


def plain_rules(profile: Profile) -> dict[str, NumberRule]:
    """The rules whose values are plain numbers, by their address: none but one rule uses it."""
    uses: dict[str, list[Input]] = {}
    for item in profile.inputs:
        for source in item.sources:
            uses.setdefault(source.address.key, []).append(item)
    told = [name for rule in profile.rules for name in profile.inputs_of(rule)]
    heartbeat = profile.heartbeat.address.key if profile.heartbeat is not None else None
    found = {}
    for rule in profile.rules:
        if not isinstance(rule, NumberRule) or told.count(rule.input) > 1:
            continue
        scaled = NumberRule(rule.signal, rule.input, rule.factor, rule.offset, rule.conversion)
        for address, inputs in uses.items():
            plain = Input(rule.input, (Source(inputs[0].sources[0].address),))
            if rule == scaled and inputs == [plain] and address != heartbeat:
                found[address] = rule
    return {} if profile.by_receipt else found


@dataclass(frozen=True, slots=True)
class Told:
    """The columns of a hand-over as arrays, a place each. `slots`: of their addresses, or none;
    `amounts`: their values in the unit of the signal; `can_be_plain`: by themselves."""

    columns: ReadingColumns
    slots: _Whole
    times_us: _Whole
    numbers: _Real
    are_whole: _Truth
    amounts: _Real
    can_be_plain: _Truth


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the addresses of a hand-over, a place each. `is_once`: none comes twice."""

    addresses: Sequence[str]
    slots: _Whole
    signals: Sequence[str]
    factors: _Real
    numerators: _Real
    denominators: _Real
    offsets: _Real
    is_once: bool


class PlainNumbers:
    """What came last of each address of `rules` whose values go the short way."""

    def __init__(
        self, rules: Mapping[str, NumberRule], times: SourceTimes, given: GivenTimes
    ) -> None:
        self._times, self._given = times, given
        self._slots = {address: slot for slot, address in enumerate(rules)}
        self._addresses = list(rules)
        self._signals = [it.signal for it in rules.values()]
        # Behind them one more place, of those that have none.
        none = NumberRule("", "", 0.0, 0.0, (1, 1))
        scales = [*rules.values(), none]
        self._factors = np.array([it.factor for it in scales], np.float64)
        self._offsets = np.array([it.offset for it in scales], np.float64)
        self._numerators = np.array([it.conversion[0] for it in scales], np.float64)
        self._denominators = np.array([it.conversion[1] for it in scales], np.float64)
        count = len(scales)
        self._is_held = np.zeros(count, np.bool_)  # here, and not by `times` and `given`
        self._is_used = np.zeros(count, np.bool_)  # since then
        self._newest_us = np.zeros(count, np.int64)  # time of which anything is known
        self._received_us = np.zeros(count, np.int64)
        self._numbers = np.zeros(count, np.float64)
        self._are_whole = np.zeros(count, np.bool_)
        self._changed_us = np.zeros(count, np.int64)  # when the value became this one; 0: before
        self._amounts = np.zeros(count, np.float64)
        self._repeats = np.zeros(count, np.bool_)  # the sample before it
        self._last = self._known([])

    def told(self, columns: ReadingColumns) -> Told:
        """The readings, as far as they can be judged by themselves."""
        known = self._known_of(columns.addresses)
        slots = known.slots
        times_us = np.asarray(columns.times_us, np.int64)
        numbers, are_whole, can_be = _as_numbers(columns.values)
        with np.errstate(all="ignore"):
            amounts = (
                numbers * known.factors * known.numerators / known.denominators + known.offsets
            )
        received_us = micros(columns.received)
        earliest_us = max(_SET_FROM_US, received_us - _LATE_MAX_US)
        if columns.not_before is not None:
            earliest_us = max(earliest_us, micros(columns.not_before) - _TOLERANCE_US)
        can_be &= (slots != _NO_SLOT) & np.isfinite(amounts)
        can_be &= (times_us >= earliest_us) & (times_us <= received_us + _TOLERANCE_US)
        if columns.others:
            can_be[list(columns.others)] = False
        return Told(columns, slots, times_us, numbers, are_whole, amounts, can_be)

    def parts(self, told: Told) -> Iterator[tuple[bool, _Whole]]:
        """Places that go one way together, in turn, and whether it is the short one. Each part
        must have gone its way before the next one is asked for."""
        for places in self._without_repeats(told):
            are_plain, slots = at(told.can_be_plain, places), at(told.slots, places)
            self._hold(slots[are_plain])
            is_later = at(told.times_us, places) > self._newest_us[slots]
            are_plain = are_plain & self._is_held[slots] & is_later
            if are_plain.all():
                yield True, places
                continue
            instants = np.cumsum(np.diff(told.times_us[places], prepend=0) != 0)
            order = np.lexsort((~are_plain, instants))
            places, are_plain = places[order], are_plain[order]
            borders = np.flatnonzero(np.diff(are_plain)) + 1
            for part, kind in zip(
                np.split(places, borders), np.split(are_plain, borders), strict=True
            ):
                yield bool(kind[0]), part

    def take(self, told: Told, places: _Whole) -> None:
        """Values of a part of the short way have come."""
        slots, times_us = at(told.slots, places), at(told.times_us, places)
        numbers, are_whole = at(told.numbers, places), at(told.are_whole, places)
        amounts = at(told.amounts, places)
        received = told.columns.received
        received_us = micros(received)
        nearest = int(np.argmin(np.abs(times_us - received_us)))
        self._times.confirm([instant(int(times_us[it])) for it in (0, nearest)], received)
        before = self._numbers[slots]
        is_news = (numbers != before) | (are_whole != self._are_whole[slots])
        is_news |= np.signbit(numbers) != np.signbit(before)  # -0.0 is another text than 0.0
        self._changed_us[slots] = np.where(is_news, times_us, self._changed_us[slots])
        self._repeats[slots] = amounts == self._amounts[slots]
        self._amounts[slots] = amounts
        self._numbers[slots], self._are_whole[slots] = numbers, are_whole
        self._newest_us[slots], self._received_us[slots] = times_us, received_us
        self._is_used[slots] = True

    def give_back(self, address: str) -> None:
        """What came of it goes on the general way."""
        slot = self._slots.get(address)
        if slot is not None and self._is_held[slot]:
            self._is_held[slot] = False
            if self._is_used[slot]:
                self._give_back(slot)

    def give_all_back(self) -> None:
        for address in self._addresses:
            self.give_back(address)

    def signals(self, told: Told, places: _Whole) -> Sequence[str]:
        """Those of a part of the short way."""
        signals = self._known_of(told.columns.addresses).signals
        return signals if len(places) == len(signals) else [signals[it] for it in places.tolist()]

    def _known_of(self, addresses: Sequence[str]) -> _Known:
        if addresses != self._last.addresses:  # most hand-overs look like the last one
            self._last = self._known(addresses)
        return self._last

    def _known(self, addresses: Sequence[str]) -> _Known:
        found = [self._slots.get(it, _NO_SLOT) for it in addresses]
        slots = np.array(found, np.int64)
        return _Known(
            addresses,
            slots,
            ["" if it == _NO_SLOT else self._signals[it] for it in found],
            self._factors[slots],
            self._numerators[slots],
            self._denominators[slots],
            self._offsets[slots],
            is_once=len(set(addresses)) == len(addresses),
        )

    def _without_repeats(self, told: Told) -> Iterator[_Whole]:
        """The places in pieces in which no address comes twice; whatever has one time stays in one
        piece. An address that comes twice at one time is not plain."""
        addresses = told.columns.addresses
        if not addresses:
            return
        if self._known_of(addresses).is_once:
            yield np.arange(len(addresses))
            return
        times_us = told.times_us
        borders = [0, *(np.flatnonzero(np.diff(times_us)) + 1).tolist(), len(times_us)]
        begin, seen = 0, set[str]()
        for start, end in pairwise(borders):
            here = set(addresses[start:end])
            if len(here) < end - start:
                told.can_be_plain[start:end] = False
            if not seen.isdisjoint(here):
                yield np.arange(begin, start)
                begin, seen = start, set()
            seen |= here
        yield np.arange(begin, len(times_us))

    def _hold(self, slots: _Whole) -> None:
        """Take over those that are not held, as far as the columns can say what they know."""
        for slot in slots[~self._is_held[slots]].tolist():
            times = self._times.address(self._addresses[slot])
            given = self._given.last(self._signals[slot])
            if times is None or given is None or not times.is_settled:
                continue
            if type(times.value) not in NUMBERS or not abs(times.value) <= EXACT_MAX:
                continue
            newest = max(times.newest, given.source, given.time)
            self._newest_us[slot] = micros(newest)
            self._numbers[slot], self._are_whole[slot] = times.value, type(times.value) is int
            self._changed_us[slot] = 0
            is_number = given.content.value is not None and given.content.quality is Quality.GOOD
            self._amounts[slot] = given.content.value if is_number else np.nan
            self._is_held[slot], self._is_used[slot] = True, False

    def _give_back(self, slot: int) -> None:
        times = self._times.address(self._addresses[slot])
        assert times is not None  # it was held
        newest, received = instant(int(self._newest_us[slot])), int(self._received_us[slot])
        number: Any = float(self._numbers[slot])
        number = int(number) if self._are_whole[slot] else number
        changed_us = int(self._changed_us[slot])
        changed = instant(changed_us) if changed_us else None
        times.skip_to(number, shown(number), newest, instant(received), changed)
        content = Content(float(self._amounts[slot]), None, Quality.GOOD)
        self._given.put(
            self._signals[slot], Given(newest, newest, content, bool(self._repeats[slot]))
        )


def at(column: NDArray[Any], places: _Whole) -> NDArray[Any]:
    """The column at the places of a part; all of it, where the part is all there is."""
    return column if len(places) == len(column) else column[places]


def _as_numbers(values: Sequence[Any]) -> tuple[_Real, _Truth, _Truth]:
    """The values as floats; which of them are whole numbers, and which of them are numbers that a
    float says exactly."""
    kinds = set(map(type, values))
    if not kinds.issubset(NUMBERS):
        values = [it if type(it) in NUMBERS else np.nan for it in values]
    try:
        numbers = np.array(values, np.float64)
    except OverflowError:
        nothing = np.zeros(len(values), np.bool_)
        return np.zeros(len(values)), nothing, nothing
    are_whole = np.zeros(len(values), np.bool_)
    if int in kinds:
        are_whole[:] = True if kinds == {int} else [type(it) is int for it in values]
    return numbers, are_whole, np.isfinite(numbers) & ~(are_whole & (np.abs(numbers) > EXACT_MAX))
