"""Counters: increments between samples, and how much of them falls into each cell of time.

A counter only grows. When it falls, it rolled over (it stood within a thousandth of a limit that
counters have, or of the limit that the line names) or it was reset, and then what it shows now
was counted since. An increment between two samples belongs to the time between them: whole
where both lie in one cell, else spread over the cells by `weight` (time that may have
produced), first of all over preferred cells (planned busy time), evenly where nothing weighs.
Last minus first is never taken.

Regression: influxdata/flux#4098 (count lost after a reset), influxdata/influxdb#7076,
DrozmotiX/ioBroker.sourceanalytix#594 (rollover gone negative).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Micros = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Where integer counters of machines end: signed and unsigned 15 to 32 bits. A fall from within
# a thousandth of the limit to within a thousandth of the other end is a rollover; taking a
# reset there for a rollover would add a thousandth of the limit at most.
_LIMITS = tuple(float(2**bits) for bits in (15, 16, 23, 24, 31, 32))
_NEAR = 1e-3


@dataclass(frozen=True, slots=True)
class Increments:
    """`amounts[i]` was counted in (times[i], times[i + 1]]; `resets` are the indexes of resets."""

    times: Micros
    amounts: Floats
    resets: npt.NDArray[np.int64]


def increments(times: Micros, values: Floats, rollover: float | None = None) -> Increments:
    """Increments of a counter's samples (sorted, unique times). Never negative."""
    amounts = np.diff(values)
    falls = np.flatnonzero(amounts < 0)
    resets = []
    for index in falls.tolist():
        before, after = float(values[index]), float(values[index + 1])
        wrapped = _rolled_over(before, after, rollover)
        if wrapped is None:
            resets.append(index)
            amounts[index] = max(after, 0.0)
        else:
            amounts[index] = wrapped
    return Increments(times, amounts, np.array(resets, dtype=np.int64))


def _rolled_over(before: float, after: float, rollover: float | None) -> float | None:
    """What was counted when the counter rolled over between the two values; None: it did not."""
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


class Weight:
    """How many of the microseconds between two instants count, by cumulative sums."""

    def __init__(
        self, times: Micros, counts: npt.NDArray[np.bool_], *, before: bool = False
    ) -> None:
        """From times[i] on time counts if counts[i], before times[0] if `before`."""
        self._times = times
        self._counts = counts
        self._before = before
        self._sums = np.zeros(max(len(times), 1), dtype=np.int64)
        if len(times):
            lengths = np.diff(times)
            np.cumsum(np.multiply(lengths, counts[:-1], out=lengths), out=self._sums[1:])

    def between(self, low: Micros, high: Micros) -> Micros:
        """What counts in each [low, high)."""
        return self._up_to(high) - self._up_to(low)

    def _up_to(self, instants: Micros) -> Micros:
        """What counts up to each instant, but for a constant; negative before times[0]."""
        if not len(self._times):
            return instants * self._before
        index = np.searchsorted(self._times, instants, side="right") - 1
        held = np.maximum(index, 0)
        offset = instants - self._times[held]
        partial = offset * np.where(index >= 0, self._counts[held], self._before)
        return np.asarray(self._sums[held] + partial)


def by_cell(
    counted: Increments,
    edges: Micros,
    weight: Weight | None = None,
    preferred: npt.NDArray[np.bool_] | None = None,
    known: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """What was counted in each cell [edges[k], edges[k + 1]); shape (len(edges) − 1,).

    Items are counted whole: an increment of one item or less whose pair lies in `known` cells
    alone belongs to the cell of its later sample. Any other pair of samples across cells gives
    to the `preferred` cells by weight; to all by weight where these weigh nothing; to all by
    length where nothing weighs. Pairs that reach beyond the edges give all that they have to
    the cells there are, so the edges must reach as far as the samples. Each cell's figure
    depends only on its samples and the pairs across its borders: it is the same to the last
    bit however much more is known.
    """
    cells = len(edges) - 1
    times, amounts = counted.times, counted.amounts
    if not len(amounts):
        return np.zeros(cells)
    # Samples at or before each edge; the pair (after − 1, after) may lie across the edge.
    after = np.searchsorted(times, edges, side="right")
    crossing = (after > 0) & (after < len(times)) & (times[after - 1] < edges)
    across = np.unique(after[crossing]) - 1  # indexes of amounts
    whole = amounts.copy()
    whole[across] = 0.0
    # An amount belongs to the cell of its later sample.
    pair = np.maximum(after - 1, 0)
    result: Floats = segment_sums(whole, pair[:-1], pair[1:], np.float64)
    for_cell, of_pair = _covered(times, across, edges)
    if len(of_pair):
        low = np.maximum(times[of_pair], edges[for_cell])
        high = np.minimum(times[of_pair + 1], edges[for_cell + 1])
        share = _shares(low, high, for_cell, of_pair, weight, preferred)
        if known is not None:
            watched = _over_pair(of_pair, ~known[for_cell]) == 0
            whole_item = watched & (amounts[of_pair] <= 1.0)
            share = np.where(whole_item, high == times[of_pair + 1], share)
        np.add.at(result, for_cell, amounts[of_pair] * share)
    return result


def segment_sums(
    values: npt.NDArray[Any], first: npt.NDArray[np.intp], last: npt.NDArray[np.intp], kind: type
) -> npt.NDArray[Any]:
    """The sum of values[first[k]:last[k]] for each k, added up as `kind`; 0 where empty."""
    borders = np.stack([first, last], axis=1).ravel()
    inside = borders < len(values)  # what lies at the end is an empty segment, or ends the last
    sums: npt.NDArray[Any] = np.zeros(len(borders), dtype=kind)
    if inside.any():
        sums[inside] = np.add.reduceat(values, borders[inside], dtype=kind)
    return np.where(first < last, sums[::2], 0)


def _covered(
    times: Micros, across: npt.NDArray[np.int64], edges: Micros
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All (cell, pair) that share time, as two arrays; clipped to the cells that there are."""
    first = np.maximum(np.searchsorted(edges, times[across], side="right") - 1, 0)
    last = np.minimum(np.searchsorted(edges, times[across + 1], side="left"), len(edges) - 1)
    counts = np.maximum(last - first, 0)
    of_pair = np.repeat(across, counts)
    starts = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.arange(len(of_pair)) + starts, of_pair


def _shares(
    low: Micros,
    high: Micros,
    for_cell: npt.NDArray[np.int64],
    of_pair: npt.NDArray[np.int64],
    weight: Weight | None,
    preferred: npt.NDArray[np.bool_] | None,
) -> Floats:
    """The part of each pair's amount that belongs to each cell it covers; 1 over a pair."""
    part = high - low
    if weight is not None:
        weighed = weight.between(low, high)
        part = np.where(_over_pair(of_pair, weighed) > 0, weighed, part)
        if preferred is not None:
            first_choice = weighed * preferred[for_cell]
            part = np.where(_over_pair(of_pair, first_choice) > 0, first_choice, part)
    shares: Floats = part / _over_pair(of_pair, part)
    return shares


def _over_pair(of_pair: npt.NDArray[np.int64], part: npt.NDArray[Any]) -> Micros:
    """The sum of the parts of each pair, once for each of them; pairs stand together."""
    rank = np.cumsum(np.diff(of_pair, prepend=of_pair[0]) != 0)  # the pairs, numbered from 0
    sums = np.zeros(rank[-1] + 1, dtype=np.int64)
    np.add.at(sums, rank, part)
    return np.take(sums, rank)
