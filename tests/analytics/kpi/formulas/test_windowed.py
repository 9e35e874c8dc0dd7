"""Sums over windows of drawn sequences of days."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.kpi.evaluation import values
from analytics.kpi.formulas.sums import Sums
from analytics.kpi.formulas.windowed import NO_DAY, windowed
from domain.states import TimeClass


def days(good: list[float], produced_s: list[float]) -> Sums:
    """A row for each day: eight planned hours, an ideal cycle of a second."""
    seconds = {kind: np.zeros(len(good)) for kind in TimeClass}
    seconds[TimeClass.PRODUCTION] = np.array(produced_s)
    seconds[TimeClass.DOWN] = 28_800.0 - seconds[TimeClass.PRODUCTION]
    counts = np.array(good)
    return Sums(
        seconds,
        total_count=counts,
        good_count=counts,
        ideal_time_s=counts,
        good_ideal_time_s=counts,
        pace=np.ones(len(good)),
    )


def test_the_worked_example() -> None:
    sequences = np.array([[0, 1, 2], [2, 2, NO_DAY]])
    found = windowed(days([10, 20, 40], [1, 2, 4]), sequences, 2)
    assert list(found.good_count) == [30, 60, 80, 40]
    assert list(found.production_time_s) == [3, 6, 8, 4]
    assert len(found) == 4


def test_a_ratio_is_the_quotient_of_the_sums() -> None:
    found = windowed(days([14_400, 28_800], [14_400, 28_800]), np.array([[0, 1]]), 2)
    assert values("oee", found) == 0.75
    assert values("availability", found) == 0.75


def test_what_no_day_of_the_window_has_is_none() -> None:
    sequences = np.array([[0, 1, 0]])
    found = windowed(days([np.nan, 5.0], [1, 1]), sequences, 1)
    np.testing.assert_array_equal(found.good_count, [np.nan, 5.0, np.nan])
    found = windowed(days([np.nan, 5.0], [1, 1]), sequences, 2)
    np.testing.assert_array_equal(found.good_count, [5.0, 5.0])


def test_every_amount_is_added_up_or_left_out() -> None:
    """A new column of Sums has to be one or the other."""
    ones = {
        each.name: np.ones(3)
        for each in fields(Sums)
        if each.name not in ("seconds", "elements", "plan_fixed", "further", "cut", "flags")
    }
    whole = Sums({kind: np.ones(3) for kind in TimeClass}, elements={"x": np.ones(3)}, **ones)
    found = windowed(whole, np.array([[0, 1, 2]]), 3)
    left_out = {name for name in ones if not np.array_equal(getattr(found, name), [3.0])}
    assert left_out == {"cycle_time_s", "longest_cycle_time_s", "pace"}
    assert {it.item() for it in (*found.seconds.values(), found.elements["x"])} == {3.0}


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=12), st.integers(1, 12))
def test_as_added_up_by_hand(sequence: list[int], length: int) -> None:
    good = [1.0, 2.0, 4.0, 8.0, 16.0]
    steps = [0.0 if it == NO_DAY else good[it] for it in sequence]
    expected = [sum(steps[n : n + length]) for n in range(len(steps) - length + 1)]
    found = windowed(days(good, good), np.array([sequence]), min(length, len(steps)))
    assert length > len(steps) or list(found.good_count) == expected
