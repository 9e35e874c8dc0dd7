"""Where the marks of a control chart stand: x in per cent of the width, y in pixels from the top.

Pure geometry; templates draw it. Two panels below each other: the subgroups' means (or single
values), and their spread. Points are joined within known time only. The latest subgroups are
drawn where there are more than fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np

from analytics.arrays import Floats
from analytics.spc.control_chart import Chart, Panel

POINTS_MAX = 120
LOCATION_HEIGHT = 150
DISPERSION_HEIGHT = 90
_ROUNDING = 1e-9
_SCALE_MARKS = 4
_TIMES_MARKED = 4  # so many times of day stand side by side on a phone
_MARGIN = 8  # pixels above and below, so that no mark is cut off


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    violated: bool
    subgroup: int  # its index in the chart's subgroups
    value: float


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of the centre line or of a limit; `kind` is center, lower or upper; of the
    specification lsl, usl or aim."""

    x1: float
    x2: float
    y: float
    kind: str


@dataclass(frozen=True)
class PanelDrawing:
    """`scale`: y and value of the marks of the vertical axis. `times`: x and subgroup of those of
    the horizontal one."""

    height: int
    scale: tuple[tuple[float, float], ...]
    times: tuple[tuple[float, int], ...]
    points: tuple[Point, ...]
    joins: tuple[tuple[Point, Point], ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class ControlDrawing:
    location: PanelDrawing
    dispersion: PanelDrawing
    left_out: int  # earlier subgroups that are not drawn


def control_drawing(
    chart: Chart, specified: Mapping[str, float] | None = None, points_max: int = POINTS_MAX
) -> ControlDrawing:
    """The chart's latest points with their limits. `specified`: lsl, usl and aim, where there are
    such; they stand in the panel of the location."""
    first = max(len(chart.plotted) - points_max, 0)
    return ControlDrawing(
        _panel(chart, chart.location, "location", first, LOCATION_HEIGHT, specified or {}),
        _panel(chart, chart.dispersion, "dispersion", first, DISPERSION_HEIGHT, {}),
        first,
    )


def _panel(
    chart: Chart,
    panel: Panel,
    name: str,
    first: int,
    height: int,
    specified: Mapping[str, float],
) -> PanelDrawing:
    shown = range(first, len(chart.plotted))
    levels = {"lower": panel.lower, "center": panel.center, "upper": panel.upper}
    seen = [array[first:] for array in (panel.values, *levels.values())]
    drawn = np.concatenate([array[~np.isnan(array)] for array in seen])
    drawn = np.concatenate([drawn, np.fromiter(specified.values(), np.float64)])
    low, high = (float(drawn.min()), float(drawn.max())) if len(drawn) else (0.0, 1.0)
    # Equal values and their mean may differ by rounding: that fills no panel.
    room = high - low if high - low > _ROUNDING * max(abs(low), abs(high)) else math.inf

    def x(place: float) -> float:
        return round(place / max(len(shown), 1) * 100, 3)

    def y(value: float) -> float:
        above = 0.5 if math.isinf(room) else (high - value) / room
        return round(_MARGIN + above * (height - 2 * _MARGIN), 2)

    violated = {found.point for found in chart.violations if found.panel == name}
    points = {
        at: Point(
            x(at - first + 0.5),
            y(float(panel.values[at])),
            at in violated,
            int(chart.plotted[at]),
            float(panel.values[at]),
        )
        for at in shown
        if not math.isnan(panel.values[at])
    }
    stretches = chart.groups.data.stretches[chart.groups.first[chart.plotted]]
    joins = [
        (points[left], points[right])
        for left, right in pairwise(points)
        if stretches[left] == stretches[right]
    ]
    runs = [
        Level(x(begin), x(end), y(value), kind)
        for kind, array in levels.items()
        for begin, end, value in _runs(array[first:])
    ]
    runs += [Level(0.0, 100.0, y(value), kind) for kind, value in specified.items()]
    return PanelDrawing(
        height,
        tuple((y(value), value) for value in _scale(low, high)),
        tuple((x(at - first + 0.5), int(chart.plotted[at])) for at in _spread(shown)),
        tuple(points.values()),
        tuple(joins),
        tuple(runs),
    )


def _scale(low: float, high: float) -> list[float]:
    """Round values between the two, both of which they lie within; one where they are the same."""
    if high - low <= _ROUNDING * max(abs(low), abs(high)):
        return [low]
    rough = (high - low) / _SCALE_MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(it * power for it in (1, 2, 5, 10) if it * power >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [it * step for it in range(first, last + 1)]


def _spread(shown: range) -> list[int]:
    """A few of them, evenly apart."""
    count = min(len(shown), _TIMES_MARKED)
    return [shown[(2 * it + 1) * len(shown) // (2 * count)] for it in range(count)]


def _runs(values: Floats) -> Iterator[tuple[int, int, float]]:
    """[begin, end) and value of each run of equal values."""
    for value, places in groupby(enumerate(values.tolist()), key=itemgetter(1)):
        run = [place for place, _ in places]
        yield run[0], run[-1] + 1, value
