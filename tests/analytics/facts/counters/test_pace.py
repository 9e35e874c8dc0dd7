"""What a counter does: the rises on both sides, the middle one of them."""

from __future__ import annotations

import numpy as np

from analytics.facts.counters.pace import CONTEXT, Pace, pace_around


def around(values: list[float], before: int, behind: int, every_us: int = 1) -> Pace:
    times = np.arange(len(values)) * every_us
    return pace_around(times, np.array(values), np.array([before]), np.array([behind]))


def test_what_lies_between_is_left_out() -> None:
    pace = around([0.0, 1.0, 99.0, 2.0, 4.0], 1, 3)
    assert pace.amounts[0, :2].tolist() == [1, 2]
    assert pace.most_in(np.array([1])).tolist() == [2]


def test_no_more_than_the_context_is_looked_at() -> None:
    pace = around([0.0, 50, 51, 52, 53, 54, 55, 56, 57, 107], 4, 5)
    assert (~np.isnan(pace.amounts)).sum() == 2 * CONTEXT
    assert pace.most_in(np.array([1])).tolist() == [1]


def test_one_wrong_reading_near_by_is_not_typical() -> None:
    pace = around([5.0, 0, 6, 7, 8], 2, 3)
    assert pace.typical_in(np.array([1])).tolist() == [1]
    assert pace.has_fallen.tolist() == [True]


def test_longer_time_more_items() -> None:
    pace = around([0.0, 2, 4, 6], 1, 2, every_us=10)
    assert pace.usual_in(np.array([5, 40])[:1]).tolist() == [2]
    assert pace.usual_in(np.array([40])).tolist() == [8]


def test_a_counter_that_stands_still_on_both_sides() -> None:
    still, one_side, nothing = (
        around([4.0, 4, 0, 4, 4], 1, 3),
        around([4.0, 4, 0, 4], 1, 3),
        around([4.0, 0, 4], 0, 2),
    )
    assert [it.is_still[0] for it in (still, one_side, nothing)] == [True, False, False]
    assert not any(it.is_known[0] for it in (still, one_side, nothing))
    assert np.isnan(nothing.most_in(np.array([1]))).all()
