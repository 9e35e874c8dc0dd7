"""Rational subgroups: which measured values belong together.

A subgroup holds values that were made under the same conditions, so that what varies inside it is
the process's own short-term variation (ISO 7870-1:2019; Shewhart's rational subgroup). So none
reaches across unknown time, a change of product or a change of order. Values that do not fill a
subgroup are kept as an incomplete one with its size. Knows nothing of signals and stores: times,
values and the runs they belong to come in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.arrays import Flags, Floats
from domain.errors import InputError

Integers = npt.NDArray[np.int64]
SIZE_MIN_INTERVAL = 2  # one value alone in its interval says nothing of the spread


@dataclass(frozen=True)
class Values:
    """Measured values in the order of time, each array of shape (n,).

    `times` in µs since the epoch. `runs`: values of one run were made one after the other, of
    one product and order, in known time. `stretches`: of one stretch of known time, whatever
    was made. Both are counted upwards.
    """

    times: Integers
    values: Floats
    runs: Integers
    stretches: Integers


@dataclass(frozen=True)
class Subgroups:
    """Subgroups one after the other: they cover all of `data`. Arrays of shape (k,).

    `first` is the index of a subgroup's first value in `data`, `count` how many it has.
    `size` is the number that was asked for, None where an interval of time was.
    """

    data: Values
    size: int | None
    first: Integers
    count: Integers
    complete: Flags

    @property
    def means(self) -> Floats:
        return self._sums(self.data.values) / self.count

    @property
    def ranges(self) -> Floats:
        """Largest minus smallest value."""
        if not len(self.first):
            return np.empty(0)
        values = self.data.values
        return np.asarray(
            np.maximum.reduceat(values, self.first) - np.minimum.reduceat(values, self.first)
        )

    @property
    def deviations(self) -> Floats:
        """Sample standard deviations s (divisor n − 1); NaN of a single value."""
        apart = self.data.values - np.repeat(self.means, self.count)
        with np.errstate(invalid="ignore", divide="ignore"):
            s = np.sqrt(self._sums(apart**2) / (self.count - 1))
        # Equal values have no spread at all, whatever their mean was rounded to.
        return np.where((self.ranges == 0) & (self.count > 1), 0.0, s)

    def _sums(self, values: Floats) -> Floats:
        if not len(self.first):
            return np.empty(0)
        return np.asarray(np.add.reduceat(values, self.first))


def of_size(data: Values, size: int) -> Subgroups:
    """Each `size` consecutive values of a run; what is left at a run's end is incomplete.

    Raises InputError for a size below 1.
    """
    if size < 1:
        raise InputError(
            f"a subgroup of {size} values is none", todo="Give a subgroup size of at least 1."
        )
    place = np.arange(len(data.values)) - _starts(data.runs)
    first = np.flatnonzero(place % size == 0).astype(np.int64)
    count = np.diff(first, append=len(data.values))
    return Subgroups(data, size, first, count, count == size)


def of_interval(data: Values, length_us: int, origin_us: int) -> Subgroups:
    """The values of each interval [origin + i × length, …) that are of one run.

    Fewer than two are incomplete. Raises InputError for a length that is not positive.
    """
    if length_us <= 0:
        raise InputError(
            "an interval of no length holds no subgroup", todo="Give the interval in seconds, > 0."
        )
    interval = (data.times - origin_us) // length_us
    fresh = _changes(interval) | _changes(data.runs)
    first = np.flatnonzero(fresh).astype(np.int64)
    count = np.diff(first, append=len(data.values))
    return Subgroups(data, None, first, count, count >= SIZE_MIN_INTERVAL)


def consecutive(values: npt.ArrayLike) -> Values:
    """Values of which only the order is known: one run."""
    array = np.asarray(values, dtype=np.float64)
    one = np.zeros(len(array), dtype=np.int64)
    return Values(np.arange(len(array), dtype=np.int64), array, one, one)


def moving_ranges(data: Values) -> Floats:
    """|xᵢ − xᵢ₋₁|, shape (n,); NaN for the first value of every run."""
    moved = np.abs(np.diff(data.values, prepend=np.nan))
    return np.where(_changes(data.runs), np.nan, moved)


def longest_run(data: Values) -> Floats:
    """The values of the run that has most (of equal ones the first)."""
    if not len(data.values):
        return data.values
    first = np.flatnonzero(_changes(data.runs))
    count = np.diff(first, append=len(data.values))
    most = int(np.argmax(count))
    return data.values[first[most] : first[most] + count[most]]


def _changes(keys: Integers) -> Flags:
    """Where a value's key is not that of the value before; true for the first."""
    changes = np.ones(len(keys), dtype=np.bool_)
    changes[1:] = keys[1:] != keys[:-1]
    return changes


def _starts(keys: Integers) -> Integers:
    """For each value the index at which its run begins."""
    here = np.where(_changes(keys), np.arange(len(keys)), 0)
    return np.maximum.accumulate(here) if len(keys) else here
