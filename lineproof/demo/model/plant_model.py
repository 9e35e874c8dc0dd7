"""The truth of the demo line: what the filler does at every instant, what it makes, what it draws.

One process drives all machines. A filler runs for stretches of random length, interrupted by
stops of several kinds; counts and energy follow from speed and power alone, so state, counters
and meter agree by construction. What the packer behind it does follows from this
(`packer_model`), and so do the weights of the cups (`weights`). The same origin and seed give
the same truth, and any instant can be asked for: the truth is drawn in blocks of an hour, each
block is drawn from its own generator, so that a block far away costs nothing but its place in
the running totals.

It must not know OPC UA, MQTT, files or the clock: instants are microseconds, arguments.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

from domain.states import STOP_STATES, MachineState
from lineproof.demo.model.behaviour import OVERHAUL, PRODUCT_CHANGE, Behaviour, Recipe

BLOCK_US = 3_600_000_000
_SECOND_US = 1_000_000
_HOUR_S = 3600.0
_DAY_BLOCKS = 24
_RAMP_UP_BLOCKS = 24 * 55  # how long a new line takes to reach its best


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch [start_us, end_us) in one state at one speed (items/s).

    `packer_state`, `packer_reason`: what holds the packer that blocks the filler.
    """

    start_us: int
    end_us: int
    state: MachineState
    reason: str
    speed: float
    reject_share: float
    power_kw: float
    packer_state: MachineState = MachineState.PRODUCING
    packer_reason: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Running totals since the origin: items and rejects as whole numbers, energy in kWh."""

    items: int
    rejects: int
    energy_kwh: float

    @property
    def good(self) -> int:
        return self.items - self.rejects


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened in [start_us, end_us): microseconds by state, counts, energy."""

    start_us: int
    end_us: int
    state_us: dict[MachineState, int]
    items: int
    rejects: int
    energy_kwh: float
    stops: tuple[Segment, ...]

    @property
    def good(self) -> int:
        return self.items - self.rejects


@dataclass(frozen=True, slots=True)
class _Running:
    """Running totals at a border of segments, not yet cut down to whole items."""

    items: float = 0.0
    rejects: float = 0.0
    energy_kwh: float = 0.0

    def after(self, segment: Segment) -> _Running:
        seconds = (segment.end_us - segment.start_us) / _SECOND_US
        items = self.items + segment.speed * seconds
        made = math.floor(items) - math.floor(self.items)
        return _Running(
            items,
            self.rejects + segment.reject_share * made,
            self.energy_kwh + segment.power_kw * seconds / _HOUR_S,
        )


@dataclass(frozen=True, eq=False)
class PlantModel:
    """The line from `origin_us` on.

    `schedule`: the hour of each day (from the origin) in which the line changes to a recipe, in
    order. `overhaul_us`: one planned stretch under maintenance. `drift_us`: while the doser
    drifted, until somebody set it right.
    """

    origin_us: int
    seed: int
    behaviour: Behaviour = field(default_factory=Behaviour)
    schedule: tuple[tuple[int, Recipe], ...] = ()
    overhaul_us: tuple[int, int] | None = None
    drift_us: tuple[int, int] | None = None
    _drafts: dict[int, tuple[Segment, ...]] = field(default_factory=dict, init=False, repr=False)
    _running: list[_Running] = field(default_factory=list, init=False, repr=False)
    _latest: dict[int, tuple[_Running, ...]] = field(default_factory=dict, init=False, repr=False)

    def at(self, us: int) -> Segment:
        """The segment that holds at that instant. Raises ValueError before the origin."""
        segments = self.block(self.index(us))
        return segments[_place(segments, us)]

    def segments(self, start_us: int, end_us: int) -> Iterator[Segment]:
        """Every segment that touches [start_us, end_us), uncut, in order."""
        for index in range(self.index(start_us), self.index(end_us - 1) + 1):
            for segment in self.block(index):
                if segment.end_us > start_us and segment.start_us < end_us:
                    yield segment

    def block(self, index: int) -> tuple[Segment, ...]:
        """The segments of the hour of that number from the origin; none reaches beyond it."""
        if index not in self._drafts:
            self._drafts[index] = _draft(self, index)
        return self._drafts[index]

    def index(self, us: int) -> int:
        """The number of the hour in which the instant lies."""
        if us < self.origin_us:
            raise ValueError("the demo line did not exist before its origin")
        return (us - self.origin_us) // BLOCK_US

    def recipe(self, us: int) -> Recipe:
        """What the line makes, or is being set up to make."""
        return self.recipe_in(self.index(us))

    def recipe_in(self, index: int) -> Recipe:
        """The recipe of that hour: the latest change of its day, or the day before's last."""
        if not self.schedule:
            return self.behaviour.recipe
        changed = [recipe for hour, recipe in self.schedule if hour <= index % _DAY_BLOCKS]
        return changed[-1] if changed else self.schedule[-1][1]

    def counts(self, us: int) -> tuple[int, int]:
        """Items and rejects of the filler, running totals."""
        totals = self.totals(us)
        return totals.items, totals.rejects

    def totals(self, us: int) -> Totals:
        """Running totals at that instant. Good items never go down: a reject is an item."""
        index = self.index(us)
        segments = self.block(index)
        place = _place(segments, us)
        before = self._before(index)[place]
        segment = segments[place]
        seconds = (us - segment.start_us) / _SECOND_US
        items = math.floor(before.items + segment.speed * seconds)
        made = items - math.floor(before.items)
        rejects = math.floor(before.rejects + segment.reject_share * made)
        energy = before.energy_kwh + segment.power_kw * seconds / _HOUR_S
        return Totals(items, rejects, energy)

    def truth(self, start_us: int, end_us: int) -> Truth:
        """Exactly what happened between two instants; segments cut at the borders."""
        state_us: Counter[MachineState] = Counter()
        stops: list[Segment] = []
        for segment in self.segments(start_us, end_us):
            state_us[segment.state] += min(end_us, segment.end_us) - max(start_us, segment.start_us)
            if segment.state in STOP_STATES:
                stops.append(segment)
        before, after = self.totals(start_us), self.totals(end_us)
        return Truth(
            start_us,
            end_us,
            dict(state_us),
            after.items - before.items,
            after.rejects - before.rejects,
            after.energy_kwh - before.energy_kwh,
            tuple(stops),
        )

    def _before(self, index: int) -> tuple[_Running, ...]:
        """Running totals at the start of each segment of the block, and at its end.

        Only those at the start of each block are kept, and the whole of the one asked for last:
        to stand where sixty days have led takes neither their segments nor their totals.
        """
        if index not in self._latest:
            for at in range(len(self._running), index + 1):
                self._running.append(self._borders(at - 1)[-1] if at else _Running())
            borders = self._borders(index)
            self._latest.clear()
            self._latest[index] = borders
        return self._latest[index]

    def _borders(self, index: int) -> tuple[_Running, ...]:
        segments = self._drafts.get(index) or _draft(self, index)
        return tuple(accumulate(segments, _Running.after, initial=self._running[index]))


def _place(segments: tuple[Segment, ...], us: int) -> int:
    return bisect_right(segments, us, key=lambda segment: segment.start_us) - 1


def _draft(model: PlantModel, index: int) -> tuple[Segment, ...]:
    """A block: runs and stops in turn, after a change of product; the overhaul cut in."""
    how = model.behaviour
    rng = random.Random(f"{model.seed}/{index}")
    newness = math.exp(-3.0 * index / _RAMP_UP_BLOCKS)
    cycle_time_s = model.recipe_in(index).ideal_cycle_time_s
    end_us = model.origin_us + (index + 1) * BLOCK_US
    at_us = model.origin_us + index * BLOCK_US
    done: list[Segment] = []
    weights = [kind.weight for kind in how.stops]
    saving = 1.0 - how.energy_saving * (1.0 - newness)
    run_mean_s = how.run_mean_s * (1 - 0.5 * how.ramp_up * newness)
    standing_kw = how.power_standing_kw * saving

    def stand(state: MachineState, reason: str, median_s: float, spread: float) -> Segment:
        stop_s = rng.lognormvariate(math.log(median_s), spread) * (1 + how.ramp_up * newness)
        until_us = min(end_us, at_us + _us(stop_s))
        return Segment(at_us, until_us, state, reason, 0.0, 0.0, standing_kw)

    if index and index % _DAY_BLOCKS in {hour for hour, _ in model.schedule}:
        done.append(
            stand(MachineState.SETUP, PRODUCT_CHANGE, how.change_median_s, how.change_spread)
        )
        at_us = done[-1].end_us
    while at_us < end_us:
        run_s = how.run_min_s + rng.expovariate(1.0 / run_mean_s)
        speed = rng.uniform(how.speed_low, how.speed_high) * (1 - 0.1 * how.ramp_up * newness)
        done.append(
            Segment(
                at_us, min(end_us, at_us + _us(run_s)), MachineState.PRODUCING, "",
                speed / cycle_time_s, how.reject_share * (1 + 4 * how.ramp_up * newness),
                how.power_producing_kw * saving,
            )
        )  # fmt: skip
        at_us = done[-1].end_us
        if at_us >= end_us:
            break
        kind = rng.choices(how.stops, weights)[0]
        stop = stand(kind.state, kind.reason, kind.median_s, how.stop_spread)
        if kind.state is MachineState.BLOCKED:
            stop = replace(stop, packer_state=kind.packer_state, packer_reason=kind.packer_reason)
        done.append(stop)
        at_us = stop.end_us
    return tuple(_cut_in(done, model.overhaul_us, how.power_standing_kw / 4))


def _cut_in(
    segments: list[Segment], overhaul_us: tuple[int, int] | None, power_kw: float
) -> list[Segment]:
    """The segments with a planned stretch under maintenance laid over them."""
    if overhaul_us is None:
        return segments
    begin, end = overhaul_us
    first, last = segments[0].start_us, segments[-1].end_us
    if end <= first or begin >= last:
        return segments
    done = [_part(s, s.start_us, min(s.end_us, begin)) for s in segments if s.start_us < begin]
    done.append(
        Segment(
            max(first, begin), min(last, end), MachineState.MAINTENANCE, OVERHAUL,
            0.0, 0.0, power_kw,
        )
    )  # fmt: skip
    done += [_part(s, max(s.start_us, end), s.end_us) for s in segments if s.end_us > end]
    return done


def _part(segment: Segment, start_us: int, end_us: int) -> Segment:
    return replace(segment, start_us=start_us, end_us=end_us)


def _us(seconds: float) -> int:
    """Whole milliseconds, in microseconds: machines stamp no finer."""
    return max(1, round(seconds * 1000)) * 1000
