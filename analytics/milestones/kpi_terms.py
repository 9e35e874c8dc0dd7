"""Terms of kind `kpi`: a metric over a range of days, or over N production days in a row.

- A range is judged when it has ended. While it runs, the value so far decides between on track and
  at risk.
- N production days in a row may lie anywhere from the project's start (or the day after the
  baseline) to the due date. The earliest such window that proves the target makes the
  milestone met, for good. Until then the last N production days decide: on track when they reach
  the target with enough coverage, and the days still planned until the due date are enough to
  complete a window; at risk otherwise.
- A target below or above a baseline exists only when the baseline has ended and has enough
  coverage; it is computed from the baseline's value over known time.

- What exceeds the ideal cycle time in any slice does not count towards the target: the worse bound
  takes at most what the cycle allows (`analytics.milestones.ideal_speed`).

Met: even the worse bound reaches the target, with the coverage that the terms ask for. Not met:
even the better bound misses it (in every window). Everything else is not provable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from analytics.kpi.evaluation import KpiValue
from analytics.milestones.case import Case, Goal, covered
from analytics.milestones.evidence import ONE_DAY
from analytics.milestones.ideal_speed import IDEAL_CYCLE_BEATEN
from analytics.milestones.sentences import (
    beaten_reason,
    coverage_reason,
    metric_text,
    no_day_yet,
    not_begun,
    percent,
    target_reason,
    undefined_products_reason,
    unheard_reason,
    value_reason,
)
from domain.errors import InputError
from domain.grants import DayRange, KpiTerms, Project, Reason, Verdict, VerdictStatus

NOTHING = KpiValue(None, None, None, None)
_BELOW_BASELINE = Reason(
    "The target of %(target)s is %(change)s below the %(baseline)s of the baseline from "
    "%(start)s to %(end)s."
)
_ABOVE_BASELINE = Reason(
    "The target of %(target)s is %(change)s above the %(baseline)s of the baseline from "
    "%(start)s to %(end)s."
)


def needed_days(project: Project, due: date, terms: KpiTerms) -> list[DayRange]:
    """The days whose facts the verdict stands on."""
    baseline = _baseline(terms)
    if isinstance(terms.window, DayRange):
        return [*baseline, terms.window]
    return [*baseline, search_days(project, due, terms)]


def judge(case: Case, terms: KpiTerms) -> Verdict:
    """The verdict. Raises InputError for an unknown metric or terms without a target."""
    if terms.target is not None:
        question = _Question(case, terms, Goal(terms.target, terms.op))
    else:
        found = _from_baseline(case, terms)
        if isinstance(found, Verdict):
            return found
        question = found
    if isinstance(terms.window, DayRange):
        return _over_range(question, terms.window)
    return _over_any_window(question, terms.window)


@dataclass(frozen=True)
class _Question:
    """A case with its goal; `preface` says where a target from a baseline comes from."""

    case: Case
    terms: KpiTerms
    goal: Goal
    preface: tuple[Reason, ...] = ()

    def kpi_value(self, days: DayRange) -> KpiValue:
        """With a low bound that counts nothing beyond the ideal cycle time."""
        return self.case.evidence.kpi_value_that_counts(self.terms.metric, days, self.terms.method)

    def beaten_reason(self, days: DayRange) -> list[Reason]:
        """Says by how much the ideal cycle time was beaten, where that took from the low bound."""
        measured, counting = self._as_measured(days).low, self._counting(days).low
        beaten = self.case.evidence.beaten_cycle(days)
        if measured is None or counting is None or beaten is None or counting >= measured:
            return []
        return [beaten_reason(self.terms.metric, beaten, measured, counting)]

    def _as_measured(self, days: DayRange) -> KpiValue:
        return self.case.evidence.kpi_value(self.terms.metric, days, self.terms.method)

    def _counting(self, days: DayRange) -> KpiValue:
        """What counts towards the target."""
        return self.case.evidence.kpi_value_within_ideal_speed(
            self.terms.metric, days, self.terms.method
        )

    def is_covered(self, kpi: KpiValue) -> bool:
        return covered(kpi.coverage, self.terms.min_coverage)

    def proved_by(self, kpi: KpiValue) -> bool:
        return self.goal.proved_by(kpi) and self.is_covered(kpi)

    def on_the_way(self, kpi: KpiValue) -> VerdictStatus:
        good = self.goal.reached_by(kpi.value) and self.is_covered(kpi)
        return VerdictStatus.ON_TRACK if good else VerdictStatus.AT_RISK

    def answer(
        self,
        status: VerdictStatus,
        kpi: KpiValue,
        days: DayRange,
        *more: Reason,
        examined: DayRange | None = None,
    ) -> Verdict:
        """A verdict on the KPI value of `days`, drawn from the days `examined`."""
        beaten = self.beaten_reason(days)
        undefined = undefined_products_reason(self.case.evidence.undefined_products(days))
        unheard = unheard_reason(self.case.evidence.unheard_in_plan_s(days))
        return self.case.verdict(
            status,
            [
                *self.preface,
                *_sentences(self, status, kpi, days),
                *unheard,
                *beaten,
                *undefined,
                *more,
            ],
            kpi=kpi,
            goal=self.goal,
            window=days,
            examined=[examined or days, *_baseline(self.terms)],
            met_on=days.end if status == VerdictStatus.MET else None,
            flags=[IDEAL_CYCLE_BEATEN] if beaten else [],
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


def _over_range(question: _Question, window: DayRange) -> Verdict:
    case = question.case
    days = case.ended(window)
    over = case.evidence.today > window.end
    if days is None or not (over or case.evidence.production_days(days)):
        begun = case.evidence.today >= window.start
        reason = no_day_yet() if begun else not_begun(window.start)
        return case.pending(question.goal, *question.preface, reason, window=window)
    kpi = question.kpi_value(days)
    if not over:
        status = question.on_the_way(kpi)
    elif question.goal.refuted_by(kpi):
        status = VerdictStatus.NOT_MET
    elif question.proved_by(kpi):
        status = VerdictStatus.MET
    else:
        status = VerdictStatus.NOT_PROVABLE
    return question.answer(status, kpi, days)


def _over_any_window(question: _Question, length: int) -> Verdict:
    case = question.case
    search = search_days(case.project, case.milestone.due, question.terms)
    ended = case.ended(search)
    days = case.evidence.production_days(ended) if ended else []
    if not days and not case.due_passed:
        begun = case.evidence.today >= search.start
        reason = no_day_yet() if begun else not_begun(search.start)
        return case.pending(question.goal, *question.preface, reason)
    windows: list[tuple[DayRange, KpiValue]] = []
    for first, last in zip(days, days[length - 1 :], strict=False):
        span = DayRange(first, last)
        kpi = question.kpi_value(span)
        if question.proved_by(kpi):
            return question.answer(VerdictStatus.MET, kpi, span)
        windows.append((span, kpi))
    if not case.due_passed:
        return _under_way(question, length, days, search)
    if windows:
        return _missed(question, length, windows, search)
    return _never_possible(question, length, len(days), search)


def _under_way(question: _Question, length: int, days: list[date], search: DayRange) -> Verdict:
    """No window has proved the target yet, and the due date has not passed."""
    trailing = DayRange(days[-length:][0], days[-1])
    kpi = question.kpi_value(trailing)
    status = question.on_the_way(kpi)
    left = question.case.days_left(search.end)
    usable = len(days[-length:]) if status == VerdictStatus.ON_TRACK else 0
    # A full window that is good but not proved has to roll on by one day at least.
    missing = max(length - usable, 1)
    more = []
    if left < missing:
        status = VerdictStatus.AT_RISK
        more.append(
            Reason(
                "%(missing)s more production days are needed and only %(left)s are planned "
                "until the due date, %(due)s.",
                {"missing": missing, "left": left, "due": search.end.isoformat()},
            )
        )
    examined = DayRange(search.start, question.case.evidence.yesterday)
    return question.answer(status, kpi, trailing, *more, examined=examined)


def _missed(
    question: _Question, length: int, windows: list[tuple[DayRange, KpiValue]], search: DayRange
) -> Verdict:
    """The due date has passed and no window proves the target: the best one is shown."""
    undecided = [each for each in windows if not question.goal.refuted_by(each[1])]
    status = VerdictStatus.NOT_PROVABLE if undecided else VerdictStatus.NOT_MET
    sign = 1.0 if question.goal.op == ">=" else -1.0

    def rank(window: tuple[DayRange, KpiValue]) -> float:
        value = window[1].value
        return float("-inf") if value is None else sign * value

    span, kpi = max(undecided or windows, key=rank)  # the earliest of equals
    searched = Reason(
        "This is the best of the %(windows)s windows of %(length)s production days in a row "
        "from %(start)s to the due date, %(due)s; none proves the target.",
        {
            "windows": len(windows),
            "length": length,
            "start": search.start.isoformat(),
            "due": search.end.isoformat(),
        },
    )
    return question.answer(status, kpi, span, searched, examined=search)


def _never_possible(question: _Question, length: int, days: int, search: DayRange) -> Verdict:
    """The calendar planned fewer production days than the window has: certainly not met."""
    reason = Reason(
        "Only %(days)s production days were planned from %(start)s to the due date, %(due)s; "
        "the terms ask for %(length)s in a row.",
        {
            "days": days,
            "start": search.start.isoformat(),
            "due": search.end.isoformat(),
            "length": length,
        },
    )
    return question.case.verdict(
        VerdictStatus.NOT_MET,
        [*question.preface, reason],
        kpi=NOTHING,
        goal=question.goal,
        window=None,
        examined=[search, *_baseline(question.terms)],
    )


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
    question = _Question(case, terms, Goal(None, terms.op, kpi.value))
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
    return _Question(case, terms, goal, (preface,))


def _baseline(terms: KpiTerms) -> list[DayRange]:
    return [terms.baseline] if terms.target is None and terms.baseline else []


def search_days(project: Project, due: date, terms: KpiTerms) -> DayRange:
    """Where windows of N production days may lie: never in the baseline or before it."""
    return DayRange(max([project.start, *(b.end + ONE_DAY for b in _baseline(terms))]), due)
