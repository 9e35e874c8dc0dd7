"""Whether a line will make its shift: the running shift, its plan, target and the forecast.

The period is the running shift; on a line planned round the clock it is the local day; outside
every shift there is none. The forecast assumes that the rest goes on at the pace of the known
planned time so far. There is no forecast from less than `FORECAST_AFTER_S` of it.

The target is what the orders planned on the line ask of the period; without orders the OEE that the
plant file wants, and without that the one of a funded milestone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from analytics.calendar.planned_time import segments
from analytics.calendar.slices import borders
from analytics.kpi.row_columns import KpiRow
from domain.grants import KpiTerms, Project
from domain.plant import Line, PlannedOrder, Plant
from domain.states import Plan
from domain.time import MICROSECOND, Window, instant, micros, midnight

FORECAST_AFTER_S = 600.0
_SHIFT_MAX = timedelta(hours=26)  # an overnight shift over a change to winter time


@dataclass(frozen=True, slots=True)
class OrderedPart:
    """So many good items of an order are to be made in the window, evenly."""

    window: Window
    good_count: float

    def until(self, now: datetime) -> float:
        """The part that is to be made by then."""
        done = (now - self.window.start) / (self.window.end - self.window.start)
        return self.good_count * min(max(done, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class ForecastPeriod:
    """What the forecast is for: the running shift, or the day. `planned_s`: all of its planned
    busy time, the part that is still to come included. `ordered`: what of the line's orders falls
    into it."""

    name: str
    window: Window
    planned_s: float
    ordered: tuple[OrderedPart, ...] = ()


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


class TargetSource(StrEnum):
    """Who says what a shift is to make, the nearest to the shift first."""

    ORDERS = "orders"
    PLANT_FILE = "plant_file"
    MILESTONE = "milestone"


@dataclass(frozen=True, slots=True)
class ShiftTarget:
    """What the period is to make: `good_count` by its end, `good_count_now` by now; None as long
    as no item shows how long one takes. `oee` None: it comes from orders. `on_pace`: the forecast
    reaches it; None without forecast."""

    source: TargetSource
    oee: float | None
    good_count: float | None
    good_count_now: float | None
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
    period = period_at(line, plant.zone, now)
    if period is not None:
        orders = [it for it in plant.orders.values() if it.line == line.id]
        period = replace(period, ordered=ordered_parts(line, plant.zone, orders, period.window))
    return PlanNow(plan, period, following, now, until)


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


def ordered_parts(
    line: Line, zone: ZoneInfo, orders: Sequence[PlannedOrder], window: Window
) -> tuple[OrderedPart, ...]:
    """What of the orders falls into the window: each is made evenly over its planned busy time."""
    parts = []
    for order in orders:
        if not (order.window.start < window.end and window.start < order.window.end):
            continue
        begin, end = micros(order.window.start), micros(order.window.end)
        plan = segments(line.calendar, zone, begin, end)
        busy = [(part.start, part.end) for part in plan if part.plan is Plan.BUSY]
        whole_us = sum(stop - start for start, stop in busy)
        for start, stop in busy:
            first, last = max(start, micros(window.start)), min(stop, micros(window.end))
            if first < last:
                share = (last - first) / whole_us
                inside = Window(instant(first), instant(last))
                parts.append(OrderedPart(inside, order.quantity * share))
    return tuple(parts)


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
    good = row["good_count"]
    expected = None
    if good is not None and known_s >= FORECAST_AFTER_S:
        in_known = good - row["good_count_unknown"] - row["good_count_outside_plan"]
        left_s = max(period.planned_s - row["planned_busy_time_s"], 0.0)
        expected = good + in_known / known_s * left_s
    needed = None
    item_s = _ideal_item_s(row)
    if target is not None and item_s is not None:
        needed = target * period.planned_s / item_s
    on_pace = None if expected is None or needed is None else expected >= needed
    return Forecast(expected, target, needed, on_pace)


def shift_target(
    period: ForecastPeriod, row: KpiRow, forecast: Forecast, plant_oee: float | None, now: datetime
) -> ShiftTarget | None:
    """What the period is to make by now and at its end; None where nobody said.

    `row` as in forecast_of, `plant_oee` what the plant file wants of the line.
    """
    if period.ordered:
        whole = sum(it.good_count for it in period.ordered)
        until_now = sum(it.until(now) for it in period.ordered)
        return _target(TargetSource.ORDERS, None, (whole, until_now), forecast)
    source, oee = TargetSource.PLANT_FILE, plant_oee
    if oee is None:
        source, oee = TargetSource.MILESTONE, forecast.target_oee
    if oee is None:
        return None
    item_s = _ideal_item_s(row)
    counts = None
    if item_s is not None:
        counts = (oee * period.planned_s / item_s, oee * row["planned_busy_time_s"] / item_s)
    return _target(source, oee, counts, forecast)


def _target(
    source: TargetSource, oee: float | None, counts: tuple[float, float] | None, forecast: Forecast
) -> ShiftTarget:
    if counts is None:
        return ShiftTarget(source, oee, None, None, None)
    at_the_end, until_now = counts
    expected = forecast.good_count
    on_pace = None if expected is None else expected >= at_the_end
    return ShiftTarget(source, oee, at_the_end, until_now, on_pace)


def _ideal_item_s(row: KpiRow) -> float | None:
    """Seconds that an item takes at the ideal rate, by the items of known planned time so far."""
    ideal_s, total = row["ideal_time_s"], row["total_count"]
    if not ideal_s or not total:
        return None
    known_total = total - row["total_count_unknown"] - row["total_count_outside_plan"]
    return ideal_s / known_total if known_total > 0 else None
