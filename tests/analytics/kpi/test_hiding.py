"""The law of bounds: whatever is hidden of a known history, its figures lie within the bounds.

A made-up day is known to the second: state, items, rejects, energy. Then stretches of it are
hidden, of one signal, of one machine, or of all: samples are missing, machines are not confirmed.
What the whole day gives must lie within the bounds of what is left, for every KPI of every method,
in the whole window, in each hour and in any part of it; and what is left lies within them too. A
counter that begins anew hides what it had counted just before: that is in the bounds also where
nothing else is hidden.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import numpy as np
import polars as pl
import pytest
from hidden_days import (
    ALL_THREE,
    END,
    EVERY_S,
    HIDDEN,
    LENGTH_S,
    NEVER,
    OTHER_COUNTERS,
    START,
    Day,
    Hidden,
    hiding_beside_stops,
    hiding_productions,
    history,
    plant,
    random_day,
    random_hiding,
    with_a_panel,
    with_other_counters,
    with_reasons_told_once,
)

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import FROM_MACHINES
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from domain.frames import HISTORY, PACE_MIN_S, LineHistory
from domain.plant import Plant
from domain.samples import Quality
from domain.time import Window

EXAMPLES = int(os.environ.get("LINEPROOF_HIDING_EXAMPLES", "24"))
ROUNDING = 2e-6
FROM_A_PANEL = ("panel", "stop_reason", "mode", "order", "press", "state", "all")


def within(truth: float, low: float | None, high: float | None) -> bool:
    slack = ROUNDING * max(1.0, abs(truth))
    return (low is None or low <= truth + slack) and (high is None or truth <= high + slack)


def rows_of(
    where: Plant, told: LineHistory, window: Window, by: str | None, method: str
) -> list[dict[str, object]]:
    facts = line_facts(where, "l1", told, window.start, window.end)
    return [row.figures for row in kpi_rows(where, "l1", facts, window, by, method)]


def rows_of_each(
    where: Plant, told: LineHistory, asked: Iterable[tuple[Window, str | None]], method: str
) -> Iterator[list[dict[str, object]]]:
    """The same of several questions; facts of a window are made once."""
    facts = {it: line_facts(where, "l1", told, it.start, it.end) for it, _ in asked}
    for window, by in asked:
        rows = kpi_rows(where, "l1", facts[window], window, by, method)
        yield [row.figures for row in rows]


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


def assert_law_holds(seed: int, among: Sequence[str] = HIDDEN) -> None:
    """Of a made-up day and what is hidden of it."""
    rng = Random(seed)
    assert_encloses_truth(seed, rng, random_day(rng), random_hiding(rng, among))


def assert_law_holds_of_other_counters(
    seed: int, counters: Sequence[tuple[str, ...]] = OTHER_COUNTERS
) -> None:
    rng = Random(seed)
    day = with_other_counters(random_day(rng), rng, counters)
    among = ("press", "counter", "meter", "all", "state", *day.counters)
    assert_encloses_truth(seed, rng, day, random_hiding(rng, among))


def assert_law_holds_of_a_panel(seed: int) -> None:
    rng = Random(seed)
    day = with_a_panel(random_day(rng), rng)
    assert_encloses_truth(seed, rng, day, random_hiding(rng, FROM_A_PANEL))


def assert_law_holds_beside_stops(seed: int) -> None:
    """Where a stop begins, or a reason comes that may reach back, shortly before or after."""
    rng = Random(seed)
    day = with_a_panel(random_day(rng), rng, (0, 3, 20, 40, 59, 70))
    assert_encloses_truth(seed, rng, day, hiding_beside_stops(day, rng, FROM_A_PANEL))


def assert_law_holds_of_reasons_told_once(seed: int) -> None:
    """Where hidden production may have ended a reason that was told before it."""
    rng = Random(seed)
    day = with_reasons_told_once(random_day(rng), rng)
    hide = rng.choice([random_hiding, partial(hiding_productions, day)])
    assert_encloses_truth(seed, rng, day, hide(rng, ("press", "state", "press", "all", "panel")))


def assert_encloses_truth(seed: int, rng: Random, day: Day, hidden: Sequence[Hidden]) -> None:
    method = rng.choice(tuple(METHODS))
    first, last = sorted(rng.sample(range(LENGTH_S // 60 + 1), 2))
    whole, part = (
        Window(*(START + timedelta(minutes=it) for it in ends))
        for ends in ((0, LENGTH_S // 60), (first, last))
    )
    where, truth = plant(day), history(replace(day, counters=day.made or day.counters))
    asked = ((whole, None), (whole, "hour"), (part, None))
    known = list(rows_of_each(where, truth, asked, method))
    for of in [hidden, []] if day.made else [hidden]:
        found = rows_of_each(where, history(day, of), asked, method)
        for (window, by), rows, left in zip(asked, known, found, strict=True):
            if is_lawful(day, of, left):
                for number, (true, told) in enumerate(zip(rows, left, strict=True)):
                    assert_encloses(true, told, (seed, of, method, window, by, number))


@pytest.mark.parametrize("block", range(4))
def test_what_the_whole_gives_lies_within_the_bounds_of_the_rest(block: int) -> None:
    for seed in range(block, EXAMPLES, 4):
        assert_law_holds(seed)


def test_what_a_product_or_mode_that_cannot_be_read_decides_lies_within_the_bounds() -> None:
    for seed in range(EXAMPLES // 2):
        assert_law_holds(seed, ("product", "mode", "product", "total_count", "state"))


def test_what_other_counters_tell_lies_within_the_bounds_too() -> None:
    for seed in range(EXAMPLES):
        assert_law_holds_of_other_counters(seed)


def test_what_a_panel_would_have_said_lies_within_the_bounds_too() -> None:
    for seed in (*range(EXAMPLES // 2), 3162):  # there a stop began before it was seen
        assert_law_holds_of_a_panel(seed)


def test_what_a_reason_would_have_reached_back_to_lies_within_the_bounds_too() -> None:
    for seed in range(EXAMPLES // 2):
        assert_law_holds_beside_stops(seed)


def test_what_a_hidden_production_would_have_ended_lies_within_the_bounds_too() -> None:
    rare = (38, 131, 154, 168, 248, 299, 325, 333, 433, 577)  # in each it ended a reason
    for seed in (*range(EXAMPLES // 8), *rare):
        assert_law_holds_of_reasons_told_once(seed)


def test_where_all_three_are_counted_any_of_them_may_be_silent() -> None:
    rare = (126, 982, 1031, 1038)  # each for a reason of its own
    for seed in (*range(EXAMPLES // 2), *rare):
        assert_law_holds_of_other_counters(seed, (ALL_THREE,))


def test_a_product_that_was_never_told_may_be_the_quickest() -> None:
    """The press makes two hours of product b, an item a second, and each second one is rejected.
    Its counter is heard all the time, the press never; the line's own cycle time is that of product
    a, 2 s.

        good items    3,600    of b 3,600 s of the planned 7,200 s, of a 7,200 s
    """
    total = np.append(0.0, np.cumsum(np.ones(LENGTH_S)))
    counters = {"total_count": total, "reject_count": total / 2, "energy": 0.0 * total}
    day = Day(["producing"] * LENGTH_S, ["b"] * LENGTH_S, counters, {"a": 2.0, "b": 1.0}, 1.0)
    hidden = [Hidden("press", 0, NEVER)]
    window = Window(START + timedelta(hours=1), START + timedelta(hours=3))
    for method in METHODS:
        (true,), (told,) = (
            rows_of(plant(day), history(day, it), window, None, method) for it in ([], hidden)
        )
        assert true["oee"] == pytest.approx(0.5)
        assert_encloses(true, told, method)
        assert told["oee_low"] == pytest.approx(0.5)
        # How many of the items were good, no product decides.
        assert told["quality_ratio"] == pytest.approx(0.5)


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
