"""Where a window's KPI rows begin and end, and which of its facts belong to which.

Periods: the whole window, or its hours, shifts, days, weeks, months, or products.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from analytics.kpi.aggregation import ROW, condensed
from domain.errors import InputError
from domain.time import Window, midnight

PERIODS = ("hour", "shift", "day", "week", "month", "product")
_KEYS = ["period", "label"]


@dataclass(frozen=True, slots=True)
class Period:
    """What names a row to be: the line, its zone, the window or the part of it called `key`."""

    line: str
    zone: ZoneInfo
    window: Window
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Periods:
    """`facts`: what the periods' facts add up to, ROW (the period's place) and CONDENSED."""

    each: list[Period]
    facts: pl.DataFrame


def check_period(by: str | None) -> None:
    """Raises InputError for an unknown one."""
    if by is not None and by not in PERIODS:
        raise InputError(f"unknown period '{by}'", todo=f"Use one of {', '.join(PERIODS)}.")


def periods_of(
    line: str, zone: ZoneInfo, facts: pl.DataFrame, window: Window, by: str | None
) -> Periods:
    """The window's periods from its FACTS. Raises InputError for an unknown one."""
    each, numbered = cut(line, zone, facts, window, by)
    return Periods(each, condensed(numbered, [ROW]))


def cut(
    line: str, zone: ZoneInfo, facts: pl.DataFrame, window: Window, by: str | None
) -> tuple[list[Period], pl.DataFrame]:
    """The window's periods, and those of its FACTS that belong to one, each with ROW, the place of
    its period. Raises InputError for an unknown one."""
    if by is None:
        rows = pl.Series(ROW, np.zeros(facts.height, dtype=np.int64))
        return [Period(line, zone, window)], facts.hstack([rows])
    check_period(by)
    if by == "product":
        made = facts.select(pl.col("product").unique().sort()).with_row_index(ROW)
        each = [Period(line, zone, window, product) for product in made["product"]]
        return each, _numbered(facts, made, ["product"])
    keyed = facts.with_columns(_period(by, zone))
    if by == "shift":
        keyed = keyed.filter(pl.col("shift_start").is_not_null())
    spans = (
        keyed.group_by(_KEYS, maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max())
        .with_row_index(ROW)
    )
    each = [
        Period(line, zone, _clipped(zone, by, begun, Window(start, end), window), label)
        for _, begun, label, start, end in spans.iter_rows()
    ]
    return each, _numbered(keyed, spans.select(ROW, *_KEYS), _KEYS).drop(_KEYS)


def _numbered(facts: pl.DataFrame, rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The facts with ROW behind; their order stays, because floats are added in it."""
    numbered = facts.join(rows, on=keys, maintain_order="left")
    return numbered.with_columns(pl.col(ROW).cast(pl.Int64))


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


def _clipped(zone: ZoneInfo, by: str, begun: datetime, span: Window, window: Window) -> Window:
    """The period's own bounds, within the window. `span`: from its first fact to its last."""
    if by in ("hour", "shift"):
        return span
    first_day = begun.date()
    after = {
        "day": first_day + timedelta(days=1),
        "week": first_day + timedelta(days=7),
        "month": (first_day.replace(day=1) + timedelta(days=32)).replace(day=1),
    }[by]
    return Window(
        max(window.start, midnight(first_day, zone)),
        min(window.end, midnight(after, zone)),
    )
