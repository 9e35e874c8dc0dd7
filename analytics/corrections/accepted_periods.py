"""Frozen periods: figures that an officer accepted, and what they would be now.

Where a period is frozen its accepted facts stand in the place of the present ones, so an
accepted figure never changes. Where later data or corrections would change a row, the present
row stands beside it as `restated`. Pure: the facts are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from analytics.kpi.row_columns import KpiRow, Restated
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

_SORTED = ("start", "mode", "order", "product", "reason_kind")
# What tells the periods that only facts can tell.
_KEYS = {"product": ["product"], "shift": ["shift_start", "shift"]}


Identity = tuple[datetime, str | None, str]  # of a row: its period's start, key, method


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """FACTS of a window as they were accepted."""

    window: Window
    frozen_at: datetime
    facts: pl.DataFrame


def check_window(window: Window, zone: ZoneInfo, frozen: Sequence[Window], now: datetime) -> None:
    """Whether the window may be frozen: past, between full local hours (there every calendar
    cuts time), apart from what is frozen already. Raises InputError."""
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


def not_yet_frozen(window: Window, frozen: Sequence[Window]) -> list[Window]:
    """The parts of the window that lie outside those that are frozen, in order of time.

    window      07 . . . . . . . . . 15
    frozen            09 . . 11
    left        07 .  09     11 . .  15
    """
    left, start = [], window.start
    touching = [it for it in frozen if it.start < window.end and window.start < it.end]
    for other in sorted(touching, key=lambda it: it.start):
        if start < other.start:
            left.append(Window(start, other.start))
        start = max(start, other.end)
    return [*left, Window(start, window.end)] if start < window.end else left


def accepted(present: pl.DataFrame, frozen: Sequence[FrozenFacts]) -> pl.DataFrame:
    """The present FACTS of a window with the accepted ones in the place of what is frozen.

    Where the window cuts through a frozen slice, that piece stays as it is at present: nobody
    accepted a figure of it alone.
    """
    for period in frozen:
        kept = _kept(present, period)
        if kept is not None:
            present = pl.concat(
                [present.filter(~_inside(kept)), period.facts.filter(_inside(kept))]
            )
    return check(present, FACTS, "facts").sort(_SORTED)


def pieces(present: pl.DataFrame, frozen: Sequence[FrozenFacts]) -> list[Window]:
    """What of the frozen time of a window is as it is at present, because the window cuts
    through a frozen slice there."""
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
    """Of all that was recorded of a line the figures that belong beside its accepted facts:
    those in force now, but where a period is frozen those in force when it was accepted."""
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
    """The accepted FACTS with empty rows of products or shifts that are only in the present
    ones, so that their rows can be shown as restated; and the other way round."""
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
    rows: Iterable[KpiRow], facts: pl.DataFrame, by: str | None
) -> dict[Identity, KpiRow]:
    """KPI rows of these FACTS by what they are of. A shift is known by when the calendar began
    it: what is planned of it may begin later, and not at the same time by other facts."""
    began: dict[tuple[str, datetime], list[datetime]] = {}
    if by == "shift":
        firsts = facts.group_by("shift_start", "shift").agg(pl.col("start").min())
        for of, shift, start in firsts.drop_nulls("shift_start").sort("shift_start").iter_rows():
            began.setdefault((shift, start), []).append(of)
    found: dict[Identity, KpiRow] = {}
    for row in rows:
        start = row.window.start
        names = [(of, row.key, row.method) for of in began.get((row.key or "", start), [start])]
        found[next(name for name in names if name not in found)] = row
    return found


def with_restated(
    rows: Mapping[Identity, KpiRow],
    present: Mapping[Identity, KpiRow],
    frozen: Sequence[FrozenFacts],
    apart: Sequence[Window],
) -> list[KpiRow]:
    """KPI rows of accepted facts; those that would be others at present are `restated`. Which of
    the pieces that stand `apart` are in a row is `not_frozen`."""
    return [_beside(row, present.get(it), frozen, apart) for it, row in rows.items()]


def _beside(
    row: KpiRow, now: KpiRow | None, frozen: Sequence[FrozenFacts], apart: Sequence[Window]
) -> KpiRow:
    start, end = row.window.start, row.window.end
    since = [it.frozen_at for it in frozen if it.window.start < end and start < it.window.end]
    changed = None
    if now is not None and since and now.figures != row.figures:
        changed = Restated(now.figures, max(since))
    pieces = tuple(
        Window(max(it.start, start), min(it.end, end))
        for it in apart
        if it.start < end and start < it.end
    )
    return replace(row, restated=changed, not_frozen=pieces)


def _kept(present: pl.DataFrame, period: FrozenFacts) -> Window | None:
    """From the first to the last border that the accepted slices share with the present ones."""
    borders = _borders(present) & _borders(period.facts)
    return Window(min(borders), max(borders)) if len(borders) > 1 else None


def _borders(facts: pl.DataFrame) -> set[datetime]:
    return {*facts["start"].to_list(), *facts["end"].to_list()}


def _inside(window: Window) -> pl.Expr:
    return (pl.col("start") >= window.start) & (pl.col("end") <= window.end)
