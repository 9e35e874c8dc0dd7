"""Rollover: a counter that reached its limit and began again.

>>> rolled_over(np.array([65535.0, 99999.1, 500.0]), np.array([2.0, 0.4, 2.0]), None).round(1)
array([3. , 1.3, nan])
"""

from __future__ import annotations

import numpy as np

from analytics.arrays import Floats

# Where counters of machines end: signed and unsigned 15 to 32 bits, and three to twelve digits. A
# fall from within a thousandth of the limit to within a thousandth of the other end is a rollover;
# taking a reset there for a rollover would add a thousandth of the limit at most.
_BITS = tuple(float(2**bits) for bits in (15, 16, 23, 24, 31, 32))
_DIGITS = tuple(float(10**digits) for digits in range(3, 13))
_NEAR = 1e-3


def rolled_over(before: Floats, after: Floats, rollover: float | None) -> Floats:
    """What was counted where the counter rolled over between two values of which the second is
    less; NaN: it did not."""
    if rollover is not None:
        half = rollover / 2
        plausible = (half < before) & (before <= rollover) & (after >= 0) & (after < half)
        return np.where(plausible, rollover - before + after, np.nan)
    found = np.full(len(before), np.nan)
    for limit in (*_DIGITS, *_BITS):
        full = (limit * (1 - _NEAR) <= before) & (before < limit)
        anew = full & (after >= 0) & (after <= limit * _NEAR)
        found[anew] = (limit - before + after)[anew]
        if limit in _BITS:  # two's complement: from 2^n − 1 to −2^n
            below = full & (-limit <= after) & (after <= -limit * (1 - _NEAR))
            found[below] = (limit - before + after + limit)[below]
    return found
