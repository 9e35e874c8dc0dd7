"""What a KPI is, and the few shapes that bounds have.

KPIs are functions of whole columns (see `analytics.kpi.formulas.sums`), NaN where there is no
value. A ratio without a denominator has no value: it is never 0 or 1, and nothing is capped. Bounds
are what the KPI would be with all unknown time at its worst and at its best: each second of it may
have been of any class, and items may have been made in it that nobody counted
(`analytics.kpi.formulas.hidden`), but none faster than the higher of the planned cycle and the
fastest known hour. Nothing here knows any particular KPI.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from analytics.kpi.formulas.sums import Amounts, Sums, is_present

Bounds = tuple[Amounts, Amounts]
RATIO = "1"  # the unit of ratios


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: amounts by input name, and the value to as many digits as printed.

    `values`, `subgroup_size`: for what is computed from measurements; the amounts are then the
    specification limits.
    """

    amounts: Mapping[str, float]
    value: float
    digits: int = 4
    values: tuple[float, ...] = ()
    subgroup_size: int = 1


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key performance indicator.

    `number`: in ISO 22400-2, None where it is not there. `inputs`: the names of what stands in
    the formula (see `analytics.kpi.formulas.inputs`). `events`: of a mean, the input that counts
    the events.
    `index`: of a capability index, its name in `analytics.spc.capability.Capability`.
    """

    name: str
    number: int | None
    formula: str
    unit: str
    inputs: tuple[str, ...]
    function: Callable[[Sums], Amounts]
    bounds: Callable[[Sums], Bounds]
    example: Example
    events: str | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True)
class KpiValue:
    """A KPI's value over known time, its bounds with all unknown time at its worst and at its
    best, and the share of planned busy time that is known. None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    coverage: float | None


def quotient(top: Amounts, bottom: Amounts) -> Amounts:
    """top ÷ bottom; NaN where either is missing or there is nothing to divide by."""
    return top / np.where(bottom == 0.0, np.nan, bottom)


def product(*factors: Amounts) -> Amounts:
    """The product, NaN where a factor is missing."""
    return reduce(operator.mul, factors)


def largest(one: Amounts, other: Amounts) -> Amounts:
    """The larger of the two, or the one that there is."""
    return np.fmax(one, other)


def smallest(one: Amounts, other: Amounts) -> Amounts:
    """The smaller of the two, or the one that there is."""
    return np.fmin(one, other)


def share(part: Amounts, whole: Amounts, unknown: Amounts) -> Bounds:
    """Bounds of part ÷ whole when up to `unknown` more may belong to the whole, and any share of
    that to the part. Both quotients rise or fall steadily with it, so its ends give the bounds."""
    most = whole + unknown
    plain = np.where(is_present(most), quotient(part, whole), np.nan)
    return (
        smallest(plain, quotient(part, most)),
        largest(plain, quotient(part + unknown, most)),
    )


def per(top: Amounts, bottom: Amounts, unknown: Amounts) -> Bounds:
    """Bounds of top ÷ bottom when up to `unknown` more may belong to the top alone."""
    least = np.where(is_present(unknown), top, np.nan)
    return quotient(least, bottom), quotient(top + unknown, bottom)


def exact(function: Callable[[Sums], Amounts]) -> Callable[[Sums], Bounds]:
    """Bounds of a KPI of manual inputs alone: unknown time does not change it."""

    def bounds(sums: Sums) -> Bounds:
        value = function(sums)
        return value, value

    return bounds


def known_only(function: Callable[[Sums], Amounts]) -> Callable[[Sums], Bounds]:
    """Bounds of a mean time between events: none while time is unknown, because there is no
    limit to how many events it may hide; and none while the reason of a stop is, because it may
    be an event, or setup."""

    def bounds(sums: Sums) -> Bounds:
        is_known = (sums.unknown_time_s + sums.repair_lost_time_s + sums.setup_lost_time_s) == 0.0
        value = np.where(is_known, function(sums), np.nan)
        return value, value

    return bounds
