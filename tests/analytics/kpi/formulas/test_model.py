"""The shapes that bounds have, and what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.kpi.formulas.model import (
    exact,
    known_only,
    largest,
    per,
    product,
    quotient,
    share,
    smallest,
)
from analytics.kpi.formulas.sums import sums_from_amounts

NONE = np.float64("nan")


def numbers(*amounts: float) -> np.ndarray:
    return np.array(amounts, dtype=float)


def test_without_a_denominator_there_is_no_value_and_nothing_is_capped() -> None:
    found = quotient(numbers(3, 3, 0, NONE), numbers(2, 0, 0, 2))
    assert found.tolist() == pytest.approx([1.5, NONE, NONE, NONE], nan_ok=True)


def test_a_product_lacks_what_a_factor_lacks() -> None:
    assert product(numbers(2, 2), numbers(3, NONE)).tolist() == pytest.approx(
        [6, NONE], nan_ok=True
    )


def test_the_larger_and_the_smaller_of_what_there_is() -> None:
    one, other = numbers(1, 1, NONE), numbers(2, NONE, NONE)
    assert largest(one, other).tolist() == pytest.approx([2, 1, NONE], nan_ok=True)
    assert smallest(one, other).tolist() == pytest.approx([1, 1, NONE], nan_ok=True)


def test_unknown_time_may_be_all_of_the_part_or_none_of_it() -> None:
    """60 of 80 known, 20 unknown: from 60 of 100 to 80 of 100."""
    low, high = share(numbers(60), numbers(80), numbers(20))
    assert (low[0], high[0]) == (0.6, 0.8)
    low, high = share(numbers(60), numbers(80), numbers(0))
    assert (low[0], high[0]) == (0.75, 0.75)
    low, high = share(numbers(60), numbers(80), numbers(NONE))
    assert math.isnan(low[0])
    assert math.isnan(high[0])


def test_more_may_belong_to_the_top_alone() -> None:
    low, high = per(numbers(60), numbers(80), numbers(20))
    assert (low[0], high[0]) == (0.75, 1.0)
    low, high = per(numbers(60), numbers(80), numbers(NONE))
    assert math.isnan(low[0])
    assert math.isnan(high[0])


def test_unknown_time_leaves_manual_kpis_and_takes_the_bounds_of_means() -> None:
    known = sums_from_amounts(unknown_time_s=0.0, failures=3.0)
    unknown = sums_from_amounts(unknown_time_s=1.0, failures=3.0)
    for sums in (known, unknown):
        assert [it.tolist() for it in map(np.atleast_1d, exact(lambda s: s.failures)(sums))] == [
            [3.0],
            [3.0],
        ]
    low, high = known_only(lambda s: s.failures)(known)
    assert (low.tolist(), high.tolist()) == ([3.0], [3.0])
    low, high = known_only(lambda s: s.failures)(unknown)
    assert np.isnan([low, high]).all()
