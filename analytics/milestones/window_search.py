"""Windows of every kind, judged alike whatever figure the terms look at.

- A range of days, or the first N production days from a day on, is judged when it has ended. While
  it runs, the value so far decides between on track and at risk.
- N production days in a row (a rolling window) may lie anywhere among the days that are searched.
  The earliest such window that proves the target makes the milestone met, for good. Until then the
  last N production days decide: on track when they reach the target with enough coverage, and the
  days still planned until the due date are enough to complete a window; at risk otherwise.

Met: even the worse bound reaches the target, with the coverage that the terms ask for. Not met:
even the better bound misses it (in every window). Everything else is not provable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date

from analytics.kpi.evaluation import KpiValue
from analytics.milestones.case import Case, Goal, covered
from analytics.milestones.sentences import no_day_yet, not_begun
from domain.grants import (
    DayRange,
    FirstProductionDays,
    Reason,
    Verdict,
    VerdictStatus,
    WindowTerms,
)

NOTHING = KpiValue(None, None, None, None)


@dataclass(frozen=True)
class Question(ABC):
    """A case with its goal. `preface`: what is said before all else; `beside`: further days that
    the verdict is drawn from."""

    case: Case
    goal: Goal
    preface: tuple[Reason, ...] = ()
    beside: tuple[DayRange, ...] = ()
    min_coverage: float = 0.0

    @abstractmethod
    def kpi_value(self, days: DayRange) -> KpiValue:
        """The figure of those days, with bounds; they had ended. Each kind of terms has its own."""

    @abstractmethod
    def sentences(self, status: VerdictStatus, kpi: KpiValue, days: DayRange) -> list[Reason]:
        """What that figure says, likewise."""

    def flags(self, days: DayRange) -> list[str]:
        """Flags of the verdict beside those of the facts."""
        return []

    def is_covered(self, kpi: KpiValue) -> bool:
        return covered(kpi.coverage, self.min_coverage)

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
        """A verdict on the figure of `days`, drawn from the days `examined`."""
        return self.case.verdict(
            status,
            [*self.preface, *self.sentences(status, kpi, days), *more],
            kpi=kpi,
            goal=self.goal,
            window=days,
            examined=[examined or days, *self.beside],
            met_on=days.end if status == VerdictStatus.MET else None,
            flags=self.flags(days),
        )


def days_of_window(window: WindowTerms, searched: DayRange) -> DayRange:
    """The days whose facts a verdict on the window needs; `searched`: where a rolling one lies."""
    if isinstance(window, FirstProductionDays):
        return DayRange(window.start, searched.end)
    return window if isinstance(window, DayRange) else searched


def judge_window(question: Question, window: WindowTerms, searched: DayRange) -> Verdict:
    if isinstance(window, DayRange):
        return _over_range(question, window, shown=window)
    if isinstance(window, FirstProductionDays):
        return _over_first(question, window)
    return _over_any_window(question, window, searched)


def first_days(case: Case, window: FirstProductionDays) -> DayRange:
    """From the day it begins to its last production day, or to the day on which the calendar plans
    that one; to the due date where it plans none."""
    every = DayRange(window.start, case.milestone.due)
    ended = case.ended(every)
    days = case.evidence.production_days(ended) if ended else []
    to_come = DayRange(max(case.evidence.today, window.start), every.end)
    days = [*days, *case.evidence.planned_days(to_come)] if len(days) < window.count else days
    last = days[window.count - 1] if len(days) >= window.count else every.end
    return DayRange(window.start, last)


def _over_first(question: Question, window: FirstProductionDays) -> Verdict:
    case = question.case
    found = first_days(case, window)
    ended = case.ended(found)
    there = len(case.evidence.production_days(ended)) if ended else 0
    if there < window.count and case.due_passed:
        every = DayRange(window.start, case.milestone.due)
        return _never_possible(question, window.count, there, every)
    if there >= window.count:
        return _over_range(question, found, shown=found)
    planned = there + len(case.evidence.planned_days(DayRange(case.evidence.today, found.end)))
    lacking = _lacking(window.count - there, planned - there, found.end)
    more = [lacking] if planned < window.count else []
    return _over_range(question, found, *more, shown=None)


def _over_range(
    question: Question, window: DayRange, *more: Reason, shown: DayRange | None
) -> Verdict:
    """`shown`: the window of a verdict on nothing; `more`: why it cannot be reached any more."""
    case = question.case
    days = case.ended(window)
    over = case.evidence.today > window.end
    if days is None or not (over or case.evidence.production_days(days)):
        begun = case.evidence.today >= window.start
        reason = no_day_yet() if begun else not_begun(window.start)
        return case.pending(question.goal, *question.preface, reason, window=shown)
    kpi = question.kpi_value(days)
    if not over:
        status = VerdictStatus.AT_RISK if more else question.on_the_way(kpi)
    elif question.goal.refuted_by(kpi):
        status = VerdictStatus.NOT_MET
    elif question.proved_by(kpi):
        status = VerdictStatus.MET
    else:
        status = VerdictStatus.NOT_PROVABLE
    return question.answer(status, kpi, days, *more)


def _over_any_window(question: Question, length: int, search: DayRange) -> Verdict:
    case = question.case
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


def _under_way(question: Question, length: int, days: list[date], search: DayRange) -> Verdict:
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
        more.append(_lacking(missing, left, search.end))
    examined = DayRange(search.start, question.case.evidence.yesterday)
    return question.answer(status, kpi, trailing, *more, examined=examined)


def _lacking(missing: int, left: int, due: date) -> Reason:
    return Reason(
        "%(missing)s more production days are needed and only %(left)s are planned "
        "until the due date, %(due)s.",
        {"missing": missing, "left": left, "due": due.isoformat()},
    )


def _missed(
    question: Question, length: int, windows: list[tuple[DayRange, KpiValue]], search: DayRange
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


def _never_possible(question: Question, length: int, days: int, search: DayRange) -> Verdict:
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
        examined=[search, *question.beside],
    )
