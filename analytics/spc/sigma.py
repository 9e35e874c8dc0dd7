"""Estimates of a process's standard deviation within subgroups, and how certain they are.

From ranges R̄/d2, from standard deviations s̄/c4, from moving ranges MR̄/d2 (ISO 7870-2:2023;
AIAG SPC). `dof` are the degrees of freedom of the chi distribution with the estimate's
coefficient of variation (Patnaik 1950; the ν of the d2* table in AIAG MSA), which is what
confidence intervals of capability indices need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.arrays import Floats
from analytics.spc.constants import SIZE_MAX_RANGE, c4, d2, d3
from analytics.spc.subgroups import Subgroups, Values, moving_ranges
from domain.errors import InputError

ChartKind = Literal["xbar-r", "xbar-s", "individuals"]
SIZE_MAX_DEFAULT_RANGE = 10  # above it the range wastes too much of what s would use

# Of two neighbouring moving ranges of a normal process with σ = 1: E[MR₁ MR₂] for differences
# of correlation −1/2 is (4/π)(√3/2 + (1/2) asin(1/2)); E[MR] = 2/√π; E[MR²] = 2.
_MR_MEAN_SQUARE = 4 / math.pi
_MR_VARIANCE = 2 - _MR_MEAN_SQUARE
_MR_COVARIANCE = 4 / math.pi * (math.sqrt(3) / 2 + math.pi / 12) - _MR_MEAN_SQUARE


@dataclass(frozen=True, slots=True)
class Sigma:
    """An estimate of σ with its effective degrees of freedom; `samples` it was made from:
    complete subgroups, or moving ranges."""

    value: float
    dof: float
    samples: int


def default_chart(size: int | None) -> ChartKind:
    """What is usual for subgroups of that size; s where they vary (None)."""
    if size is None or size > SIZE_MAX_DEFAULT_RANGE:
        return "xbar-s"
    return "individuals" if size == 1 else "xbar-r"


def sigma_within(groups: Subgroups, chart: ChartKind) -> Sigma | None:
    """The short-term σ by the chart's estimator; None without a complete subgroup.

    Raises InputError where the chart does not fit the subgroups.
    """
    if chart == "individuals":
        return sigma_of_moving_ranges(groups.data)
    if chart == "xbar-s":
        return sigma_of_deviations(groups)
    return sigma_of_ranges(groups)


def sigma_of_ranges(groups: Subgroups) -> Sigma | None:
    """R̄/d2 over complete subgroups of one size n, 2 ≤ n ≤ 25. Raises InputError else."""
    sizes = np.unique(groups.count[groups.complete])
    if groups.size is None and len(sizes) > 1:
        raise InputError(
            f"the subgroups have from {sizes[0]} to {sizes[-1]} values, and ranges of different "
            "sizes cannot be averaged",
            todo="Ask for an xbar-s chart, or for subgroups of a fixed size.",
        )
    size = groups.size if groups.size is not None else int(sizes[0]) if len(sizes) else 2
    if not 2 <= size <= SIZE_MAX_RANGE:
        raise InputError(
            f"an x̄/R chart cannot use subgroups of {size}",
            todo=f"Subgroups of 2 to {SIZE_MAX_RANGE} have a range to use; ask for "
            + ("an individuals chart." if size < 2 else "an xbar-s chart."),
        )
    ranges = groups.ranges[groups.complete]
    if not len(ranges):
        return None
    variation = d3(size) ** 2 / (len(ranges) * d2(size) ** 2)
    return Sigma(float(ranges.mean()) / d2(size), _dof(variation), len(ranges))


def sigma_of_deviations(groups: Subgroups) -> Sigma | None:
    """s̄/c4 over complete subgroups; sizes may vary.

    Each s/c4(n) weighs by the inverse of its variance, c4²/(1 − c4²): the best unbiased linear
    estimate (Burr 1976), which for equal sizes is s̄/c4. Raises InputError for size 1.
    """
    if groups.size == 1:
        raise InputError(
            "an x̄/s chart cannot use subgroups of 1",
            todo="Ask for an individuals chart, or for subgroups of at least 2.",
        )
    deviations = groups.deviations[groups.complete]
    if not len(deviations):
        return None
    sizes, which = np.unique(groups.count[groups.complete], return_inverse=True)
    constants = np.array([c4(int(size)) for size in sizes])[which]
    weights = constants**2 / (1 - constants**2)
    value = float((weights * deviations / constants).sum() / weights.sum())
    return Sigma(value, _dof(1 / float(weights.sum())), len(deviations))


def sigma_of_moving_ranges(data: Values) -> Sigma | None:
    """MR̄/d2(2) over neighbours in one run; None without two such.

    Neighbouring moving ranges share a value: the variance of their mean counts that exactly.
    """
    moved: Floats = moving_ranges(data)
    known = ~np.isnan(moved)
    m = int(known.sum())
    if not m:
        return None
    neighbours = int((known[1:] & known[:-1]).sum())
    variance = (m * _MR_VARIANCE + 2 * neighbours * _MR_COVARIANCE) / m**2
    value = float(moved[known].mean()) / d2(2)
    return Sigma(value, _dof(variance / _MR_MEAN_SQUARE), m)


def _dof(variation_squared: float) -> float:
    """ν of the chi distribution with that squared coefficient of variation (Patnaik)."""
    return 1 / (2 * math.sqrt(1 + 2 * variation_squared) - 2)
