"""Facts of any window: stored slices where they are valid, the kernel for the rest.

A slice is taken from the store when it lies inside the window, was made under the line's
present specification and no later sample or correction reaches into it; everything else (the
open hour, late data, a window's partial edges) is computed now by the same function that made
the stored ones. So no figure depends on how much was stored already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.calendar.slices import slices
from analytics.corrections.invalidation import touched, widened
from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from analytics.timeline.state_intervals import needed_until
from api.queries.board import LineNow
from api.queries.kept_facts import KeptFacts
from domain.corrections import LineCorrections
from domain.frames import FACTS, LineHistory
from domain.plant import Plant
from domain.time import Window, micros
from store.history.affected_windows import merged, nearby, windows
from store.history.line_history import line_history
from store.telemetry.protocol import DirtyMark, TelemetryReader

# Computed at once; bounds the memory that a long uncomputed window takes, and the time until work
# ends that nobody waits for any more.
_PIECE = timedelta(days=31)
_SAMPLES_AT_ONCE = 2_000_000
_UNCOUNTED_HOURS = 24  # a shorter piece is not worth counting its samples


def facts_of(
    store: TelemetryReader,
    plant: Plant,
    line_id: str,
    window: Window,
    now: datetime,
    corrections: LineCorrections,
    board: LineNow | None = None,
    kept: KeptFacts | None = None,
) -> pl.DataFrame:
    """FACTS of the line for the window, sorted; slices at its edges may be partial. With the
    line's entry on the `board`, as of that entry: what it has is not read, and nothing is asked of
    the store but facts from before its window, and not even these where they are `kept`. Where
    stored facts were replaced since the entry, it does not fit them, and all is as of `now`."""
    if board is not None:
        found = _as_of_entry(store, plant, board, window, kept or KeptFacts())
        if found is not None:
            return found
    marks = store.dirty(line_id)  # before the facts: whose marks are cleared later follow them
    stored = store.facts(line_id, line_digest(plant, line_id), window.start, window.end)
    near = _read_near(store, line_id, marks)
    known = still_true(stored, changed_since(store, plant, line_id, marks, corrections, near))
    frames = [known]
    for gap in missing(plant, line_id, window, [known]):
        reread = (
            near if near is not None and near.start <= gap.start < gap.end <= near.end else None
        )
        frames.append(computed(store, plant, line_id, gap, now, corrections, reread))
    return joined(frames)


def _read_near(
    store: TelemetryReader, line_id: str, marks: Sequence[DirtyMark]
) -> LineHistory | None:
    """The line around its marks, read at once where they lie close together: what they reach to is
    mostly there, and what is computed anew."""
    extent = store.extent(line_id) if marks else None
    window = nearby(marks, extent.end) if extent is not None else None
    return None if window is None else store.history(line_id, window.start, window.end)


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """FACTS of windows that lie apart as one, sorted."""
    if len(frames) == 1:
        return frames[0]
    return (
        pl.concat(frames)
        .sort("start", "mode", "order", "product", "reason_kind")
        .select(FACTS.names())
    )


def computed(
    store: TelemetryReader,
    plant: Plant,
    line_id: str,
    window: Window,
    now: datetime,
    corrections: LineCorrections,
    near: LineHistory | None = None,
) -> pl.DataFrame:
    """FACTS of the window out of its samples. `near`: what was read of the line already. A window
    with very many samples is computed in parts, cut at full hours from its start."""
    hours = (window.end - window.start) // timedelta(hours=1)
    if near is None and hours > _UNCOUNTED_HOURS:
        count = store.sample_count(line_id, window.start, window.end)
        if count > _SAMPLES_AT_ONCE:
            half = window.start + timedelta(hours=hours // 2)
            parts = (Window(window.start, half), Window(half, window.end))
            return joined([computed(store, plant, line_id, it, now, corrections) for it in parts])
    until = needed_until(plant.lines[line_id], window.end, now)
    history = line_history(store, line_id, window.start, until, corrections.in_force, near)
    return line_facts(plant, line_id, history, window.start, window.end, now)


def _as_of_entry(
    store: TelemetryReader, plant: Plant, board: LineNow, window: Window, kept: KeptFacts
) -> pl.DataFrame | None:
    """FACTS of the window up to the entry's instant; None where stored ones were replaced since,
    so that what is read now does not fit the entry."""
    line, window = board.line, Window(window.start, min(window.end, board.at))
    whole = _whole_slices(board, window)
    if whole is not None:
        return whole

    def unless_replaced(made: pl.DataFrame) -> pl.DataFrame | None:
        return None if _is_replaced(store, board, window) else made

    known = []
    if window.start < board.window.start:
        end, spec = min(window.end, board.window.start), line_digest(plant, line)
        stored = kept.once(
            ("stored", line, window.start, end, board.version),
            lambda: unless_replaced(store.facts(line, spec, window.start, end)),
        )
        if stored is None:
            return None
        known.append(still_true(stored, board.pending))
    if window.end > board.window.start:
        known.append(_of_board(board, window))
    frames: list[pl.DataFrame | None] = [*known]
    for gap in missing(plant, line, window, known):

        def made(gap: Window = gap) -> pl.DataFrame | None:
            corrections = board.corrections
            return unless_replaced(computed(store, plant, line, gap, board.at, corrections))

        is_over = _is_over(gap, board)
        key = "computed", line, gap, board.version
        frames.append(kept.once(key, made) if is_over else made())
    found = [it for it in frames if it is not None]
    return joined(found) if len(found) == len(frames) else None


def _of_board(board: LineNow, window: Window) -> pl.DataFrame:
    """The whole slices of the window that are on the board."""
    if window.start <= board.window.start and window.end == board.at:
        return board.facts
    inside = (pl.col("start") >= window.start) & (pl.col("end") <= window.end)
    return board.facts.filter(inside)


def _is_replaced(store: TelemetryReader, board: LineNow, window: Window) -> bool:
    """Whether stored facts of closed slices that the window touches were replaced since the
    entry. Asked after what was read, so that nothing can be replaced in between."""
    replaced = store.facts_replaced_since(board.line, board.facts_number)
    end = min(window.end, board.open.start)
    return replaced is None or any(it.start < end and window.start < it.end for it in replaced)


def _whole_slices(board: LineNow, window: Window) -> pl.DataFrame | None:
    """FACTS of a window that begins with a slice on the board and ends with it."""
    if window.end != board.at or window.start < board.window.start:
        return None
    closed, opened = board.closed_facts, board.open_facts
    behind = _from(closed, window.start)
    if behind is not None:
        return pl.concat([behind, opened])
    return _from(opened, window.start)


def _from(facts: pl.DataFrame, at: datetime) -> pl.DataFrame | None:
    """FACTS from the slice on that begins at that time; None where none does."""
    starts = facts["start"].to_numpy().astype(np.int64)
    first = int(starts.searchsorted(micros(at)))
    return facts[first:] if first < len(starts) and starts[first] == micros(at) else None


def _is_over(gap: Window, board: LineNow) -> bool:
    """Whether nothing of it can change without another version of the line."""
    return gap.end <= board.open.start and not board.pending


def changed_since(
    store: TelemetryReader,
    plant: Plant,
    line_id: str,
    marks: Sequence[DirtyMark],
    corrections: LineCorrections,
    near: LineHistory | None = None,
) -> list[Window]:
    """Where stored facts of the line no longer hold: samples (its dirty marks) or corrections
    came after them. `near`: what was read around the marks already."""
    changed = touched(corrections.not_yet_applied)
    extent = store.extent(line_id)
    if marks and extent is not None:
        changed += windows(store, plant.lines[line_id], marks, extent.end, near)
    return widened(changed, corrections.in_force)


def still_true(stored: pl.DataFrame, changed: Sequence[Window]) -> pl.DataFrame:
    """The stored rows of slices that touch none of the windows."""
    if not changed:
        return stored
    dirty = pl.lit(False)
    for window in changed:
        dirty |= (pl.col("start") < window.end) & (pl.col("end") > window.start)
    return stored.filter(~dirty)


def missing(
    plant: Plant, line_id: str, window: Window, known: Sequence[pl.DataFrame]
) -> list[Window]:
    """The slices of the window that none of the FACTS has, joined where they adjoin."""
    parts = slices(plant, line_id, window.start, window.end).select("start", "end")
    there = pl.concat([frame.select("start", "end") for frame in known])
    missing = parts.join(there.unique(), on=["start", "end"], how="anti")
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
