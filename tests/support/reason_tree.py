"""A plant's reason tree of three levels, and stops for its reasons."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl
from stop_intervals import Piece, busy, intervals, stop_list

from analytics.stops.pareto import explained
from domain.plant import Plant, StopReason
from domain.states import ReasonKind

ZONE = ZoneInfo("Asia/Hong_Kong")


def node(
    identity: str,
    parent: str | None = None,
    kind: ReasonKind = ReasonKind.UNPLANNED,
    codes: tuple[str, ...] = (),
    chinese: str = "",
) -> StopReason:
    name = {"en": identity.capitalize(), **({"zh-Hant": chinese} if chinese else {})}
    return StopReason(identity, name, kind, parent, codes)


TREE = {
    reason.id: reason
    for reason in (
        node("technical", kind=ReasonKind.BREAKDOWN, chinese="技術"),
        node("mechanical", "technical", ReasonKind.BREAKDOWN),
        node("jam", "mechanical", ReasonKind.BREAKDOWN, ("E17", "E18"), chinese="卡料"),
        node("sensor", "technical", ReasonKind.BREAKDOWN),
        node("people"),
        node("lunch", "people", ReasonKind.PLANNED, ("L",)),
        node("format", kind=ReasonKind.SETUP),
    )
}


def plant(reasons: dict[str, StopReason] | None = None) -> Plant:
    return Plant("p", ZONE, {"en": "P"}, "1", {}, {}, TREE if reasons is None else reasons)


def stops(*pieces: Piece) -> pl.DataFrame:
    """EXPLAINED."""
    return explained(plant(), stop_list(intervals(*pieces), minor_stop_s=120))


def run() -> Piece:
    return busy(1, "producing")


MIXED = (
    busy(10, "fault", "E17"),
    run(),
    busy(5, "stopped", "jam"),
    run(),
    busy(7, "stopped", "sensor"),
    run(),
    busy(30, "stopped", "L"),
    run(),
    busy(2, "idle", "people"),
    run(),
    busy(3, "idle", "no bottles"),
    run(),
    busy(4, "starved"),
    busy(20, "setup", ""),
    busy(6, "maintenance", "sensor"),
    busy(9, "unknown", "jam"),
)
