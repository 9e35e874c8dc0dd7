"""Rational subgroups: by number, by time, never across a border; nothing is dropped."""

from __future__ import annotations

from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.spc.subgroups import (
    Values,
    consecutive,
    longest_run,
    moving_ranges,
    of_interval,
    of_size,
)
from domain.errors import InputError


def values(numbers: list[float], runs: list[int] | None = None, every_us: int = 1) -> Values:
    told = np.array(runs or [0] * len(numbers), dtype=np.int64)
    times = np.arange(len(numbers), dtype=np.int64) * every_us
    return Values(times, np.array(numbers, dtype=np.float64), told, told)


def test_consecutive_values_of_one_run() -> None:
    groups = of_size(consecutive([1, 2, 3, 4, 5, 6, 7]), 3)
    assert groups.first.tolist() == [0, 3, 6]
    assert groups.count.tolist() == [3, 3, 1]
    assert groups.complete.tolist() == [True, True, False], "the last one is told, not dropped"
    assert groups.means.tolist() == [2, 5, 7]
    assert groups.ranges.tolist() == [2, 2, 0]
    assert groups.deviations[:2].tolist() == [1, 1]
    assert np.isnan(groups.deviations[2])


def test_no_subgroup_reaches_into_another_run() -> None:
    groups = of_size(values([1, 2, 3, 4, 5, 6, 7], runs=[0, 0, 0, 1, 1, 1, 1]), 2)
    assert groups.first.tolist() == [0, 2, 3, 5]
    assert groups.count.tolist() == [2, 1, 2, 2]
    assert groups.complete.tolist() == [True, False, True, True]


def test_intervals_of_time_cut_at_runs_and_counted_from_their_origin() -> None:
    data = values([1, 2, 3, 4, 5, 6, 7, 8], runs=[0, 0, 0, 0, 0, 1, 1, 1], every_us=10)
    groups = of_interval(data, length_us=40, origin_us=-20)
    # [-20, 20): 0, 10; [20, 60): 20 … 40, then the run ends; 50 is another; [60, 100): 60, 70
    assert groups.first.tolist() == [0, 2, 5, 6]
    assert groups.count.tolist() == [2, 3, 1, 2]
    assert groups.complete.tolist() == [True, True, False, True]


def test_moving_ranges_begin_anew_with_every_run() -> None:
    moved = moving_ranges(values([1, 4, 2, 10, 11], runs=[0, 0, 0, 1, 1]))
    assert moved[[1, 2, 4]].tolist() == [3, 2, 1]
    assert np.isnan(moved[[0, 3]]).all()


def test_the_longest_run() -> None:
    data = values([1, 2, 3, 4, 5, 6], runs=[0, 1, 1, 2, 2, 3])
    assert longest_run(data).tolist() == [2, 3], "of equal ones the first"


def test_nothing_at_all() -> None:
    groups = of_size(consecutive([]), 5)
    assert len(groups.first) == len(groups.means) == len(groups.ranges) == 0
    assert len(groups.deviations) == len(longest_run(groups.data)) == 0


def test_equal_values_have_exactly_no_spread() -> None:
    assert of_size(consecutive([0.1] * 3 + [0.7] * 3), 3).deviations.tolist() == [0, 0]


def test_what_is_no_subgroup_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        of_size(consecutive([1]), 0)
    with pytest.raises(InputError, match="> 0"):
        of_interval(consecutive([1]), 0, 0)


@given(
    st.lists(st.tuples(st.integers(-1000, 1000), st.integers(0, 5)), max_size=50),
    st.integers(1, 7),
)
def test_subgroups_cover_all_values_and_agree_with_plain_python(
    drawn: list[tuple[int, int]], size: int
) -> None:
    runs = np.cumsum([border == 0 for _, border in drawn]).tolist()
    numbers = [value / 8 for value, _ in drawn]
    groups = of_size(values(numbers, runs=runs), size)
    plain: list[list[float]] = []
    for at, number in enumerate(numbers):
        if not at or runs[at] != runs[at - 1] or len(plain[-1]) == size:
            plain.append([])
        plain[-1].append(number)
    assert groups.count.tolist() == [len(each) for each in plain]
    assert groups.complete.tolist() == [len(each) == size for each in plain]
    assert groups.means.tolist() == pytest.approx([fmean(each) for each in plain])
    assert groups.ranges.tolist() == [max(each) - min(each) for each in plain]
    s = [stdev(each) if len(each) > 1 else float("nan") for each in plain]
    assert groups.deviations.tolist() == pytest.approx(s, nan_ok=True, abs=1e-12)
