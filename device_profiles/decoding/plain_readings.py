"""Plain numbers of one instant: the short way from readings to samples, one by one.

Pure. What `plain_numbers` is for columns of a source that keeps the order, this is for readings of
any source, few at once. A number of an address that one signal alone uses, told soon after its own
time and after all that came of the address before, is a good sample at that time: no rule has
anything else to say, nor is there a doubt. The readings of an instant go this way if all of them
are so; else all go the general way. Both tell the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device_profiles.decoding.convert import Content
from device_profiles.decoding.given_times import GivenTimes
from device_profiles.decoding.plain_numbers import EXACT_MAX, NUMBERS
from device_profiles.decoding.source_time import SourceTimes
from device_profiles.model.profile import NumberRule
from device_profiles.model.values import shown
from domain.samples import Quality, Reading, Sample
from domain.signals import SignalKind, signal_named


@dataclass(frozen=True, slots=True)
class _Plain:
    """A rule, as its sample is made. `is_counter`: its samples come first, as in `instant`."""

    signal: str
    is_counter: bool
    factor: float
    numerator: int
    denominator: int
    offset: float


class PlainReadings:
    """`rules`: those whose values are plain numbers, by their address (`plain_rules`)."""

    def __init__(
        self,
        rules: Mapping[str, NumberRule],
        line: str,
        machine: str,
        times: SourceTimes,
        given: GivenTimes,
    ) -> None:
        self._line = line
        self._machine = machine
        self._times = times
        self._given = given
        self._rules = {
            address: _Plain(
                rule.signal,
                signal_named(rule.signal).kind is SignalKind.COUNTER,
                rule.factor,
                *rule.conversion,
                rule.offset,
            )
            for address, rule in rules.items()
        }

    def samples(self, readings: Sequence[Reading]) -> list[Sample] | None:
        """Those of the readings of one instant; None: they must go the general way, and nothing was
        taken."""
        received = readings[0].received
        amounts = [self._amount(it) for it in readings if it.received == received]
        if None in amounts or len({it.address for it in readings}) < len(amounts):
            return None
        if len(amounts) < len(readings) or not all(map(self._times.is_at_once, readings)):
            return None
        counted: list[Sample] = []
        others: list[Sample] = []
        for reading, amount in zip(readings, amounts, strict=True):
            rule = self._rules[reading.address]
            (counted if rule.is_counter else others).append(self._sample(rule, reading, amount))
        return others + counted

    def _amount(self, reading: Reading) -> float | None:
        """The value in the signal's unit; None: it is no plain one."""
        rule, value = self._rules.get(reading.address), reading.value
        if rule is None or type(value) not in NUMBERS or not -EXACT_MAX <= value <= EXACT_MAX:
            return None
        if reading.quality is not Quality.GOOD or not reading.is_news:
            return None
        amount = float(value) * rule.factor * rule.numerator / rule.denominator + rule.offset
        return amount if math.isfinite(amount) else None

    def _sample(self, rule: _Plain, reading: Reading, amount: float | None) -> Sample:
        source, value = reading.source_time, reading.value
        assert source is not None
        says = shown(value)
        self._times.take_at_once(reading, says)
        content = Content(amount, None, Quality.GOOD)
        return Sample(
            line=self._line,
            machine=self._machine,
            signal=rule.signal,
            time=self._given.give(rule.signal, source, content, timed=True),
            received=reading.received,
            value=amount,
            text=None,
            quality=Quality.GOOD,
            raw=says if value != amount else None,
        )
