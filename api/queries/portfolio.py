"""All projects side by side: verdicts, money, who is waited for, and what the lines made.

What was measured stands beside the public money: the good items of a project's lines since the
project began, with their bounds, next to what was approved and paid out. A sum over projects is
never of items: two plants' items are not the same thing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.checks.risk import CheckRisk, check_risk
from analytics.milestones.verdict import days_of_verdict
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.verdicts import ProjectVerdicts, verdicts
from domain.corrections import in_force
from domain.grants import Project
from domain.milestone_states import MilestoneState, WaitsFor, state_after, waits_for
from domain.time import Window, midnight

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MeasuredOutput:
    """Good items of a project's lines since it began; None where no line counts them, and of a
    bound where nothing limits it."""

    good_count: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A milestone that waits for somebody, and since when. A draft waits for the company from the
    end of its due day on."""

    milestone: str
    state: MilestoneState
    waits_for: WaitsFor
    since: datetime

    def days(self, at: datetime) -> int:
        """Whole days until then."""
        return max((at - self.since) // _DAY, 0)


@dataclass(frozen=True)
class PortfolioRow:
    """One project in the portfolio. `risks`: of the milestones that were ever submitted."""

    found: ProjectVerdicts
    output: MeasuredOutput
    waiting: tuple[Waiting, ...]
    risks: tuple[CheckRisk, ...]

    @property
    def states(self) -> Counter[str]:
        """How many milestones are in which state."""
        steps = self.found.steps_of
        return Counter(state_after(steps(it.id)).value for it in self.found.project.milestones)

    @property
    def statuses(self) -> Counter[str]:
        """How many milestones have which verdict."""
        return Counter(it.status.value for it in self.found.verdicts)


@dataclass(frozen=True, slots=True)
class PortfolioTotals:
    """Over projects. Amounts in HKD; `disbursed_hkd`, `refunded_hkd`: attested; `open_hkd`: of
    grants on actual cost, what is still to be paid out, and of others the approved grant.
    `without_rule`: projects whose scheme this version has no rule of, which are in no amount of
    grants."""

    projects: int
    lines: int
    without_rule: int
    approved_cost_hkd: Decimal
    grant_hkd: Decimal
    disbursed_hkd: Decimal
    refunded_hkd: Decimal
    open_hkd: Decimal
    statuses: dict[str, int]
    states: dict[str, int]


def portfolio_row(queries: Queries, project: Project) -> PortfolioRow:
    """What is known of it now. Raises NotFoundError."""
    found = verdicts(queries, project.reference)
    output, waiting = _output(queries, found), tuple(waiting_of(found))
    return PortfolioRow(found, output, waiting, tuple(_risks(queries, found)))


def ranked_risks(rows: Iterable[PortfolioRow]) -> list[tuple[Project, CheckRisk]]:
    """Of all these projects, with most points first."""
    found = [(row.found.project, it) for row in rows for it in row.risks]
    return sorted(found, key=lambda it: (-it[1].score, it[0].reference, it[1].milestone))


def totals(rows: Sequence[PortfolioRow]) -> PortfolioTotals:
    """Over these projects."""
    grants = [(it.found.funding.grant_hkd, it.found.spending) for it in rows]
    paid = [it.found.spending for it in rows if it.found.spending]
    open_hkd = Decimal()
    for grant, spent in grants:
        if spent is not None and spent.open_hkd is not None:
            open_hkd += spent.open_hkd
        else:
            open_hkd += _amount(grant)
    return PortfolioTotals(
        projects=len(rows),
        lines=len({(it.found.plant.id, line) for it in rows for line in it.found.project.lines}),
        without_rule=sum(grant is None for grant, _ in grants),
        approved_cost_hkd=_sum(it.found.project.approved_cost_hkd for it in rows),
        grant_hkd=_sum(grant for grant, _ in grants),
        disbursed_hkd=sum((it.disbursed_hkd for it in paid), Decimal()),
        refunded_hkd=sum((it.refunded_hkd for it in paid), Decimal()),
        open_hkd=open_hkd,
        statuses=dict(sum((it.statuses for it in rows), Counter())),
        states=dict(sum((it.states for it in rows), Counter())),
    )


def totals_by_scheme(rows: Sequence[PortfolioRow]) -> dict[str, PortfolioTotals]:
    """The same of each scheme, by name."""
    names = sorted({it.found.project.scheme for it in rows})
    return {name: totals([it for it in rows if it.found.project.scheme == name]) for name in names}


def _amount(hkd: float | None) -> Decimal:
    return Decimal() if hkd is None else Decimal(str(hkd))


def _sum(amounts: Iterable[float | None]) -> Decimal:
    return sum(map(_amount, amounts), Decimal())


def _output(queries: Queries, found: ProjectVerdicts) -> MeasuredOutput:
    start = midnight(found.project.start, found.plant.zone)
    if start >= found.as_of:
        return MeasuredOutput(None, None, None)
    window = Window(start, found.as_of)
    questions = [KpiQuestion(line, window, "month") for line in found.project.lines]
    figures = [row.figures for rows in kpi_rows(queries, questions) for row in rows]
    made = [it["good_count"] for it in figures if it["good_count"] is not None]
    bounds = [it["bounds"].get("good_count", (None, None)) for it in figures]
    lows, highs = ([it[side] for it in bounds] for side in (0, 1))
    return MeasuredOutput(
        sum(made) if made else None,
        None if None in lows else sum(lows),
        None if None in highs else sum(highs),
    )


def waiting_of(found: ProjectVerdicts) -> Iterable[Waiting]:
    """The milestones of a project that wait for somebody."""
    zone = found.plant.zone
    for milestone in found.project.milestones:
        steps = found.steps_of(milestone.id)
        state = state_after(steps)
        whom = waits_for(state)
        since = steps[-1].taken_at if steps else midnight(milestone.due + _DAY, zone)
        if state is MilestoneState.EXTENDED:  # until the new day it is on its way
            since = midnight(milestone.due + _DAY, zone)
        if whom is not WaitsFor.NOBODY and since <= found.as_of:
            yield Waiting(milestone.id, state, whom, since)


def _risks(queries: Queries, found: ProjectVerdicts) -> Iterable[CheckRisk]:
    corrections = [it for line in found.project.lines for it in in_force(queries.corrections(line))]
    for verdict in found.verdicts:
        windows = [
            Window.of_days(days.start, days.end, found.plant.zone)
            for days in days_of_verdict(verdict)
        ]
        count = sum(any(it.touches(window) for window in windows) for it in corrections)
        steps = found.steps_of(verdict.milestone.id)
        risk = check_risk(verdict, steps, count, found.plant.zone)
        if risk is not None:
            yield risk
