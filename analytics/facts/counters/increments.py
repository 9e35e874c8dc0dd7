"""Counters: what was counted between each two samples, whatever the counter did.

A counter only grows. Where it does not, one of these is true, and the samples around decide which
(so many on each side as `domain.signals.Reach` says, so any part of a history reads the same
however much of it is known):

- readings are out of line with both neighbours (analytics.facts.counters.out_of_line). They count
  nothing, and what the neighbours are apart is counted behind them;
- it rolled over: it stood within a thousandth of a limit that counters have, or in the upper
  half below the limit that its rule names;
- it stepped back just a little and stayed there: nothing is counted; was it silent for so long
  that it can have been reset and have come so far again, that is given as possible;
- it was reset to zero, and what it shows now was counted since; or, where the counter does not
  do so much in the time, it was set to that value (an older total): nothing is counted.

What a counter may have counted besides is given as `missed`: while it fell and was not reset, as
much as was possible, because what it shows then says nothing of it; and a jump over the possible
rate that stays, up to what was possible, which is kept out of the count; so is a jump from nothing
to a whole reading, and a leap of the last sample until the next one bears it out. Last minus first
is never taken. An increment is never negative.

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
DrozmotiX/ioBroker.sourceanalytix#594 (rollover gone negative), home-assistant/core#124420 (one
zero counted the whole reading anew), arendst/Tasmota#7 (back with an older total).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags, Floats, Indexes, Micros
from analytics.facts.counters.out_of_line import RUN_MAX, find_out_of_line, is_small_step_back
from analytics.facts.counters.pace import SLACK_US, Rate, pace_around
from analytics.facts.counters.rollover import rolled_over
from domain.plant import CounterRule

# A fall was a reset to zero if the counter does what it shows now, within this many times what
# is usual; of a counter of which nothing else is known, if it shows a tenth of what it did.
_SINCE_RESET = 3.0
_SINCE_RESET_SHARE = 0.1
# A leap is a hundred times what is usual; where the counter fell shortly before, ten times. It is
# doubted where it comes from nothing (a hundredth of where it leads to), and as the last sample.
_LEAP, _LEAP_BEHIND_FALL = 100.0, 10.0
_FROM_NOTHING = 0.01
_LAST_SHARE = 0.1
_USUAL_SILENCES = 2


@dataclass(frozen=True, slots=True)
class Increments:
    """`amounts[i]` was counted in (times[i], times[i + 1]]; `missed[i]` may have been besides.

    Indexes of pairs: `resets`, where the counter was reset unexpectedly; `jitters`, where it
    stepped back a little; `out_of_line`, of which the second sample is not believed; `jumps`,
    where it leapt and stayed.
    """

    times: Micros
    amounts: Floats
    missed: Floats | None  # None where there is nothing of the kind
    resets: Indexes
    jitters: Indexes
    out_of_line: Indexes
    jumps: Indexes


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Two samples each that are believed, and none that is between them."""

    first: Indexes
    second: Indexes
    before: Floats  # what the counter showed
    after: Floats
    lasted: Micros


def increments(
    times: Micros, values: Floats, rule: CounterRule, rate: Rate | None = None
) -> Increments:
    """Increments of a counter's samples (sorted, unique times). Never negative."""
    amounts = np.diff(values)
    odd = amounts < 0
    falls = bool(odd.any())
    if rate is not None and len(amounts) and amounts.max() > rate.possible * SLACK_US:
        odd |= amounts > rate.possible * (np.diff(times) + SLACK_US)
    if len(amounts):
        # A counter that only grew can have come from nothing only where it began.
        least = _FROM_NOTHING * values[-1]
        end = len(amounts) if falls else int(np.searchsorted(values[:-1], least, "right"))
        odd[:end] |= (amounts[:end] > 0) & (values[:end] <= _FROM_NOTHING * values[1 : end + 1])
        odd[-1] |= amounts[-1] > _LAST_SHARE * abs(values[-2])
    reader = _Reader(times, values, rule, rate)
    if falls or reader.has_jumps(np.flatnonzero(odd)):
        return reader.read(amounts, odd)
    none = np.empty(0, dtype=np.int64)
    return Increments(times, amounts, None, none, none, none, none)


class _Reader:
    """Reads the pairs at which a counter did not simply grow."""

    def __init__(self, times: Micros, values: Floats, rule: CounterRule, rate: Rate | None) -> None:
        self._times = times
        self._values = values
        self._rule = rule
        self._rate = rate

    def has_jumps(self, first: Indexes) -> bool:
        """Whether a sample after one of these is more than the machine can make."""
        return bool(len(first)) and bool(self._jumps(self._between(first, first + 1))[0].any())

    def read(self, amounts: Floats, odd: Flags) -> Increments:
        found = find_out_of_line(self._times, self._values, self._rule, self._rate)
        refused = found.readings
        amounts[refused[1:]] = 0.0
        pairs = self._pairs(refused, odd)
        index = pairs.second - 1
        counted, possible = pairs.after - pairs.before, np.zeros(len(index))
        resets, small = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
        jumped, most = self._jumps(pairs)
        counted[jumped], possible[jumped] = 0.0, most[jumped]
        falls = np.flatnonzero(pairs.after < pairs.before)
        if len(falls):
            fell = _Pairs(*(getattr(pairs, name)[falls] for name in _Pairs.__slots__))
            counted[falls], possible[falls], resets[falls], small[falls] = self._falls(fell)
        amounts[index] = counted
        missed = self._over_time(pairs, possible, jumped)
        return Increments(
            self._times,
            amounts,
            missed,
            index[resets],
            np.union1d(np.flatnonzero(found.jitters) - 1, index[small]),
            np.flatnonzero(refused & ~found.jitters) - 1,
            index[jumped],
        )

    def _over_time(self, pairs: _Pairs, possible: Floats, jumped: Flags) -> Floats:
        """What each pair may have missed, by pairs of all samples: where some between them are not
        believed, nobody knows when."""
        missed = np.zeros(len(self._times) - 1)
        missed[pairs.second - 1] = possible
        wide = (pairs.second - pairs.first > 1) & (possible > 0) & (pairs.lasted > 0) & ~jumped
        for first, second in zip(pairs.first[wide], pairs.second[wide], strict=True):
            lengths = np.diff(self._times[first : second + 1])
            missed[first:second] = missed[second - 1] * (lengths / lengths.sum())
        return missed

    def _pairs(self, refused: Flags, odd: Flags) -> _Pairs:
        """The pairs that are to be read. Behind more readings than may be out of line in a row
        nothing is known of what was counted: the second sample stands for the first, too."""
        second = np.flatnonzero((odd | refused[:-1]) & ~refused[1:]) + 1
        first = second - 1
        for _ in range(RUN_MAX):
            first = first - refused[first]
        first = np.where(refused[first], second, first)
        return self._between(first, second)

    def _between(self, first: Indexes, second: Indexes) -> _Pairs:
        lasted = self._times[second] - self._times[first]
        return _Pairs(first, second, self._values[first], self._values[second], lasted)

    def _jumps(self, it: _Pairs) -> tuple[Flags, Floats]:
        """Which are more than the machine can make, and up to how much was possible."""
        rise = it.after - it.before
        pace = pace_around(self._times, self._values, it.first, it.second)
        usual = pace.usual_in(it.lasted)
        nothing = it.before <= _FROM_NOTHING * it.after
        much = rise > _LEAP * usual
        behind_fall = pace.has_fallen & (rise > _LEAP_BEHIND_FALL * usual)
        is_last = it.second == len(self._values) - 1
        unborne = is_last & much & (rise > _LAST_SHARE * np.abs(it.before))
        jumped: Flags = pace.is_known & (rise > 0) & (nothing & (much | behind_fall) | unborne)
        if self._rate is not None:  # what is planned can be made, however slow it was before
            jumped &= rise > self._rate.since_reset * it.lasted
        most = np.where(pace.is_known, _SINCE_RESET * usual, 0.0)
        if self._rate is not None:
            most = self._rate.possible * (it.lasted + SLACK_US)
            jumped |= rise > most
        return jumped, np.minimum(rise, most)

    def _falls(self, it: _Pairs) -> tuple[Floats, Floats, Flags, Flags]:
        """What was counted and what may have been besides; resets; and small steps back."""
        since = np.maximum(it.after, 0.0)
        pace = pace_around(self._times, self._values, it.first, it.second)
        usual = pace.usual_in(it.lasted)
        could = _SINCE_RESET * usual
        wrapped = rolled_over(it.before, it.after, self._rule.rollover)
        if self._rule.rollover is None:
            wrapped[wrapped > _LEAP_BEHIND_FALL * usual] = np.nan
            if self._rate is not None:
                wrapped[wrapped > self._rate.possible * (it.lasted + SLACK_US)] = np.nan
        if self._rate is None:
            most = np.where(pace.is_known, could, since)
            was_reset = since <= _SINCE_RESET_SHARE * it.before
        else:
            most = self._rate.since_reset * (it.lasted + SLACK_US)
            was_reset = since <= most
        if self._rule.job:
            was_reset |= self._rate is None
        else:
            was_reset = np.where(
                pace.is_known,
                (since <= could) & (was_reset if self._rate is not None else True),
                was_reset,
            )
        small = is_small_step_back(it.before, it.after) & (not self._rule.job)
        rolls = ~np.isnan(wrapped)
        counted = np.select([rolls, small, was_reset], [wrapped, 0.0, since], 0.0)
        trembled = small & ~rolls & ((since > most) | ~self._is_long(it))
        # An older total may lie but a little below: as much as usual was counted meanwhile.
        meanwhile = np.where(pace.is_known, could, 0.0)
        if self._rate is not None:
            meanwhile = np.maximum(meanwhile, self._rate.since_reset * it.lasted)
        certain = rolls | (was_reset & ~small)
        limit = np.select([certain, trembled], [0.0, meanwhile], most)
        possible = np.minimum(since, limit)
        return counted, possible, ~(rolls | trembled | self._rule.job), trembled

    def _is_long(self, it: _Pairs) -> Flags:
        """Which are silences that are longer than usual beside their neighbours."""
        lengths = np.diff(self._times)
        last = len(lengths) - 1
        usual = np.maximum(
            np.where(it.first > 0, lengths[np.maximum(it.first - 1, 0)], 0),
            np.where(it.second <= last, lengths[np.minimum(it.second, last)], 0),
        )
        longer = it.lasted > np.maximum(SLACK_US, _USUAL_SILENCES * usual)
        found: Flags = longer & (usual > 0)
        return found
