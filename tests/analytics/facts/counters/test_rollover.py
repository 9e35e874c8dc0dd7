"""Rollover at the limits that counters have, and at no others."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.facts.counters.rollover import rolled_over


def one(before: float, after: float, rollover: float | None = None) -> float | None:
    (found,) = rolled_over(np.array([before]), np.array([after]), rollover)
    return None if np.isnan(found) else float(found)


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        (2**16 - 1, 0, 1),
        (2**32 - 5, 20, 25),
        (2**31 - 1, -(2**31), 1),
        (999_999, 4, 5),  # a drum of six digits
        (9_998, 7, 9),
        (50_000, 4, None),
        (64_000, 4, None),
        (999_999, -999_999, None),  # digits have no two's complement
    ],
)
def test_limits_that_nobody_named(before: float, after: float, counted: float | None) -> None:
    assert one(before, after) == counted


def test_decimals_of_a_meter() -> None:
    """jomjol/AI-on-the-edge-device#3026"""
    assert one(99999.1, 0.4) == pytest.approx(1.3)
    assert one(99999.1, 0.4, 100_000) == pytest.approx(1.3)


def test_a_named_limit_alone_counts() -> None:
    assert one(990, 20, 1000) == 30
    assert one(2**16 - 1, 0, 1000) is None
