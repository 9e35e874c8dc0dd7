"""Terms that ask for good units: `output` within a period, `commissioned` within a few days.

All good units count, even those made in unknown or unplanned time: the counter proves them. Their
number is the value. The low bound leaves out those that are not certain: what may have been rejects
that their counter missed, what may have been counted before already, and what was counted across a
gap at the border of the days and may have been made outside them. The high bound adds the latter,
and what the line could have made in the unknown part of the planned time at its shortest ideal
cycle: only when even that falls short, a milestone is not met. Both kinds are met, for good, on the
first day up to which the number is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from analytics.kpi.evaluation import KpiValue
from analytics.kpi.formulas.hidden import count_bounds, is_expected
from analytics.milestones.case import Case, Goal
from analytics.milestones.day_outputs import DayOutput, day_outputs
from analytics.milestones.sentences import no_day_yet, not_begun, units_text
from analytics.milestones.window_search import (
    NOTHING,
    Question,
    days_of_window,
    first_days,
    judge_window,
)
from domain.grants import (
    CommissionedTerms,
    DayRange,
    FirstProductionDays,
    OutputTerms,
    Project,
    Reason,
    Verdict,
    VerdictStatus,
)


def commissioned_days(project: Project, due: date) -> DayRange:
    """The days among which the first sustained run is looked for."""
    return DayRange(project.start, due)


def output_days(project: Project, due: date, terms: OutputTerms) -> DayRange:
    """The days whose facts the verdict stands on."""
    return days_of_window(terms.period, DayRange(project.start, due))


def judge_output(case: Case, terms: OutputTerms) -> Verdict:
    """While the period runs: on track when the pace so far, kept up over the production days
    that are still planned, reaches the number; at risk otherwise. A rolling one is judged as
    `analytics.milestones.window_search` says."""
    goal, period = Goal(terms.good_units, ">="), terms.period
    if isinstance(period, int):
        searched = DayRange(case.project.start, case.milestone.due)
        return judge_window(_Question(case, goal), period, searched)
    if isinstance(period, FirstProductionDays):
        return _within(case, goal, first_days(case, period), shown=None)
    return _within(case, goal, period, shown=period)


def _within(case: Case, goal: Goal, period: DayRange, shown: DayRange | None) -> Verdict:
    """`shown`: the window of a verdict on nothing."""
    days = case.ended(period)
    over = case.evidence.today > period.end
    outputs = day_outputs(case.evidence, days) if days else []
    if days is None or (not over and _nothing_yet(case, days, outputs)):
        return _pending(case, goal, period, shown)
    reached = _reached(case, outputs, goal)
    if reached is not None:
        units = units_made(case, reached)
        span = DayRange(period.start, reached[-1].day)
        reasons = [_counted(units, span, goal), _reached_on(span.end)]
        return case.verdict(
            VerdictStatus.MET,
            reasons,
            kpi=units,
            goal=goal,
            window=span,
            examined=[span],
            met_on=span.end,
        )
    units = units_made(case, outputs)
    reasons = [_counted(units, days, goal)]
    if over:
        status = VerdictStatus.NOT_MET if goal.refuted_by(units) else VerdictStatus.NOT_PROVABLE
        reasons += _shortfall(units, goal, outputs)
    else:
        status, pace = _pace(case, units, days, period, goal)
        reasons += [*_not_certain(units, goal, outputs), pace]
    return case.verdict(status, reasons, kpi=units, goal=goal, window=days, examined=[days])


def judge_commissioned(case: Case, terms: CommissionedTerms) -> Verdict:
    """Until the due date: on track while a fresh run of `within_days` days still fits in;
    at risk after that. The value is that of the best run so far; its high bound is the most
    that any run could have made."""
    goal = Goal(terms.good_units, ">=")
    search = commissioned_days(case.project, case.milestone.due)
    days = case.ended(search)
    outputs = day_outputs(case.evidence, days) if days else []
    if days is None or (not case.due_passed and _nothing_yet(case, days, outputs)):
        return _pending(case, goal, search, search)
    runs = [outputs[max(0, last - terms.within_days) : last] for last in range(1, len(outputs) + 1)]
    first = next((run for run in runs if _is_certain(case, run, goal)), None)
    best = first or max(runs, key=lambda run: _good(run) or 0.0)
    span = DayRange(best[0].day, best[-1].day)
    units = units_made(case, best)
    if first is None:
        units = KpiValue(units.value, units.low, _highest(runs), units.coverage)
    reasons = [_best_run(units, span, terms)]
    if first is not None:
        status = VerdictStatus.MET
        reasons.append(_reached_on(span.end))
    elif case.due_passed:
        status = VerdictStatus.NOT_MET if goal.refuted_by(units) else VerdictStatus.NOT_PROVABLE
        reasons += _shortfall(units, goal, best)
    else:
        left = (search.end - case.evidence.today).days + 1
        fits = left >= terms.within_days and units.value is not None
        status = VerdictStatus.ON_TRACK if fits else VerdictStatus.AT_RISK
        days_left = _days_left(left, search.end, terms)
        reasons += [*_not_certain(units, goal, best), days_left]
    return case.verdict(
        status,
        reasons,
        kpi=units,
        goal=goal,
        window=span,
        examined=[span if first else days],
        met_on=span.end if first else None,
    )


def _nothing_yet(case: Case, days: DayRange, outputs: Sequence[DayOutput]) -> bool:
    return not case.evidence.production_days(days) and not _good(outputs)


def _pending(case: Case, goal: Goal, period: DayRange, shown: DayRange | None) -> Verdict:
    begun = case.evidence.today >= period.start
    reason = no_day_yet() if begun else not_begun(period.start)
    return case.pending(goal, reason, window=shown)


@dataclass(frozen=True)
class _Question(Question):
    """Good units of production days in a row."""

    def kpi_value(self, days: DayRange) -> KpiValue:
        return units_made(self.case, self._outputs(days))

    def proved_by(self, kpi: KpiValue) -> bool:
        return self.goal.reached_by(kpi.value) and super().proved_by(kpi)

    def sentences(self, status: VerdictStatus, kpi: KpiValue, days: DayRange) -> list[Reason]:
        said = [_counted(kpi, days, self.goal)]
        if status is VerdictStatus.MET:
            return said
        outputs = self._outputs(days)
        if self.case.due_passed:
            return [*said, *_shortfall(kpi, self.goal, outputs)]
        return [*said, *_not_certain(kpi, self.goal, outputs)]

    def _outputs(self, days: DayRange) -> Sequence[DayOutput]:
        return [it for it in self._every if days.start <= it.day <= days.end]

    @cached_property
    def _every(self) -> list[DayOutput]:
        searched = self.case.ended(DayRange(self.case.project.start, self.case.milestone.due))
        return day_outputs(self.case.evidence, searched) if searched else []


def _good(outputs: Sequence[DayOutput]) -> float | None:
    """The good units of those days; None where they are not counted, or were never heard."""
    counted = [each.good_units for each in outputs if each.good_units is not None]
    return sum(counted) if counted else None


def _is_certain(case: Case, outputs: Sequence[DayOutput], goal: Goal) -> bool:
    """Whether at least the goal was made on those days, by the bound that is shown of them."""
    good = _good(outputs)
    return goal.reached_by(good) and goal.proved_by(units_made(case, outputs))


def _unsure(outputs: Sequence[DayOutput]) -> float:
    """How many units may have been made before those days or behind them, or came in from there."""
    if not outputs:
        return 0.0
    inside = sum(each.unsure_inside_units for each in outputs)
    return outputs[0].unsure_start_units + outputs[-1].unsure_end_units + inside


def _possible(outputs: Sequence[DayOutput]) -> float | None:
    """What their unknown time could hold; None where nothing bounds it."""
    bounded = [each.possible_units for each in outputs if each.possible_units is not None]
    return sum(bounded) if len(bounded) == len(outputs) else None


def _highest(runs: Sequence[Sequence[DayOutput]]) -> float | None:
    """The most that any of the runs could have made."""
    highs = [
        None if (more := _possible(run)) is None else (_good(run) or 0.0) + more + _unsure(run)
        for run in runs
    ]
    known = [high for high in highs if high is not None]
    return max(known) if len(known) == len(highs) else None


def _reached(case: Case, outputs: Sequence[DayOutput], goal: Goal) -> Sequence[DayOutput] | None:
    """The first days that reach the goal for certain."""
    made = 0.0
    for days, output in enumerate(outputs, 1):
        made += output.good_units or 0.0
        if goal.reached_by(made) and _is_certain(case, outputs[:days], goal):
            return outputs[:days]
    return None


def units_made(case: Case, outputs: Sequence[DayOutput]) -> KpiValue:
    """The good units of consecutive days: the same sum as everywhere else for those days."""
    if not outputs:  # of shifts that were on none of the days
        return NOTHING
    days = DayRange(outputs[0].day, outputs[-1].day)
    sums = case.evidence.sums(days)
    good, possible = sums.one("good_count"), _possible(outputs)
    if good is None and not is_expected(sums, "good_count").item():
        return KpiValue(None, None, None, case.evidence.coverage(days))
    low = float(count_bounds(sums, "good_count")[0].item())
    high = None if possible is None else (good or 0.0) + possible + _unsure(outputs)
    return KpiValue(good, low, high, case.evidence.coverage(days))


def _pace(
    case: Case, units: KpiValue, days: DayRange, period: DayRange, goal: Goal
) -> tuple[VerdictStatus, Reason]:
    if units.value is None:
        return VerdictStatus.AT_RISK, _not_counted(units)
    elapsed = len(case.evidence.production_days(days))
    left = case.days_left(period.end)
    projected = units.value + units.value / max(elapsed, 1) * left
    reason = Reason(
        "At the pace of these %(elapsed)s production days it will be about %(projected)s by "
        "%(end)s, with %(left)s more production days planned.",
        {
            "elapsed": elapsed,
            "projected": units_text(round(projected)),
            "end": period.end.isoformat(),
            "left": left,
        },
    )
    on_track = goal.reached_by(projected)
    return VerdictStatus.ON_TRACK if on_track else VerdictStatus.AT_RISK, reason


def _counted(units: KpiValue, days: DayRange, goal: Goal) -> Reason:
    if units.value is None and units.low is not None:
        return Reason(
            "No good unit was heard of from %(start)s to %(end)s: their counter told nothing that "
            "can be used. The terms ask for %(target)s.",
            {
                "start": days.start.isoformat(),
                "end": days.end.isoformat(),
                "target": units_text(goal.target),
            },
        )
    return Reason(
        "%(value)s good units were counted from %(start)s to %(end)s; the terms ask for "
        "%(target)s.",
        {
            "value": units_text(units.value),
            "start": days.start.isoformat(),
            "end": days.end.isoformat(),
            "target": units_text(goal.target),
        },
    )


def _best_run(units: KpiValue, days: DayRange, terms: CommissionedTerms) -> Reason:
    return Reason(
        "The best run so far, from %(start)s to %(end)s, made %(value)s good units; the terms "
        "ask for %(target)s within %(within_days)s days.",
        {
            "value": units_text(units.value),
            "start": days.start.isoformat(),
            "end": days.end.isoformat(),
            "target": units_text(terms.good_units),
            "within_days": terms.within_days,
        },
    )


def _reached_on(day: date) -> Reason:
    return Reason("The number was reached on %(day)s.", {"day": day.isoformat()})


def _days_left(left: int, due: date, terms: CommissionedTerms) -> Reason:
    return Reason(
        "%(left)s days are left until the due date, %(due)s; a fresh run may take %(within_days)s.",
        {"left": left, "due": due.isoformat(), "within_days": terms.within_days},
    )


def _not_counted(units: KpiValue) -> Reason:
    if units.low is not None:
        return Reason("How many it will be cannot be told before a counter is heard.")
    return Reason("Good units are not counted on every line of the project.")


def _shortfall(units: KpiValue, goal: Goal, outputs: Sequence[DayOutput]) -> list[Reason]:
    """Why the number was missed, or why that cannot be told."""
    if units.low is None:
        return [_not_counted(units)]
    if goal.reached_by(units.value):
        return _not_certain(units, goal, outputs)
    if units.high is None:
        return [
            Reason("There is no ideal cycle time that bounds what the unrecorded time could hold.")
        ]
    values: dict[str, str | float] = {"high": units_text(units.high)}
    if goal.refuted_by(units):
        return [
            Reason(
                "Even with the unrecorded part of the planned time it can be no more than "
                "%(high)s.",
                values,
            )
        ]
    return [
        Reason(
            "With the unrecorded part of the planned time it could be as many as %(high)s.", values
        )
    ]


def _not_certain(units: KpiValue, goal: Goal, outputs: Sequence[DayOutput]) -> list[Reason]:
    """Why the number that was counted proves nothing; nothing where it does not reach the goal."""
    if units.low is None or not goal.reached_by(units.value):
        return []
    found = [Reason("Of these no more than %(low)s are certain.", {"low": units_text(units.low)})]
    if any(each.overstated_units for each in outputs):
        found.append(Reason("Some may have been rejects that their counter missed."))
    if any(each.unsure_reset_units for each in outputs):
        found.append(
            Reason(
                "Some may have been counted before already: their counter fell, and nobody knows "
                "whether it began at zero or came back with an older total."
            )
        )
    if _unsure(outputs):
        found.append(
            Reason(
                "Some were counted across a gap at the first or last midnight of these days, and "
                "may have been made outside them."
            )
        )
    return found
