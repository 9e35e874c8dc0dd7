"""One milestone to judge, and how its verdict is put together. Shared by all kinds of terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from analytics.arrays import Flags
from analytics.kpi.evaluation import Amounts, KpiValue
from analytics.milestones.evidence import Evidence, facts_digest, gather
from domain.attested_figures import AttestedFigure
from domain.grants import (
    AttachedDocument,
    DayRange,
    Milestone,
    Operator,
    Project,
    Reason,
    Verdict,
    VerdictStatus,
    shifts_of,
)
from domain.plant import Plant

# Sums of shares of increments are floats: what misses a target by less than this part of it
# misses it by rounding alone.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Case:
    """What a verdict is drawn from. `evidence` holds facts of days that had ended at `as_of`."""

    project: Project
    milestone: Milestone
    as_of: datetime
    evidence: Evidence
    documents: Sequence[AttachedDocument] = ()
    attested: Sequence[AttestedFigure] = ()

    @property
    def started(self) -> bool:
        return self.evidence.today >= self.project.start

    @property
    def due_passed(self) -> bool:
        """The due day has ended."""
        return self.evidence.today > self.milestone.due

    @property
    def status_unless_met(self) -> VerdictStatus:
        """Of terms that people show to be met by a document or a figure."""
        if self.due_passed:
            return VerdictStatus.NOT_MET
        return VerdictStatus.ON_TRACK if self.started else VerdictStatus.PENDING

    def ended(self, days: DayRange) -> DayRange | None:
        """The days that had ended at `as_of`; None when none had."""
        last = min(days.end, self.evidence.yesterday)
        return DayRange(days.start, last) if last >= days.start else None

    def days_left(self, until: date) -> int:
        """Production days that the calendar still plans, the present day among them."""
        return len(self.evidence.planned_days(DayRange(self.evidence.today, until)))

    def pending(self, goal: Goal, *reasons: Reason, window: DayRange | None = None) -> Verdict:
        """Nothing to judge yet."""
        return Verdict(
            milestone=self.milestone,
            as_of=self.as_of,
            status=VerdictStatus.PENDING,
            target=goal.target,
            op=goal.op,
            window=window,
            baseline_value=goal.baseline_value,
            reasons=reasons,
        )

    def verdict(
        self,
        status: VerdictStatus,
        reasons: Sequence[Reason],
        *,
        kpi: KpiValue,
        goal: Goal,
        window: DayRange | None,
        examined: Sequence[DayRange],
        met_on: date | None = None,
        flags: Sequence[str] = (),
    ) -> Verdict:
        """A verdict on a KPI value of `window`; `examined` are all days that it was drawn from,
        `flags` those that it has beside the facts' own."""
        evidence = self.evidence
        return Verdict(
            milestone=self.milestone,
            as_of=self.as_of,
            status=status,
            value=kpi.value,
            low=kpi.low,
            high=kpi.high,
            target=goal.target,
            op=goal.op,
            coverage=kpi.coverage,
            window=window,
            met_on=met_on,
            baseline_value=goal.baseline_value,
            reasons=tuple(reasons),
            flags=(*(evidence.flags(window) if window else ()), *flags),
            facts_digest=facts_digest(evidence.rows_of(examined)),
        )


@dataclass(frozen=True, slots=True)
class Goal:
    """A target and which side of it is good."""

    target: float | None
    op: Operator
    baseline_value: float | None = None

    def reached_by(self, value: float | None) -> bool:
        """Whether the value is on the good side (the target itself is). False without one."""
        return value is not None and bool(self.reached(np.float64(value)))

    def reached(self, values: Amounts) -> Flags:
        """The same of many values; NaN: none."""
        target = math.nan if self.target is None else self.target
        margin = abs(target) * ROUNDING
        if self.op == ">=":
            return np.asarray(values >= target - margin)
        return np.asarray(values <= target + margin)

    def proved_by(self, kpi: KpiValue) -> bool:
        """Even with all unknown time at its worst."""
        return self.reached_by(kpi.low if self.op == ">=" else kpi.high)

    def refuted_by(self, kpi: KpiValue) -> bool:
        """Not even with all unknown time at its best."""
        best = kpi.high if self.op == ">=" else kpi.low
        return best is not None and not self.reached_by(best)


def case_of_verdict(
    project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame], verdict: Verdict
) -> Case:
    """The case once more that a verdict was drawn from; `facts`: those that it was made of."""
    gathered = gather(project.lines, plant, facts, verdict.as_of)
    evidence = gathered.of_shifts(shifts_of(verdict.milestone.terms))
    return Case(project, verdict.milestone, verdict.as_of, evidence)


def covered(coverage: float | None, min_coverage: float) -> bool:
    """Whether enough of the planned time is known. Nothing planned counts as nothing known."""
    return (coverage or 0.0) >= min_coverage - ROUNDING
