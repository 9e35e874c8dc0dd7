"""Accepted (frozen) periods: figures that an officer accepted, and what they would be now.

Inside a frozen period the accepted facts are used in place of the present ones, so an accepted
figure never changes. Where later data or corrections would change a row, the present figures stand
beside it as `restated`. Pure: the facts are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from domain.corrections import Correction, CorrectionKind, in_force
from domain.errors import InputError
from domain.frames import (
    COUNT_COLUMNS,
    FACTS,
    QUANTITY_COLUMNS,
    STATE_COLUMNS,
    check,
)
from domain.time import HOUR_US, Window, micros, midnight

# What identifies a row; everything else are its figures.
_IDENTITY = ("line", "start", "end", "key", "method")
_SORTED = ("start", "mode", "order", "product", "reason_kind")
# What identifies the periods that come from facts alone.
_KEYS = {"product": ["product"], "shift": ["shift_start", "shift"]}


Identity = tuple[datetime, str | None, str]  # of a row: its period's start, key, method


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """FACTS of a window as they were accepted."""

    window: Window
    frozen_at: datetime
    facts: pl.DataFrame


def check_window(window: Window, zone: ZoneInfo, frozen: Sequence[Window], now: datetime) -> None:
    """Checks that the window may be frozen: it is past, lies between full local hours (where every
    calendar cuts time) and does not overlap a frozen one. Raises InputError."""
    for field, at in (("start", window.start), ("end", window.end)):
        local = at.astimezone(zone)
        if (micros(at) - micros(midnight(local.date(), zone))) % HOUR_US:
            raise InputError(
                f"{local.isoformat()} is not a full hour",
                where=field,
                todo="Freeze from a full local hour to another.",
            )
    if window.end > now:
        raise InputError(
            f"the period ends at {window.end.astimezone(zone).isoformat()}, which has not come yet",
            where="end",
            todo="Freeze what is over.",
        )
    for other in frozen:
        if window.start < other.end and other.start < window.end:
            raise InputError(
                f"the time from {other.start.astimezone(zone).isoformat()} to "
                f"{other.end.astimezone(zone).isoformat()} is frozen already",
                where="start",
                todo="A frozen period stays as it was accepted: freeze the time outside it.",
            )


def accepted(present: pl.DataFrame, frozen: Sequence[FrozenFacts]) -> pl.DataFrame:
    """The present FACTS of a window, with the accepted ones in place of those in frozen periods.

    Where the window cuts through a frozen slice, that piece stays as it is now: no figure of it
    alone was accepted.
    """
    for period in frozen:
        kept = _kept(present, period)
        if kept is not None:
            present = pl.concat(
                [present.filter(~_inside(kept)), period.facts.filter(_inside(kept))]
            )
    return check(present, FACTS, "facts").sort(_SORTED)


def pieces(present: pl.DataFrame, frozen: Sequence[FrozenFacts]) -> list[Window]:
    """The pieces of frozen time that show present figures, because the window cuts through a
    frozen slice there."""
    edges = _borders(present)
    found = []
    for period in frozen:
        start, end = max(min(edges), period.window.start), min(max(edges), period.window.end)
        kept = _kept(present, period)
        borders = [start, end] if kept is None else [start, kept.start, kept.end, end]
        found += [
            Window(begin, finish)
            for begin, finish in zip(borders[::2], borders[1::2], strict=True)
            if begin < finish
        ]
    return found


def accepted_figures(
    records: Sequence[Correction], frozen: Sequence[FrozenFacts]
) -> list[Correction]:
    """The line's manual inputs that belong to its accepted facts: inside a frozen period those
    that were in force when it was accepted, elsewhere those in force now."""
    now = {it.id for it in in_force(records)}
    then = [(it.window, {known.id for known in in_force(records, it.frozen_at)}) for it in frozen]

    def belongs(figure: Correction) -> bool:
        accepted = [
            known
            for window, known in then
            if figure.start < window.end and window.start < figure.end
        ]
        return all(figure.id in known for known in accepted or [now])

    return [it for it in records if it.kind is CorrectionKind.FIGURE and belongs(it)]


def with_absent(shown: pl.DataFrame, present: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """Accepted and present FACTS, each with empty rows for the products or shifts that only the
    other has, so that a row can be restated even if one of the two lacks it."""
    key = _KEYS.get(by or "")
    if key is None:
        return shown
    absent = present.join(shown, on=key, how="anti", nulls_equal=True)
    empty = absent.with_columns(
        *(pl.lit(0, dtype=pl.Int64()).alias(name) for name in (*STATE_COLUMNS, *COUNT_COLUMNS)),
        *(pl.lit(None, dtype=pl.Float64()).alias(name) for name in QUANTITY_COLUMNS),
        flags=pl.lit(0, dtype=pl.Int64()),
    )
    return pl.concat([shown, empty]).sort(_SORTED)


def identified(
    rows: Iterable[dict[str, Any]], facts: pl.DataFrame, by: str | None
) -> dict[Identity, dict[str, Any]]:
    """KPI rows of these FACTS, each by what it is about. A shift is identified by its start in the
    calendar, because its planned part may begin later, and at different times in different
    facts."""
    began: dict[tuple[str, datetime], list[datetime]] = {}
    if by == "shift":
        firsts = facts.group_by("shift_start", "shift").agg(pl.col("start").min())
        for of, shift, start in firsts.drop_nulls("shift_start").sort("shift_start").iter_rows():
            began.setdefault((shift, start), []).append(of)
    found: dict[Identity, dict[str, Any]] = {}
    for row in rows:
        start = datetime.fromisoformat(row["start"])
        names = [(of, row["key"], row["method"]) for of in began.get((row["key"], start), [start])]
        found[next(name for name in names if name not in found)] = row
    return found


def with_restated(
    rows: Mapping[Identity, dict[str, Any]],
    present: Mapping[Identity, dict[str, Any]],
    frozen: Sequence[FrozenFacts],
    apart: Sequence[Window],
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """KPI rows of accepted facts. A row that would be different now gets `restated`: the figures
    of the present row, and `since` when the accepted ones stand. `not_frozen`: which of the pieces
    `apart` are in the row."""
    return [
        _with_pieces(_beside(row, present.get(it), frozen, zone), apart, zone)
        for it, row in rows.items()
    ]


def restated(
    row: dict[str, Any], figures: dict[str, Any], since: Iterable[datetime], zone: ZoneInfo
) -> dict[str, Any]:
    """The row; if one of its present figures differs from the accepted one, with `restated`: all
    present figures, and `since`: when the last of its periods was accepted."""
    if all(row.get(name) == value for name, value in figures.items()):
        return row
    stands = max(since).astimezone(zone).isoformat()
    return {**row, "restated": {**figures, "since": stands}}


def _beside(
    row: dict[str, Any],
    now: dict[str, Any] | None,
    frozen: Sequence[FrozenFacts],
    zone: ZoneInfo,
) -> dict[str, Any]:
    start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
    since = [it.frozen_at for it in frozen if it.window.start < end and start < it.window.end]
    if now is None or not since:
        return row
    figures = {name: value for name, value in now.items() if name not in _IDENTITY}
    return restated(row, figures, since, zone)


def _with_pieces(row: dict[str, Any], apart: Sequence[Window], zone: ZoneInfo) -> dict[str, Any]:
    start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
    inside = [
        {
            "start": max(it.start, start).astimezone(zone).isoformat(),
            "end": min(it.end, end).astimezone(zone).isoformat(),
        }
        for it in apart
        if it.start < end and start < it.end
    ]
    return row | {"not_frozen": inside} if inside else row


def _kept(present: pl.DataFrame, period: FrozenFacts) -> Window | None:
    """From the first to the last border that the accepted slices share with the present ones."""
    borders = _borders(present) & _borders(period.facts)
    return Window(min(borders), max(borders)) if len(borders) > 1 else None


def _borders(facts: pl.DataFrame) -> set[datetime]:
    return {*facts["start"].to_list(), *facts["end"].to_list()}


def _inside(window: Window) -> pl.Expr:
    return (pl.col("start") >= window.start) & (pl.col("end") <= window.end)
