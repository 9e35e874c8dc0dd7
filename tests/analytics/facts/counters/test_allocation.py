"""Increments of counters go to the cells in which they may have been made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts.cells import time_in
from analytics.facts.counters.allocation import counted_by_cell
from analytics.facts.counters.increments import Increments, increments
from analytics.timeline.tracks import StateTrack
from domain.plant import CounterRule

RUNS, STOPS = 1, 6  # codes of machine states


def weight(times: list[int], runs: list[bool]):
    """The time that may have produced, of a state that changes at these times."""
    codes = np.array([RUNS if run else STOPS for run in runs], dtype=np.int8)
    track = StateTrack(np.array(times, dtype=np.int64), codes)
    return lambda low, high: time_in(track, (0, RUNS), low, high)


def counted(times: list[int], values: list[float]) -> Increments:
    return increments(np.array(times), np.array(values, dtype=float), CounterRule())


def test_an_increment_across_cells_goes_where_the_machine_may_have_produced() -> None:
    weighed = weight([0, 20, 60], [True, False, True])  # 60 of 100 count
    edges = np.array([0, 20, 60, 100])
    shares = counted_by_cell(counted([0, 100], [0, 50]), edges, weighed)
    assert shares.tolist() == pytest.approx([50 / 3, 0, 100 / 3])


def test_preferred_cells_come_first() -> None:
    preferred, edges = np.array([True, False, True]), np.array([0, 20, 60, 100])
    shares = counted_by_cell(counted([0, 100], [0, 50]), edges, weight([0], [True]), preferred)
    assert shares.tolist() == pytest.approx([50 / 3, 0, 100 / 3])


def test_one_item_is_counted_whole_where_it_is_told() -> None:
    edges, known = np.array([0, 20, 60, 100]), np.array([True, True, True])
    told = counted([0, 50, 100], [0, 1, 3])
    shares = counted_by_cell(told, edges, weight([0], [True]), None, known)
    assert shares.tolist() == pytest.approx([0, 1 + 0.4, 1.6])


def test_one_item_across_unknown_time_may_have_been_made_in_it() -> None:
    edges, known = np.array([0, 20, 60]), np.array([False, True])
    told = counted([0, 50], [0, 1])
    shares = counted_by_cell(told, edges, weight([0], [True]), None, known)
    assert shares.tolist() == pytest.approx([0.4, 0.6])


def test_without_any_weight_an_increment_is_spread_evenly() -> None:
    told, edges = counted([0, 100], [0, 50]), np.array([0, 20, 100])
    shares = counted_by_cell(told, edges, weight([0], [False]))
    assert shares.tolist() == pytest.approx([10, 40])


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 1000)), min_size=2, max_size=40),
    st.sets(st.integers(1, 1999), max_size=20),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_cells_sum_to_all_that_was_counted_and_none_is_negative(
    steps: list[tuple[int, int]], cuts: set[int], counts: list[bool]
) -> None:
    times = np.cumsum([step for step, _ in steps])
    told = counted(times.tolist(), [float(value) for _, value in steps])
    edges = np.array(sorted({0, 2001} | cuts))
    cells = counted_by_cell(told, edges, weight(list(range(0, 2000, 250)), counts))
    assert (cells >= 0).all()
    assert cells.sum() == pytest.approx(told.amounts.sum())


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), min_size=3, max_size=40))
def test_a_cell_is_the_same_to_the_last_bit_whatever_else_is_known(
    steps: list[tuple[int, int]],
) -> None:
    times = np.cumsum([step for step, _ in steps])
    values = np.cumsum([value / 10 for _, value in steps])
    middle = np.array([times[1] + 1, times[-2]])
    if middle[0] >= middle[1]:
        return
    weighed = weight([0], [True])
    part = counted(times[1:].tolist(), values[1:].tolist())
    alone = counted_by_cell(part, np.array([times[1], *middle]), weighed)[1]
    whole = counted(times.tolist(), values.tolist())
    among = counted_by_cell(whole, np.array([0, times[1], *middle, times[-1] + 5]), weighed)[2]
    assert alone == among
