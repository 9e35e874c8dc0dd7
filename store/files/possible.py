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
from domain.texts import N_
from domain.yaml_text import Lines, Path

_ONE_DAY = timedelta(days=1)


def check_possible(project: Project, lines: Lines) -> None:
    """Raises InputError with file, line, clause and field for the first milestone that nothing
    could meet, and for a project that was approved when it was over."""
    if project.approved_on > project.end:
        raise lines.error(
            ("approved_on",),
            N_("approved on %(approved)s, after the project ends on %(end)s"),
            N_("Correct one of the two days."),
            {"approved": str(project.approved_on), "end": str(project.end)},
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
            N_(
                "the baseline ends on %(end)s, and milestone %(milestone)s is due on %(due)s: no "
                "day is left for its window"
            ),
            N_("Give a baseline that is over before the due date."),
            {
                "end": str(baseline.end),
                "milestone": milestone.id,
                "due": str(milestone.due),
            },
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
            N_(
                "milestone %(milestone)s asks for %(count)s days, and from %(first)s to its due "
                "date, %(due)s, there are %(there)s"
            ),
            N_("Correct the number or the due date."),
            {
                "milestone": milestone.id,
                "count": count,
                "first": str(first),
                "due": str(milestone.due),
                "there": there,
            },
        )
