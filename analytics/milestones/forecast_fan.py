"""How a milestone's figure may go on: quantiles of the futures that its forecast draws. Pure.

The same futures as in `analytics.milestones.forecast`, so the fan and the probability cannot
disagree. A point is the figure of all days of the window up to that day; of a window that may lie
anywhere it is that of the window which ends on that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from analytics.kpi.evaluation import windowed
from analytics.milestones.case import Goal, case_of_verdict
from analytics.milestones.forecast import course_to_tell, drawn_futures, seed_of
from domain.grants import Project, Verdict
from domain.plant import Plant

POINTS_MAX = 12
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class FanPoint:
    """`figures`: at each of QUANTILES, in what the metric is told in."""

    day: date
    figures: tuple[float, ...]


def forecast_fan(
    project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame], verdict: Verdict
) -> tuple[FanPoint, ...]:
    """Of some of the days to come, the last among them; nothing where the verdict has no forecast.
    `facts`: those that the verdict was made of."""
    if verdict.forecast is None or verdict.op is None:
        return ()
    case = case_of_verdict(project, plant, facts, verdict)
    course = course_to_tell(case, Goal(verdict.target, verdict.op))
    if course is None or len(course.before) + len(course.later) < course.length:
        return ()
    futures = drawn_futures(course, seed_of(case))
    points = []
    for at in _some(len(course.later)):
        upto = len(course.before) + at + 1
        days = futures[:, max(upto - course.length, 0) : upto]
        found = np.ravel(course.value(windowed(course.past.sums, days, days.shape[1])))
        known = found[np.isfinite(found)]
        if len(known):
            figures = tuple(float(it) for it in np.quantile(known, QUANTILES))
            points.append(FanPoint(course.to_come[at], figures))
    return tuple(points)


def _some(count: int) -> list[int]:
    """At most POINTS_MAX numbers below `count`, evenly apart; the last is always among them."""
    step = -(-count // POINTS_MAX) or 1
    return sorted(range(count - 1, -1, -step))
