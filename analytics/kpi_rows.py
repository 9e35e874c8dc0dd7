"""KPI rows as command line, HTTP and pages show them: one path from facts to figures.

A row is a plain dictionary with the field names of the interface; times carry the plant's
offset. Periods: the whole window, or its hours, shifts, days, weeks, months, or products.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics import methods
from analytics.kpi import KPIS, Sums, coverage, evaluate, missing, sums, sums_by
from domain.errors import InputError
from domain.plant import Plant
from domain.time import Window, midnight

PERIODS = ("hour", "shift", "day", "week", "month", "product")


def kpi_rows(
    plant: Plant,
    line_id: str,
    facts: pl.DataFrame,
    window: Window,
    by: str | None = None,
    method: str = methods.DEFAULT,
) -> list[dict[str, Any]]:
    """Rows for the window from its FACTS. Raises InputError for an unknown period or method."""
    methods.method_named(method)
    zone = plant.zone
    if by is None:
        return [kpi_row(line_id, window, None, sums(facts, method), method, zone)]
    if by not in PERIODS:
        raise InputError(f"unknown period '{by}'", todo=f"Use one of {', '.join(PERIODS)}.")
    if by == "product":
        found = sums_by(facts, ["product"], method)
        return [
            kpi_row(line_id, window, str(key[0]), figures, method, zone)
            for key, figures in sorted(found.items(), key=lambda item: str(item[0]))
        ]
    keyed = facts.with_columns(_period(by, zone))
    if by == "shift":
        keyed = keyed.filter(pl.col("shift_start").is_not_null())
    rows = []
    for key, figures in sums_by(keyed, ["period", "label"], method).items():
        start, label = key
        assert isinstance(start, datetime)
        span = _clipped(plant.zone, by, start, keyed, window)
        rows.append(kpi_row(line_id, span, str(label), figures, method, zone))
    return rows


def _period(by: str, zone: ZoneInfo) -> list[pl.Expr]:
    """The start of each fact's period (`period`, local days as datetimes) and its key."""
    local = pl.col("start").dt.convert_time_zone(zone.key)
    day = pl.col("day")
    if by == "hour":
        hour = local.dt.truncate("1h")
        return [
            hour.dt.convert_time_zone("UTC").alias("period"),
            hour.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("label"),
        ]
    if by == "shift":
        return [pl.col("shift_start").alias("period"), pl.col("shift").alias("label")]
    first = {"day": day, "week": day.dt.truncate("1w"), "month": day.dt.truncate("1mo")}[by]
    text = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[by]
    return [
        first.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("period"),
        first.dt.strftime(text).alias("label"),
    ]


def _clipped(
    zone: ZoneInfo, by: str, start: datetime, keyed: pl.DataFrame, window: Window
) -> Window:
    """The period's own bounds, within the window."""
    if by in ("hour", "shift"):
        mine = keyed.filter(pl.col("period") == start)
        first, last = mine["start"].min(), mine["end"].max()
        assert isinstance(first, datetime)
        assert isinstance(last, datetime)
        return Window(first, last)
    first_day = start.date()
    after = {
        "day": first_day + timedelta(days=1),
        "week": first_day + timedelta(days=7),
        "month": (first_day.replace(day=1) + timedelta(days=32)).replace(day=1),
    }[by]
    return Window(
        max(window.start, midnight(first_day, zone)),
        min(window.end, midnight(after, zone)),
    )


def kpi_row(
    line_id: str, window: Window, key: str | None, of: Sums, method: str, zone: ZoneInfo
) -> dict[str, Any]:
    """One row: times, sums, ratios, bounds, coverage, flags, and what cannot be computed."""
    oee = evaluate("oee", of)
    ratios = {name: kpi.function(of) for name, kpi in KPIS.items()}
    return {
        "line": line_id,
        "start": window.start.astimezone(zone).isoformat(),
        "end": window.end.astimezone(zone).isoformat(),
        "key": key,
        "method": method,
        "planned_busy_time_s": of.planned_busy_time_s,
        "production_time_s": of.production_time_s,
        "setup_time_s": of.setup_time_s,
        "delay_time_s": of.delay_time_s,
        "down_time_s": of.down_time_s,
        "maintenance_time_s": of.maintenance_time_s,
        "unknown_time_s": of.unknown_time_s,
        "planned_down_time_s": of.planned_down_time_s,
        "not_planned_time_s": of.not_planned_time_s,
        "total_count": of.total_count,
        "good_count": of.good_count,
        "reject_count": of.reject_count,
        "rework_count": of.rework_count,
        "total_count_unknown": of.total_count_unknown,
        "good_count_unknown": of.good_count_unknown,
        "ideal_time_s": of.ideal_time_s,
        "good_ideal_time_s": of.good_ideal_time_s,
        "energy_kwh": of.energy_kwh,
        "stops": of.stops,
        "failures": of.failures,
        **ratios,
        "oee_low": oee.low,
        "oee_high": oee.high,
        "coverage": coverage(of),
        "flags": list(of.flags),
        "not_computable": {
            name: what for name, kpi in KPIS.items() if (what := missing(kpi, of)) is not None
        },
    }
