"""Whether a line will make its shift: the running shift, its plan, and a forecast of its end.

The period is the running shift; on a line planned round the clock it is the local day; outside
every shift there is none. The forecast assumes that the rest goes on at the pace of the known
planned time so far. There is no forecast from less than `FORECAST_AFTER_S` of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.calendar.planned_time import segments
from analytics.calendar.slices import borders
from analytics.kpi.row_columns import KpiRow
from domain.grants import KpiTerms, Project
from domain.plant import Line, Plant
from domain.states import Plan
from domain.time import MICROSECOND, Window, instant, micros, midnight

FORECAST_AFTER_S = 600.0


_SHIFT_MAX = timedelta(hours=26)  # an overnight shift over a change to winter time


@dataclass(frozen=True, slots=True)
class ForecastPeriod:
    """What the forecast is for: the running shift, or the day. `planned_s`: all of its planned
    busy time, the part that is still to come included."""

    name: str
    window: Window
    planned_s: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The shift's end at the pace so far. `needed_good_count` is what the funded target asks.

    `target_oee` is the highest OEE that a milestone still due demands of the line; None
    without one, and then nothing is needed and `on_pace` is None.
    """

    good_count: float | None
    target_oee: float | None
    needed_good_count: float | None
    on_pace: bool | None


@dataclass(frozen=True, slots=True)
class PlanNow:
    """What is planned in [since, until), a slice or the rest of one: the plan, the forecast's
    period, and when planned busy time next begins."""

    plan: str
    period: ForecastPeriod | None
    next_period: datetime | None
    since: datetime
    until: datetime


def plan_now(plant: Plant, line: Line, now: datetime) -> PlanNow:
    """What is planned at `now`."""
    plan, following = plan_at(line, plant.zone, now)
    until = instant(int(borders(plant, line.id, Window(now, now + MICROSECOND))[-1]))
    return PlanNow(plan, period_at(line, plant.zone, now), following, now, until)


def period_at(line: Line, zone: ZoneInfo, now: datetime) -> ForecastPeriod | None:
    """The shift that runs at `now` (the local day on a line without calendar), or None."""
    if line.calendar is None:
        today = now.astimezone(zone).date()
        window = Window.of_days(today, today, zone)
        return ForecastPeriod("", window, (window.end - window.start).total_seconds())
    plan = segments(line.calendar, zone, micros(now - _SHIFT_MAX), micros(now + _SHIFT_MAX))
    running = next(part for part in plan if part.start <= micros(now) < part.end)
    if running.shift_start is None:
        return None
    shift = [p for p in plan if (p.shift, p.shift_start) == (running.shift, running.shift_start)]
    planned_us = sum(part.end - part.start for part in shift if part.plan is Plan.BUSY)
    window = Window(instant(shift[0].start), instant(shift[-1].end))
    return ForecastPeriod(running.shift, window, planned_us / 1e6)


def plan_at(line: Line, zone: ZoneInfo, now: datetime) -> tuple[str, datetime | None]:
    """What is planned at `now`, and when planned busy time next begins within eight days."""
    plan = segments(line.calendar, zone, micros(now), micros(now + timedelta(days=8)))
    following = next((part.start for part in plan[1:] if part.plan is Plan.BUSY), None)
    return plan[0].plan.value, instant(following) if following is not None else None


def target_oee(projects: list[Project], line: str, zone: ZoneInfo, now: datetime) -> float | None:
    """The highest OEE that a milestone not yet past its due day demands of the line."""
    targets = [
        milestone.terms.target
        for project in projects
        if line in project.lines
        for milestone in project.milestones
        if isinstance(milestone.terms, KpiTerms)
        and (milestone.terms.metric, milestone.terms.op) == ("oee", ">=")
        and milestone.terms.target is not None
        and now < midnight(milestone.due, zone) + timedelta(days=1)
    ]
    return max(targets, default=None)


def forecast_of(period: ForecastPeriod, row: KpiRow, target: float | None) -> Forecast:
    """Good items at the period's end: those counted, and the rest at the pace so far.

    `row` is the period's KPI row so far. The pace is good items over planned busy time with
    a known state and a count; items counted in unknown time, or made in a break, are in the count,
    not in the pace.
    """
    known_s = row["planned_busy_time_s"] - row["unknown_time_s"] - row["production_unheard_s"]
    good, ideal_s, total = row["good_count"], row["ideal_time_s"], row["total_count"]
    expected = None
    if good is not None and known_s >= FORECAST_AFTER_S:
        in_known = good - row["good_count_unknown"] - row["good_count_outside_plan"]
        left_s = max(period.planned_s - row["planned_busy_time_s"], 0.0)
        expected = good + in_known / known_s * left_s
    needed = None
    if target is not None and ideal_s and total:
        known_total = total - row["total_count_unknown"] - row["total_count_outside_plan"]
        if known_total > 0:
            needed = target * period.planned_s / (ideal_s / known_total)
    on_pace = None if expected is None or needed is None else expected >= needed
    return Forecast(expected, target, needed, on_pace)
