"""What a chart of an export shows, whatever draws it: values, with what they are called.

Texts are in the reader's language. What a chart looks like is `api.exports.chart_specs`' duty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a line was in a state; `height`: how high it stands, in per cent."""

    start: datetime
    end: datetime
    state: str
    word: str
    height: int


@dataclass(frozen=True, slots=True)
class BandChart:
    """The states of a line one after the other. `heading`: above what its colours mean."""

    stretches: tuple[Stretch, ...]
    heading: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What stopped a line for how long. `share`: of all of its group, with those before it."""

    name: str
    group: str
    duration_s: float
    share: float


@dataclass(frozen=True, slots=True)
class CausesChart:
    """A Pareto: causes of each group, the longest first. `groups`: their order; `heading`: of the
    axis, in hours."""

    causes: tuple[Cause, ...]
    groups: tuple[str, ...]
    heading: str


@dataclass(frozen=True, slots=True)
class Period:
    """A value with what it would be at the worst and at the best reading of the data."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PeriodsChart:
    """A value for each period, the earliest first. `has_bounds`: drawn as a tick within its bounds,
    else as a bar; `target`: where there is one."""

    periods: tuple[Period, ...]
    heading: str
    is_share: bool
    has_bounds: bool
    target: float | None = None
    target_word: str = ""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """Of a control chart: a subgroup's value with its limits. `is_violated`: a rule is."""

    at: datetime
    value: float
    center: float
    lower: float
    upper: float
    is_violated: bool


@dataclass(frozen=True, slots=True)
class PointsChart:
    """A control chart. `specified`: further levels, with what each is called."""

    points: tuple[ChartPoint, ...]
    heading: str
    specified: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """`name`: in addresses and file names; `note`: what a reader has to know of it, below the
    title; it is what is read out, too."""

    name: str
    title: str
    note: str
    drawn: BandChart | CausesChart | PeriodsChart | PointsChart
