"""The verdict on a milestone: facts and terms in, status with reasons out. Pure.

Each kind of terms has its own module (`terms_kpi`, `terms_output`, `terms_document`); this one
says which facts a verdict needs, asks the right judge and writes verdicts as JSON. A verdict
depends on nothing but its arguments: `as_of` is the only clock, and only days of the plant's
zone that had ended by then count. So a due date that an officer moves is a new due date, no
matter whether the old one has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.methods import registry
from analytics.milestones.case import Case
from analytics.milestones.document_terms import judge_document, judge_other
from analytics.milestones.evidence import gather
from analytics.milestones.funding import funding
from analytics.milestones.kpi_terms import judge as judge_kpi
from analytics.milestones.kpi_terms import needed_days as kpi_days
from analytics.milestones.output_terms import commissioned_days, judge_commissioned, judge_output
from domain.errors import InputError
from domain.grants import (
    AttachedDocument,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    Milestone,
    OutputTerms,
    Project,
    Reason,
    Verdict,
)
from domain.plant import Plant
from domain.time import Window


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


def verdict(
    project: Project,
    milestone: Milestone,
    plant: Plant,
    facts: Mapping[str, pl.DataFrame],
    as_of: datetime,
    documents: Sequence[AttachedDocument] = (),
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
    case = Case(project, milestone, as_of, evidence, documents)
    terms = milestone.terms
    if isinstance(terms, KpiTerms):
        return judge_kpi(case, terms)
    if isinstance(terms, OutputTerms):
        return judge_output(case, terms)
    if isinstance(terms, CommissionedTerms):
        return judge_commissioned(case, terms)
    if isinstance(terms, DocumentTerms):
        return judge_document(case, terms)
    return judge_other(case, terms)


def verdict_json(
    given: Verdict, zone: ZoneInfo, say: Callable[[Reason], str] = str
) -> dict[str, Any]:
    """One milestone of the document; `say` puts a reason into the reader's language."""
    milestone = given.milestone
    return {
        "id": milestone.id,
        "clause": milestone.clause,
        "title": milestone.title,
        "kind": milestone.terms.kind,
        "due": milestone.due.isoformat(),
        "as_of": given.as_of.astimezone(zone).isoformat(),
        "status": given.status.value,
        "decision": None,
        "method": getattr(milestone.terms, "method", registry.DEFAULT),
        "value": given.value,
        "low": given.low,
        "high": given.high,
        "target": given.target,
        "op": given.op,
        "coverage": given.coverage,
        "baseline_value": given.baseline_value,
        "window": _range_json(given.window),
        "met_on": given.met_on.isoformat() if given.met_on else None,
        "reasons": [say(reason) for reason in given.reasons],
        "flags": list(given.flags),
        "evidence": {
            "terms_digest": milestone.terms_digest,
            "facts_digest": given.facts_digest,
            "checkpoint": None,
        },
    }


def project_json(
    project: Project,
    verdicts: Sequence[Verdict],
    as_of: datetime,
    zone: ZoneInfo,
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The document of `lineproof milestones --json` and `GET projects/{ref}/milestones`."""
    paid = funding(project)
    return {
        "project": project.reference,
        "as_of": as_of.astimezone(zone).isoformat(),
        "grant": {
            "scheme": paid.scheme,
            "approved_cost_hkd": paid.approved_cost_hkd,
            "ceiling_hkd": paid.ceiling_hkd,
            "grant_hkd": paid.grant_hkd,
            "company_hkd": paid.company_hkd,
            "rule": paid.rule,
        },
        "milestones": [verdict_json(each, zone, say) for each in verdicts],
    }


def _needed_days(project: Project, milestone: Milestone) -> list[DayRange]:
    """The ranges of days whose facts the terms look at."""
    terms = milestone.terms
    if isinstance(terms, KpiTerms):
        return kpi_days(project, milestone.due, terms)
    if isinstance(terms, OutputTerms):
        return [terms.period]
    if isinstance(terms, CommissionedTerms):
        return [commissioned_days(project, milestone.due)]
    return []


def _range_json(days: DayRange | None) -> dict[str, str] | None:
    if days is None:
        return None
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}
