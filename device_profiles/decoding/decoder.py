"""Readings to samples: one decoder for one machine of one line.

Pure: no clock and no I/O; what comes out depends on the readings alone. No value raises an error:
one that cannot be used becomes a Rejection with its reason, and its signal becomes unknown, so that
no machine counts as producing because of a value that was not understood.

When a value was true is judged for each address (`source_time`): by its source time if that can be
believed. A time that is not believed is told, as a rejection, when that begins and once an hour.

What the decoder remembers, and nothing else:
- for rules with several inputs (`when`) the last value of each. They give a sample once the
  inputs that decide are known; its time is the newest source time among the rule's inputs.
  A value older than the one already used cannot be combined any more and is rejected as late;
- of an input with several sources, which one gave a value last: the first in the profile counts,
  the others only while it is silent or unusable, so that no value comes twice by two clocks;
- of each address what its times were, and when a value could last be used;
- of each signal the last time that was given, so that the source's order is kept (`given_times`).

An input of such a rule may have no value while another one decides: a state machine that is inside
an inactive one has no state (OPC 10000-16). That is rejected only where the value was needed.

Rules with one input remember no value: a late one decodes at its own time. A value
without a usable source time gets the time of its receipt, and is UNCERTAIN at best.

What a machine changes at one instant of its clock is one change, however many variables it has. If
readings arrive together (`decode_all`) and a signal has several values of one instant, only the
last one counts, so that no state appears in which the machine never was. Counters give every value,
because there may be a reset between two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from device_profiles.decoding.address_times import Doubt, Judged
from device_profiles.decoding.clock_error import ClockError
from device_profiles.decoding.combine import Known, choose, with_derived
from device_profiles.decoding.convert import (
    Content,
    Observed,
    differs,
    member,
    nothing,
    observe,
    outcome_of,
    symbol_of,
)
from device_profiles.decoding.folder_members import folder_member
from device_profiles.decoding.given_times import GivenTimes
from device_profiles.decoding.heartbeats import Beat, Heartbeats
from device_profiles.decoding.instant import Instant, Placed, in_turn
from device_profiles.decoding.remembered import Remembered
from device_profiles.decoding.source_time import PAUSE_MAX, Doubted, SourceTimes
from device_profiles.decoding.totals import LATE, Totals, always_placed
from device_profiles.model.addresses import Address
from device_profiles.model.profile import (
    CodeRule,
    Input,
    NumberRule,
    Profile,
    Source,
    WhenRule,
)
from device_profiles.model.values import NO_VALUE, Unusable, shown
from domain.samples import Quality, Reading, Rejection, Sample
from domain.signals import SignalKind, signal_named

_PREFERENCE_LASTS = timedelta(minutes=10)  # after so long another source of the input may take over
_IN_ORDER = ("opcua", "sparkplug-b")  # protocols that keep it
_ENDED = "older than the value before it: what holds now is not known"


@dataclass(frozen=True, slots=True)
class _Use:
    """An address as source number `index` of an input."""

    input: Input
    index: int
    source: Source


class Decoder:
    """`is_clock_right`: whether the machine's clock was known to be right before; None: it was
    not known. `pause_max`: a machine of which nothing comes for longer is not heard. `remembered`:
    what a decoder knew that read the machine before us; None: nobody did."""

    def __init__(
        self,
        profile: Profile,
        line: str,
        machine: str,
        *,
        is_clock_right: bool | None = True,
        pause_max: timedelta = PAUSE_MAX,
        remembered: Remembered | None = None,
    ) -> None:
        self.profile = profile
        self._line = line
        self._machine = machine
        self._inputs = {item.name: item for item in profile.inputs}
        self._uses: dict[str, list[_Use]] = {}
        for item in profile.inputs:
            for index, source in enumerate(item.sources):
                self._uses.setdefault(source.address.key, []).append(_Use(item, index, source))
        self._reach = {rule.signal: profile.inputs_of(rule) for rule in profile.rules}
        self._simple: dict[str, list[CodeRule | NumberRule]] = {}  # by input
        for rule in profile.rules:
            if isinstance(rule, CodeRule | NumberRule):
                self._simple.setdefault(rule.input, []).append(rule)
        self._totals = Totals(profile.rules)
        self._added_up = self._totals.inputs
        self._incremented = {
            key
            for key, uses in self._uses.items()
            if not self._totals.incremented.isdisjoint(use.input.name for use in uses)
        }
        self._combined = [rule for rule in profile.rules if isinstance(rule, WhenRule)]
        combined_names = {name for rule in self._combined for name in self._reach[rule.signal]}
        self._memory: dict[str, dict[int, Observed]] = {name: {} for name in combined_names}
        self._known = with_derived(profile.derived, self._known_input)
        self._preferred: dict[str, tuple[int, datetime]] = {}
        self._given = GivenTimes()
        self._times = SourceTimes(
            by_receipt=profile.by_receipt,
            is_clock_right=is_clock_right,
            keeps_order=profile.protocol in _IN_ORDER,
            pause_max=pause_max,
            remembered=remembered,
        )
        self._is_continued = remembered is not None
        self._last_usable: datetime | None = None
        self.beats = Heartbeats(profile.heartbeat)

    @property
    def totals(self) -> Totals:
        """What is added up; what must be kept of it goes with the samples."""
        return self._totals

    @property
    def last_usable(self) -> datetime | None:
        """When the last value was received that was understood: it confirms the machine."""
        return self._last_usable

    @property
    def clock_error(self) -> ClockError | None:
        """By how much the machine's clock is off, once that is sure."""
        return self._times.clock.error

    @property
    def is_clock_right(self) -> bool | None:
        """By what was read last; None: nothing showed it yet."""
        return self._times.is_clock_right

    @property
    def remembered(self) -> Remembered:
        """What the next decoder of the machine must know of its times."""
        return self._times.remembered

    def heard(self, at: datetime) -> None:
        """The connection itself showed that the machine was there."""
        self._times.heard(at)

    @property
    def time_doubts(self) -> dict[str, int]:
        """How many values had a source time that was not believed."""
        return {doubt.value: it.count for doubt, it in self._times.doubted.items()}

    @property
    def doubted(self) -> dict[Doubt, Doubted]:
        """The same in detail."""
        return self._times.doubted

    @property
    def addresses(self) -> list[Address]:
        """What a source must read, in this order."""
        return list(self.profile.addresses)

    def decode(self, reading: Reading) -> list[Sample | Rejection]:
        """The samples that the reading makes, and why the rest of it makes none. Never raises."""
        return self.decode_all((reading,))

    def decode_all(self, readings: Iterable[Reading]) -> list[Sample | Rejection]:
        """The same of readings that arrived together, in the order of their source.

        Neighbours of one instant count as one change of the machine.
        """
        out: list[Sample | Rejection] = []
        for _, together in groupby(readings, key=lambda it: it.source_time or it.received):
            out += self._decode_instant(list(together))
        return out

    def _decode_instant(self, readings: Sequence[Reading]) -> Sequence[Sample | Rejection]:
        out: list[Sample | Rejection] = []
        placed: list[Placed] = []
        for reading in readings:
            self._adopt(reading.address)
            reasons = dict.fromkeys(self._heard(reading))
            out += [self._rejection(reading, reason) for reason in reasons]
            if reading.address in self._uses:
                placed.append((reading, self._judged(reading)))
        for together in in_turn(placed):
            out += self._decode_placed(together)
        return out

    def _judged(self, reading: Reading) -> Judged:
        judged = self._times.judge(reading)
        return always_placed(judged) if reading.address in self._incremented else judged

    def _decode_placed(self, placed: Sequence[Placed]) -> list[Sample | Rejection]:
        instant = Instant()
        for reading, judged in placed:
            reasons = dict.fromkeys(self._take(reading, judged, instant))
            instant.rejections += [self._rejection(reading, reason) for reason in reasons]
        samples = [self._sample(*counted) for counted in instant.counted]
        samples += [self._sample(signal, *held) for signal, held in instant.held.items()]
        samples += [self._sample(*whole) for whole in self._totals.sums_of(instant.touched)]
        lacking: set[str] = set()  # inputs of combined signals that nothing could be told of
        for rule in self._combined:
            if not instant.touched.isdisjoint(self._reach[rule.signal]):
                known = choose(rule.cases, rule.otherwise, self._known)
                samples += self._combine(rule, known, placed[-1][0].received)
                if known is not None and known.symbol == NO_VALUE:
                    lacking.update(self._reach[rule.signal])
        missing = [
            self._rejection(it, NO_VALUE.reason)
            for name, it in instant.without_value
            if name in lacking
        ]
        told = [it for it in missing if it not in instant.rejections]
        return [*samples, *instant.rejections, *told]

    def _adopt(self, address: str) -> None:
        """A variable in a folder of the profile's becomes a signal when it is told first."""
        if address in self._uses or not self.profile.folders:
            return
        made = folder_member(self.profile, address)
        if made is not None:
            item, rule = made
            self._inputs[item.name] = item
            self._uses[address] = [_Use(item, 0, item.sources[0])]
            self._reach[rule.signal] = (item.name,)
            self._simple.setdefault(item.name, []).append(rule)

    def _heard(self, reading: Reading) -> Iterator[str]:
        """What a reading says of no signal."""
        is_used, beat = reading.address in self._uses, self.beats.read(reading)
        if beat is Beat.ALIVE:
            self._last_usable = reading.received
            self._times.heard(reading.received)
        elif beat is Beat.STRANGE and not is_used:
            yield "not the value of a heartbeat"
        elif beat is Beat.NONE and not is_used:
            yield "no signal of the profile uses this address"

    def _doubts(self, reading: Reading, judged: Judged) -> Iterator[str]:
        why = judged.doubt.value if judged.doubt is not None else None
        if why is None and judged.ends is not None:
            why = _ENDED
        if why is not None and self._times.is_news(reading.address, why, reading.received):
            yield why

    def _take(self, reading: Reading, judged: Judged, instant: Instant) -> Iterator[str]:
        """Adds what a reading says to its instant; gives the reasons for what it does not say."""
        yield from self._doubts(reading, judged)
        for use in self._uses[reading.address]:
            name, observed = use.input.name, observe(reading, use.source, judged)
            if reading.unchanged:
                self._confirm(name, observed, instant)
                continue
            is_usable = not isinstance(observed.value, Unusable)
            is_passed_over = self._passed_over(use, observed)
            for rule in self._simple.get(name, ()):
                outcome = outcome_of(rule, observed)
                is_usable = is_usable and outcome.reason is None
                if is_passed_over:
                    continue
                instant.add(rule.signal, outcome.content, observed)
                if outcome.reason is not None:
                    yield outcome.reason
            if name in self._added_up and not is_passed_over:
                yield from self._totals.take(name, observed, reading.is_news, instant)
            if name in self._memory:
                known = symbol_of(observed)
                is_usable = is_usable and not isinstance(known, Unusable)
                if judged.is_old or not self._remember(use, observed):
                    yield LATE
                elif not self._is_second_choice(use):
                    instant.touched.add(name)
                    if known == NO_VALUE and observed.quality != Quality.BAD:
                        instant.without_value.append((name, reading))
                    elif isinstance(known, Unusable) and observed.quality != Quality.BAD:
                        yield known.reason
            if is_usable and reading.is_news:
                self._last_usable = reading.received
                self._times.heard(reading.received)

    def _confirm(self, name: str, observed: Observed, instant: Instant) -> None:
        """A counter stood still until then; for all other signals nothing needs to be said."""
        for rule in self._simple.get(name, ()):
            if signal_named(rule.signal).kind is SignalKind.COUNTER:
                instant.add(rule.signal, outcome_of(rule, observed).content, observed)

    def _passed_over(self, use: _Use, observed: Observed) -> bool:
        """Whether a source before this one has given the same input a short while ago."""
        name, received = use.input.name, observed.received
        index, last = self._preferred.get(name, (use.index, received))
        if use.index > index and received - last <= _PREFERENCE_LASTS:
            return True
        if not isinstance(observed.value, Unusable):
            self._preferred[name] = (use.index, received)
        return False

    def _is_second_choice(self, use: _Use) -> bool:
        memory = self._memory[use.input.name]
        return any(
            index < use.index and not isinstance(held.value, Unusable)
            for index, held in memory.items()
        )

    def _remember(self, use: _Use, observed: Observed) -> bool:
        """Keep the value for combinations; False when it is late by the machine's own clock."""
        memory = self._memory[use.input.name]
        before = memory.get(use.index)
        if before is not None and before.timed and observed.timed and observed.time < before.time:
            return False
        memory[use.index] = observed
        return True

    def _combine(self, rule: WhenRule, known: Known | None, received: datetime) -> list[Sample]:
        """The sample of a combined signal, unless it was given already.

        One that is incomplete says nothing, or, if the machine was read before us, that what was
        told then may not hold any more."""
        if known is None:
            if not self._is_continued:
                return []
            known = Known(NO_VALUE, Quality.GOOD)
        content = (
            nothing(rule.signal, known.quality)
            if isinstance(known.symbol, Unusable)
            else member(rule.signal, known.symbol, known.quality)
        )
        held = {it: seen for it in self._reach[rule.signal] if (seen := self._held(it)) is not None}
        last = self._given.last(rule.signal)
        newest = max(item.time for item in held.values())
        newest = max(newest, last.source) if last is not None else newest  # never back in time
        if last is not None and (last.source, last.content) == (newest, content):
            return []
        raw = json.dumps({name: item.raw for name, item in held.items()}, ensure_ascii=False)
        whole = Observed(None, raw, newest, True, received, Quality.GOOD)
        return [self._sample(rule.signal, content, whole)]

    def _known_input(self, name: str) -> Known | None:
        """The symbol of an input by all that was read so far."""
        held = self._held(name)
        if held is None:
            absent = self._inputs[name].absent
            return None if absent is None else Known(absent, Quality.GOOD)
        return Known(symbol_of(held), held.quality)

    def _held(self, name: str) -> Observed | None:
        """The value of the first source that has a usable one; else whatever there is."""
        memory = self._memory[name]
        for index in sorted(memory):
            if not isinstance(memory[index].value, Unusable):
                return memory[index]
        return memory[min(memory)] if memory else None

    def _sample(self, signal: str, content: Content, observed: Observed) -> Sample:
        return Sample(
            line=self._line,
            machine=self._machine,
            signal=signal,
            time=self._given.give(signal, observed.time, content, timed=observed.timed),
            received=observed.received,
            value=content.value,
            text=content.text,
            quality=content.quality,
            raw=observed.raw if differs(observed.raw, content) else None,
        )

    def _rejection(self, reading: Reading, reason: str) -> Rejection:
        return Rejection(
            line=self._line,
            machine=self._machine,
            address=reading.address,
            raw=shown(reading.value),
            time=reading.source_time,
            received=reading.received,
            reason=reason,
        )
