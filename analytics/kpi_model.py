"""What a KPI is, and the few shapes that bounds have.

A ratio without a denominator is None, never 0 or 1, and nothing is capped. Bounds are what the
KPI would be with all unknown time at its worst and at its best: each second of it may have been
of any class, and items may have been made in it that nobody counted (`unseen_items`), but none
faster than the shortest planned cycle. A value lies within its bounds, and time that becomes
unknown only widens them. Nothing here knows any particular KPI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analytics.kpi_sums import Sums

Ratio = float | None
Bounds = tuple[Ratio, Ratio]
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
    the formula (see `kpi_inputs`). `events`: the input that is the number of events of a mean.
    `index`: for what is computed from measurements, its name in `spc_capability.Capability`.
    """

    name: str
    number: int | None
    formula: str
    unit: str
    inputs: tuple[str, ...]
    function: Callable[[Sums], Ratio]
    bounds: Callable[[Sums], Bounds]
    example: Example
    events: str | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value over known time, its bounds with all unknown time at its worst and at its
    best, and the share of planned busy time that is known. None where there is none."""

    value: Ratio
    low: Ratio
    high: Ratio
    coverage: Ratio


def quotient(top: float | None, bottom: float | None) -> Ratio:
    """top ÷ bottom, or None where either is missing or there is nothing to divide by."""
    return None if top is None or not bottom else top / bottom


def product(*factors: Ratio) -> Ratio:
    """The product, or None where a factor is missing."""
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result


def largest(*values: Ratio) -> Ratio:
    """The largest of the values that there are."""
    return max((value for value in values if value is not None), default=None)


def smallest(*values: Ratio) -> Ratio:
    """The smallest of the values that there are."""
    return min((value for value in values if value is not None), default=None)


def share(part: float | None, whole: float | None, unknown: float | None) -> Bounds:
    """Bounds of part ÷ whole when up to `unknown` more may belong to the whole, and as much of
    it as it likes to the part. Both ends are monotonous in it, so its ends give the bounds."""
    if part is None or whole is None or unknown is None:
        return None, None
    plain = quotient(part, whole)
    return (
        smallest(plain, quotient(part, whole + unknown)),
        largest(plain, quotient(part + unknown, whole + unknown)),
    )


def per(top: float | None, bottom: float | None, unknown: float | None) -> Bounds:
    """Bounds of top ÷ bottom when up to `unknown` more may belong to the top alone."""
    if top is None or unknown is None:
        return None, None
    return quotient(top, bottom), quotient(top + unknown, bottom)


def unseen_items(of: Sums) -> float | None:
    """How many items there may be at most that are in no count.

    Those that the counters told and nobody believed; and those that fit into the unknown time
    at the shortest planned cycle, less those that the counters told of it. None: there is
    unknown time and no planned cycle to bound what was made in it.
    """
    implausible = of.total_count_implausible or 0.0
    if not of.unknown_time_s:
        return implausible
    if not of.cycle_time_s:
        return None
    room = of.unknown_time_s / of.cycle_time_s
    return max(room - of.total_count_unknown_in_plan, 0.0) + implausible


def exact(function: Callable[[Sums], Ratio]) -> Callable[[Sums], Bounds]:
    """Bounds of a KPI of figures that people told: unknown time does not touch it."""

    def bounds(of: Sums) -> Bounds:
        value = function(of)
        return value, value

    return bounds


def known_only(function: Callable[[Sums], Ratio]) -> Callable[[Sums], Bounds]:
    """Bounds of a mean time between events: none while time is unknown, because there is no
    limit to how many events it may hide."""

    def bounds(of: Sums) -> Bounds:
        value = None if of.unknown_time_s else function(of)
        return value, value

    return bounds
