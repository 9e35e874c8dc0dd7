"""Sums over windows of sequences: which day follows which is drawn, the sums of each window follow.

An example: the rows of three days, two sequences of them, windows of two days. -1 is a day of
nothing.

    day        0    1    2          sequence  0 1 2     windows  10 + 20, 20 + 40
    items     10   20   40                    2 2 -1             40 + 40, 40 + 0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from analytics.arrays import Floats, Indexes
from analytics.kpi.formulas.sums import NONE, Sums, is_present

NO_DAY = -1
# They do not add up, and no value of a KPI asks for them: only bounds do.
_EXTREMES = ("cycle_time_s", "longest_cycle_time_s", "pace")
_NOT_AMOUNTS = {"flags", "plan_fixed", "further", "cut", *_EXTREMES}


def windowed(days: Sums, sequences: Indexes, length: int) -> Sums:
    """One row of sums for each window of `length` steps of each sequence, in their order.

    `days`: a row for each day, without manual inputs; `sequences`: (sequences × steps) rows of
    days, or NO_DAY. Extremes (the shortest cycle time, the fastest hour) are left out, so there
    are values, but no bounds.
    """
    changed: dict[str, Any] = dict.fromkeys(_EXTREMES, NONE)
    changed |= {"flags": np.int64(0), "further": {}, "cut": ()}
    for each in fields(days):
        value = getattr(days, each.name)
        if isinstance(value, Mapping):
            if each.name not in _NOT_AMOUNTS:
                changed[each.name] = {
                    key: _windowed(column, sequences, length) for key, column in value.items()
                }
        elif each.name not in _NOT_AMOUNTS and np.ndim(value):
            changed[each.name] = _windowed(value, sequences, length)
    return replace(days, **changed)


def _windowed(column: Floats, sequences: Indexes, length: int) -> Floats:
    """NaN where no day of the window has an amount."""
    there = is_present(column)
    amounts = np.where(there, column, 0.0)
    windows = sequences.shape[0] * max(sequences.shape[1] - length + 1, 0)
    # Most amounts are of what a line does not tell: they are not added up, which takes long.
    if not there.any():
        return np.full(windows, np.nan)
    sums = _window_sums(amounts, sequences, length) if amounts.any() else np.zeros(windows)
    if there.all():
        return sums
    return np.where(_window_sums(there.astype(np.float64), sequences, length) > 0, sums, np.nan)


def _window_sums(column: Floats, sequences: Indexes, length: int) -> Floats:
    steps = np.append(column, 0.0)[sequences]  # NO_DAY is the last one
    sums = np.zeros((steps.shape[0], steps.shape[1] + 1))
    np.cumsum(steps, axis=1, out=sums[:, 1:])
    return (sums[:, length:] - sums[:, : sums.shape[1] - length]).ravel()
