"""What a line does now and whether it will make its shift: the board, the plan and the KPIs of
the running shift (or, on a line planned round the clock, of the local day) put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from analytics.kpi.row_columns import KpiRow
from analytics.shift_forecast import (
    Forecast,
    ForecastPeriod,
    ShiftTarget,
    forecast_of,
    shift_target,
    target_oee,
)
from analytics.timeline.confirmation import is_ahead
from analytics.timeline.present import Present
from analytics.timeline.tracks import role_machine
from api.queries.board import LineNow, Newest
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.source_faults import MachineFault, machine_faults
from domain.alerts import Alert
from domain.grants import Project
from domain.plant import DEFAULT_MINOR_STOP_S, IMPORTED, Line, Text, Withheld
from domain.reasons import reason_named
from domain.signals import FAULTS
from domain.states import MachineState
from domain.time import Window


@dataclass(frozen=True, slots=True)
class Heard:
    """Until when one machine was confirmed alive; stale after the line's stale_after_s, and at once
    when its connection is `lost`. `is_imported`: it has no live source, so nothing is awaited."""

    machine: str
    at: datetime | None
    stale: bool
    lost: bool
    is_imported: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """One line now. `since` None: the state is older than what was looked at. `withheld`: what of
    it is left out (api.queries.withheld).

    `speed` in items/s. `kpis` is the KPI row of `period` so far; None outside periods. `asks_why`:
    whoever stands by is asked for the reason of a stop longer than `minor_stop_s`.
    """

    plant: str
    zone: ZoneInfo
    line: str
    name: Text
    at: datetime
    state: str
    since: datetime | None
    reason: str | None
    alarm: str | None
    order: str | None
    product: str | None
    speed: float | None
    total_counter: float | None
    machines: tuple[Heard, ...]
    last_heard: datetime | None
    stale: bool
    faults: tuple[MachineFault, ...]
    plan: str
    period: ForecastPeriod | None
    next_period: datetime | None
    kpis: KpiRow | None
    forecast: Forecast | None
    target: ShiftTarget | None = None  # what the shift is to make
    texts: dict[str, Text] = field(default_factory=dict)  # names of products
    reason_name: Text = field(default_factory=dict)  # of the reason's node in the plant's tree
    hall: Text = field(default_factory=dict)
    machine_names: dict[str, Text] = field(default_factory=dict)  # of those that have one
    minor_stop_s: float = DEFAULT_MINOR_STOP_S
    asks_why: bool = False
    alerts: tuple[Alert, ...] = ()  # that stand, the oldest first
    withheld: Withheld = frozenset()
    number: int = field(default_factory=count(1).__next__, compare=False)  # no other one has it


def live(queries: Queries, line_id: str) -> Live:
    """What the line does now. Raises NotFoundError."""
    return lives(queries, [line_id])[0]


def lives(queries: Queries, lines: Sequence[str]) -> list[Live]:
    """What each of the lines does now, their KPIs in one evaluation. Raises NotFoundError."""
    entries = [queries.line_now(line) for line in lines]
    periods = [it.plan.period for it in entries]
    asked = [
        KpiQuestion(it.line, Window(period.window.start, it.at))
        for it, period in zip(entries, periods, strict=True)
        if period is not None and period.window.start < it.at
    ]
    found = iter(kpi_rows(queries, asked))
    projects, alerts = queries.projects(), queries.open_alerts()
    shown = []
    for it, period in zip(entries, periods, strict=True):
        begun = period is not None and period.window.start < it.at
        row = next(found)[0] if begun else None
        made = _live(it, period if begun else None, row, projects)
        shown.append(replace(made, alerts=tuple(alerts.get(it.line, ()))))
    return shown


def faults_now(entry: LineNow) -> tuple[MachineFault, ...]:
    """What is wrong between the agents and the line's machines."""
    line = entry.plant.lines[entry.line]
    told = {it: entry.newest.get((it, FAULTS), Newest()).text for it in line.machines}
    return machine_faults(line, told, entry.heard, entry.lost, entry.at, entry.refused)


def faults_of_lines(
    queries: Queries,
) -> Iterator[tuple[LineNow, tuple[MachineFault, ...]]]:
    """Every line as it is now, and the same of it."""
    for _, line in queries.lines():
        entry = queries.line_now(line.id)
        yield entry, faults_now(entry)


def _live(
    entry: LineNow, period: ForecastPeriod | None, row: KpiRow | None, projects: list[Project]
) -> Live:
    plant, line, at = entry.plant, entry.plant.lines[entry.line], entry.at
    forecast: Forecast | None = None
    target: ShiftTarget | None = None
    if period is not None and row is not None:
        forecast = forecast_of(period, row, target_oee(projects, line.id, plant.zone, at))
        target = shift_target(period, row, forecast, line.target_oee, at)
    present = _present(entry, line)
    known = present.state is not MachineState.UNKNOWN
    heard = {machine: entry.heard.get(machine) for machine in line.machines}
    limit, lost = at - timedelta(seconds=line.stale_after_s), entry.lost
    machines = tuple(
        Heard(
            it,
            end and min(end, at),
            end is None or end < limit or is_ahead(end, at) or it in lost,
            it in lost,
            line.machines[it].profile == IMPORTED,
        )
        for it, end in heard.items()
    )
    state_heard = next((it for it in machines if it.machine == line.roles.get("state")), None)

    def newest(signal: str) -> Newest:
        machine = role_machine(line, signal) or line.roles.get("state")
        return entry.newest.get((machine or "", signal), Newest())

    reason = present.reason
    node = reason_named(plant, reason) if reason else None
    return Live(
        plant=plant.id,
        zone=plant.zone,
        line=line.id,
        name=line.name,
        at=at,
        state=present.state.value,
        since=present.since,
        reason=reason,
        alarm=(newest("alarm").text or None) if known else None,
        order=newest("order").text or None,
        product=newest("product").text or line.product,
        speed=newest("speed").value if known else None,
        total_counter=newest("total_count").value,
        machines=machines,
        last_heard=state_heard.at if state_heard else None,
        stale=state_heard is None or state_heard.stale,
        faults=faults_now(entry),
        plan=entry.plan.plan,
        period=period,
        next_period=entry.plan.next_period,
        kpis=row,
        forecast=forecast,
        target=target,
        texts={product.id: product.name for product in plant.products.values()},
        reason_name=node.name if node else {},
        hall=line.hall,
        machine_names={it.id: it.name for it in line.machines.values() if it.name},
        minor_stop_s=line.minor_stop_s,
        asks_why=bool(plant.reasons),
    )


def _present(entry: LineNow, line: Line) -> Present:
    """What the line does; unknown where the agent of its machine has a clock that is ahead: it may
    have been gone for as long as what it confirmed is yet to come."""
    end = entry.heard.get(line.roles.get("state", ""))
    if end is not None and is_ahead(end, entry.at):
        return Present(MachineState.UNKNOWN, None, None)
    return entry.present
