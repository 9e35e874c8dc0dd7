"""Reads of a store that take more than one query, for those who derive facts.

What an instant is depends on more than its own samples: an increment that crosses a window's
border is shared out by the states between its two samples, and read with one more sample on
each side; a text holds across a bad sample; a reason holds unless production began since. So a
history for facts reaches further than its window, as far as `line_history` says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from domain.corrections import TOLD_AS_A_WHOLE, Correction
from domain.frames import LineHistory
from domain.plant import CHATTER_MAX_S, REASON_HOLDS_MAX
from domain.signals import SIGNALS, SignalKind
from store.protocol import TelemetryStore
from store.usable import usable, usable_neighbours

_COUNTERS = [name for name, signal in SIGNALS.items() if signal.kind is SignalKind.COUNTER]
_TEXTS = ["mode", "order", "product", "stop_reason"]
_REASON = "stop_reason"
_MICROSECOND = timedelta(microseconds=1)
# Read around a window at once: it holds a flicker, and mostly the neighbours too.
_MARGIN = timedelta(seconds=max(300.0, CHATTER_MAX_S))
_NEAR = 16  # samples among which mostly one is usable
_KEYS = ["machine", "signal", "time"]
_Series = tuple[str, str]  # machine, signal


def line_history(
    store: TelemetryStore,
    line: str,
    start: datetime,
    end: datetime,
    corrections: Sequence[Correction] = (),
) -> LineHistory:
    """The line's history for the facts of [start, end), with those of the corrections (in
    force) that touch it. It reaches

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
    first, last = start - _MARGIN, end + _MARGIN
    history = store.history(line, first, last)
    reached = list(_reached(store, history, start, end))
    if reached and (min(reached) < first or max(reached) >= last):
        first, last = min(first, *reached), max(last, *(at + _MICROSECOND for at in reached))
        history = store.history(line, first, last)
    touching = tuple(it for it in corrections if it.start <= last and it.end >= first)
    samples = history.samples
    beyond = _from_beyond(store, history, start, end)
    if beyond.height:
        samples = pl.concat([samples, beyond]).sort(_KEYS)
    return replace(history, samples=samples, corrections=touching)


def _reached(
    store: TelemetryStore, history: LineHistory, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Times of samples that the history must reach to with all that is between."""
    usable_times = _UsableTimes(store, history)
    for series in usable_times.series(_COUNTERS):
        before, after = usable_times.before(series, start), usable_times.after(series, start)
        if before is not None and after is not None:
            yield before
        before, after = usable_times.before(series, end), usable_times.after(series, end)
        if before is not None and after is not None:
            yield after
    for series in usable_times.series([_REASON]):
        before = usable_times.before(series, start)
        if before is not None and before >= start - REASON_HOLDS_MAX:
            yield before


def _from_beyond(
    store: TelemetryStore, history: LineHistory, start: datetime, end: datetime
) -> pl.DataFrame:
    """Samples that the history lacks, but not all that is between: the last usable text before
    `start`, and the second usable sample of each counter before `start` and after `end`, in
    which shows whether the first is out of line."""
    usable_times = _UsableTimes(store, history)
    rows = [history.samples.clear()]
    for series in usable_times.series(_TEXTS):
        at = usable_times.before(series, start)
        if at is not None and not _has(history, series, at):
            rows.append(_sample(store, history.line, series, at))
    for series in usable_times.series(_COUNTERS):
        first, last = usable_times.before(series, start), usable_times.after(series, end)
        second = [
            None if first is None else usable_times.before(series, first),
            None if last is None else usable_times.after(series, last + _MICROSECOND),
        ]
        rows += [
            _sample(store, history.line, series, at)
            for at in second
            if at is not None and not _has(history, series, at)
        ]
    return pl.concat(rows)


def _has(history: LineHistory, series: _Series, at: datetime) -> bool:
    """Whether the history has a sample of the series at that time."""
    times = history.series(*series)["time"]
    index = bisect_left(times, at)
    return index < len(times) and times[index] == at


def _sample(store: TelemetryStore, line: str, series: _Series, at: datetime) -> pl.DataFrame:
    machine, signal = series
    return store.history(line, at, at + _MICROSECOND).samples.filter(
        pl.col("machine") == machine, pl.col("signal") == signal, pl.col("time") == at
    )


class _UsableTimes:
    """Times of the usable counts and texts of a history, and of those beyond it: a history has
    the nearest samples outside; only where these are of no use the store is asked."""

    def __init__(self, store: TelemetryStore, history: LineHistory) -> None:
        self._store = store
        self._history = history

    def series(self, signals: Sequence[str]) -> list[_Series]:
        return sorted(series for series in self._history.all_series if series[1] in signals)

    def before(self, series: _Series, at: datetime) -> datetime | None:
        """The last usable one before `at`."""
        samples = self._history.series(*series)
        earlier = samples.head(bisect_left(samples["time"], at))
        if earlier.is_empty():  # nothing at all before it
            return None
        for part in (earlier.tail(_NEAR), earlier):
            times = usable(part)["time"]
            if len(times):
                nearest: datetime = times[-1]
                return nearest
        return usable_neighbours(self._store, self._history.line, *series, at, at)[0]

    def after(self, series: _Series, at: datetime) -> datetime | None:
        """The first usable one at or after `at`."""
        samples = self._history.series(*series)
        later = samples.slice(bisect_left(samples["time"], at))
        if later.is_empty():
            return None
        for part in (later.head(_NEAR), later):
            times = usable(part)["time"]
            if len(times):
                nearest: datetime = times[0]
                return nearest
        just_before = at - _MICROSECOND
        return usable_neighbours(
            self._store, self._history.line, *series, just_before, just_before
        )[1]
