"""Terms of kind `kpi`: a metric over a window (`analytics.milestones.window_search`).

- A target below or above a baseline exists only when the baseline has ended and has enough
  coverage; it is computed from the baseline's value over known time.

- What exceeds the ideal cycle time in any slice does not count towards the target: the worse bound
  takes at most what the cycle allows (`analytics.milestones.ideal_speed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from analytics.kpi.evaluation import KpiValue
from analytics.milestones.case import Case, Goal
from analytics.milestones.evidence import ONE_DAY
from analytics.milestones.ideal_speed import IDEAL_CYCLE_BEATEN
from analytics.milestones.product_mix import with_product_mix
from analytics.milestones.sentences import (
    beaten_reason,
    coverage_reason,
    metric_text,
    percent,
    target_reason,
    undefined_products_reason,
    unheard_reason,
    value_reason,
)
from analytics.milestones.window_search import NOTHING, Question, days_of_window, judge_window
from domain.errors import InputError
from domain.grants import DayRange, KpiTerms, Project, Reason, Verdict, VerdictStatus

_BELOW_BASELINE = Reason(
    "The target of %(target)s is %(change)s below the %(baseline)s of the baseline from "
    "%(start)s to %(end)s."
)
_ABOVE_BASELINE = Reason(
    "The target of %(target)s is %(change)s above the %(baseline)s of the baseline from "
    "%(start)s to %(end)s."
)
# Sentences that say where a target comes from.
TARGET_OF_BASELINE = (_BELOW_BASELINE.message, _ABOVE_BASELINE.message)


def needed_days(project: Project, due: date, terms: KpiTerms) -> list[DayRange]:
    """The days whose facts the verdict stands on."""
    return [*_baseline(terms), days_of_window(terms.window, search_days(project, due, terms))]


def judge(case: Case, terms: KpiTerms) -> Verdict:
    """The verdict. Raises InputError for an unknown metric or terms without a target."""
    if terms.target is not None:
        question = _question(case, terms, Goal(terms.target, terms.op))
    else:
        found = _from_baseline(case, terms)
        if isinstance(found, Verdict):
            return found
        question = found
    searched = search_days(case.project, case.milestone.due, terms)
    judged = judge_window(question, terms.window, searched)
    return with_product_mix(case, judged, *question.beside)


def _question(
    case: Case, terms: KpiTerms, goal: Goal, preface: tuple[Reason, ...] = ()
) -> _Question:
    return _Question(case, goal, preface, tuple(_baseline(terms)), terms.min_coverage, terms=terms)


@dataclass(frozen=True, kw_only=True)
class _Question(Question):
    """A metric over days; `preface` says where a target from a baseline comes from."""

    terms: KpiTerms

    def kpi_value(self, days: DayRange) -> KpiValue:
        """With a low bound that counts nothing beyond the ideal cycle time."""
        return self.case.evidence.kpi_value_that_counts(self.terms.metric, days, self.terms.method)

    def flags(self, days: DayRange) -> list[str]:
        return [IDEAL_CYCLE_BEATEN] if self._beaten_reason(days) else []

    def sentences(self, status: VerdictStatus, kpi: KpiValue, days: DayRange) -> list[Reason]:
        evidence = self.case.evidence
        return [
            *_sentences(self, status, kpi, days),
            *unheard_reason(evidence.unheard_in_plan_s(days)),
            *self._beaten_reason(days),
            *undefined_products_reason(evidence.undefined_products(days)),
        ]

    def _beaten_reason(self, days: DayRange) -> list[Reason]:
        """Says by how much the ideal cycle time was beaten, where that took from the low bound."""
        measured, counting = self._as_measured(days).low, self._counting(days).low
        if measured is None or counting is None or counting >= measured:
            return []
        beaten = self.case.evidence.beaten_cycle(days)
        if beaten is None:
            return []
        return [beaten_reason(self.terms.metric, beaten, measured, counting)]

    def _as_measured(self, days: DayRange) -> KpiValue:
        return self.case.evidence.kpi_value(self.terms.metric, days, self.terms.method)

    def _counting(self, days: DayRange) -> KpiValue:
        """What counts towards the target."""
        return self.case.evidence.kpi_value_within_ideal_speed(
            self.terms.metric, days, self.terms.method
        )


def _sentences(
    question: _Question, status: VerdictStatus, kpi: KpiValue, days: DayRange
) -> list[Reason]:
    """Sentences: what the value is, how it stands to the target, and what its coverage lacks."""
    terms, goal = question.terms, question.goal
    found = [value_reason(terms.metric, kpi, days, goal)]
    stands = status
    if status in (VerdictStatus.ON_TRACK, VerdictStatus.AT_RISK):
        reached = goal.reached_by(kpi.value)
        stands = VerdictStatus.ON_TRACK if reached else VerdictStatus.AT_RISK
    elif status == VerdictStatus.NOT_PROVABLE and goal.proved_by(kpi):
        stands = VerdictStatus.MET  # only the coverage is lacking
    if kpi.value is not None:
        found.append(target_reason(terms.metric, goal, stands))
    if not question.is_covered(kpi):
        found.append(coverage_reason(kpi.coverage, terms.min_coverage))
    return found


def _from_baseline(case: Case, terms: KpiTerms) -> _Question | Verdict:
    """The question with its target; or the verdict, where the baseline does not give one."""
    baseline = terms.baseline
    if terms.change is None or baseline is None:
        raise InputError(
            "the terms have neither a target nor a change against a baseline",
            where=f"milestone {case.milestone.id}",
            todo="Give `target`, or `change` and `baseline`.",
        )
    window = terms.window if isinstance(terms.window, DayRange) else None
    span = {"start": baseline.start.isoformat(), "end": baseline.end.isoformat()}
    if case.evidence.today <= baseline.end:
        reason = Reason("The target follows from the baseline, which ends on %(end)s.", {**span})
        return case.pending(Goal(None, terms.op), reason, window=window)
    kpi = case.evidence.kpi_value(terms.metric, baseline, terms.method)
    question = _question(case, terms, Goal(None, terms.op, kpi.value))
    if kpi.value is None or not question.is_covered(kpi):
        reasons = [
            Reason("The baseline from %(start)s to %(end)s gives no target.", {**span}),
            value_reason(terms.metric, kpi, baseline, question.goal),
        ]
        if not question.is_covered(kpi):
            reasons.append(coverage_reason(kpi.coverage, terms.min_coverage))
        return case.verdict(
            VerdictStatus.NOT_PROVABLE,
            reasons,
            kpi=NOTHING,
            goal=question.goal,
            window=window,
            examined=[baseline],
        )
    goal = Goal(kpi.value * (1 + terms.change), terms.op, kpi.value)
    values: dict[str, str | float] = {
        "target": metric_text(terms.metric, goal.target),
        "change": percent(abs(terms.change)),
        "baseline": metric_text(terms.metric, kpi.value),
        **span,
    }
    preface = replace(_BELOW_BASELINE if terms.change < 0 else _ABOVE_BASELINE, values=values)
    return _question(case, terms, goal, (preface,))


def _baseline(terms: KpiTerms) -> list[DayRange]:
    return [terms.baseline] if terms.target is None and terms.baseline else []


def search_days(project: Project, due: date, terms: KpiTerms) -> DayRange:
    """Where windows of N production days may lie: never in the baseline or before it."""
    return DayRange(max([project.start, *(b.end + ONE_DAY for b in _baseline(terms))]), due)
