"""Days that are known to the second, and stretches of them that are hidden.

What is hidden of a day is not in its history: samples are missing, machines are not confirmed. Of
each day there is also a history in which nothing is hidden, not even by a counter that began anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from random import Random

import numpy as np
import polars as pl
from plants import HONG_KONG, calendar, local, shift

from domain.frames import HISTORY, UTC_US, LineHistory
from domain.plant import Line, Machine, Plant, Product, StopReason
from domain.samples import Quality
from domain.signals import REACH_MARGIN
from domain.states import MachineState, ReasonKind

START, END = local("2026-03-02 06:00"), local("2026-03-02 12:00")
LENGTH_S = int((END - START).total_seconds())
PLAN = calendar(shift("A", "07:00", "11:30", ("09:00", "09:20")))
TEXTS = ("product", "mode", "order", "stop_reason")
MACHINES = ("press", "counter", "meter", "panel")
SIGNALS = {
    "state": "press",
    "total_count": "counter",
    "reject_count": "counter",
    "energy": "meter",
    "product": "press",
}
HIDDEN = ("press", "counter", "meter", "all", "state", "total_count", "reject_count", "energy")
EVERY_S = 30  # how often counters are read
BORDERS = (*range(0, LENGTH_S + 1, 3600), 12_000, 19_800)  # of hours and of the plan
NEVER = LENGTH_S + 1
CODES = {it.value: float(it.code) for it in MachineState}


@dataclass(frozen=True)
class Hidden:
    """From second `start` to `end` nothing is known of `what`: a machine, a signal, or all."""

    what: str
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """Second by second: the state, and what each counter stands at; `cycles`: of its products.
    `modes`, `orders`, `reasons`: none where no machine tells them. `made`: what the counters would
    stand at if none had begun anew; empty where none did."""

    states: Sequence[str]
    products: Sequence[str]
    counters: dict[str, np.ndarray]
    cycles: dict[str, float]
    pace: float  # 1 is as fast as planned
    machines: dict[str, str] = field(default_factory=lambda: dict(SIGNALS))  # of the signals
    modes: Sequence[str] = ()
    orders: Sequence[str] = ()
    made: dict[str, np.ndarray] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    tells_reasons_once: bool = False  # when they are given, and not that they are over

    def values(
        self, signal: str, seconds: Sequence[float]
    ) -> tuple[Sequence[float | None], Sequence[str | None]]:
        """What the signal stands at in each of the seconds: as numbers and as texts."""
        whole = [int(it) for it in seconds]
        if signal in self.counters:
            return self.counters[signal][whole].tolist(), [None] * len(whole)
        inside = [min(max(it, 0), LENGTH_S - 1) for it in whole]
        if signal in TEXTS:
            told = {
                "product": self.products,
                "mode": self.modes,
                "order": self.orders,
                "stop_reason": self.reasons,
            }[signal]
            return [None] * len(whole), [told[it] for it in inside]
        states = [self.states[it] for it in inside]
        return [CODES[it] for it in states], states

    @cached_property
    def moments(self) -> list[int]:
        """When anything is told: every EVERY_S, and when a state changes. Found once, however many
        histories the day has."""
        told = [it for it in (self.states, self.products, self.modes, self.reasons) if it]
        changes = {it for of in told for it in range(1, LENGTH_S) if of[it] != of[it - 1]}
        return sorted({*range(0, LENGTH_S + 1, EVERY_S), *changes})


def plant(day: Day) -> Plant:
    line = Line(
        "l1",
        {"en": "Line 1"},
        {name: Machine(name, "import") for name in MACHINES},
        {
            role: machine
            for role, machine in day.machines.items()
            if role not in TEXTS or machine == "panel"
        },
        PLAN,
        day.cycles["a"],
    )
    products = {name: Product(name, {"en": name}, cycle) for name, cycle in day.cycles.items()}
    reasons = {it.value: StopReason(it.value, {"en": it.value}, kind=it) for it in ReasonKind}
    return Plant("p", HONG_KONG, {"en": "Test"}, "", products, {"l1": line}, reasons)


def random_day(rng: Random) -> Day:
    cycles = {"a": rng.choice([1.0, 2.0]), "b": rng.choice([1.0, 5.0])}
    one_speed = rng.choice([None, None, None, 1.0, 1.3])
    states: list[str] = []
    speed, rejected = np.zeros(LENGTH_S), np.zeros(LENGTH_S)
    products: list[str] = []
    product = "a"
    while len(states) < LENGTH_S:
        length = min(rng.randint(2, 90) * 60, LENGTH_S - len(states))
        state = rng.choice(["producing", "producing", "stopped", "fault", "setup", "off"])
        inside = slice(len(states), len(states) + length)
        if state == "producing":
            speed[inside] = (one_speed or rng.uniform(0.05, 1.0)) / cycles[product]
            rejected[inside] = rng.choice([0.0, 0.02, 0.5, 1.0])
        states += [state] * length
        products += [product] * length
        if state != "producing" and rng.random() < 0.25:
            product = rng.choice("ab")
    power = np.where(speed > 0, 30.0, 2.0) / 3600
    counted = {"total_count": speed, "reject_count": speed * rejected, "energy": power}
    counters = {name: np.append(0.0, np.cumsum(rate)) + 1000.0 for name, rate in counted.items()}
    made = {}
    if rng.random() < 0.3:  # a counter that begins anew: what it counted just before is lost
        made = {name: stands.copy() for name, stands in counters.items()}
        at = rng.randint(1, LENGTH_S)
        name = rng.choice(["total_count", "energy"])
        counters[name][at:] -= counters[name][at]
    machines = dict(SIGNALS)
    if rng.random() < 0.5:  # another machine judges than the one that counts
        machines["reject_count"] = rng.choice(["press", "meter"])
    modes: list[str] = []
    while rng.random() < 0.4 and len(modes) < LENGTH_S:  # it may be in maintenance and produce
        modes += [rng.choice(["produce", "maintenance"])] * (rng.randint(10, 120) * 60)
    if modes:
        modes = (modes + ["produce"] * LENGTH_S)[:LENGTH_S]
    orders = [rng.choice(["", "A"])] * LENGTH_S if rng.random() < 0.4 else []
    machines |= {"mode": "press"} if modes else {}
    machines |= {"order": "press"} if orders else {}
    return Day(states, products, counters, cycles, one_speed or 1.0, machines, modes, orders, made)


ALL_THREE = ("total_count", "good_count", "reject_count")
OTHER_COUNTERS = (
    ("total_count", "good_count"),
    ("good_count", "reject_count"),
    ALL_THREE,
    ("total_count", "reject_count", "rework_count"),
)


def with_other_counters(
    day: Day, rng: Random, among: Sequence[tuple[str, ...]] = OTHER_COUNTERS
) -> Day:
    """The day with other counters than of all and of rejected items, each of any machine; none of
    them begins anew. A quarter of the good items is reworked."""
    stands = day.made or day.counters
    total, rejected = stands["total_count"], stands["reject_count"]
    good = total - rejected
    every = {
        "total_count": total,
        "good_count": good,
        "reject_count": rejected,
        "rework_count": good / 4,
    }
    kinds = rng.choice(among) if len(among) > 1 else among[0]
    machines = {name: it for name, it in day.machines.items() if name not in every}
    machines |= {name: rng.choice(["counter", "counter", "press", "meter"]) for name in kinds}
    counters = {name: every[name] for name in kinds} | {"energy": stands["energy"]}
    return replace(day, counters=counters, made={}, machines=machines)


def with_a_panel(day: Day, rng: Random, late_s: Sequence[int] = (0, 0, 20, 300)) -> Day:
    """The day with reasons for its stops, some of them told so late; and some of what is said of it
    in texts is told by a panel that has a connection of its own."""
    reasons, reason, told = [""] * LENGTH_S, "", 0
    for second in range(LENGTH_S):
        if second == 0 or day.states[second] != day.states[second - 1]:
            reason, told = rng.choice(["", *ReasonKind]), second + rng.choice(late_s)
        if day.states[second] != "producing" and second >= told:
            reasons[second] = reason
    machines = day.machines | {"stop_reason": "press"}
    texts = [it for it in TEXTS if it in machines and rng.random() < 0.6]
    return replace(day, reasons=reasons, machines=machines | dict.fromkeys(texts, "panel"))


def with_reasons_told_once(day: Day, rng: Random) -> Day:
    """The day with reasons that a person gives at the panel: nobody tells them again, nor that they
    are over."""
    day = with_a_panel(day, rng)
    stands, reasons = "", []
    for state, given in zip(day.states, day.reasons, strict=True):
        stands = "" if state == "producing" else given or stands
        reasons.append(stands)
    machines = day.machines | {"stop_reason": "panel"}
    return replace(day, reasons=reasons, machines=machines, tells_reasons_once=True)


def random_hiding(rng: Random, among: Sequence[str] = HIDDEN) -> list[Hidden]:
    found = []
    for _ in range(rng.randint(1, 3)):
        start = rng.randint(0, LENGTH_S)
        found.append(
            Hidden(rng.choice(among), start, min(start + rng.randint(60, 14_400), LENGTH_S))
        )
        chance = rng.random()
        if chance < 0.3:  # it never comes back: the last that is known is what was read
            found[-1] = replace(found[-1], start=start - start % EVERY_S + 1, end=NEVER)
        elif chance < 0.4:  # nor was it there before, and it is heard first shortly after a border
            border = rng.choice([it for it in BORDERS if it < LENGTH_S])
            found[-1] = replace(found[-1], start=0, end=border + rng.randint(1, 2 * EVERY_S))
        if rng.random() < 0.3 and found[-1].end == NEVER:  # it is gone shortly before a border
            border = rng.choice([it for it in BORDERS if it > 0])
            found[-1] = replace(found[-1], start=border - rng.randint(0, 4) * EVERY_S + 1)
    return found


def hiding_beside_stops(day: Day, rng: Random, among: Sequence[str]) -> list[Hidden]:
    """Stretches that begin or end a moment before or after a change of the state. None is so short
    that the silence of a panel is tolerated."""
    changes = [it for it in range(1, LENGTH_S) if day.states[it] != day.states[it - 1]]
    found = []
    for _ in range(rng.randint(1, 3)):
        at = min(max(rng.choice(changes or [0]) + rng.randint(-90, 90), 0), LENGTH_S)
        length = rng.choice([rng.randint(61, 120), rng.randint(61, 14_400)])
        start = at - rng.choice([0, length])
        found.append(Hidden(rng.choice(among), max(start, 0), min(start + length, LENGTH_S)))
    return [it for it in found if it.start < it.end]


def hiding_productions(day: Day, rng: Random, among: Sequence[str]) -> list[Hidden]:
    """Stretches that hide a whole production, and something of the stops around it."""
    runs = [run for run in runs_of(day) if day.states[run.start] == "producing"]
    found = []
    for run in rng.sample(runs, min(len(runs), 2)):
        start, end = run.start - rng.randint(0, 900), run.stop + rng.randint(0, 900)
        found.append(Hidden(rng.choice(among), max(start, 0), min(end, LENGTH_S)))
    return found


def runs_of(day: Day) -> list[range]:
    """The seconds of each run of one state."""
    turns = [it for it in range(1, LENGTH_S) if day.states[it] != day.states[it - 1]]
    return [range(*it) for it in pairwise([0, *turns, LENGTH_S])]


def is_given(reasons: Sequence[str], second: int) -> bool:
    """Whether a reason is given in that second, which was not there before."""
    before = reasons[second - 1] if second else ""
    return second < LENGTH_S and reasons[second] not in ("", before)


def gone_before(it: Hidden) -> float:
    """What never comes back is gone a moment after it was read for the last time."""
    return 1.0 - 1e-6 if it.end == NEVER else 0.0


def history(day: Day, hidden: Sequence[Hidden] = ()) -> LineHistory:
    frames = []
    for signal, machine in day.machines.items():
        mine = [it for it in hidden if it.what in (signal, machine, "all")]
        # A connection that comes back tells how everything stands; one that is lost by itself
        # says so.
        at = set(day.moments)
        for it in mine:
            at = {second for second in at if not it.start <= second < it.end}
        back = {
            it.end
            for it in mine
            if it.end != NEVER and not any(other.start <= it.end < other.end for other in mine)
        }
        if signal == "stop_reason" and day.tells_reasons_once:
            at = {second for second in at if is_given(day.reasons, second)}
        lost = {it.start - gone_before(it) for it in mine if it.what == signal} - (at | back)
        # Of an order or a mode that was never told before nothing is known.
        before = {-1} if signal in ("mode", "order") else set()
        frames.append(_told(day, signal, sorted(before | at | back | lost), lost))
    return LineHistory(
        "l1",
        START - REACH_MARGIN,
        END + REACH_MARGIN,
        pl.concat(frames).sort("machine", "signal", "time"),
        _spans(hidden),
    )


def _told(day: Day, signal: str, seconds: Sequence[float], lost: set[float]) -> pl.DataFrame:
    """HISTORY of one signal at these seconds; in those that are lost it is known to be bad."""
    values, texts = day.values(signal, seconds)
    good, bad = int(Quality.GOOD), int(Quality.BAD)
    passed_us = pl.Series([round(it * 1e6) for it in seconds], dtype=pl.Int64)
    return pl.DataFrame(
        {
            "machine": [day.machines[signal]] * len(seconds),
            "signal": [signal] * len(seconds),
            "time": passed_us.cast(pl.Duration("us")) + START,
            "value": values,
            "text": texts,
            "quality": [bad if it in lost else good for it in seconds],
        },
        schema=HISTORY,
    )


def _spans(hidden: Sequence[Hidden]) -> pl.DataFrame:
    """When each machine is confirmed: always but when it, or all, is hidden."""
    spans = []
    for machine in MACHINES:
        gone = sorted(
            (it.start - gone_before(it), min(it.end, LENGTH_S))
            for it in hidden
            if it.what in (machine, "all")
        )
        at = 0
        for start, end in gone:
            if start > at:
                spans.append((machine, at, start))
            at = max(at, end)
        if at < LENGTH_S:
            spans.append((machine, at, LENGTH_S))
    known = [
        (machine, START + timedelta(seconds=begin), START + timedelta(seconds=finish))
        for machine, begin, finish in spans
    ]
    schema = {"machine": pl.String, "start": UTC_US, "end": UTC_US}
    return pl.DataFrame(known, schema=schema, orient="row").sort("machine", "start")
