"""What was counted across a gap, and may belong to the other side of a border.

A counter that goes on across a gap says how many items were made in it, but not when. Inside one
stretch of planned time that does not matter. Where the border of the plan, or of a slice, lies in
the gap, some of the items may have been made on its other side: as many as were counted, and no
more than fit into the time there that may have produced.

A gap is a pair of samples between which the state was unknown, or the counter could not be heard
(`analytics.facts.unheard.Hearing`). A counter that tells seldom has no gaps: what it tells is all
there is. Pairs that lie in one cell are nobody's question.

An example: 12 items of 2 s each (24 s of ideal time) were counted across a border, 10 s of unknown
time before it and 30 s behind it:

    cells          | 10 s before |        30 s behind        |
    shared out     |    6 s      |           18 s            |
    may be too few |             |  6 s: all were made here  |
    may be too many|             | 10 s: no more fit before  |

so 5 items, 10 s, are unsure on both sides. Was the time before the border a break, all 24 s are
shared out to the planned side, and 10 s of them may have been made in the break.

What fits on the other side are items of the product there: where products change at the border,
many quick ones may stand for few slow ones.

>>> parts = Parts(*(np.array(it) for it in ([0, 0], [0, 1], [0, 10], [10, 40], [10, 30])),
...     np.array([3.0, 9.0]))
>>> across_borders(parts, np.array([10]), np.array([5.0, 15.0]))
(array([0]), array([5.]))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags, Floats, Indexes, Micros, sorted_once
from analytics.facts.counters.allocation import Parts, Weight, parts_of
from analytics.facts.counters.increments import Increments


@dataclass(frozen=True, slots=True)
class Unsure:
    """By cell, of a slice's first cell and its last: see `domain.frames.FACTS`."""

    plan: Floats
    start: Floats
    end: Floats
    start_items: Floats
    end_items: Floats

    def largest(self, other: Unsure) -> Unsure:
        names = Unsure.__slots__
        return Unsure(*(np.maximum(getattr(self, it), getattr(other, it)) for it in names))

    def plus(self, other: Unsure) -> Unsure:
        names = Unsure.__slots__
        return Unsure(*(getattr(self, it) + getattr(other, it) for it in names))


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where gaps are looked for: the edges of the cells and the borders of slices among them;
    `weight` is of the time that may have produced, `busy`, `known` and `maintained` (which some
    methods take out of the plan) of the cells."""

    edges: Micros
    borders: Micros
    weight: Weight
    busy: Flags
    known: Flags
    maintained: Flags

    @property
    def nothing(self) -> Unsure:
        return Unsure(*[np.zeros(len(self.edges) - 1)] * len(Unsure.__slots__))

    def of_items(
        self, counted: Increments, breaks: Micros, cycles_s: tuple[Floats, Floats, Floats]
    ) -> Unsure:
        """`breaks`: when the counter could no longer be heard; `cycles_s`: by cell the cycle time,
        and the shortest and the longest that it may have been."""
        chosen = self._across(counted)
        if not len(chosen):
            return self.nothing
        parts = parts_of(
            counted.times, counted.amounts, chosen, self.edges, self.weight, self.busy, self.known
        )
        gap = self._is_gap(counted.times, breaks, parts)
        if not gap.any():
            return self.nothing
        cells = len(self.edges) - 1
        cycle_s, quickest_s, slowest_s = (np.nan_to_num(it)[parts.cell] for it in cycles_s)
        of_other_products = _of_other_products(parts, cycle_s, gap & self.busy[parts.cell], cells)
        parts = _chosen(parts, gap)
        room = _room(parts, quickest_s[gap])
        before, items = across_borders(parts, self.borders, room)
        behind = before + 1
        slowest_s = slowest_s[gap]
        around_s = _slowest(parts, self.borders, slowest_s)
        outside = _outside_plan(parts, self.busy[parts.cell], room)
        if self.maintained[parts.cell].any():
            planned = (self.busy & ~self.maintained)[parts.cell]
            outside = np.maximum(outside, _outside_plan(parts, planned, room))
        return Unsure(
            _sums(parts.cell, outside * slowest_s, cells) + of_other_products,
            _sums(parts.cell[behind], items * around_s[behind], cells),
            _sums(parts.cell[before], items * around_s[before], cells),
            _sums(parts.cell[behind], items, cells),
            _sums(parts.cell[before], items, cells),
        )

    def from_elsewhere(self, counted: Increments, breaks: Micros, elsewhere: Flags) -> Floats:
        """By cell, how much of what gaps gave to the cells `elsewhere` may have been counted in
        this one."""
        cells = len(self.edges) - 1
        parts = self._of_gaps(counted, breaks) if elsewhere.any() else None
        if parts is None:
            return np.zeros(cells)
        given = np.where(elsewhere[parts.cell], parts.amounts, 0.0)
        may = ~elsewhere[parts.cell] & (parts.lengths > 0)
        return _sums(parts.cell, np.where(may, _until(parts.pair, given)[1], 0.0), cells)

    def to_elsewhere(self, counted: Increments, breaks: Micros, elsewhere: Flags) -> Floats:
        """By cell, how much of what gaps gave to it may have been counted in the cells
        `elsewhere`."""
        cells = len(self.edges) - 1
        parts = self._of_gaps(counted, breaks) if elsewhere.any() else None
        if parts is None:
            return np.zeros(cells)
        lengths = np.where(elsewhere[parts.cell], parts.lengths, 0)
        may = ~elsewhere[parts.cell] & (_until(parts.pair, lengths)[1] > 0)
        return _sums(parts.cell, np.where(may, parts.amounts, 0.0), cells)

    def of_energy(self, counted: Increments, breaks: Micros) -> tuple[Floats, Floats]:
        """kWh of a slice's first cell and its last; the plan is no question, because energy is of
        all time."""
        cells = len(self.edges) - 1
        chosen = self._across(counted)
        far = _broken(counted.times, breaks, chosen)
        if not far.any():
            return np.zeros(cells), np.zeros(cells)
        parts = parts_of(counted.times, counted.amounts, chosen[far], self.edges, None, None, None)
        anything = np.full(len(parts.pair), np.inf)
        before, amounts = across_borders(parts, self.borders, anything)
        return (
            _sums(parts.cell[before + 1], amounts, cells),
            _sums(parts.cell[before], amounts, cells),
        )

    def _of_gaps(self, counted: Increments, breaks: Micros) -> Parts | None:
        """What pairs that are gaps gave to cells; None where there are none."""
        chosen = self._across(counted)
        if not len(chosen):
            return None
        parts = parts_of(
            counted.times, counted.amounts, chosen, self.edges, self.weight, self.busy, self.known
        )
        gap = self._is_gap(counted.times, breaks, parts)
        return _chosen(parts, gap) if gap.any() else None

    def _across(self, counted: Increments) -> Indexes:
        """The pairs that counted something and do not lie in one cell."""
        times = counted.times
        if not len(counted.amounts):
            return np.empty(0, dtype=np.int64)
        after = np.searchsorted(times, self.edges, side="right")
        crossing = (after > 0) & (after < len(times)) & (times[after - 1] < self.edges)
        pairs = sorted_once(after[crossing]) - 1
        found: Indexes = pairs[counted.amounts[pairs] > 0]
        return found

    def _is_gap(self, times: Micros, breaks: Micros, parts: Parts) -> Flags:
        """Of each part, whether its pair is one."""
        pairs, place = np.unique(parts.pair, return_inverse=True)
        unknown = np.bincount(place, ~self.known[parts.cell]) > 0
        found: Flags = (unknown | _broken(times, breaks, pairs))[place]
        return found


def _broken(times: Micros, breaks: Micros, pairs: Indexes) -> Flags:
    """Between which pairs of samples the counter could not be heard."""
    first, last = np.searchsorted(breaks, times[pairs]), np.searchsorted(breaks, times[pairs + 1])
    return first < last


def _chosen(parts: Parts, chosen: Flags) -> Parts:
    return Parts(*(getattr(parts, name)[chosen] for name in Parts.__slots__))


def _room(parts: Parts, cycle_s: Floats) -> Floats:
    """How many items fit into each part at ideal speed, or at the pair's own speed where that was
    higher: any number where no cycle time is known."""
    anything = np.full(len(cycle_s), np.inf)
    fits = np.divide(parts.lengths / 1e6, cycle_s, out=anything, where=cycle_s > 0)
    counted, whole = (_until(parts.pair, it)[1] for it in (parts.amounts, fits))
    speed = np.divide(counted, whole, out=np.ones(len(whole)), where=whole > 0)
    room: Floats = fits * np.maximum(speed, 1.0)
    return room


def across_borders(parts: Parts, borders: Micros, room: Floats) -> tuple[Indexes, Floats]:
    """The part before each border inside a pair, and how much of what the pair counted may belong
    to the border's other side; `room`: how much fits into each part."""
    place = np.searchsorted(borders, parts.high)
    at_border = borders[np.minimum(place, len(borders) - 1)] == parts.high
    last = np.append(parts.pair[1:] != parts.pair[:-1], True)
    inside = np.flatnonzero(at_border & ~last)
    if not len(inside):
        return inside, np.zeros(0)
    amounts_to, amounts_in = _until(parts.pair, parts.amounts)
    room_to, room_in = _until(parts.pair, room)
    before, behind = amounts_to[inside], (amounts_in - amounts_to)[inside]
    with np.errstate(invalid="ignore"):
        room_behind = np.where(np.isinf(room_in), np.inf, room_in - room_to)[inside]
    unsure = np.maximum(np.minimum(behind, room_to[inside]), np.minimum(before, room_behind))
    return inside, unsure


def _slowest(parts: Parts, borders: Micros, cycle_s: Floats) -> Floats:
    """Of each part, the longest cycle time of its pair between the borders around it."""
    section = np.searchsorted(borders, parts.high)
    begins = np.flatnonzero(
        (np.diff(parts.pair, prepend=-1) != 0) | (np.diff(section, prepend=-1) != 0)
    )
    longest: Floats = np.maximum.reduceat(cycle_s, begins)
    return np.repeat(longest, np.diff(begins, append=len(cycle_s)))


def _until(pair: Indexes, values: Floats) -> tuple[Floats, Floats]:
    """Of each part: the sum over its pair up to it, and over all of its pair."""
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    ends = np.append(begins[1:], len(pair))
    running = np.empty(len(values))
    # Pair by pair, so that the last bit of a sum does not depend on the pairs before.
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        np.cumsum(values[begin:end], out=running[begin:end])
    return running, np.repeat(running[ends - 1], ends - begins)


def _of_other_products(parts: Parts, cycle_s: Floats, chosen: Flags, cells: int) -> Floats:
    """Where the product changed in a gap: by how much the ideal time of its items is another one if
    they were of the fastest or the slowest of its products."""
    begins = np.flatnonzero(np.diff(parts.pair, prepend=-1))
    counts = np.diff(begins, append=len(parts.pair))
    apart = np.maximum.reduceat(cycle_s, begins) - np.minimum.reduceat(cycle_s, begins)
    return _sums(parts.cell, parts.amounts * np.repeat(apart, counts) * chosen, cells)


def _outside_plan(parts: Parts, planned: Flags, room: Floats) -> Floats:
    """Of what each pair gives to each of its planned parts, how much may have been made outside the
    plan, and of what it gives to the others, how much within it; `room`: how much fits."""
    given, given_outside = (
        _until(parts.pair, np.where(chosen, parts.amounts, 0.0))[1]
        for chosen in (planned, ~planned)
    )
    room_in, room_outside = (
        _until(parts.pair, np.where(chosen, room, 0.0))[1] for chosen in (planned, ~planned)
    )
    length = _until(parts.pair, np.where(planned, parts.lengths, 0.0))[1]
    leaving = np.minimum(given, room_outside) * _share(parts.amounts, given)
    coming = np.minimum(given_outside, room_in) * _share(parts.lengths.astype(float), length)
    found: Floats = np.where(planned, np.maximum(leaving, coming), 0.0)
    return found


def _share(parts: Floats, whole: Floats) -> Floats:
    return np.divide(parts, whole, out=np.zeros(len(whole)), where=whole > 0)


def _sums(cells: Indexes, amounts: Floats, count: int) -> Floats:
    """The amounts of each cell."""
    found = np.zeros(count)
    np.add.at(found, cells, amounts)
    return found
