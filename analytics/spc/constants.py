"""The constants of control charts, as functions of the subgroup size n.

Of n independent values of a normal distribution with σ = 1: d2 and d3 are mean and standard
deviation of the range, c4 is the mean of the sample standard deviation. The tables' other
constants (A2, A3, B3, B4, D3, D4, E2) follow from them (ISO 7870-2:2023, 6; AIAG SPC, appendix
E): they are what limits come to, see `analytics.spc.control_chart`. Computed, not tabled, so that
none is rounded: c4 from the gamma function, d2 and d3 by integration of the range's distribution,
P(R ≤ r) = n ∫ φ(x) [Φ(x + r) − Φ(x)]ⁿ⁻¹ dx.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

SIGMAS = 3.0  # control limits stand this many standard deviations from the centre line
SIZE_MAX_RANGE = 25  # the tables of d2 and d3 end here; a range wastes larger subgroups
_REACH = 9.0  # beyond so many σ the normal density is under 1e-18
_NODES = 80


def c4(n: int) -> float:
    """Mean of s in units of σ: √(2/(n−1)) Γ(n/2) / Γ((n−1)/2), n ≥ 2."""
    from scipy.special import gammaln  # here: see analytics.spc

    return math.sqrt(2 / (n - 1)) * math.exp(float(gammaln(n / 2) - gammaln((n - 1) / 2)))


def d2(n: int) -> float:
    """Mean of the range in units of σ, 2 ≤ n."""
    return _range_moments(n)[0]


def d3(n: int) -> float:
    """Standard deviation of the range in units of σ, 2 ≤ n."""
    return _range_moments(n)[1]


@cache
def _range_moments(n: int) -> tuple[float, float]:
    """d2 and d3: E[R] = ∫ P(R > r) dr and E[R²] = ∫ 2r P(R > r) dr.

    Gauss-Legendre over r; the trapezoidal rule over x, which converges faster than any power
    for a smooth function that vanishes at both ends.
    """
    from scipy.special import ndtr  # here: see analytics.spc

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    r, weight = _REACH * (nodes + 1), _REACH * weights  # from 0 to 2 × _REACH
    x, step = np.linspace(-_REACH - 2 * _REACH, _REACH, 2001, retstep=True)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    inside = ndtr(x + r[:, None]) - ndtr(x)
    beyond = 1 - n * step * (density * inside ** (n - 1)).sum(axis=1)
    mean = float((weight * beyond).sum())
    square = float((weight * 2 * r * beyond).sum())
    return mean, math.sqrt(square - mean**2)
