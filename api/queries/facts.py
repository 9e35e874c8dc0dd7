"""Facts of any window: stored slices where they are valid, the kernel for the rest.

A slice is taken from the store when it lies inside the window, was made under the line's
present specification and no later sample or correction reaches into it; everything else (the
open hour, late data, a window's partial edges) is computed now by the same function that made
the stored ones. So a figure never depends on what was stored already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from analytics.calendar.slices import slices
from analytics.corrections.invalidation import touched, widened
from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from analytics.timeline.state_intervals import needed_until
from domain.corrections import LineCorrections
from domain.frames import FACTS, LineHistory
from domain.plant import Plant
from domain.time import Window
from store.history.affected_windows import merged, windows
from store.history.line_history import line_history
from store.telemetry.protocol import DirtyMark, TelemetryStore

# Computed at once; bounds the memory that a long uncomputed window takes.
_PIECE = timedelta(days=31)


def facts_of(
    store: TelemetryStore,
    plant: Plant,
    line_id: str,
    window: Window,
    now: datetime,
    corrections: LineCorrections,
) -> pl.DataFrame:
    """FACTS of the line for the window, sorted; slices at its edges may be partial."""
    stored = store.facts(line_id, line_digest(plant, line_id), window.start, window.end)
    stored = _undirtied(store, plant, line_id, stored, corrections)
    frames = [stored]
    for gap in _gaps(plant, line_id, window, stored):
        until = needed_until(plant.lines[line_id], gap.end, now)
        history = line_history(store, line_id, gap.start, until, corrections.in_force)
        frames.append(line_facts(plant, line_id, history, gap.start, gap.end, now))
    return (
        pl.concat(frames)
        .sort("start", "mode", "order", "product", "reason_kind")
        .select(FACTS.names())
    )


def changed_since(
    store: TelemetryStore,
    plant: Plant,
    line_id: str,
    marks: Sequence[DirtyMark],
    corrections: LineCorrections,
    near: LineHistory | None = None,
) -> list[Window]:
    """Where stored facts of the line no longer hold: samples (its dirty marks) or corrections
    came after them. `near`: what was read around the marks already."""
    changed = touched(corrections.unfollowed)
    extent = store.extent(line_id)
    if marks and extent is not None:
        changed += windows(store, plant.lines[line_id], marks, extent.end, near)
    return widened(changed, corrections.in_force)


def _undirtied(
    store: TelemetryStore,
    plant: Plant,
    line_id: str,
    stored: pl.DataFrame,
    corrections: LineCorrections,
) -> pl.DataFrame:
    """The stored rows into which no change reaches that came after them."""
    changed = changed_since(store, plant, line_id, store.dirty(line_id), corrections)
    if not changed:
        return stored
    dirty = pl.lit(False)
    for window in changed:
        dirty |= (pl.col("start") < window.end) & (pl.col("end") > window.start)
    return stored.filter(~dirty)


def _gaps(plant: Plant, line_id: str, window: Window, stored: pl.DataFrame) -> list[Window]:
    """The slices of the window that are not stored, joined where they adjoin."""
    parts = slices(plant, line_id, window.start, window.end).select("start", "end")
    missing = parts.join(stored.select("start", "end").unique(), on=["start", "end"], how="anti")
    whole = merged([Window(start, end) for start, end in missing.sort("start").rows()])
    return [piece for gap in whole for piece in _pieces(gap)]


def _pieces(gap: Window) -> list[Window]:
    pieces = []
    start = gap.start
    while start < gap.end:
        end = min(start + _PIECE, gap.end)
        pieces.append(Window(start, end))
        start = end
    return pieces
