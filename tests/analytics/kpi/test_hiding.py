"""The law of bounds: whatever is hidden of a known history, its figures lie within the bounds.

A made-up day is known to the second: state, items, rejects, energy. Then stretches of it are
hidden, of one signal, of one machine, or of all: samples are missing, machines are not confirmed.
What the whole day gives must lie within the bounds of what is left, for every KPI of every method,
in the whole window, in each hour and in any part of it; and what is left lies within them too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import numpy as np
import polars as pl
import pytest
from plants import HONG_KONG, calendar, local, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import FROM_MACHINES
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from domain.frames import HISTORY, PACE_MIN_S, UTC_US, LineHistory
from domain.plant import Line, Machine, Plant, Product
from domain.samples import Quality
from domain.signals import REACH_MARGIN
from domain.states import MachineState
from domain.time import Window

EXAMPLES = int(os.environ.get("LINEPROOF_HIDING_EXAMPLES", "60"))
START, END = local("2026-03-02 06:00"), local("2026-03-02 12:00")
LENGTH_S = int((END - START).total_seconds())
PLAN = calendar(shift("A", "07:00", "11:30", ("09:00", "09:20")))
TEXTS = ("product", "mode", "order")
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
ROUNDING = 2e-6


@dataclass(frozen=True)
class Hidden:
    """From second `start` to `end` nothing is known of `what`: a machine, a signal, or all."""

    what: str
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """Second by second: the state, and what each counter stands at; `cycles`: of its products.
    `modes`, `orders`: none where the machine does not tell them."""

    states: Sequence[str]
    products: Sequence[str]
    counters: dict[str, np.ndarray]
    cycles: dict[str, float]
    pace: float  # 1 is as fast as planned
    machines: dict[str, str] = field(default_factory=lambda: dict(SIGNALS))  # of the signals
    modes: Sequence[str] = ()
    orders: Sequence[str] = ()

    def value(self, signal: str, second: int) -> tuple[float | None, str | None]:
        if signal in self.counters:
            return float(self.counters[signal][second]), None
        if signal in TEXTS:
            said = {"product": self.products, "mode": self.modes, "order": self.orders}[signal]
            return None, said[min(max(second, 0), LENGTH_S - 1)]
        state = self.states[min(second, LENGTH_S - 1)]
        return float(MachineState(state).code), state


def plant(day: Day) -> Plant:
    line = Line(
        "l1",
        {"en": "Line 1"},
        {name: Machine(name, "import") for name in ("press", "counter", "meter")},
        {role: machine for role, machine in day.machines.items() if role not in TEXTS},
        PLAN,
        day.cycles["a"],
    )
    products = {name: Product(name, {"en": name}, cycle) for name, cycle in day.cycles.items()}
    return Plant("p", HONG_KONG, {"en": "Test"}, "", products, {"l1": line})


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
    if rng.random() < 0.3:  # a counter that begins anew, when the line is stopped for a while
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
    return Day(states, products, counters, cycles, one_speed or 1.0, machines, modes, orders)


def random_hiding(rng: Random) -> list[Hidden]:
    found = []
    for _ in range(rng.randint(1, 3)):
        start = rng.randint(0, LENGTH_S)
        found.append(
            Hidden(rng.choice(HIDDEN), start, min(start + rng.randint(60, 14_400), LENGTH_S))
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


def moments(day: Day) -> list[int]:
    """When anything is told: every EVERY_S, and when a state changes."""
    changes = [
        second for second in range(1, LENGTH_S)
        if day.states[second] != day.states[second - 1]
        or day.products[second] != day.products[second - 1]
        or (day.modes and day.modes[second] != day.modes[second - 1])
    ]  # fmt: skip
    return sorted({*range(0, LENGTH_S + 1, EVERY_S), *changes})


def gone_before(it: Hidden) -> float:
    """What never comes back is gone a moment after it was read for the last time."""
    return 1.0 - 1e-6 if it.end == NEVER else 0.0


def history(day: Day, hidden: Sequence[Hidden] = ()) -> LineHistory:
    rows = []
    told = moments(day)
    for signal, machine in day.machines.items():
        mine = [it for it in hidden if it.what in (signal, machine, "all")]
        # A connection that comes back tells how everything stands; one that is lost by itself
        # says so.
        at = {second for second in told if not any(it.start <= second < it.end for it in mine)}
        back = {
            it.end
            for it in mine
            if it.end != NEVER and not any(other.start <= it.end < other.end for other in mine)
        }
        lost = {it.start - gone_before(it) for it in mine if it.what == signal} - (at | back)
        # Of an order or a mode that was never told before nothing is known.
        before = {-1} if signal in ("mode", "order") else set()
        for second in sorted(before | at | back | lost):
            value, text = day.value(signal, int(second))
            quality = Quality.BAD if second in lost else Quality.GOOD
            moment = START + timedelta(seconds=second)
            rows.append((machine, signal, moment, value, text, int(quality)))
    spans = []
    for machine in ("press", "counter", "meter"):
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
    return LineHistory(
        "l1",
        START - REACH_MARGIN,
        END + REACH_MARGIN,
        pl.DataFrame(rows, schema=HISTORY, orient="row").sort("machine", "signal", "time"),
        pl.DataFrame(known, schema={"machine": pl.String, "start": UTC_US, "end": UTC_US},
                     orient="row").sort("machine", "start"),
    )  # fmt: skip


def within(truth: float, low: float | None, high: float | None) -> bool:
    slack = ROUNDING * max(1.0, abs(truth))
    return (low is None or low <= truth + slack) and (high is None or truth <= high + slack)


def rows_of(
    where: Plant, told: LineHistory, window: Window, by: str | None, method: str
) -> list[dict[str, object]]:
    facts = line_facts(where, "l1", told, window.start, window.end)
    return [row.figures for row in kpi_rows(where, "l1", facts, window, by, method)]


def assert_encloses(whole: dict[str, object], rest: dict[str, object], where: object) -> None:
    bounds = rest["bounds"]
    assert isinstance(bounds, dict)
    for name in (*FROM_MACHINES, "total_count", "good_count", "reject_count", "energy_kwh"):
        low, high = bounds.get(name, (None, None))
        for truth in (whole[name], rest[name]):
            if truth is not None:
                assert any(within(it, low, high) for it in as_made(name, float(str(truth)))), (
                    where, name, truth, low, high,
                )  # fmt: skip
    assert (rest["oee_low"], rest["oee_high"]) == tuple(bounds.get("oee", (None, None)))


def as_made(name: str, figure: float) -> tuple[float, float]:
    """A figure, and what it was really: where rejects are counted before their items, a moment has
    fewer good items than none, and more rejects than items."""
    return figure, min(max(figure, 0.0), 1.0 if name == "scrap_ratio" else np.inf)


def is_lawful(day: Day, hidden: Sequence[Hidden], rows: Sequence[dict[str, object]]) -> bool:
    """Whether a known hour shows how fast the line is, where it is faster than planned; and each
    counter that begins anew while it is hidden comes back lower than it was."""
    is_fast_known = all(
        float(str(row["effectiveness"] or 0.0)) > 1.0
        and float(str(row["production_time_s"])) - float(str(row["production_unheard_s"]))
        >= PACE_MIN_S
        for row in rows
    )
    is_lower_again = all(
        not (np.diff(stands[it.start : it.end + 1]) < 0).any()
        or it.end == NEVER
        or stands[it.end] < stands[it.start]
        for signal, stands in day.counters.items()
        for it in joined(it for it in hidden if it.what in (signal, day.machines[signal], "all"))
    )
    return (day.pace <= 1.0 or is_fast_known) and is_lower_again


def joined(hidden: Iterable[Hidden]) -> list[Hidden]:
    """Stretches that touch as one."""
    found: list[Hidden] = []
    for it in sorted(hidden, key=lambda one: one.start):
        if found and it.start <= found[-1].end + EVERY_S:
            found[-1] = replace(found[-1], end=max(found[-1].end, it.end))
        else:
            found.append(it)
    return found


@pytest.mark.parametrize("block", range(4))
def test_what_the_whole_gives_lies_within_the_bounds_of_the_rest(block: int) -> None:
    for seed in range(block, EXAMPLES, 4):
        rng = Random(seed)
        day, hidden, method = random_day(rng), random_hiding(rng), rng.choice(tuple(METHODS))
        first, last = sorted(rng.sample(range(LENGTH_S // 60 + 1), 2))
        part = Window(*(START + timedelta(minutes=it) for it in (first, last)))
        where, whole, rest = plant(day), history(day), history(day, hidden)
        for window, by in ((Window(START, END), None), (Window(START, END), "hour"), (part, None)):
            known = rows_of(where, whole, window, by, method)
            left = rows_of(where, rest, window, by, method)
            if is_lawful(day, hidden, left):
                for number, (truth, told) in enumerate(zip(known, left, strict=True)):
                    assert_encloses(truth, told, (seed, hidden, method, window, by, number))


def with_orders(told: LineHistory, said: Iterable[tuple[int, str | None]]) -> LineHistory:
    """Orders from a second on; None: what cannot be used."""
    quality = {False: int(Quality.GOOD), True: int(Quality.BAD)}
    rows = [
        ("press", "order", START + timedelta(seconds=second), None, order, quality[order is None])
        for second, order in said
    ]
    orders = pl.DataFrame(rows, schema=HISTORY, orient="row")
    return replace(told, samples=pl.concat([told.samples, orders]).sort(HISTORY.names()[:3]))


@pytest.mark.parametrize("method", METHODS)
def test_what_the_order_decides_lies_within_the_bounds_where_it_cannot_be_read(method: str) -> None:
    for seed in range(EXAMPLES // 4):
        rng = Random(seed)
        day = random_day(rng)
        machines = {name: it for name, it in day.machines.items() if name != "order"}
        day = replace(day, machines=machines, orders=())
        changes = sorted(rng.sample(range(1, LENGTH_S), 6))
        held = [(at, rng.choice(["A", "B", "", ""])) for at in (0, *changes)]
        start, end = sorted(rng.sample(range(LENGTH_S), 2))
        [*_, last] = [order for at, order in held if at <= end]
        lost = [(start, None), (end, last)]
        read = sorted([it for it in held if not start <= it[0] <= end] + lost)
        where, told = plant(day), history(day)
        for by in (None, "hour"):
            known, left = (
                rows_of(where, with_orders(told, said), Window(START, END), by, method)
                for said in (held, read)
            )
            for number, (truth, rest) in enumerate(zip(known, left, strict=True)):
                assert_encloses(truth, rest, (seed, held, start, end, method, by, number))


def coverage_of(method: str, state: str, order: str | None) -> tuple[float | None, list[str]]:
    """Of a day of that state, with an order for its first half, and then so."""
    counters = {name: np.zeros(LENGTH_S + 1) for name in ("total_count", "reject_count", "energy")}
    day = Day([state] * LENGTH_S, ["a"] * LENGTH_S, counters, {"a": 1.0, "b": 1.0}, 1.0)
    told = with_orders(history(day), [(0, "A"), (LENGTH_S // 2, order)])
    (row,) = rows_of(plant(day), told, Window(START, END), None, method)
    coverage, flags = row["coverage"], row["flags"]
    assert isinstance(flags, list)
    return None if coverage is None else float(str(coverage)), flags


@pytest.mark.parametrize("state", ["stopped", "fault", "idle", "starved", "off", "maintenance"])
def test_time_is_unknown_whose_order_would_tell_whether_it_was_planned(state: str) -> None:
    planned_s = (4.5 * 60 - 20) * 60
    lost_s = 2.5 * 3600  # from 09:00, with the break before 09:20
    coverage, flags = coverage_of("oee-com", state, None)
    assert coverage == pytest.approx(1 - (lost_s - 20 * 60) / planned_s)
    assert "unusable_value" in flags
    assert coverage_of("oee-com", state, "")[0] == 1.0
    assert coverage_of("oee-com", state, "B")[0] == 1.0
    assert coverage_of("iso22400", state, None)[0] == 1.0, "there the calendar alone plans"


def test_what_the_order_does_not_decide_is_known_without_it() -> None:
    for state in ("producing", "setup"):
        assert coverage_of("oee-com", state, None)[0] == 1.0


def test_a_day_without_its_counter_is_anything_that_fits() -> None:
    """The counter is wired to a wrong address: nothing of it was ever heard."""
    states = ["producing"] * LENGTH_S
    rate = np.ones(LENGTH_S)
    counters = {
        name: np.append(0.0, np.cumsum(rate)) for name in ("total_count", "reject_count", "energy")
    }
    day = Day(states, ["a"] * LENGTH_S, counters, {"a": 1.0, "b": 1.0}, 1.0)
    told = history(day, [Hidden("counter", 0, LENGTH_S)])
    nothing = told.samples.filter(pl.col("machine") != "counter")
    silent = LineHistory("l1", told.start, told.end, nothing, told.spans)
    (row,) = rows_of(plant(day), silent, Window(START, END), None, "iso22400")
    assert (row["total_count"], row["oee"], row["effectiveness"]) == (None, None, None)
    assert (row["oee_low"], row["oee_high"], row["coverage"]) == (0.0, 1.0, 1.0)
    bounds = row["bounds"]
    assert isinstance(bounds, dict)
    assert bounds["total_count"] == [0.0, LENGTH_S]
    assert row["flags"] == ["count_missing"]


@pytest.mark.parametrize("behind_s", [20, 45, 70])
def test_a_product_may_have_changed_in_a_silence_wherever_a_border_cuts_it(behind_s: int) -> None:
    """The press makes the slow product until 08:00, and the quick one from 08:00:05 on. Its counter
    is heard all the time, the press not from 08:00 to 08:30; a window ends within that silence."""
    changed = 3600 * 2 + 5
    rate = np.where(np.arange(LENGTH_S) < changed, 1 / 5, 1.0)
    counters = {"total_count": np.append(0.0, np.cumsum(rate)) + 1000.0}
    counters |= {name: np.zeros(LENGTH_S + 1) for name in ("reject_count", "energy")}
    products = ["b"] * changed + ["a"] * (LENGTH_S - changed)
    day = Day(["producing"] * LENGTH_S, products, counters, {"a": 1.0, "b": 5.0}, 1.0)
    told = history(day, [Hidden("press", 3600 * 2, 3600 * 2 + 1800)])
    window = Window(START + timedelta(hours=1), START + timedelta(seconds=3600 * 2 + behind_s))
    for by in (None, "hour"):
        known, left = (
            rows_of(plant(day), it, window, by, "iso22400") for it in (history(day), told)
        )
        for number, (truth, rest) in enumerate(zip(known, left, strict=True)):
            assert_encloses(truth, rest, (behind_s, by, number))
