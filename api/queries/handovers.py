"""What a shift hands over: its figures, computed as anywhere else, rounded so that they can be held
against those that were signed.

    shift, start, end, until      its name and times; `until`: what is known reaches so far
    made                          counts, OEE with bounds, coverage, energy: of the KPI row
    target                        good items by now and at the end, and who says so; null: nobody
    stops                         how many, how long, the longest with their reasons
    reasons                       how many stops ask for a reason, how many have none
    machines                      of each machine the time in which it was not heard
    open                          what goes on: order, a stop that runs, corrections that wait
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.calendar.shifts_around import periods_around
from analytics.kpi.row_columns import KpiRow
from analytics.shift_forecast import (
    forecast_of,
    ordered_parts,
    period_at,
    shift_target,
    target_oee,
)
from analytics.stops.missing_reasons import asks_for_reason, missing_reasons
from api.queries.data_quality.line_quality import line_quality
from api.queries.lines import Queries
from api.queries.stops import StopsAnswer, line_stops
from domain.corrections import waiting
from domain.errors import InputError
from domain.frames import ORDER_LOST
from domain.handovers import HandedShift, ShiftFigures
from domain.plant import Confidential, Line, Plant, Withheld
from domain.states import STOP_STATES
from domain.time import MICROSECOND, Window
from store.registry.line_work.handovers import Handovers

LONGEST = 5  # stops that are told one by one
_MADE = {
    "good_count": 3, "reject_count": 3, "total_count": 3, "oee": 6, "oee_low": 6, "oee_high": 6,
    "availability": 6, "effectiveness": 6, "quality_ratio": 6, "coverage": 6,
    "planned_busy_time_s": 3, "down_time_s": 3, "unknown_time_s": 3, "energy_kwh": 3,
}  # each with its decimals  # fmt: skip
_STOPPED = sorted(it.value for it in STOP_STATES)
_GOES_ON = ("open", "until")  # changes by itself, and says nothing of what the shift was


def shift_at(queries: Queries, handovers: Handovers, line_id: str, at: datetime) -> HandedShift:
    """The shift of the instant: of the calendar, or one that begins there and of which people said
    something before the calendar changed. Raises NotFoundError for an unknown line."""
    plant, line = queries.line(line_id)
    period = periods_around(line.calendar, plant.zone, at).period
    if period.window.start != at:
        for kept in handovers.shifts(line_id, Window(at, at + MICROSECOND)):
            return kept
    return HandedShift(line_id, period.name, period.window)


def shifts_of_day(
    queries: Queries, handovers: Handovers, line_id: str, day: date
) -> list[HandedShift]:
    """Those that begin on that day of the plant and have begun, in the order of time."""
    plant, line = queries.line(line_id)
    whole = Window.of_days(day, day, plant.zone)
    found = {it.window.start: it for it in handovers.shifts(line_id, whole)}
    at = min(whole.end - MICROSECOND, queries.now())
    while at >= whole.start:
        period = periods_around(line.calendar, plant.zone, at).period
        start = period.window.start
        if not whole.start <= start <= at:
            break
        found[start] = HandedShift(line_id, period.name, period.window)
        at = start - MICROSECOND
    return [found[it] for it in sorted(found)]


def shift_figures(queries: Queries, shift: HandedShift) -> ShiftFigures:
    """All of the above, of a shift that has begun. Raises NotFoundError, and InputError
    where nothing is known of it yet."""
    plant, line = queries.line(shift.line)
    whole, at = shift.window, queries.at(shift.line)
    if at <= whole.start:
        raise InputError(
            "nothing is known of this shift yet", where="shift", todo="Look again in a minute."
        )
    past = Window(whole.start, min(whole.end, at))
    found = line_stops(queries, shift.line, past)
    row = found.reliability
    assert row is not None  # of a window that has begun
    missing = missing_reasons(found.rows)
    return {
        "shift": shift.name,
        "start": _clock(whole.start, plant.zone),
        "end": _clock(whole.end, plant.zone),
        "until": _clock(past.end, plant.zone),
        "made": {name: _rounded(row[name], digits) for name, digits in _MADE.items()},
        "target": _target(queries, plant, line, row, past),
        "stops": _stops(found),
        "reasons": {
            "asking": missing.asking,
            "missing": missing.missing,
            "share": _rounded(missing.share, 6),
            "is_doubtful": missing.is_doubtful,
        },
        "machines": [
            {"machine": it.machine, "unknown_s": _rounded(it.unknown_time.total_seconds(), 3)}
            for it in line_quality(queries, shift.line, past).machines
        ],
        "open": _open(queries, found, past),
    }


def comparable(figures: ShiftFigures) -> ShiftFigures:
    """Without what goes on by itself: what a later view is held against."""
    return {name: value for name, value in figures.items() if name not in _GOES_ON}


def figures_without(figures: ShiftFigures, withheld: Withheld) -> ShiftFigures:
    """Without what the plant keeps confidential from who reads it."""
    shown = dict(figures)
    if Confidential.REASONS in withheld:
        stops = shown["stops"]
        longest = [{**it, "reason": None} for it in stops["longest"]]
        shown["stops"] = {**stops, "longest": longest}
    if Confidential.RAW_SAMPLES in withheld:
        shown["open"] = {**shown["open"], "order": None}
    return shown


def _target(
    queries: Queries, plant: Plant, line: Line, row: KpiRow, past: Window
) -> dict[str, Any] | None:
    period = period_at(line, plant.zone, past.start)
    if period is None:
        return None
    orders = [it for it in plant.orders.values() if it.line == line.id]
    period = replace(period, ordered=ordered_parts(line, plant.zone, orders, period.window))
    demanded = target_oee(queries.projects(), line.id, plant.zone, past.end)
    forecast = forecast_of(period, row, demanded)
    target = shift_target(period, row, forecast, line.target_oee, past.end)
    if target is None:
        return None
    return {
        "source": target.source.value,
        "oee": target.oee,
        "good_count": _rounded(target.good_count, 3),
        "good_count_now": _rounded(target.good_count_now, 3),
    }


def _stops(found: StopsAnswer) -> dict[str, Any]:
    zone = found.plant.zone
    stopped = found.rows.filter(pl.col("category").is_in(["minor", "major"]))
    asked = stopped.with_columns(asks_for_reason().alias("asks"))
    longest = asked.sort(["duration_s", "start"], descending=[True, False]).head(LONGEST)
    return {
        "count": stopped.filter(~pl.col("continued")).height,
        "duration_s": _rounded(float(stopped["duration_s"].sum()), 3),
        "longest": [
            {
                "start": _clock(it["start"], zone),
                "end": _clock(it["end"], zone),
                "duration_s": _rounded(it["duration_s"], 3),
                "state": it["state"],
                "reason": it["reason"],
                "asks": it["asks"],
            }
            for it in longest.iter_rows(named=True)
        ],
    }


def _open(queries: Queries, found: StopsAnswer, past: Window) -> dict[str, Any]:
    last: Mapping[str, Any] = next(iter(found.intervals.sort("start").tail(1).to_dicts()), {})
    runs, order = last.get("state") in _STOPPED, last.get("order") or None
    return {
        "order": None if order == ORDER_LOST else order,
        "state": last.get("state"),
        "stopped_since": _clock(_since(found.rows, past), found.plant.zone) if runs else None,
        "waiting_corrections": len(waiting(queries.corrections(found.line.id))),
    }


def _since(rows: pl.DataFrame, past: Window) -> datetime | None:
    """When the stop began that lasts to the end; None where it lies outside of planned time."""
    starts: Iterable[datetime] = rows.filter(pl.col("end") >= past.end)["start"]
    return max(starts, default=None)


def _clock(at: datetime | None, zone: ZoneInfo) -> str | None:
    """On the plant's clocks, in ISO 8601."""
    return None if at is None else at.astimezone(zone).isoformat()


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)
