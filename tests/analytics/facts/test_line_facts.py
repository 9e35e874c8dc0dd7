"""The properties that make facts facts, and the cases that people fell over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plants import calendar, history, local, plant, shift

from analytics import integrity_flags
from analytics.facts.line_facts import FactsWindow, facts_of_windows, line_facts
from analytics.kpi.evaluation import evaluate, summed
from domain.frames import FACTS, LineHistory
from domain.plant import CycleTimeChange, Product
from domain.states import MachineState

BASE = local("2026-03-02 06:00")
LENGTH_S = 2 * 3600
PLANS = [
    None,
    calendar(shift("A", "06:30", "14:00", ("07:10", "07:40"))),
    calendar(shift("N", "22:00", "06:45"), shift("A", "06:45", "07:30")),
]
KNOWN_STATES = [state.value for state in MachineState]


def at(seconds: int) -> datetime:
    return BASE + timedelta(seconds=seconds)


times = st.integers(0, LENGTH_S)
states = st.dictionaries(times, st.sampled_from(KNOWN_STATES), max_size=12)
counts = st.dictionaries(times, st.one_of(st.integers(0, 3), st.integers(0, 500)), max_size=8)
spans = st.lists(times, max_size=6, unique=True).map(
    lambda cuts: [(a, b) for a, b in pairwise(sorted(cuts))][::2]
)


def made(
    states: dict[int, str], counts: dict[int, int], known: list[tuple[int, int]]
) -> LineHistory:
    rows = [("state", at(second), state) for second, state in states.items()]
    rows += [("total_count", at(second), float(value)) for second, value in counts.items()]
    return history(rows, at(0), at(LENGTH_S), [(at(a), at(b)) for a, b in known])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLANS), states, counts, spans, st.integers(1, LENGTH_S - 1))
def test_facts_are_additive_over_any_cut_and_time_classes_partition_the_window(
    plan, states: dict[int, str], counts: dict[int, int], known: list[tuple[int, int]], cut: int
) -> None:
    where = plant(plan, roles=("state", "total_count"))
    reach = made(states, counts, known)
    whole = summed(line_facts(where, "l1", reach, at(0), at(LENGTH_S)))
    first = line_facts(where, "l1", reach, at(0), at(cut))
    second = line_facts(where, "l1", reach, at(cut), at(LENGTH_S))
    parts = summed(pl.concat([first, second]))
    assert sum(whole.seconds.values()) == LENGTH_S
    assert parts.seconds == whole.seconds
    assert parts.total_count == pytest.approx(whole.total_count, abs=1e-5, nan_ok=True)
    assert parts.total_count_unknown == pytest.approx(
        whole.total_count_unknown, abs=1e-5, nan_ok=True
    )
    assert parts.stops == whole.stops


windows = st.tuples(st.integers(0, LENGTH_S - 1), st.integers(1, LENGTH_S)).filter(
    lambda window: window[0] < window[1]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLANS), states, counts, spans, windows), max_size=4))
def test_the_facts_of_many_windows_are_those_of_each(
    asked: list[tuple[Any, dict[int, str], dict[int, int], Any, tuple[int, int]]],
) -> None:
    of = [
        FactsWindow(
            plant(plan, roles=("state", "total_count")),
            "l1",
            made(states, counts, known),
            at(start),
            at(end),
            at(LENGTH_S),
        )
        for plan, states, counts, known, (start, end) in asked
    ]
    each = [line_facts(it.plant, it.line, it.history, it.start, it.end, it.now) for it in of]
    together = facts_of_windows(of)
    assert [it.rows() for it in together] == [it.rows() for it in each]
    assert all(it.schema == FACTS for it in together)


@settings(max_examples=50, deadline=None)
@given(states, counts, spans)
def test_adding_unknown_time_only_widens_the_bounds(
    states: dict[int, str], counts: dict[int, int], known: list[tuple[int, int]]
) -> None:
    where = plant(None, roles=("state", "total_count"))
    all_known = line_facts(where, "l1", made(states, counts, [(0, LENGTH_S)]), at(0), at(LENGTH_S))
    less = line_facts(where, "l1", made(states, counts, known), at(0), at(LENGTH_S))
    full, part = (
        evaluate("availability", summed(all_known)),
        evaluate("availability", summed(less)),
    )
    assert part.low <= full.low
    assert part.high >= full.high
    if part.value is not None:
        assert part.low <= part.value <= part.high


def test_time_without_heartbeat_is_unknown_and_a_gap_is_never_bridged() -> None:
    rows = [("state", at(0), "producing")]
    reach = history(rows, at(0), at(3600), [(at(0), at(600)), (at(605), at(3600))])
    figures = summed(line_facts(plant(roles=("state",)), "l1", reach, at(0), at(3600)))
    assert figures.unknown_time_s == 5.0
    assert figures.production_time_s == 3595.0
    assert integrity_flags.names(int(figures.flags[0])) == ("gap",)


def test_a_live_line_is_trusted_until_its_heartbeat_is_stale() -> None:
    rows = [("state", at(0), "producing")]
    reach = history(rows, at(0), at(3600), [(at(0), at(600))])
    where = plant(roles=("state",))
    fresh = summed(line_facts(where, "l1", reach, at(0), at(660), now=at(660)))
    stale = summed(line_facts(where, "l1", reach, at(0), at(661), now=at(661)))
    assert fresh.unknown_time_s == 0.0
    assert stale.unknown_time_s == 61.0


def test_a_bad_sample_makes_the_state_unknown_never_producing() -> None:
    rows = [("state", at(0), "producing"), ("state", at(60), "producing")]
    reach = history(rows, at(0), at(120), bad=[at(60)])
    figures = summed(line_facts(plant(roles=("state",)), "l1", reach, at(0), at(120)))
    assert (figures.production_time_s, figures.unknown_time_s) == (60.0, 60.0)


def test_a_count_that_goes_on_across_a_gap_is_kept_apart_from_effectiveness() -> None:
    rows = [("state", at(0), "producing")]
    rows += [("total_count", at(0), 0.0), ("total_count", at(600), 600.0)]
    rows += [("total_count", at(1200), 1200.0), ("total_count", at(3600), 3600.0)]
    reach = history(rows, at(0), at(3600), [(at(0), at(600)), (at(1200), at(3600))])
    figures = summed(
        line_facts(plant(roles=("state", "total_count")), "l1", reach, at(0), at(3600))
    )
    assert figures.total_count == 3600.0
    assert figures.total_count_unknown == 600.0
    assert figures.ideal_time_s == 3000.0


def test_ideal_time_follows_the_product_inside_a_slice() -> None:
    products = [Product("slow", {"en": "Slow"}, 4.0), Product("fast", {"en": "Fast"}, 1.0)]
    where = plant(roles=("state", "total_count"), products=products)
    rows = [("state", at(0), "producing"), ("product", at(0), "slow"), ("product", at(600), "fast")]
    rows += [("total_count", at(0), 0.0), ("total_count", at(600), 100.0)]
    rows += [("total_count", at(1200), 600.0)]
    figures = summed(line_facts(where, "l1", history(rows, at(0), at(1200)), at(0), at(1200)))
    assert figures.ideal_time_s == 100 * 4 + 500 * 1


def test_production_outside_the_plan_is_flagged() -> None:
    where = plant(PLANS[1], roles=("state", "total_count"))
    rows = [("state", at(0), "producing")]
    rows += [("total_count", at(0), 0.0), ("total_count", at(60), 60.0)]
    facts = line_facts(where, "l1", history(rows, at(0), at(120)), at(0), at(120))
    assert integrity_flags.names(integrity_flags.union(facts["flags"])) == ("unplanned_production",)
    assert summed(facts).total_count == 60


def test_a_new_cycle_time_holds_from_the_first_instant_of_its_day() -> None:
    midnight = local("2026-03-03 00:00")
    slow = Product("a", {"en": "A"}, 4.0, (CycleTimeChange(date(2026, 3, 3), 1.0),))
    where = plant(None, roles=("state", "total_count"), products=[slow])
    begin, end = midnight - timedelta(minutes=10), midnight + timedelta(minutes=10)
    rows = [("state", begin, "producing"), ("product", begin, "a"), ("total_count", begin, 0.0)]
    rows += [("total_count", midnight, 100.0), ("total_count", end, 300.0)]
    facts = line_facts(where, "l1", history(rows, begin, end), begin, end)
    assert facts["ideal_s"].to_list() == [100 * 4.0, 200 * 1.0]


def test_a_machine_that_counts_all_and_rejected_items_gives_the_good_ones() -> None:
    """An item rejected an hour after it was made: the good ones of that hour are fewer."""
    where = plant(None, roles=("state", "total_count", "good_count"))
    rows = [
        ("state", at(0), "producing"),
        ("total_count", at(0), 0.0),
        ("reject_count", at(0), 0.0),
    ]
    rows += [("total_count", at(3600), 10.0), ("reject_count", at(3600), 0.0)]
    rows += [("total_count", at(7200), 10.0), ("reject_count", at(7200), 1.0)]
    facts = line_facts(where, "l1", history(rows, at(0), at(7200)), at(0), at(7200))
    assert facts["good_count"].to_list() == [10.0, -1.0]
    assert summed(facts).good_count == 9.0


def test_a_good_count_of_its_own_is_believed() -> None:
    where = plant(None, roles=("state", "total_count", "good_count"))
    rows = [("state", at(0), "producing")]
    for role, last in [("total_count", 10.0), ("reject_count", 3.0), ("good_count", 8.0)]:
        rows += [(role, at(0), 0.0), (role, at(60), last)]
    facts = line_facts(where, "l1", history(rows, at(0), at(60)), at(0), at(60))
    assert (summed(facts).good_count, summed(facts).reject_count) == (8.0, 2.0)


def test_production_without_counts_is_flagged_but_not_a_moment_of_it() -> None:
    where = plant(None, roles=("state", "total_count"))
    rows = [("state", at(0), "producing")]
    rows += [("total_count", at(second), 1.0 * second) for second in (0, 3580, 3590)]
    soon = summed(line_facts(where, "l1", history(rows, at(0), at(3620)), at(0), at(3620)))
    late = summed(line_facts(where, "l1", history(rows, at(0), at(7200)), at(0), at(7200)))
    assert (soon.flags[0], late.flags[0]) == (0, integrity_flags.COUNT_MISSING)
