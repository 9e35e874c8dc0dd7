"""How a milestone's figure went, day by day: what a chart beside its verdict shows. Pure.

Each kind of terms has the figures that it is judged by:

    kpi                    the metric of each day of the window
    output, commissioned   the good units from the first day of the window up to each day
    operating              the days with production of each month

They are made by the functions that made the verdict, of the same facts, so a verdict and its chart
cannot differ: the last of the good units up to a day is the verdict's value with its bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from analytics.milestones.case import Case, case_of_verdict
from analytics.milestones.day_outputs import day_outputs
from analytics.milestones.evidence import ONE_DAY
from analytics.milestones.operating_terms import operating_days, operating_months
from analytics.milestones.output_terms import units_made
from domain.grants import (
    CommissionedTerms,
    DayRange,
    KpiTerms,
    OperatingTerms,
    OutputTerms,
    Project,
    Verdict,
)
from domain.plant import Plant

_WITH_FIGURES = KpiTerms | OutputTerms | CommissionedTerms | OperatingTerms
UP_TO_DAYS_MAX = 120  # so many days of a long period have a figure of all up to them


class FigureKind(StrEnum):
    EACH_DAY = "each_day"
    UP_TO_DAY = "up_to_day"
    EACH_MONTH = "each_month"


@dataclass(frozen=True, slots=True)
class DayFigure:
    """The figure of some days, with its bounds; None as in a verdict."""

    days: DayRange
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """`goal`: what each of them, or the last, is held against; None where there is no target."""

    kind: FigureKind
    figures: tuple[DayFigure, ...]
    goal: float | None


def day_figures(
    project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame], verdict: Verdict
) -> DayFigures | None:
    """The figures behind the verdict, of the facts that it was made of; None where its terms look
    at no machine, or where no day of its window has ended."""
    terms = verdict.milestone.terms
    if verdict.window is None or verdict.facts_digest is None:
        return None
    if not isinstance(terms, _WITH_FIGURES):
        return None
    case = case_of_verdict(project, plant, facts, verdict)
    days = case.ended(verdict.window)
    if days is None:
        return None
    if isinstance(terms, OperatingTerms):
        return _of_months(case, terms)
    if isinstance(terms, KpiTerms):
        return DayFigures(FigureKind.EACH_DAY, _of_each_day(case, terms, days), verdict.target)
    return DayFigures(FigureKind.UP_TO_DAY, _up_to_each_day(case, days), verdict.target)


def _of_each_day(case: Case, terms: KpiTerms, days: DayRange) -> tuple[DayFigure, ...]:
    """Days without planned time have no figure."""
    found = []
    for day in case.evidence.production_days(days):
        one = DayRange(day, day)
        kpi = case.evidence.kpi_value_that_counts(terms.metric, one, terms.method)
        found.append(DayFigure(one, kpi.value, kpi.low, kpi.high))
    return tuple(found)


def _up_to_each_day(case: Case, days: DayRange) -> tuple[DayFigure, ...]:
    outputs = day_outputs(case.evidence, days)
    step = -(-len(outputs) // UP_TO_DAYS_MAX) or 1
    found = []
    for count in range(len(outputs), 0, -step):  # the last day is always among them
        units = units_made(case, outputs[:count])
        span = DayRange(days.start, outputs[count - 1].day)
        found.append(DayFigure(span, units.value, units.low, units.high))
    return tuple(reversed(found))


def _of_months(case: Case, terms: OperatingTerms) -> DayFigures:
    """Of the months that have begun."""
    months = operating_months(case, operating_days(case.project, terms), terms.months)
    figures = [
        DayFigure(
            DayRange(it.days.start, min(it.days.end, case.evidence.today - ONE_DAY)),
            it.certain,
            it.certain,
            it.possible,
        )
        for it in months
        if it.days.start < case.evidence.today
    ]
    return DayFigures(FigureKind.EACH_MONTH, tuple(figures), terms.production_days_per_month)
