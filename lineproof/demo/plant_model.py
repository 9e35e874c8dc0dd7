"""How the demo line behaves: a seeded random process that knows its own truth.

Pure: the same seed and origin give the same line for ever, for any stretch of time, whether
it is played live by the simulated machines or written as history. Time is cut into blocks of
one hour; each block is drawn from its own generator, so that a block far away costs nothing
but its place in the running totals.

It must not know OPC UA, MQTT, files or the clock: instants are microseconds, arguments.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate

from domain.states import STOP_STATES, MachineState

BLOCK_US = 3_600_000_000
_SECOND_US = 1_000_000
_HOUR_S = 3600.0
_DAY_BLOCKS = 24
_RAMP_UP_BLOCKS = 24 * 55  # how long a new line takes to reach its best


@dataclass(frozen=True, slots=True)
class StopKind:
    """One reason why the line stands: what state it shows, how often, how long (median)."""

    reason: str
    state: MachineState
    weight: float
    median_s: float


STOP_KINDS = (
    StopKind("Cup magazine empty", MachineState.STARVED, 30, 14),
    StopKind("Downstream packer full", MachineState.BLOCKED, 26, 16),
    StopKind("Lid film jam", MachineState.STOPPED, 22, 28),
    StopKind("Heat sealer over temperature", MachineState.FAULT, 6, 210),
    StopKind("Dosing pump overload", MachineState.FAULT, 3, 420),
    StopKind("Flavour changeover", MachineState.SETUP, 3, 540),
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Parameters of the process. Speeds in items/s, times in seconds, power in kW."""

    ideal_cycle_time_s: float = 0.2
    run_mean_s: float = 170.0
    run_min_s: float = 4.0
    stop_spread: float = 0.55
    speed_low: float = 0.90
    speed_high: float = 0.985
    reject_share: float = 0.011
    power_producing_kw: float = 61.0
    power_standing_kw: float = 17.0
    stops: tuple[StopKind, ...] = STOP_KINDS
    ramp_up: float = 0.45  # how much worse the first day is than the best one
    energy_saving: float = 0.16  # what the heat recovery saves once the line is tuned


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch [start_us, end_us) in one state at one speed (items/s)."""

    start_us: int
    end_us: int
    state: MachineState
    reason: str
    speed: float
    reject_share: float
    power_kw: float


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


@dataclass(frozen=True)
class PlantModel:
    """The line from `origin_us` on. `overhaul_us`: one planned stretch under maintenance."""

    origin_us: int
    seed: int
    behaviour: Behaviour = field(default_factory=Behaviour)
    overhaul_us: tuple[int, int] | None = None

    def at(self, us: int) -> Segment:
        """The segment that holds at that instant. Raises ValueError before the origin."""
        segments = _draft(self, self._index(us))
        return segments[_place(segments, us)]

    def segments(self, start_us: int, end_us: int) -> Iterator[Segment]:
        """Every segment that touches [start_us, end_us), uncut, in order."""
        for index in range(self._index(start_us), self._index(end_us - 1) + 1):
            for segment in _draft(self, index):
                if segment.end_us > start_us and segment.start_us < end_us:
                    yield segment

    def totals(self, us: int) -> Totals:
        """Running totals at that instant. Good items never go down: a reject is an item."""
        index = self._index(us)
        segments = _draft(self, index)
        place = _place(segments, us)
        before = _running(self, index)[place]
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

    def _index(self, us: int) -> int:
        if us < self.origin_us:
            raise ValueError("the demo line did not exist before its origin")
        return (us - self.origin_us) // BLOCK_US


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


def _place(segments: tuple[Segment, ...], us: int) -> int:
    return bisect_right(segments, us, key=lambda segment: segment.start_us) - 1


@lru_cache(maxsize=8192)
def _running(model: PlantModel, index: int) -> tuple[_Running, ...]:
    """Running totals at the start of each segment of the block."""
    before = _before(model, index)
    return tuple(accumulate(_draft(model, index)[:-1], _Running.after, initial=before))


@lru_cache(maxsize=8192)
def _before(model: PlantModel, index: int) -> _Running:
    """Totals at the start of a block, from the start of its day, day by day from the origin."""
    if index == 0:
        return _Running()
    day_start = index - (index % _DAY_BLOCKS or _DAY_BLOCKS)
    total = _before(model, day_start)
    for block in range(day_start, index):
        for segment in _draft(model, block):
            total = total.after(segment)
    return total


@lru_cache(maxsize=8192)
def _draft(model: PlantModel, index: int) -> tuple[Segment, ...]:
    """The block's segments without totals: runs and stops in turn, the overhaul cut in."""
    how = model.behaviour
    rng = random.Random(f"{model.seed}/{index}")
    newness = math.exp(-3.0 * index / _RAMP_UP_BLOCKS)
    end_us = model.origin_us + (index + 1) * BLOCK_US
    at_us = model.origin_us + index * BLOCK_US
    done: list[Segment] = []
    weights = [kind.weight for kind in how.stops]
    saving = 1.0 - how.energy_saving * (1.0 - newness)
    while at_us < end_us:
        run_mean_s = how.run_mean_s * (1 - 0.5 * how.ramp_up * newness)
        run_s = how.run_min_s + rng.expovariate(1.0 / run_mean_s)
        speed = rng.uniform(how.speed_low, how.speed_high) * (1 - 0.1 * how.ramp_up * newness)
        done.append(
            Segment(
                at_us, min(end_us, at_us + _us(run_s)), MachineState.PRODUCING, "",
                speed / how.ideal_cycle_time_s, how.reject_share * (1 + 4 * how.ramp_up * newness),
                how.power_producing_kw * saving,
            )
        )  # fmt: skip
        at_us = done[-1].end_us
        if at_us >= end_us:
            break
        kind = rng.choices(how.stops, weights)[0]
        stop_s = rng.lognormvariate(math.log(kind.median_s), how.stop_spread)
        stop_s *= 1 + how.ramp_up * newness
        done.append(
            Segment(
                at_us, min(end_us, at_us + _us(stop_s)), kind.state, kind.reason, 0.0, 0.0,
                how.power_standing_kw * saving,
            )
        )  # fmt: skip
        at_us = done[-1].end_us
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
            max(first, begin), min(last, end), MachineState.MAINTENANCE, "Annual overhaul",
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
