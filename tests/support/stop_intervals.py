"""Hand-made state intervals that follow each other from ZERO on, for tests of stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from analytics.stops.stop_list import INTERVALS, stop_pieces, stops_from_pieces
from domain.corrections import Correction
from domain.plant import DEFAULT_CHATTER_S
from domain.time import Window

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
Piece = tuple[float, str, str | None, str, str]  # minutes, state, reason, plan, shift


def intervals(*pieces: Piece) -> pl.DataFrame:
    """INTERVALS from 00:00 UTC on; a shift of another name than the one before begins there."""
    rows, cursor, shift_start = [], ZERO, None
    for minutes, state, reason, plan, shift in pieces:
        end = cursor + timedelta(microseconds=round(minutes * 60e6))
        if not rows or shift != rows[-1][5]:
            shift_start = cursor if shift else None
        rows.append((cursor, end, state, reason, plan, shift, shift_start))
        cursor = end
    return pl.DataFrame(rows, schema=INTERVALS, orient="row")


def busy(minutes: float, state: str, reason: str | None = None, shift: str = "A") -> Piece:
    """Planned busy time."""
    return (minutes, state, reason, "busy", shift)


def stop_list(
    intervals: pl.DataFrame,
    minor_stop_s: float,
    chatter_s: float = DEFAULT_CHATTER_S,
    window: Window | None = None,
    corrections: Sequence[Correction] = (),
) -> pl.DataFrame:
    """STOPS in order of time."""
    return stops_from_pieces(stop_pieces(intervals, minor_stop_s, chatter_s, window, corrections))
