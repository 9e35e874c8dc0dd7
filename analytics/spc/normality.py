"""Whether values may be taken for normal: the Anderson-Darling test.

Mean and standard deviation are estimated from the same values (case 3). Source: D'Agostino and
Stephens, Goodness-of-Fit Techniques (1986), table 4.7 and 4.9: A² × (1 + 0.75/n + 2.25/n²) and
the p-value from it. It is a remark beside the capability indices, never a condition for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Floats

N_MIN = 8  # the p-value's formula holds from here
SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Normality:
    """A² adjusted for the sample's size, and how likely so large a value is for normal values."""

    a_squared: float
    p: float

    @property
    def doubtful(self) -> bool:
        return self.p < SIGNIFICANCE


def anderson_darling(values: Floats) -> Normality | None:
    """The test's outcome; None for fewer than 8 values or values without spread."""
    n = len(values)
    if n < N_MIN or np.ptp(values) == 0:
        return None
    from scipy.special import log_ndtr  # here: see analytics.spc

    ordered = np.sort(values)
    z = (ordered - ordered.mean()) / ordered.std(ddof=1)
    weight = 2 * np.arange(1, n + 1) - 1
    plain = -n - float((weight * (log_ndtr(z) + log_ndtr(-z[::-1]))).sum()) / n
    adjusted = plain * (1 + 0.75 / n + 2.25 / n**2)
    return Normality(adjusted, _p_value(adjusted))


def _p_value(a: float) -> float:
    if a >= 0.6:
        # The formula turns upwards beyond 13, far behind any likelihood.
        return math.exp(1.2937 - 5.709 * a + 0.0186 * a**2) if a < 13 else 0.0
    if a >= 0.34:
        return math.exp(0.9177 - 4.279 * a - 1.38 * a**2)
    if a >= 0.2:
        return 1 - math.exp(-8.318 + 42.796 * a - 59.938 * a**2)
    return 1 - math.exp(-13.436 + 101.14 * a - 223.73 * a**2)
