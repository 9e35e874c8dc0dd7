"""Run rules: patterns on a control chart that chance alone hardly makes.

Western Electric 1 to 4 (Statistical Quality Control Handbook, 1956) and Nelson 1 to 8 (Nelson 1984,
Journal of Quality Technology 16, 237-239). σ is the standard deviation of the plotted point, so
zones are thirds of the way to the control limits. A pattern is reported at the point that completes
it. No pattern reaches across unknown time, because points are missing there. "Beyond" is strict; a
point on the centre line is on neither side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.arrays import Flags, Floats
from analytics.spc.subgroups import Integers
from domain.errors import InputError
from domain.grants import Reason

PanelName = Literal["location", "dispersion"]
DEFAULT_RULES = "nelson"
_ROUNDING = 1e-12  # of a sum's size: what adding up floats may leave
BEYOND_LIMITS = Reason("A point lies beyond the control limits.")
_SPREAD_BEYOND = Reason("The spread within the subgroup lies beyond its control limits.")


@dataclass(frozen=True, slots=True)
class Violation:
    """The rule (as 'nelson-5'), and the first and the last point of the pattern (indices)."""

    rule: str
    panel: PanelName
    first: int
    point: int
    sentence: Reason


@dataclass(frozen=True)
class _Points:
    """What rules look at: `z` in σ from the centre line; `steps` −1, 0, 1 from the point before
    (0 for the first of a stretch of known time), `begins` where each point's stretch begins."""

    z: Floats
    steps: Floats
    begins: Integers


@dataclass(frozen=True, slots=True)
class _Rule:
    """`flags` gives what to count: at least `needed` flags in `window` successive points. The
    pattern reaches `before` points further back, to those that a flag compares with."""

    needed: int
    window: int
    flags: Callable[[_Points], tuple[Flags, ...]]
    sentence: Reason
    before: int = 0


def _sides(sigmas: float) -> Callable[[_Points], tuple[Flags, ...]]:
    """Which points lie so many σ above, and which below."""
    return lambda points: (points.z > sigmas, points.z < -sigmas)


def _rising_and_falling(points: _Points) -> tuple[Flags, ...]:
    return points.steps > 0, points.steps < 0


def _turns(points: _Points) -> tuple[Flags, ...]:
    """Whether the step to a point goes the other way than the step before it."""
    turned = np.zeros(len(points.z), dtype=np.bool_)
    turned[1:] = points.steps[1:] * points.steps[:-1] < 0
    return (turned,)


_TWO_OF_THREE = _Rule(
    2, 3, _sides(2), Reason("2 of 3 successive points lie beyond 2σ on the same side.")
)
_FOUR_OF_FIVE = _Rule(
    4, 5, _sides(1), Reason("4 of 5 successive points lie beyond 1σ on the same side.")
)
_LIMITS = _Rule(1, 1, _sides(3), BEYOND_LIMITS)
RUN_RULES: dict[str, tuple[_Rule, ...]] = {
    "western-electric": (
        _LIMITS,
        _TWO_OF_THREE,
        _FOUR_OF_FIVE,
        _Rule(
            8, 8, _sides(0), Reason("8 successive points lie on the same side of the centre line.")
        ),
    ),
    "nelson": (
        _LIMITS,
        _Rule(
            9, 9, _sides(0), Reason("9 successive points lie on the same side of the centre line.")
        ),
        _Rule(
            5,
            5,
            _rising_and_falling,
            Reason("6 successive points steadily rise or fall."),
            before=1,
        ),
        _Rule(12, 12, _turns, Reason("14 successive points alternate up and down."), before=2),
        _TWO_OF_THREE,
        _FOUR_OF_FIVE,
        _Rule(
            15,
            15,
            lambda points: (np.abs(points.z) <= 1,),
            Reason("15 successive points lie within 1σ of the centre line."),
        ),
        _Rule(
            8,
            8,
            lambda points: (np.abs(points.z) > 1,),
            Reason("8 successive points lie beyond 1σ, on either side."),
        ),
    ),
}


def rules_named(name: str) -> str:
    """The name of a set of rules. Raises InputError with those that exist."""
    if name not in RUN_RULES:
        raise InputError(
            f"there is no set of rules '{name}'", todo=f"Use one of {', '.join(RUN_RULES)}."
        )
    return name


def location_violations(
    values: Floats, center: Floats, sigma: Floats, stretches: Integers, rules: str
) -> list[Violation]:
    """Of plotted means or single values, all arrays (k,): by point, then in the rules' order.

    `sigma` is that of each plotted point; without any spread, any distance is beyond, and a point
    on the centre line is nowhere (NaN): no rule speaks of it. `stretches` changes wherever unknown
    time lies between two points.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = _apart(values, center) / sigma
    begins = _begins(stretches)
    steps = np.zeros(len(values))
    steps[1:] = np.sign(_apart(values[1:], values[:-1]))
    steps[begins == np.arange(len(values))] = 0
    points = _Points(z, steps, begins)
    found = [
        Violation(f"{rules}-{number}", "location", first, point, rule.sentence)
        for number, rule in enumerate(RUN_RULES[rules], start=1)
        for first, point in _completed(rule, points)
    ]
    return sorted(found, key=lambda violation: violation.point)


def dispersion_violations(
    values: Floats, lower: Floats, upper: Floats, rules: str
) -> list[Violation]:
    """Of plotted ranges or standard deviations, arrays (k,), NaN where there is none.

    Only the limits are looked at: the other rules suppose a symmetrical distribution.
    """
    with np.errstate(invalid="ignore"):
        beyond = np.flatnonzero((values > upper) | (values < lower)).tolist()
    return [Violation(f"{rules}-1", "dispersion", at, at, _SPREAD_BEYOND) for at in beyond]


def _apart(values: Floats, others: Floats) -> Floats:
    """The differences; those that rounding alone can cause are 0."""
    apart = values - others
    noise = _ROUNDING * np.maximum(np.abs(values), np.abs(others))
    return np.where(np.abs(apart) <= noise, 0.0, apart)


def _completed(rule: _Rule, points: _Points) -> list[tuple[int, int]]:
    """First and last point of each pattern."""
    places = np.arange(len(points.z))
    opens = np.maximum(places - rule.window + 1, points.begins)
    hits = np.zeros(len(points.z), dtype=np.bool_)
    for flags in rule.flags(points):
        counted = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(flags)])
        hits |= flags & (counted[places + 1] - counted[opens] >= rule.needed)
    at = np.flatnonzero(hits)
    return list(zip((opens[at] - rule.before).tolist(), at.tolist(), strict=True))


def _begins(stretches: Integers) -> Integers:
    """For each point the index at which its stretch begins."""
    fresh = np.ones(len(stretches), dtype=np.bool_)
    fresh[1:] = stretches[1:] != stretches[:-1]
    here = np.where(fresh, np.arange(len(stretches)), 0)
    return np.maximum.accumulate(here) if len(stretches) else here
