"""Grant files that could be read and ask for what can never be: refused when they are applied.

What was applied once stays readable, so these are not checked where the registry reads it again.
"""

from __future__ import annotations

from datetime import date, timedelta

from domain.grants import (
    CommissionedTerms,
    FirstProductionDays,
    KpiTerms,
    Milestone,
    OutputTerms,
    ProducingDaysTerms,
    Project,
)
from domain.yaml_text import Lines, Path

_ONE_DAY = timedelta(days=1)


def check_possible(project: Project, lines: Lines) -> None:
    """Raises InputError with file, line, clause and field for the first milestone that nothing
    could meet, and for a project that was approved when it was over."""
    if project.approved_on > project.end:
        raise lines.error(
            ("approved_on",),
            f"approved on {project.approved_on}, after the project ends on {project.end}",
            "Correct one of the two days.",
        )
    for index, milestone in enumerate(project.milestones):
        path: Path = ("milestones", index, "terms")
        _check_baseline(milestone, path, lines)
        _check_length(project, milestone, path, lines)


def _check_baseline(milestone: Milestone, path: Path, lines: Lines) -> None:
    terms = milestone.terms
    baseline = terms.baseline if isinstance(terms, KpiTerms) else None
    if baseline is not None and baseline.end >= milestone.due:
        raise lines.error(
            (*path, "baseline", "end"),
            f"the baseline ends on {baseline.end}, and milestone {milestone.id} is due on "
            f"{milestone.due}: no day is left for its window",
            "Give a baseline that is over before the due date.",
        )


def _check_length(project: Project, milestone: Milestone, path: Path, lines: Lines) -> None:
    terms, first = milestone.terms, project.start
    if isinstance(terms, CommissionedTerms):
        _check_fits(milestone, terms.within_days, first, (*path, "within_days"), lines)
        return
    if not isinstance(terms, KpiTerms | OutputTerms | ProducingDaysTerms):
        return
    window = terms.period if isinstance(terms, OutputTerms) else terms.window
    if isinstance(terms, ProducingDaysTerms):
        first = project.end + _ONE_DAY
    if isinstance(terms, KpiTerms) and terms.baseline is not None:
        first = max(first, terms.baseline.end + _ONE_DAY)
    field = (*path, "window", "production_days")
    if isinstance(window, FirstProductionDays):
        _check_fits(milestone, window.count, window.start, field, lines)
    elif isinstance(window, int):
        _check_fits(milestone, window, first, field, lines)


def _check_fits(milestone: Milestone, count: int, first: date, path: Path, lines: Lines) -> None:
    there = (milestone.due - first).days + 1
    if count > there:
        raise lines.error(
            path,
            f"milestone {milestone.id} asks for {count} days, and from {first} to its due date, "
            f"{milestone.due}, there are {there}",
            "Correct the number or the due date.",
        )
