"""Reads of a store that take more than one query, for those who derive facts.

What an instant is depends on more than its own samples: an increment that crosses a window's
border is shared out by the states between its two samples, and read with one more sample on
each side; a text holds across a bad sample; a reason holds unless production began since. So a
history for facts reaches further than its window, as far as `line_history` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from domain.corrections import TOLD_AS_A_WHOLE, Correction
from domain.frames import LineHistory
from domain.plant import CHATTER_MAX_S, REASON_HOLDS_MAX
from domain.signals import SIGNALS, SignalKind
from domain.time import MICROSECOND
from store.history.neighbours import HistoryReader, Nearest

_COUNTERS = [name for name, signal in SIGNALS.items() if signal.kind is SignalKind.COUNTER]
_TEXTS = ["mode", "order", "product", "stop_reason"]
_REASON = "stop_reason"
# Read around a window at once: it holds chatter, and mostly the neighbours too.
MARGIN = timedelta(seconds=max(300.0, CHATTER_MAX_S))
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
    far enough. It reaches

    - back to the counts before and on to the counts after, where one increment crosses a
      border of the window; and it has the sample beyond each of these;
    - back to the last usable reason, if it can hold still: production since would have ended
      it; of mode, order and product it has the last usable one, however long ago;
    - over the whole of every correction that touches it and is told as a whole.
    """
    whole = [
        it for it in corrections if it.kind in TOLD_AS_A_WHOLE and it.start < end and it.end > start
    ]
    start = min([start, *(it.start for it in whole)])
    end = max([end, *(it.end for it in whole)])
    first, last = start - MARGIN, end + MARGIN
    if known is not None and known.start <= first and known.end >= last:
        history = known
    else:
        history = store.history(line, first, last)
    reached = list(_reached(store, history, start, end))
    if reached and (min(reached) < history.start or max(reached) >= history.end):
        first, last = min(first, *reached), max(last, *(at + MICROSECOND for at in reached))
        history = store.history(line, first, last)
    touching = tuple(
        it for it in corrections if it.start <= history.end and it.end >= history.start
    )
    beyond = _from_beyond(store, history, start, end)
    if not touching and not beyond:
        return history
    samples = pl.concat([history.samples, *beyond]).sort(_KEYS) if beyond else history.samples
    return replace(history, samples=samples, corrections=touching)


def _reached(
    store: HistoryReader, history: LineHistory, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Times of samples that the history must reach to with all that is between."""
    near = Nearest(store, history.line, history)
    for series in _series(history, _COUNTERS):
        first, last = _crossing(near, series, start, end)
        yield from (at for at in (first, last) if at is not None)
    for series in _series(history, [_REASON]):
        before, _ = near.usable(*series, start, start)
        if before is not None and before >= start - REASON_HOLDS_MAX:
            yield before


def _from_beyond(
    store: HistoryReader, history: LineHistory, start: datetime, end: datetime
) -> list[pl.DataFrame]:
    """Samples that the history lacks, but not all that is between: the last usable text before
    `start`, and the second usable sample of each counter before `start` and after `end`, in
    which shows whether the first is out of line."""
    near = Nearest(store, history.line, history)
    rows: list[pl.DataFrame] = []
    for series in _series(history, _TEXTS):
        at, _ = near.usable(*series, start, start)
        if at is not None and not near.has(*series, at):
            rows.append(_sample(store, history.line, series, at))
    for series in _series(history, _COUNTERS):
        first, last = _crossing(near, series, start, end)
        second = [
            None if first is None else near.usable(*series, first, first)[0],
            None if last is None else near.usable(*series, last, last)[1],
        ]
        rows += [
            _sample(store, history.line, series, at)
            for at in second
            if at is not None and not near.has(*series, at)
        ]
    return rows


def _series(history: LineHistory, signals: Sequence[str]) -> list[_Series]:
    return sorted(series for series in history.all_series if series[1] in signals)


def _crossing(
    near: Nearest, series: _Series, start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    """The first sample of the increment that crosses `start`, the last of that across `end`."""
    first, behind_start = near.usable(*series, start, start - MICROSECOND)
    before_end, last = near.usable(*series, end, end - MICROSECOND)
    return (
        first if behind_start is not None else None,
        last if before_end is not None else None,
    )


def _sample(store: HistoryReader, line: str, series: _Series, at: datetime) -> pl.DataFrame:
    machine, signal = series
    return store.history(line, at, at + MICROSECOND).samples.filter(
        pl.col("machine") == machine, pl.col("signal") == signal, pl.col("time") == at
    )
