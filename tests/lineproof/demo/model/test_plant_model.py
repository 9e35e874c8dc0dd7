"""The demo line knows its own truth: it must be exact, repeatable and never run backwards."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.states import MachineState
from lineproof.demo.model.behaviour import BEEF, PRODUCT_CHANGE, SEAFOOD, Behaviour, StopKind
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel

ORIGIN = 1_700_000_000_000_000
OVERHAUL = (ORIGIN + 5 * BLOCK_US + 7_000, ORIGIN + 9 * BLOCK_US)
MODEL = PlantModel(ORIGIN, seed=3, overhaul_us=OVERHAUL)
WITHIN = st.integers(ORIGIN, ORIGIN + 60 * BLOCK_US)


@given(WITHIN, WITHIN, WITHIN)
@settings(max_examples=50, deadline=None)
def test_truth_partitions_and_adds_up(a: int, b: int, c: int) -> None:
    start, middle, end = sorted((a, b, c))
    if start == middle or middle == end:
        return
    whole = MODEL.truth(start, end)
    first, second = MODEL.truth(start, middle), MODEL.truth(middle, end)
    assert sum(whole.state_us.values()) == end - start
    for state in MachineState:
        parts = first.state_us.get(state, 0) + second.state_us.get(state, 0)
        assert whole.state_us.get(state, 0) == parts
    assert whole.items == first.items + second.items
    assert whole.rejects == first.rejects + second.rejects


@given(WITHIN, st.integers(1, 20_000_000))
@settings(max_examples=100, deadline=None)
def test_no_total_ever_goes_down(us: int, step_us: int) -> None:
    before, after = MODEL.totals(us), MODEL.totals(us + step_us)
    assert after.items >= before.items
    assert after.rejects >= before.rejects
    assert after.good >= before.good
    assert after.energy_kwh >= before.energy_kwh


def test_segments_follow_each_other_without_gaps() -> None:
    segments = list(MODEL.segments(ORIGIN, ORIGIN + 30 * BLOCK_US))
    assert segments[0].start_us == ORIGIN
    assert all(a.end_us == b.start_us for a, b in itertools.pairwise(segments))
    assert all(segment.end_us > segment.start_us for segment in segments)


def test_the_overhaul_is_maintenance_to_the_microsecond() -> None:
    begin, end = OVERHAUL
    assert MODEL.truth(begin, end).state_us == {MachineState.MAINTENANCE: end - begin}
    assert MODEL.at(begin - 1).state is not MachineState.MAINTENANCE
    assert MODEL.at(end).state is not MachineState.MAINTENANCE


def test_counts_come_from_producing_time_alone() -> None:
    kinds = (StopKind("jam", MachineState.STOPPED, 1, 30),)
    model = PlantModel(ORIGIN, 1, Behaviour(stops=kinds))
    for stop in model.truth(ORIGIN, ORIGIN + 3 * BLOCK_US).stops:
        assert model.truth(stop.start_us, stop.end_us).items == 0


def test_another_seed_is_another_day() -> None:
    other = PlantModel(ORIGIN, seed=4)
    window = (ORIGIN, ORIGIN + 24 * BLOCK_US)
    assert other.truth(*window).items != PlantModel(ORIGIN, seed=3).truth(*window).items


def test_products_change_at_their_hours_and_set_the_ideal_speed() -> None:
    model = PlantModel(ORIGIN, 3, schedule=((9, SEAFOOD), (21, BEEF)))
    changes = [
        it for it in model.segments(ORIGIN, ORIGIN + 48 * BLOCK_US)
        if it.state is MachineState.SETUP
    ]  # fmt: skip
    hours = [(it.start_us - ORIGIN) / BLOCK_US for it in changes]
    assert hours == [9, 21, 33, 45]
    assert all(it.reason == PRODUCT_CHANGE for it in changes)
    for hour, recipe in ((3, BEEF), (9, SEAFOOD), (20, SEAFOOD), (21, BEEF), (30, BEEF)):
        assert model.recipe(ORIGIN + hour * BLOCK_US) is recipe
        runs = [it.speed for it in model.block(hour) if it.speed]
        assert 0.8 < max(runs) * recipe.ideal_cycle_time_s < 1.0
