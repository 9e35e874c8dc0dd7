"""Cells: stretches of time in which nothing that facts are kept by changes.

Time is cut at the slices' borders, where the state turns known or unknown, where mode, order,
product or the kind of the reason changes, and where a correction begins or ends. A cell is at
most an hour long. What a cell holds of each state is exact, in integer microseconds.

An example, with small numbers for the microseconds. A change from one known state to another
(at 14) makes no cell of its own:

    time       0     3                 14    16      20              30
    slices     |-------------------------------------|---------------|
    state      ?     producing         fault . . . . . . . . . . . . .
    order      A . . . . . . . . . . . . . . B . . . . . . . . . . . .
    cells      |  0  |           1           |   2   |       3       |

>>> producing, fault = MachineState.PRODUCING.code, MachineState.FAULT.code
>>> state = StateTrack(np.array([3, 14]), np.array([producing, fault], dtype=np.int8))
>>> order = TextTrack(np.array([0, 16]), np.array([0, 1], dtype=np.int32), ("A", "B"))
>>> cells = cells_of(np.array([0, 20, 30]), state, [order], [])
>>> cells.edges.tolist()
[0, 3, 16, 20, 30]
>>> microseconds(cells)[:, [UNKNOWN, producing, fault]].tolist()
[[3, 0, 0], [0, 11, 2], [0, 0, 4], [0, 0, 10]]

`microseconds` first gives every change whole to the cell it begins in: producing 11 and fault 16
to cell 1. Then it moves what lies behind an edge over it: of the fault, 4 to cell 2 and 10 to cell
3, so that cell 1 keeps 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analytics.arrays import Flags, Floats, Micros, ranges, sorted_unique
from analytics.timeline.tracks import UNKNOWN, StateTrack, TextTrack
from domain.corrections import Correction
from domain.states import MachineState
from domain.time import micros

STATES = len(MachineState)
_BLOCK = 1 << 15  # state changes that are worked on at once, so that they stay in the cache
MAY_PRODUCE = (MachineState.PRODUCING.code, UNKNOWN)
Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cell k is [edges[k], edges[k + 1]); its first state change is state.times[place[k]]."""

    edges: Micros
    state: StateTrack
    place: npt.NDArray[np.int64]

    @property
    def starts(self) -> Micros:
        return self.edges[:-1]

    def __len__(self) -> int:
        return len(self.edges) - 1


@dataclass(frozen=True, slots=True)
class CellContext:
    """What the quantities of cells depend on besides the counters; shapes (cells,). `borders`: of
    the slices."""

    cells: Cells
    borders: Micros
    state_us: npt.NDArray[np.int64]  # (cells, states): microseconds in each state
    busy: Flags
    cycle_time_s: Floats  # NaN where nobody gave one
    undefined: Flags  # the machine tells a product that the plant does not define
    cycles_s: tuple[float, float]  # the shortest and the longest of the plant; NaN without any
    product_unsure: Flags  # nobody confirmed that the product was still the same
    maintained: Flags  # by its mode, the machine was in maintenance

    @property
    def shortest_cycle_s(self) -> Floats:
        """The shortest cycle time that a cell's product may have; NaN where nobody gave one."""
        return np.where(self.product_unsure, self.cycles_s[0], self.cycle_time_s)

    @property
    def longest_cycle_s(self) -> Floats:
        """The longest one."""
        return np.where(self.product_unsure, self.cycles_s[1], self.cycle_time_s)

    @property
    def unknown(self) -> Flags:
        return self.state_us[:, UNKNOWN] > 0

    def weight(self, low: Micros, high: Micros) -> Micros:
        return time_in(self.cells.state, MAY_PRODUCE, low, high)


def cells_of(
    borders: Micros,
    state: StateTrack,
    texts: Iterable[TextTrack],
    corrections: Iterable[Correction],
) -> Cells:
    """The cells between the first and the last of the sorted borders of slices."""
    unknown = state.codes == UNKNOWN
    turns = np.flatnonzero(unknown[1:] != unknown[:-1]) + 1
    cuts = np.concatenate(
        [
            borders,
            state.times[:1][~unknown[:1]],  # unknown it is before the first change
            state.times[turns],
            *(track.times for track in texts),
            np.array(
                [micros(at) for it in corrections for at in (it.start, it.end)], dtype=np.int64
            ),
        ]
    )
    edges = sorted_unique(cuts[(cuts >= borders[0]) & (cuts <= borders[-1])])
    return Cells(edges, state, np.searchsorted(state.times, edges, side="left"))


def microseconds(cells: Cells) -> npt.NDArray[np.int64]:
    """Microseconds of each state in each cell, shape (cells, states), exact.

    One pass over all state changes gives each whole to the cell it begins in; then what lies
    behind an edge is moved over it.
    """
    times, codes, place, edges = cells.state.times, cells.state.codes, cells.place, cells.edges
    sums = np.zeros((len(cells), STATES), dtype=np.int64)
    lasting = np.empty(0)
    for low, high in _blocks(place):
        first, last = place[low], place[high]
        counts = np.diff(place[low : high + 1])
        if len(lasting) < last - first:
            lasting = np.empty(max(last - first, 2 * _BLOCK))
        # Whole microseconds, exact in a float, as bincount wants them.
        part = lasting[: last - first]
        np.subtract(times[first + 1 : last], times[first : last - 1], out=part[:-1])
        part[-1] = (edges[-1] if last == place[-1] else times[last]) - times[last - 1]
        where = np.repeat(np.arange(0, len(counts) * STATES, STATES), counts)
        where += codes[first:last]
        block = np.bincount(where, weights=part, minlength=len(counts) * STATES)
        sums[low:high] = block.reshape(-1, STATES)
    # From each edge to the next change (or edge) the state holds that held before the edge.
    following = place[:-1]
    change = times[np.minimum(following, len(times) - 1)] if len(times) else edges[1:]
    change = np.where(following < len(times), change, edges[-1])
    until = np.minimum(edges[1:], change) - edges[:-1]
    held = np.where(following > 0, codes[following - 1], UNKNOWN) if len(codes) else UNKNOWN
    sums[np.arange(len(cells)), held] += until
    inside = following > place[0]  # a change before it lies in a cell
    owner = np.searchsorted(place, following[inside], side="left") - 1
    np.subtract.at(sums, (owner, codes[following[inside] - 1]), until[inside])
    return sums


def _blocks(place: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Runs of cells [low, high) with about as many changes as a block holds."""
    if len(place) < 2 or place[-1] == place[0]:
        return
    wanted = np.arange(place[0] + _BLOCK, place[-1], _BLOCK)
    borders = sorted_unique(
        np.concatenate([[0], np.searchsorted(place, wanted, side="left"), [len(place) - 1]])
    ).tolist()
    for low, high in pairwise(borders):
        if place[low] < place[high]:
            yield low, high


def time_in(state: StateTrack, wanted: tuple[int, ...], low: Micros, high: Micros) -> Micros:
    """How many microseconds of each [low, high) are in one of the states; low, high sorted so
    that the stretches do not overlap. Costs what the stretches hold, not what the track does."""
    if not len(state.times):
        return (high - low) * (UNKNOWN in wanted)
    first = np.searchsorted(state.times, low, side="right") - 1
    last = np.searchsorted(state.times, high, side="left")
    owner, change = ranges(first, last)
    codes = np.where(change >= 0, state.codes[np.maximum(change, 0)], np.int8(UNKNOWN))
    counts = np.flatnonzero(is_one_of(codes, wanted))
    owner, change = owner[counts], change[counts]
    ends = state.times[np.minimum(change + 1, len(state.times) - 1)]
    ends = np.where(change + 1 < len(state.times), ends, high[owner])
    begins = np.where(change >= 0, state.times[np.maximum(change, 0)], low[owner])
    parts = np.minimum(ends, high[owner]) - np.maximum(begins, low[owner])
    sums = np.zeros(len(low), dtype=np.int64)
    np.add.at(sums, owner, parts)
    return sums


def is_one_of(codes: Codes, states: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which codes are of the states (comparing a few times is faster than looking up)."""
    found: npt.NDArray[np.bool_] = codes == states[0]
    for state in states[1:]:
        found |= codes == state
    return found
