"""Control charts: x̄/R, x̄/s, individuals and moving range, with 3σ limits (ISO 7870-2:2023).

Limits come from a mean and a σ, of the charted data themselves or of a baseline: with σ = R̄/d2
they are x̿ ± A2 R̄, D3 R̄ and D4 R̄; with σ = s̄/c4 they are x̿ ± A3 s̄, B3 s̄ and B4 s̄; with
σ = MR̄/d2 they are x̄ ± E2 MR̄. Every point has limits of its own, since subgroups may differ
in size. Only complete subgroups are plotted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Floats
from analytics.spc.constants import SIGMAS, c4, d2, d3
from analytics.spc.run_rules import Violation, dispersion_violations, location_violations
from analytics.spc.sigma import ChartKind, Sigma, sigma_within
from analytics.spc.subgroups import Integers, Subgroups, moving_ranges


@dataclass(frozen=True, slots=True)
class Parameters:
    """What limits are made of. `subgroups`: how many complete ones it came from."""

    mean: float
    sigma: Sigma
    subgroups: int


@dataclass(frozen=True)
class Panel:
    """One of a chart's two panels; arrays (k,), one entry for each plotted subgroup."""

    values: Floats
    center: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Chart:
    """`plotted` (k,): which subgroups the points are. `dispersion` holds NaN where a single
    value has no neighbour before it."""

    kind: ChartKind
    groups: Subgroups
    parameters: Parameters
    plotted: Integers
    location: Panel
    dispersion: Panel
    violations: tuple[Violation, ...]


def parameters_of(groups: Subgroups, kind: ChartKind) -> Parameters | None:
    """Mean x̿ (of all values in complete subgroups) and σ within; None without enough values.

    Raises InputError where the chart does not fit the subgroups.
    """
    sigma = sigma_within(groups, kind)
    if sigma is None:
        return None
    grouped = groups.data.values[np.repeat(groups.complete, groups.count)]
    return Parameters(float(grouped.mean()), sigma, int(groups.complete.sum()))


def control_chart(groups: Subgroups, kind: ChartKind, parameters: Parameters, rules: str) -> Chart:
    """The points, their limits and the violations of the named rules."""
    plotted = np.flatnonzero(groups.complete).astype(np.int64)
    count, mean, sigma = groups.count[plotted], parameters.mean, parameters.sigma.value
    spread_of_point = sigma / np.sqrt(count)
    values = groups.means[plotted]
    center = np.full(len(plotted), mean)
    reach = SIGMAS * spread_of_point
    location = Panel(values, center, center - reach, center + reach)
    dispersion = _dispersion(groups, kind, plotted, sigma)
    stretches = groups.data.stretches[groups.first[plotted]]
    violations = [
        *location_violations(values, center, spread_of_point, stretches, rules),
        *dispersion_violations(dispersion.values, dispersion.lower, dispersion.upper, rules),
    ]
    violations.sort(key=lambda violation: violation.point)
    return Chart(kind, groups, parameters, plotted, location, dispersion, tuple(violations))


def _dispersion(groups: Subgroups, kind: ChartKind, plotted: Integers, sigma: float) -> Panel:
    if kind == "individuals":
        values = moving_ranges(groups.data)[groups.first[plotted]]
        sizes = np.full(len(plotted), 2)
    else:
        values = (groups.deviations if kind == "xbar-s" else groups.ranges)[plotted]
        sizes = groups.count[plotted]
    kinds, which = np.unique(sizes, return_inverse=True)
    factors = np.array([_factors(kind, int(n)) for n in kinds]).reshape(-1, 2)[which]
    center, reach = factors[:, 0] * sigma, SIGMAS * factors[:, 1] * sigma
    return Panel(values, center, np.maximum(center - reach, 0), center + reach)


def _factors(kind: ChartKind, n: int) -> tuple[float, float]:
    """Mean and standard deviation of the plotted spread of n values, in units of σ."""
    return (c4(n), math.sqrt(1 - c4(n) ** 2)) if kind == "xbar-s" else (d2(n), d3(n))
