"""Allocation: how much of what was counted between two samples falls into each cell of time.

An increment belongs to the time between its two samples: whole where both lie in one cell, else
spread over the cells by the time that may have produced, first of all over preferred cells
(planned busy time), and by plain length where no such time is. Each cell's share depends only on
its own samples and on the pairs across its borders, so it is the same to the last bit however much
more is known.

An example with small numbers for the microseconds: 12 items counted between 5 and 17, 4 between
17 and 25. Without a weight, the first pair has 5 of its 12 units of time in cell 0 and 7 in cell 1,
the second 3 in cell 1 and 5 in cell 2:

    time       0       5       10          17    20       25       30
    cells      |       0       |        1        |        2        |
    samples            |------- 12 --------|------ 4 -----|
    by time            5 items |  7 items  | 1.5 |  2.5   |

>>> times, counted = np.array([5, 17, 25]), np.array([12.0, 4.0])
>>> edges = np.array([0, 10, 20, 30])
>>> by_cell(times, counted, edges).tolist()
[5.0, 8.5, 2.5]

If the machine produced until 10 only, all 12 belong to cell 0. Nothing produced between 17 and 25,
so those 4 are spread by length:

>>> until_10 = lambda low, high: np.minimum(high, 10) - np.minimum(low, 10)
>>> by_cell(times, counted, edges, until_10).tolist()
[12.0, 1.5, 2.5]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analytics.arrays import Flags, Floats, Indexes, Micros, ranges, segment_sums, sorted_once
from analytics.facts.counters.increments import Increments


class Weight(Protocol):
    """Says how many of the microseconds in each [low, high) weigh; shapes alike."""

    def __call__(self, low: Micros, high: Micros) -> Micros: ...


def by_cell(
    times: Micros,
    amounts: Floats,
    edges: Micros,
    weight: Weight | None = None,
    preferred: Flags | None = None,
    known: Flags | None = None,
) -> Floats:
    """What was counted in each cell [edges[k], edges[k + 1]); shape (len(edges) − 1,).

    `amounts[i]` was counted in (times[i], times[i + 1]]. Items are counted whole: an amount of
    one or less whose pair lies in `known` cells alone belongs to the cell of its later sample.
    Any other pair of samples across cells gives to the `preferred` cells by weight; to all by
    weight where these weigh nothing; to all by length where nothing weighs. Pairs that reach
    beyond the edges give all that they have to the cells there are, so the edges must reach as
    far as the samples.
    """
    if not len(amounts):
        return np.zeros(len(edges) - 1)
    # Samples at or before each edge; the pair (after − 1, after) may lie across the edge.
    after = np.searchsorted(times, edges, side="right")
    crossing = (after > 0) & (after < len(times)) & (times[after - 1] < edges)
    across = sorted_once(after[crossing]) - 1  # indexes of amounts
    # An amount belongs to the cell of its later sample; the pair across an edge comes first.
    pair = np.maximum(after - 1, 0)
    result: Floats = segment_sums(amounts, (pair + crossing)[:-1], pair[1:])
    if len(across):
        parts = parts_of(times, amounts, across, edges, weight, preferred, known)
        np.add.at(result, parts.cell, parts.amounts)
    return result


@dataclass(frozen=True, slots=True)
class Parts:
    """What pairs of samples give to the cells that they cover: one part a pair and cell, those of
    a pair together and in the order of time. `low`, `high`: the time of the part; `lengths`: the
    microseconds in it that may have produced, all of them where the pair has none that may."""

    pair: Indexes
    cell: Indexes
    low: Micros
    high: Micros
    lengths: Micros
    amounts: Floats


def parts_of(
    times: Micros,
    amounts: Floats,
    chosen: Indexes,
    edges: Micros,
    weight: Weight | None,
    preferred: Flags | None,
    known: Flags | None,
) -> Parts:
    """The parts of the chosen pairs (sorted), shared out as `by_cell` does."""
    cell, pair = _covered(times, chosen, edges)
    low = np.maximum(times[pair], edges[cell])
    high = np.minimum(times[pair + 1], edges[cell + 1])
    lengths, share = _shares(low, high, cell, pair, weight, preferred)
    if known is not None:
        watched = _over_pair(pair, ~known[cell]) == 0
        whole_item = watched & (amounts[pair] <= 1.0)
        share = np.where(whole_item, high == times[pair + 1], share)
    return Parts(pair, cell, low, high, lengths, amounts[pair] * share)


def counted_by_cell(
    counted: Increments,
    edges: Micros,
    weight: Weight | None = None,
    preferred: Flags | None = None,
    known: Flags | None = None,
) -> Floats:
    return by_cell(counted.times, counted.amounts, edges, weight, preferred, known)


def _covered(times: Micros, across: Indexes, edges: Micros) -> tuple[Indexes, Indexes]:
    """All (cell, pair) that share time, as two arrays; clipped to the cells that there are."""
    first = np.maximum(np.searchsorted(edges, times[across], side="right") - 1, 0)
    last = np.minimum(np.searchsorted(edges, times[across + 1], side="left"), len(edges) - 1)
    owner, for_cell = ranges(first, last)
    return for_cell, across[owner]


def _shares(
    low: Micros,
    high: Micros,
    for_cell: Indexes,
    of_pair: Indexes,
    weight: Weight | None,
    preferred: Flags | None,
) -> tuple[Micros, Floats]:
    """The lengths that may have produced, and the part of each pair's amount that belongs to each
    cell it covers; 1 over a pair."""
    lengths = part = high - low
    if weight is not None:
        weighed = weight(low, high)
        lengths = part = np.where(_over_pair(of_pair, weighed) > 0, weighed, part)
        if preferred is not None:
            first_choice = weighed * preferred[for_cell]
            part = np.where(_over_pair(of_pair, first_choice) > 0, first_choice, part)
    shares: Floats = part / _over_pair(of_pair, part)
    return lengths, shares


def _over_pair(of_pair: Indexes, part: npt.NDArray[Any]) -> Micros:
    """The sum of the parts of each pair, once for each of them; pairs stand together."""
    begins = np.flatnonzero(np.diff(of_pair, prepend=of_pair[:1] - 1))
    sums = np.add.reduceat(part, begins, dtype=np.int64)
    return np.repeat(sums, np.diff(begins, append=len(of_pair)))
