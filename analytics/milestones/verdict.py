"""The verdict on a milestone: facts and terms in, status with reasons out. Pure.

Each kind of terms has its own module (`kpi_terms`, `output_terms`, `operating_terms`,
`attested_terms`, `document_terms`); this one says which facts a verdict needs and asks the right
judge. A verdict depends on nothing but its arguments: `as_of` is the only clock, and only days of
the plant's zone that had ended by then count. So when an officer moves a due date, the new one
counts, whether or not the old one has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from analytics.milestones.attested_terms import judge_attested
from analytics.milestones.case import Case, Goal
from analytics.milestones.document_terms import judge_document, judge_other
from analytics.milestones.evidence import gather
from analytics.milestones.forecast import ON_TRACK_FROM, forecast, forecast_reason
from analytics.milestones.kpi_terms import judge as judge_kpi
from analytics.milestones.kpi_terms import needed_days as kpi_days
from analytics.milestones.operating_terms import (
    judge_operating,
    judge_producing_days,
    operating_days,
    producing_window,
)
from analytics.milestones.output_terms import (
    commissioned_days,
    judge_commissioned,
    judge_output,
    output_days,
)
from domain.attested_figures import AttestedFigure
from domain.errors import InputError
from domain.grants import (
    AttachedDocument,
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    Milestone,
    OperatingTerms,
    OutputTerms,
    ProducingDaysTerms,
    Project,
    Reason,
    Verdict,
    VerdictStatus,
    shifts_of,
)
from domain.plant import Plant
from domain.schemes.funding import rule_for
from domain.texts import N_
from domain.time import Window, midnight

ONLY_THESE_SHIFTS = N_("Only these shifts count: %(shifts)s.")
OVERDUE = "overdue"  # the due day has passed, and nothing has met the milestone


def facts_window(
    project: Project, milestone: Milestone, plant: Plant, as_of: datetime
) -> Window | None:
    """The time of which `verdict` needs each line's facts; None where it needs none (yet)."""
    needed = _needed_days(project, milestone)
    if not needed:
        return None
    whole = Window.of_days(
        min(days.start for days in needed), max(days.end for days in needed), plant.zone
    )
    if as_of <= whole.start:
        return None
    return Window(whole.start, min(whole.end, as_of))


def data_begin(project: Project, milestone: Milestone, plant: Plant) -> datetime | None:
    """From when on data count for the milestone's target (not for its baseline, where the window
    has a first day); None where no machine is asked."""
    terms = milestone.terms
    if isinstance(terms, KpiTerms) and not isinstance(terms.window, int):
        return midnight(terms.window.start, plant.zone)
    needed = _needed_days(project, milestone)
    return midnight(min(it.start for it in needed), plant.zone) if needed else None


def verdict(
    project: Project,
    milestone: Milestone,
    plant: Plant,
    facts: Mapping[str, pl.DataFrame],
    as_of: datetime,
    documents: Sequence[AttachedDocument] = (),
    attested: Sequence[AttestedFigure] = (),
) -> Verdict:
    """What the data say about the milestone at `as_of`.

    `facts`: FACTS of each line of the project over `facts_window` (rows in any order, more is
    no harm). Raises InputError where a line or a day of them is missing, and for terms that
    name an unknown metric.
    """
    if as_of.tzinfo is None:
        raise InputError("the time of the verdict has no offset", todo="Give as_of with its zone.")
    needed = _needed_days(project, milestone)
    if needed and facts_window(project, milestone, plant, as_of):
        evidence = gather(project.lines, plant, facts, as_of)
        for days in needed:
            evidence.require(days)
    else:
        evidence = gather((), plant, {}, as_of)
    evidence = evidence.of_shifts(shifts_of(milestone.terms))
    case = Case(project, milestone, as_of, evidence, documents, attested)
    found = _with_shifts(_with_forecast(case, _judged(case)))
    if case.due_passed and found.status != VerdictStatus.MET:
        return replace(found, flags=(*found.flags, OVERDUE))
    return found


def days_of_verdict(verdict: Verdict) -> list[DayRange]:
    """The days that its figures are of: its window, and the baseline of its terms."""
    terms = verdict.milestone.terms
    baseline = terms.baseline if isinstance(terms, KpiTerms) else None
    return [it for it in (verdict.window, baseline) if it is not None]


def _with_shifts(found: Verdict) -> Verdict:
    """Says which shifts count, where not all do."""
    names = shifts_of(found.milestone.terms)
    if not names:
        return found
    said = Reason(ONLY_THESE_SHIFTS, {"shifts": ", ".join(names)})
    return replace(found, reasons=(said, *found.reasons))


def _with_forecast(case: Case, found: Verdict) -> Verdict:
    """On track or at risk is what the forecast says, where there is one: from the probability on
    that the scheme names."""
    if found.status not in (VerdictStatus.ON_TRACK, VerdictStatus.AT_RISK) or found.op is None:
        return found
    expected = forecast(case, Goal(found.target, found.op))
    if expected is None:
        return found
    rule = rule_for(case.project.scheme, case.project.approved_on)
    least = float(rule.office.on_track_from.value) if rule else ON_TRACK_FROM
    is_on_track = expected.probability >= least
    return replace(
        found,
        status=VerdictStatus.ON_TRACK if is_on_track else VerdictStatus.AT_RISK,
        reasons=(*found.reasons, forecast_reason(expected, least)),
        forecast=expected,
    )


def _judged(case: Case) -> Verdict:
    terms = case.milestone.terms
    if isinstance(terms, KpiTerms):
        return judge_kpi(case, terms)
    if isinstance(terms, OutputTerms):
        return judge_output(case, terms)
    if isinstance(terms, CommissionedTerms):
        return judge_commissioned(case, terms)
    if isinstance(terms, OperatingTerms):
        return judge_operating(case, terms)
    if isinstance(terms, ProducingDaysTerms):
        return judge_producing_days(case, terms)
    if isinstance(terms, DocumentTerms):
        return judge_document(case, terms)
    if isinstance(terms, AttestedTerms):
        return judge_attested(case, terms)
    return judge_other(case, terms)


def _needed_days(project: Project, milestone: Milestone) -> list[DayRange]:
    """The ranges of days whose facts the terms look at."""
    terms = milestone.terms
    if isinstance(terms, KpiTerms):
        return kpi_days(project, milestone.due, terms)
    if isinstance(terms, OutputTerms):
        return [output_days(project, milestone.due, terms)]
    if isinstance(terms, CommissionedTerms):
        return [commissioned_days(project, milestone.due)]
    if isinstance(terms, OperatingTerms):
        return [operating_days(project, terms)]
    if isinstance(terms, ProducingDaysTerms):
        return [producing_window(project, milestone.due, terms)]
    return []
