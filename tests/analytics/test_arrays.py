"""What numpy lacks or does slowly: the same as the plain way."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.arrays import ranges, segment_sums, sorted_once, sorted_unique

NUMBERS = st.lists(st.integers(-50, 50), max_size=30)


def whole(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(NUMBERS)
def test_each_value_once_in_order(values: list[int]) -> None:
    assert sorted_unique(whole(values)).tolist() == sorted(set(values))
    assert sorted_once(whole(sorted(values))).tolist() == sorted(set(values))


@given(NUMBERS, st.lists(st.integers(0, 30), max_size=12))
def test_sums_of_stretches_apart_from_each_other(values: list[int], cuts: list[int]) -> None:
    borders = sorted(min(cut, len(values)) for cut in cuts)
    first, last = borders[: len(borders) // 2 * 2 : 2], borders[1::2]
    plain = [sum(values[low:high]) for low, high in zip(first, last, strict=True)]
    assert segment_sums(whole(values), whole(first), whole(last)).tolist() == plain


def test_the_sum_of_nothing_is_nought() -> None:
    assert segment_sums(whole([1, 2, 3]), whole([0, 1, 3]), whole([1, 1, 3])).tolist() == [1, 0, 0]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=10))
def test_all_indices_of_all_owners(stretches: list[tuple[int, int]]) -> None:
    owner, index = ranges(
        whole([low for low, _ in stretches]), whole([high for _, high in stretches])
    )
    plain = [(k, i) for k, (low, high) in enumerate(stretches) for i in range(low, high)]
    assert list(zip(owner.tolist(), index.tolist(), strict=True)) == plain
