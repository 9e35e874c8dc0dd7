"""KPI rows of a window: one path from facts to figures, for command line, HTTP and pages.

Periods: the whole window, or its hours, shifts, days, weeks, months, or products. The rows of
several methods stand one method after the other, each later one compared with the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics import methods
from analytics.kpi_compare import differs_from
from analytics.kpi_figures import Characteristic, figures_by_product, figures_in
from analytics.kpi_row import kpi_row
from analytics.kpi_totals import Row, condensed, rows_by, totals
from domain.corrections import Correction
from domain.errors import InputError
from domain.plant import Plant
from domain.time import Window, midnight

PERIODS = ("hour", "shift", "day", "week", "month", "product")
_KEYS = ["period", "label"]


@dataclass(frozen=True, slots=True)
class Period:
    """A row to be: `rows` are its condensed facts (analytics.kpi_totals)."""

    window: Window
    key: str | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the facts of a period: measurements, figures, and what they lack."""

    characteristic: Characteristic
    further: Mapping[str, float]
    cut: Mapping[str, str]


def kpi_rows(
    plant: Plant,
    line_id: str,
    facts: pl.DataFrame,
    window: Window,
    by: str | None = None,
    method: str | Sequence[str] = methods.DEFAULT,
    figures: Sequence[Correction] = (),
    measured: Callable[[Window], Characteristic] | None = None,
) -> list[dict[str, Any]]:
    """Rows for the window from its FACTS. Raises InputError for an unknown period or method.

    `figures`: what people told of the window's KPI inputs (FIGURE corrections). `measured`: the
    worst characteristic in a part of the window; None where measurements are not asked for.
    """
    periods = periods_of(plant.zone, facts, window, by)
    return period_rows(plant, line_id, periods, by, method, figures, measured)


def period_rows(
    plant: Plant,
    line_id: str,
    periods: Sequence[Period],
    by: str | None,
    method: str | Sequence[str],
    figures: Sequence[Correction] = (),
    measured: Callable[[Window], Characteristic] | None = None,
) -> list[dict[str, Any]]:
    """The rows of periods whose facts are added up already, wherever that was done."""
    names = methods.chosen(method)

    def beside(span: Window) -> _Beside:
        if by == "product":
            return _Beside(Characteristic(), *figures_by_product(figures, line_id, span))
        found = measured(span) if measured else Characteristic()
        further, cut = figures_in(figures, line_id, span, plant.zone)
        return _Beside(found, {**further, **found.indices}, {**cut, **found.cut})

    told = [beside(period.window) for period in periods]
    known = list(zip(periods, told, strict=True))
    first = [_row(plant, line_id, *one, names[0]) for one in known]
    rows = list(first)
    for name in names[1:]:
        for one, before in zip(known, first, strict=True):
            row = _row(plant, line_id, *one, name)
            rows.append(row | {"differs_from": differs_from(one[0].rows, before, row)})
    return rows


def _row(
    plant: Plant, line_id: str, period: Period, beside: _Beside, method: str
) -> dict[str, Any]:
    of = totals(period.rows, method, beside.further, beside.cut)
    row = kpi_row(line_id, period.window, period.key, of, method, plant.zone)
    return row | {"characteristic": beside.characteristic.name}


def periods_of(zone: ZoneInfo, facts: pl.DataFrame, window: Window, by: str | None) -> list[Period]:
    """The window's periods from its FACTS. Raises InputError for an unknown one."""
    if by is None:
        return [Period(window, None, rows_by(condensed(facts), []).get((), []))]
    if by not in PERIODS:
        raise InputError(f"unknown period '{by}'", todo=f"Use one of {', '.join(PERIODS)}.")
    if by == "product":
        found = rows_by(condensed(facts, ["product"]), ["product"])
        return [
            Period(window, str(key[0]), rows)
            for key, rows in sorted(found.items(), key=lambda item: str(item[0]))
        ]
    keyed = facts.with_columns(_period(by, zone))
    if by == "shift":
        keyed = keyed.filter(pl.col("shift_start").is_not_null())
    spans: dict[tuple[object, ...], Window] = {
        (period, label): Window(start, end)
        for period, label, start, end in keyed.group_by(_KEYS)
        .agg(pl.col("start").min(), pl.col("end").max())
        .iter_rows()
    }
    return [
        Period(_clipped(zone, by, key, spans[key], window), str(key[1]), rows)
        for key, rows in rows_by(condensed(keyed, _KEYS), _KEYS).items()
    ]


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
    zone: ZoneInfo, by: str, key: tuple[object, ...], span: Window, window: Window
) -> Window:
    """The period's own bounds, within the window. `span`: from its first fact to its last."""
    if by in ("hour", "shift"):
        return span
    start = key[0]
    assert isinstance(start, datetime)
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
