"""Forecasts come true about as often as they say; the plants are made from a fixed seed."""

from __future__ import annotations

import numpy as np
from forecast import measured


def test_of_those_told_80_percent_70_to_90_come_true() -> None:
    low, half, high, cost = (figure.value for figure in measured(1000))
    assert 10 <= low <= 30
    assert 40 <= half <= 60
    assert 70 <= high <= 90
    assert np.isfinite(cost)
