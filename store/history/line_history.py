"""Reads of a store that take more than one query, for those who derive facts.

What an instant is depends on more than its own samples, so a history for facts reaches further
than its window: how far, the table in `domain.signals` says. The nearest samples are mostly in a
margin that is read at once; the store is asked again only for what lies beyond it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from domain.corrections import TOLD_AS_A_WHOLE, Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import REASON_HOLDS_MAX
from domain.signals import REACH_MARGIN, Reach, reach_of
from domain.time import MICROSECOND
from store.history.anchored import anchored
from store.history.neighbours import HistoryReader, Nearest, samples_of

# Read around a window at once: what is always needed, and mostly the neighbours too: all those of a
# counter that is told every minute.
MARGIN = max(timedelta(minutes=13), REACH_MARGIN)
_KEYS = ["machine", "signal", "time"]
_Series = tuple[str, str]  # machine, signal


def line_history(
    store: HistoryReader,
    line: str,
    start: datetime,
    end: datetime,
    corrections: Sequence[Correction] = (),
    known: LineHistory | None = None,
) -> LineHistory:
    """The line's history for the facts of [start, end), with those of the corrections (in
    force) that touch it. `known`, what was read of the line already, serves where it reaches
    far enough. It reaches as far as `domain.signals.Reach` says of each signal that it has, over
    the whole of every correction that touches it and is told as a whole, and back to when the last
    reason was entered of a stop that went on: it may go on still. The last order that people named
    before it is among its corrections.
    """
    whole = [
        it for it in corrections if it.kind in TOLD_AS_A_WHOLE and it.start < end and it.end > start
    ]
    start = min([start, *(it.start for it in whole)])
    end = max([end, *(it.end for it in whole)])
    first = min([start - MARGIN, *_going_on(corrections, start)])
    last = end + MARGIN
    if known is not None and known.start <= first and known.end >= last:
        history = known
    else:
        history = store.history(line, first, last)
    near = Nearest(store, line, history)
    # Again after each read: what came in meanwhile may reach further.
    while _lacks(history, reached := list(_reached(near, history, start, end))):
        first, last = min(first, *reached), max(last, *(at + MICROSECOND for at in reached))
        history = store.history(line, first, last)
        near = Nearest(store, line, history)
    order = _last_order(corrections, history.start)
    touching = tuple(
        it
        for it in corrections
        if it is order or (it.start <= history.end and it.end >= history.start)
    )
    beyond = _from_beyond(store, near, history, start, end)
    if beyond:
        # Samples of one instant stay in their order.
        samples = pl.concat([history.samples, *beyond]).sort(_KEYS, maintain_order=True)
        history = replace(history, samples=samples)
    if touching:
        history = replace(history, corrections=touching)
    return anchored(store, history)


def _going_on(corrections: Sequence[Correction], start: datetime) -> list[datetime]:
    """From when on to read, for the last reason given before the window that may hold in it."""
    nearest = start - REACH_MARGIN  # what was entered later touches what is read anyway
    oldest = nearest - REASON_HOLDS_MAX
    ends = [it.end for it in corrections if it.until_stop_ends and oldest <= it.end <= nearest]
    return [max(ends) - REACH_MARGIN] if ends else []


def _last_order(corrections: Sequence[Correction], start: datetime) -> Correction | None:
    """What people said last before then of what the line makes: it holds until they say more."""
    before = [it for it in corrections if it.kind is CorrectionKind.ORDER and it.start < start]
    return max(before, key=lambda it: it.start, default=None)


def _lacks(history: LineHistory, reached: Sequence[datetime]) -> bool:
    """Whether one of those times is outside the history."""
    return not all(history.start <= at < history.end for at in reached)


def _reached(
    near: Nearest, history: LineHistory, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Times of samples that the history must reach to with all that is between."""
    for series, reach in _reaching(history):
        if not reach.whole:
            continue
        before, after = _next_to(near, series, reach, start, end)
        if before is not None and (reach.whole_max is None or start - before <= reach.whole_max):
            yield before
        if after is not None:
            yield after


def _from_beyond(
    store: HistoryReader, near: Nearest, history: LineHistory, start: datetime, end: datetime
) -> list[pl.DataFrame]:
    """Samples that are needed but that the history lacks, without what is between."""
    rows: list[pl.DataFrame] = []
    for series, reach in _reaching(history):
        before, after = _next_to(near, series, reach, start, end)
        if reach.increments:
            # How long a counter may be silent, its two nearest samples tell.
            before = before or near.usable(*series, start, start)[0]
            after = after or near.usable(*series, end, end - MICROSECOND)[1]
        for needed in (
            near.onwards(*series, before, reach.before, back=True),
            near.onwards(*series, after, reach.after, back=False),
            _before_all(near, history, series) if reach.by_state else [],
        ):
            lacking = [at for at in needed if not near.has(*series, at)]
            if lacking:
                rows.append(samples_of(store, history.line, *series, min(lacking), max(lacking)))
    return rows


def _before_all(near: Nearest, history: LineHistory, series: _Series) -> list[datetime]:
    """The nearest usable sample before all of the history: how a counter stood when the reason was
    told that the history reaches back to."""
    before, _ = near.usable(*series, history.start, history.start)
    return [] if before is None else [before]


def _reaching(history: LineHistory) -> list[tuple[_Series, Reach]]:
    """The series of which more is needed than the history of a window has anyway."""
    reaches = ((series, reach_of(series[1])) for series in sorted(history.all_series))
    return [(series, reach) for series, reach in reaches if reach.before or reach.after]


def _next_to(
    near: Nearest, series: _Series, reach: Reach, start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    """The nearest usable samples that are needed before the window and behind it."""
    if not reach.increments:
        before = near.usable(*series, start, start)[0] if reach.before else None
        return before, near.usable(*series, end, end - MICROSECOND)[1] if reach.after else None
    before, behind_start = near.usable(*series, start, start - MICROSECOND)
    before_end, after = near.usable(*series, end, end - MICROSECOND)
    return (
        before if behind_start is not None else None,
        after if before_end is not None else None,
    )
