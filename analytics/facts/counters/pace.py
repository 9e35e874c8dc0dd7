"""Pace: what a counter does in so much time, from the steps around a place in it.

Rises alone count. A bad reading near by makes a rise that is far too high, so what is typical is
the lower middle of the rises and never their mean. A step is measured twice, by its amount and by
its rate: where samples come at odd times one of the two is still like the others.

>>> times, values = np.arange(8), np.array([10.0, 12, 14, 16, 0, 18, 20, 99])
>>> pace = pace_around(times, values, np.array([3]), np.array([5]))
>>> pace.typical_in(np.array([1])).tolist(), pace.most_in(np.array([1])).tolist()
([2.0], [79.0])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.arrays import Flags, Floats, Indexes, Micros
from domain.plant import CounterRule

CONTEXT = 3  # steps on each side
# Counts may come late and then all at once, so a minute's worth is possible at any moment.
SLACK_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Items a microsecond. `possible`: more is implausible. `since_reset`: more than that was
    not counted since a reset to zero."""

    possible: float
    since_reset: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Of each place the sorted rises around it, NaN behind the last; shapes (places, steps)."""

    amounts: npt.NDArray[np.float64]
    rates: npt.NDArray[np.float64]  # the same a microsecond
    is_known: Flags  # there is a rise at all
    is_still: Flags  # there is none, and the counter stood still on both sides
    has_fallen: Flags  # in one of the steps before

    def typical_in(self, lasted: Micros) -> Floats:
        """The lower middle one of the rises; NaN where there is none."""
        return self._in(lasted, (self._count - 1) // 2)

    def usual_in(self, lasted: Micros) -> Floats:
        """The upper middle one."""
        return self._in(lasted, self._count // 2)

    def most_in(self, lasted: Micros) -> Floats:
        return self._in(lasted, self._count - 1)

    @property
    def _count(self) -> npt.NDArray[np.int64]:
        return np.asarray((~np.isnan(self.amounts)).sum(axis=1))

    def _in(self, lasted: Micros, rank: npt.NDArray[np.int64]) -> Floats:
        column = np.maximum(rank, 0)[:, None]
        amount = np.take_along_axis(self.amounts, column, axis=1)[:, 0]
        rate = np.take_along_axis(self.rates, column, axis=1)[:, 0]
        return np.maximum(amount, rate * lasted)


def pace_around(times: Micros, values: Floats, before: Indexes, behind: Indexes) -> Pace:
    """From the steps that end at the samples `before` or earlier, and from those that begin at
    `behind` or later."""
    back, on = np.arange(-CONTEXT, 0), np.arange(CONTEXT)
    steps = np.concatenate([before[:, None] + back, behind[:, None] + on], axis=1)
    there = (steps >= 0) & (steps < len(values) - 1)
    steps = np.where(there, steps, 0)
    risen = np.where(there, values[steps + 1] - values[steps], np.nan)
    rises = np.where(risen > 0, risen, np.nan)
    lasted = times[steps + 1] - times[steps]  # nothing where both are of one instant
    rates = np.where(
        np.isnan(rises), np.nan, np.where(lasted > 0, rises, 0.0) / np.maximum(lasted, 1)
    )
    flat = risen == 0
    known = np.logical_or.reduce(risen > 0, axis=1)
    still = ~known & flat[:, :CONTEXT].any(axis=1) & flat[:, CONTEXT:].any(axis=1)
    fallen = np.logical_or.reduce(risen[:, :CONTEXT] < 0, axis=1)
    return Pace(np.sort(rises, axis=1), np.sort(rates, axis=1), known, still, fallen)


def rate_of(rule: CounterRule, ideal_cycle_time_s: float | None) -> Rate | None:
    """The rate that is possible: as the rule says; else ten times the planned one, because a wrong
    planned cycle time must show as an effectiveness over 100 %, not as missing counts."""
    if rule.max_rate_per_s is not None:
        return Rate(rule.max_rate_per_s / 1e6, rule.max_rate_per_s / 1e6)
    if ideal_cycle_time_s is None:
        return None
    return Rate(10 / ideal_cycle_time_s / 1e6, 2 / ideal_cycle_time_s / 1e6)
