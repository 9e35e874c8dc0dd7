"""What would change a verdict: how much of the unknown time would have to become known, or what
the days to come would have to give. Sentences for officials. Pure.

    planned 210 h, known 165 h, OEE 67.91 % over them; low 59.6 %, high 78.16 %, target 70 %
    recorded asked for: 95 %           199.5 h, so 34.5 h more
    good output for the target         70 % of 210 h = 147 h; the known time gave 112.05 h of them
    what the 45 h must have given      34.95 h, an OEE of 77.67 %; certain is one of 29.13 %

The last two follow from sums where a figure's denominator is the planned time itself (OEE and
availability), and all doubt is of the time of which the state is not known. Where that is not so,
the sentence tells between what the target lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from analytics.kpi.evaluation import KpiValue
from analytics.kpi.words import metric_name
from analytics.milestones.case import Case, Goal, case_of_verdict
from analytics.milestones.known_time import examined_days
from analytics.milestones.sentences import metric_text, percent, units_text
from domain.grants import (
    CommissionedTerms,
    DayRange,
    KpiTerms,
    OperatingTerms,
    OutputTerms,
    ProducingDaysTerms,
    Project,
    Reason,
    Verdict,
    VerdictStatus,
)
from domain.plant import Plant

_OF_PLANNED_TIME = frozenset({"oee", "availability"})  # planned busy time is their denominator
_ON_THE_WAY = (VerdictStatus.ON_TRACK, VerdictStatus.AT_RISK)
_HOUR_S = 3600


def what_would_change(
    project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame], verdict: Verdict
) -> tuple[Reason, ...]:
    """Of the facts that the verdict was made of; none where its terms look at no machine."""
    if verdict.facts_digest is None or verdict.op is None:
        return ()
    case = case_of_verdict(project, plant, facts, verdict)
    if verdict.status is VerdictStatus.MET:
        return (
            Reason(
                "It is met even with all unknown time at its worst: only a correction, or data "
                "that come in later, could change that."
            ),
        )
    if verdict.status is VerdictStatus.NOT_MET:
        return (
            Reason(
                "It is missed even with all unknown time at its best: only a correction, data "
                "that come in later, or a later due day could change that."
            ),
        )
    if verdict.status is VerdictStatus.NOT_PROVABLE:
        return tuple(_of_unknown(case, verdict))
    return tuple(_of_days_to_come(case, verdict)) if verdict.status in _ON_THE_WAY else ()


def _of_unknown(case: Case, verdict: Verdict) -> Iterable[Reason]:
    terms, days = verdict.milestone.terms, examined_days(case, verdict)
    if days is None or verdict.op is None:
        return
    if isinstance(terms, KpiTerms):
        yield from _hours_for_coverage(case, terms, days)
        if verdict.target is not None and verdict.value is not None:
            yield from _what_unknown_must_give(case, terms, verdict, days)
        return
    if verdict.target is None or verdict.low is None:
        return
    needed = verdict.target - verdict.low
    most = None if verdict.high is None else verdict.high - verdict.low
    if isinstance(terms, OutputTerms | CommissionedTerms):
        yield _units_to_show(needed, most)
    elif isinstance(terms, ProducingDaysTerms):
        yield Reason(
            "%(needed)s more of the %(possible)s days of which a part is unknown would have to be "
            "shown to be days with production.",
            {"needed": units_text(needed), "possible": units_text(most)},
        )
    elif isinstance(terms, OperatingTerms):
        yield Reason(
            "%(needed)s more months would have to be shown to have enough days with production; "
            "of %(possible)s that depends on unknown time.",
            {"needed": units_text(needed), "possible": units_text(most)},
        )


def _hours_for_coverage(case: Case, terms: KpiTerms, days: DayRange) -> Iterable[Reason]:
    planned_s, unknown_s = _planned_and_unknown_s(case, terms, days)
    lacking_s = terms.min_coverage * planned_s - (planned_s - unknown_s)
    if lacking_s > 1:
        yield Reason(
            "At least %(needed)s of the %(unknown)s unknown hours would have to become known, so "
            "that %(min_coverage)s of the planned time is recorded.",
            {
                "needed": _hours(lacking_s),
                "unknown": _hours(unknown_s),
                "min_coverage": percent(terms.min_coverage),
            },
        )


def _what_unknown_must_give(
    case: Case, terms: KpiTerms, verdict: Verdict, days: DayRange
) -> Iterable[Reason]:
    goal, low, high = Goal(verdict.target, verdict.op or ">="), verdict.low, verdict.high
    if goal.proved_by(KpiValue(verdict.value, low, high, None)):
        return  # only the coverage is lacking
    if low is None or high is None or goal.target is None:
        return
    planned_s, unknown_s = _planned_and_unknown_s(case, terms, days)
    in_hours = terms.metric in _OF_PLANNED_TIME and goal.op == ">=" and unknown_s > 0
    if in_hours and _doubt_is_time_alone(case, days):
        had_s = verdict.value * (planned_s - unknown_s) if verdict.value else 0.0

        def in_unknown(share: float) -> str:
            return metric_text(terms.metric, (share * planned_s - had_s) / unknown_s)

        yield Reason(
            "It would be met if %(metric)s was at least %(needed)s in the %(unknown)s unknown "
            "hours; what is certain of them is %(certain)s, what is possible %(best)s.",
            {
                "unknown": _hours(unknown_s),
                "metric": metric_name(terms.metric),
                "needed": in_unknown(goal.target),
                "certain": in_unknown(low),
                "best": in_unknown(high),
            },
        )
    else:
        yield Reason(
            "The target of %(target)s lies between what is certain, %(low)s, and what is possible, "
            "%(high)s: whatever becomes known brings the two closer.",
            {
                "target": metric_text(terms.metric, goal.target),
                "low": metric_text(terms.metric, low if goal.op == ">=" else high, goal.target),
                "high": metric_text(terms.metric, high if goal.op == ">=" else low, goal.target),
            },
        )
    yield _like_the_recorded(goal, verdict, terms)


def _like_the_recorded(goal: Goal, verdict: Verdict, terms: KpiTerms) -> Reason:
    values: dict[str, str | float] = {
        "value": metric_text(terms.metric, verdict.value, goal.target),
        "target": metric_text(terms.metric, goal.target),
    }
    if goal.reached_by(verdict.value):
        return Reason(
            "If the unknown time was like the recorded time, it is %(value)s, which is on the "
            "right side of the target of %(target)s.",
            values,
        )
    return Reason(
        "If the unknown time was like the recorded time, it is %(value)s, which is on the wrong "
        "side of the target of %(target)s.",
        values,
    )


def _units_to_show(needed: float, most: float | None) -> Reason:
    if needed <= 0:  # the number is certain, and something else is lacking
        return Reason("What is certain already reaches the number.")
    if most is None:
        return Reason(
            "%(needed)s more good units would have to be shown for certain; nothing bounds how "
            "many the unknown time holds.",
            {"needed": units_text(needed)},
        )
    return Reason(
        "%(needed)s more good units would have to be shown for certain; the unknown time can hold "
        "%(possible)s at the most.",
        {"needed": units_text(needed), "possible": units_text(most)},
    )


def _of_days_to_come(case: Case, verdict: Verdict) -> Iterable[Reason]:
    terms, expected = verdict.milestone.terms, verdict.forecast
    if isinstance(terms, KpiTerms) and expected and expected.needed_a_day is not None:
        yield Reason(
            "The %(left)s production days to come must give %(needed)s on average; the days so far "
            "gave %(so_far)s.",
            {
                "left": expected.days_left,
                "needed": metric_text(terms.metric, expected.needed_a_day),
                "so_far": metric_text(terms.metric, verdict.value, expected.needed_a_day),
            },
        )
    elif isinstance(terms, KpiTerms) and isinstance(terms.window, int):
        yield _any_days_in_a_row(terms.window, case)
    elif isinstance(terms, OutputTerms) and isinstance(terms.period, int):
        yield _any_days_in_a_row(terms.period, case)
    elif isinstance(terms, OutputTerms) and isinstance(terms.period, DayRange):
        yield from _units_a_day(case, verdict, terms.period)


def _any_days_in_a_row(count: int, case: Case) -> Reason:
    due = case.milestone.due
    return Reason(
        "Any %(count)s production days in a row can reach it until %(due)s; %(left)s production "
        "days are still planned until then.",
        {"count": count, "due": due.isoformat(), "left": case.days_left(due)},
    )


def _units_a_day(case: Case, verdict: Verdict, period: DayRange) -> Iterable[Reason]:
    left, ended = case.days_left(period.end), case.ended(period)
    if verdict.value is None or verdict.target is None or not left or ended is None:
        return
    days = max(len(case.evidence.production_days(ended)), 1)
    yield Reason(
        "The %(left)s production days to come must give %(needed)s good units each on average; the "
        "%(days)s so far gave %(so_far)s.",
        {
            "left": left,
            "needed": units_text(round(max(verdict.target - verdict.value, 0.0) / left)),
            "days": days,
            "so_far": units_text(round(verdict.value / days)),
        },
    )


def _doubt_is_time_alone(case: Case, days: DayRange) -> bool:
    """Whether the bounds differ by time of which the state is not known, and by nothing else."""
    return case.evidence.is_within_ideal_speed and not case.evidence.unheard_in_plan_s(days)


def _planned_and_unknown_s(case: Case, terms: KpiTerms, days: DayRange) -> tuple[float, float]:
    sums = case.evidence.sums(days, terms.method)
    return float(sums.planned_busy_time_s.item()), float(sums.unknown_time_s.item())


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR_S:,.1f}".removesuffix(".0")
