"""Terms of kind `operating`: the line goes on producing after the project has ended.

The months are counted from the day after the project's end, each from that day of the month: for a
project that ended on 31 January they are February, March, April …. A month counts when the line
produced on at least so many of its days. A day on which it was seen producing, or items were
counted that were certainly made on it, is certain; a day with unknown time may have been one.

Met: every month counts. Not met: a month has ended that cannot count, whatever the unknown time
held. Until the last month has ended: on track while each month that ended counts and the present
one still can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from analytics.kpi.evaluation import KpiValue
from analytics.milestones.case import Case, Goal
from analytics.milestones.sentences import not_begun
from analytics.milestones.window_search import Question, days_of_window, judge_window
from domain.grants import (
    DayRange,
    OperatingTerms,
    ProducingDaysTerms,
    Project,
    Reason,
    Verdict,
    VerdictStatus,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OperatingMonth:
    """Days on which the line certainly produced, and those on which it may have."""

    days: DayRange
    certain: int
    possible: int
    has_ended: bool


def operating_days(project: Project, terms: OperatingTerms) -> DayRange:
    """All the months together."""
    first = project.end + _DAY
    return DayRange(first, _month_later(first, terms.months) - _DAY)


def judge_operating(case: Case, terms: OperatingTerms) -> Verdict:
    goal, whole = Goal(terms.months, ">="), operating_days(case.project, terms)
    days = case.ended(whole)
    if days is None:
        return case.pending(goal, not_begun(whole.start), window=whole)
    needed = terms.production_days_per_month
    months = operating_months(case, whole, terms.months)
    over = [it for it in months if it.has_ended]
    counting = sum(it.certain >= needed for it in over)
    able = sum(it.possible >= needed for it in over)
    kpi = KpiValue(counting, counting, able, case.evidence.coverage(days))
    failed = [it for it in over if it.possible < needed]
    unsure = [it for it in over if it.certain < needed <= it.possible]
    reasons = [_counted(counting, len(over), terms)]
    reasons += [_short(it) for it in failed[:1]]
    reasons += [_not_certain(it) for it in unsure[:1]]
    if failed:
        status = VerdictStatus.NOT_MET
    elif len(over) == terms.months:
        status = VerdictStatus.NOT_PROVABLE if unsure else VerdictStatus.MET
    else:
        status, so_far = _present(case, months[len(over)], needed)
        status = VerdictStatus.AT_RISK if unsure else status
        reasons.append(so_far)
    met_on = whole.end if status is VerdictStatus.MET else None
    return case.verdict(
        status, reasons, kpi=kpi, goal=goal, window=days, examined=[days], met_on=met_on
    )


def producing_window(project: Project, due: date, terms: ProducingDaysTerms) -> DayRange:
    """The days whose facts the verdict stands on."""
    return days_of_window(terms.window, _behind_the_end(project, due))


def judge_producing_days(case: Case, terms: ProducingDaysTerms) -> Verdict:
    question = _Question(case, Goal(terms.producing_days, ">="), terms=terms)
    searched = _behind_the_end(case.project, case.milestone.due)
    return judge_window(question, terms.window, searched)


def _behind_the_end(project: Project, due: date) -> DayRange:
    return DayRange(project.end + _DAY, due)


@dataclass(frozen=True, kw_only=True)
class _Question(Question):
    """On how many days the line certainly produced, at most on how many it may have."""

    terms: ProducingDaysTerms

    def kpi_value(self, days: DayRange) -> KpiValue:
        certain, possible = (
            sum(days.start <= it <= days.end for it in found) for found in self._days
        )
        return KpiValue(certain, certain, possible, self.case.evidence.coverage(days))

    def sentences(self, status: VerdictStatus, kpi: KpiValue, days: DayRange) -> list[Reason]:
        values: dict[str, str | float] = {
            "start": days.start.isoformat(),
            "end": days.end.isoformat(),
            "certain": kpi.value or 0,
            "possible": kpi.high or 0,
            "needed": self.terms.producing_days,
        }
        if kpi.value == kpi.high:
            return [
                Reason(
                    "From %(start)s to %(end)s the line produced on %(certain)s days; the terms "
                    "ask for %(needed)s.",
                    values,
                )
            ]
        return [
            Reason(
                "From %(start)s to %(end)s the line produced on %(certain)s days; with those of "
                "which a part was not recorded it could be as many as %(possible)s. The terms ask "
                "for %(needed)s.",
                values,
            )
        ]

    @cached_property
    def _days(self) -> tuple[list[date], list[date]]:
        needed = producing_window(self.case.project, self.case.milestone.due, self.terms)
        return self.case.evidence.producing_days(needed)


def operating_months(case: Case, whole: DayRange, count: int) -> list[OperatingMonth]:
    """The `count` months of the days `whole`, in order; those to come have no days yet."""
    certain, possible = case.evidence.producing_days(whole)
    found = []
    for number in range(count):
        first = _month_later(whole.start, number)
        days = DayRange(first, _month_later(whole.start, number + 1) - _DAY)
        found.append(
            OperatingMonth(
                days,
                sum(days.start <= it <= days.end for it in certain),
                sum(days.start <= it <= days.end for it in possible),
                case.evidence.today > days.end,
            )
        )
    return found


def _month_later(first: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(first.day, (after - _DAY).day))


def _present(case: Case, month: OperatingMonth, needed: int) -> tuple[VerdictStatus, Reason]:
    """How the month stands that has not ended: what its planned days still give."""
    left = len(case.evidence.planned_days(DayRange(case.evidence.today, month.days.end)))
    reason = Reason(
        "From %(start)s to %(end)s the line produced on %(certain)s days so far, and %(left)s more "
        "production days are planned; %(needed)s are needed.",
        {
            "start": month.days.start.isoformat(),
            "end": month.days.end.isoformat(),
            "certain": month.certain,
            "left": left,
            "needed": needed,
        },
    )
    on_track = month.certain + left >= needed
    return VerdictStatus.ON_TRACK if on_track else VerdictStatus.AT_RISK, reason


def _counted(counting: int, ended: int, terms: OperatingTerms) -> Reason:
    return Reason(
        "In %(counting)s of the %(ended)s months that ended the line produced on at least "
        "%(needed)s days; the terms ask for %(months)s such months.",
        {
            "counting": counting,
            "ended": ended,
            "needed": terms.production_days_per_month,
            "months": terms.months,
        },
    )


def _short(month: OperatingMonth) -> Reason:
    return Reason(
        "From %(start)s to %(end)s it can have been no more than %(possible)s days.",
        {
            "start": month.days.start.isoformat(),
            "end": month.days.end.isoformat(),
            "possible": month.possible,
        },
    )


def _not_certain(month: OperatingMonth) -> Reason:
    return Reason(
        "From %(start)s to %(end)s only %(certain)s days are certain; with those of which a part "
        "was not recorded it could be as many as %(possible)s.",
        {
            "start": month.days.start.isoformat(),
            "end": month.days.end.isoformat(),
            "certain": month.certain,
            "possible": month.possible,
        },
    )
