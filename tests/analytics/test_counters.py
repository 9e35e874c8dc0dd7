"""Counters: nothing lost after a reset, nothing negative, shares that sum to the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.counters import Weight, by_cell, increments


def amounts(*values: float, rollover: float | None = None) -> list[float]:
    times = np.arange(len(values), dtype=np.int64)
    return increments(times, np.array(values, dtype=float), rollover).amounts.tolist()


def test_a_reset_keeps_what_was_counted_before_and_after() -> None:
    """influxdata/flux#4098, influxdata/influxdb#7076: `increase` lost it, last − first is wrong."""
    counted = increments(np.arange(4), np.array([100.0, 140.0, 15.0, 20.0]))
    assert counted.amounts.tolist() == [40, 15, 5]
    assert counted.resets.tolist() == [1]


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        (2**23 - 3, 4, 7),  # DrozmotiX/ioBroker.sourceanalytix#594: went negative
        (2**31 - 1, -(2**31), 1),  # PackML's Int32 counts in two's complement
        (2**31 - 2, 3, 5),
        (2**16 - 1, 0, 1),
    ],
)
def test_rollover_at_the_limits_that_counters_have(
    before: float, after: float, counted: float
) -> None:
    assert amounts(before, after) == [counted]


def test_rollover_at_a_given_width() -> None:
    assert amounts(990, 20, rollover=1000) == [30]
    assert amounts(200, 20, rollover=1000) == [20]  # from the lower half: a reset


def test_a_job_counter_far_from_any_limit_is_reset_not_rolled_over() -> None:
    assert amounts(60_000, 0) == [0]


def test_fractions_are_counted() -> None:
    """united-manufacturing-hub#48: continuous products."""
    assert sum(amounts(0.25, 0.5, 1.125)) == pytest.approx(0.875)


def test_an_increment_across_cells_goes_where_the_machine_may_have_produced() -> None:
    counted = increments(np.array([0, 100]), np.array([0.0, 50.0]))
    weight = Weight(np.array([0, 20, 60]), np.array([True, False, True]))  # 60 of 100 count
    edges = np.array([0, 20, 60, 100])
    assert by_cell(counted, edges, weight).tolist() == pytest.approx([50 / 3, 0, 100 / 3])


def test_preferred_cells_come_first() -> None:
    counted = increments(np.array([0, 100]), np.array([0.0, 50.0]))
    weight = Weight(np.array([0]), np.array([True]))
    preferred = np.array([True, False, True])
    shares = by_cell(counted, np.array([0, 20, 60, 100]), weight, preferred)
    assert shares.tolist() == pytest.approx([50 / 3, 0, 100 / 3])


def test_one_item_is_counted_whole_where_it_is_told() -> None:
    counted = increments(np.array([0, 50, 100]), np.array([0.0, 1.0, 3.0]))
    edges, known = np.array([0, 20, 60, 100]), np.array([True, True, True])
    shares = by_cell(counted, edges, Weight(np.array([0]), np.array([True])), None, known)
    assert shares.tolist() == pytest.approx([0, 1 + 0.4, 1.6])


def test_one_item_across_unknown_time_may_have_been_made_in_it() -> None:
    counted = increments(np.array([0, 50]), np.array([0.0, 1.0]))
    edges, known = np.array([0, 20, 60]), np.array([False, True])
    shares = by_cell(counted, edges, Weight(np.array([0]), np.array([True])), None, known)
    assert shares.tolist() == pytest.approx([0.4, 0.6])


def test_without_any_weight_an_increment_is_spread_evenly() -> None:
    counted = increments(np.array([0, 100]), np.array([0.0, 50.0]))
    weight = Weight(np.array([0]), np.array([False]))
    assert by_cell(counted, np.array([0, 20, 100]), weight).tolist() == pytest.approx([10, 40])


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 1000)), min_size=2, max_size=40),
    st.sets(st.integers(1, 1999), max_size=20),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_cells_sum_to_all_that_was_counted_and_none_is_negative(
    steps: list[tuple[int, int]], cuts: set[int], counts: list[bool]
) -> None:
    times = np.cumsum([step for step, _ in steps])
    counted = increments(times, np.array([float(value) for _, value in steps]))
    edges = np.array(sorted({0, 2001} | cuts))
    weight = Weight(np.arange(0, 2000, 250), np.array(counts))
    cells = by_cell(counted, edges, weight)
    assert (cells >= 0).all()
    assert cells.sum() == pytest.approx(counted.amounts.sum())


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), min_size=3, max_size=40))
def test_a_cell_is_the_same_to_the_last_bit_whatever_else_is_known(
    steps: list[tuple[int, int]],
) -> None:
    times = np.cumsum([step for step, _ in steps])
    values = np.cumsum([value / 10 for _, value in steps])
    middle = np.array([times[1] + 1, times[-2]])
    if middle[0] >= middle[1]:
        return
    weight = Weight(np.array([0]), np.array([True]))
    alone = by_cell(increments(times[1:], values[1:]), np.array([times[1], *middle]), weight)[1]
    among = by_cell(
        increments(times, values), np.array([0, times[1], *middle, times[-1] + 5]), weight
    )[2]
    assert alone == among
