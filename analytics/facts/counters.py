"""Counters: what was counted between each two samples, whatever the counter did.

A counter only grows. Where it does not, one of these is true. The two samples and one neighbour on
each side decide which, so any part of a history reads the same however much of it is known:

- it rolled over: it stood within a thousandth of a limit that counters have, or in the upper
  half below the limit that its rule names;
- one sample is out of line: jitter (a small step back that the next sample makes good) or a spike
  (a jump over the possible rate that the next sample takes back). It counts nothing;
- it was reset to zero, and what it shows now was counted since; or, where the machine cannot
  have made so much or stepped back just a little, it was set to that value: nothing is counted.

A jump over the possible rate that stays is kept out of the count and given as `implausible`, up
to what was possible. Last minus first is never taken. An increment is never negative.

An example: one sample steps back a little, and the next is on the line again (jitter); later the
counter falls to 2 (reset to zero, and 2 counted since):

    time        0     1     2     3     4     5
    counter    100   104   103   105     2     5
    counted       4     0     1     2     3
    why              jitter      reset

>>> values = np.array([100.0, 104.0, 103.0, 105.0, 2.0, 5.0])
>>> found = increments(np.arange(6), values, CounterRule())
>>> found.amounts.tolist(), found.jitters.tolist(), found.resets.tolist()
([4.0, 0.0, 1.0, 2.0, 3.0], [1], [3])

A counter of 15 bits that stood at 32,766 rolled over to 3, so 5 were counted:

>>> increments(np.arange(2), np.array([32766.0, 3.0]), CounterRule()).amounts.tolist()
[5.0]

Regression: influxdata/flux#4098 (count lost after a reset), influxdata/influxdb#7076,
DrozmotiX/ioBroker.sourceanalytix#594 (rollover gone negative).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Floats, Indexes, Micros
from domain.plant import CounterRule

# Where integer counters of machines end: signed and unsigned 15 to 32 bits. A fall from within
# a thousandth of the limit to within a thousandth of the other end is a rollover; taking a
# reset there for a rollover would add a thousandth of the limit at most.
_LIMITS = tuple(float(2**bits) for bits in (15, 16, 23, 24, 31, 32))
_NEAR = 1e-3
# A step back of a tenth, or of one item, is jitter unless it ends at zero.
_JITTER_SHARE = 0.1
_JITTER_ITEMS = 1.0
# Counts may come late and then all at once, so a minute's worth is possible at any moment.
_SLACK_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Items a microsecond. `possible`: more is implausible. `since_reset`: more than that was
    not counted since a reset to zero."""

    possible: float
    since_reset: float


@dataclass(frozen=True, slots=True)
class Increments:
    """`amounts[i]` was counted in (times[i], times[i + 1]]; `implausible[i]` may have been.

    `resets`, `jitters` and `jumps` are indexes of pairs: where the counter was reset unexpectedly,
    where it stepped back (or leapt) and returned, and where it leapt and stayed.
    """

    times: Micros
    amounts: Floats
    implausible: Floats | None  # None where there is nothing of the kind
    resets: Indexes
    jitters: Indexes
    jumps: Indexes


def rate_of(rule: CounterRule, ideal_cycle_time_s: float | None) -> Rate | None:
    """The rate that is possible: as the rule says; else ten times the planned one, because a wrong
    planned cycle time must show as an effectiveness over 100 %, not as missing counts."""
    if rule.max_rate_per_s is not None:
        return Rate(rule.max_rate_per_s / 1e6, rule.max_rate_per_s / 1e6)
    if ideal_cycle_time_s is None:
        return None
    return Rate(10 / ideal_cycle_time_s / 1e6, 2 / ideal_cycle_time_s / 1e6)


def increments(
    times: Micros, values: Floats, rule: CounterRule, rate: Rate | None = None
) -> Increments:
    """Increments of a counter's samples (sorted, unique times). Never negative."""
    amounts = np.diff(values)
    odd = amounts < 0
    if rate is not None and len(amounts) and amounts.max() > rate.possible * _SLACK_US:
        odd |= amounts > rate.possible * (np.diff(times) + _SLACK_US)
    strange = np.flatnonzero(odd).tolist()
    if not strange:
        none = np.empty(0, dtype=np.int64)
        return Increments(times, amounts, None, none, none, none)
    return _Reader(times, values, rule, rate).read(amounts, strange)


class _Reader:
    """Reads the pairs at which a counter did not simply grow."""

    def __init__(self, times: Micros, values: Floats, rule: CounterRule, rate: Rate | None) -> None:
        self._times = times
        self._values = values
        self._rule = rule
        self._rate = rate

    def read(self, amounts: Floats, strange: list[int]) -> Increments:
        implausible = np.zeros(len(amounts))
        resets, jitters, jumps = [], [], []
        out_of_line = {index for index in strange if self._is_out_of_line(index + 1)}
        returns = {index + 1 for index in out_of_line}
        for index in strange:
            if index in returns:
                continue
            if index in out_of_line:
                jitters.append(index)
                amounts[index] = 0.0
                continue
            counted, possible = self._read_pair(index)
            if amounts[index] > 0:
                jumps.append(index)
            elif counted == 0.0 and self._is_small_step_back(index):
                jitters.append(index)
            elif not self._rule.job and self._wrapped(index) is None:
                resets.append(index)
            amounts[index], implausible[index] = counted, possible
        for index in returns:
            # Since the sample before the one out of line; a second such in a row says nothing.
            amounts[index] = 0.0
            back = float(self._values[index + 1] - self._values[index - 1])
            if index in out_of_line or back <= 0:
                continue
            limit = self._limit(self._rate.possible, index) if self._rate else back
            if back > limit:
                jumps.append(index)
                implausible[index] = limit
            else:
                amounts[index] = back
        arrays = (np.array(sorted(found), dtype=np.int64) for found in (resets, jitters, jumps))
        return Increments(self._times, amounts, implausible, *arrays)

    def _is_out_of_line(self, at: int) -> bool:
        """Whether the sample leaves the line that its two neighbours are on."""
        if self._rule.job or at + 1 >= len(self._values):
            return False
        before, value, after = (float(each) for each in self._values[at - 1 : at + 2])
        if value < before <= after:
            if self._wrapped(at - 1) is not None:
                return False
            return self._is_small_step_back(at - 1) or self._is_jump(at)
        return before <= after < value and self._is_jump(at - 1)

    def _is_small_step_back(self, index: int) -> bool:
        before, after = float(self._values[index]), float(self._values[index + 1])
        small = max(_JITTER_SHARE * before, _JITTER_ITEMS)
        return not self._rule.job and after > 0 and 0 < before - after <= small

    def _is_jump(self, index: int) -> bool:
        rise = float(self._values[index + 1] - self._values[index])
        return self._rate is not None and rise > self._limit(self._rate.possible, index)

    def _limit(self, rate: float, index: int) -> float:
        return rate * float(self._times[index + 1] - self._times[index] + _SLACK_US)

    def _wrapped(self, index: int) -> float | None:
        return _rolled_over(
            float(self._values[index]), float(self._values[index + 1]), self._rule.rollover
        )

    def _read_pair(self, index: int) -> tuple[float, float]:
        """What was counted, and what may have been besides."""
        before, after = float(self._values[index]), float(self._values[index + 1])
        if after > before:
            assert self._rate is not None  # only a rate makes a rise strange
            return 0.0, min(after - before, self._limit(self._rate.possible, index))
        wrapped = self._wrapped(index)
        if wrapped is not None:
            return wrapped, 0.0
        if self._is_small_step_back(index):
            return 0.0, 0.0
        since = max(after, 0.0)
        if self._rate is not None and since > self._limit(self._rate.since_reset, index):
            return 0.0, self._limit(self._rate.since_reset, index)
        return since, 0.0


def _rolled_over(before: float, after: float, rollover: float | None) -> float | None:
    """What was counted when the counter rolled over between the two values; None: it did not."""
    if after >= before:
        return None
    if rollover is not None:
        plausible = before > rollover / 2 and 0 <= after < rollover / 2
        return rollover - before + after if plausible else None
    for limit in _LIMITS:
        if not limit * (1 - _NEAR) <= before < limit:
            continue
        if 0 <= after <= limit * _NEAR:
            return limit - before + after
        if -limit <= after <= -limit * (1 - _NEAR):  # two's complement: from 2^n − 1 to −2^n
            return limit - before + after + limit
    return None
