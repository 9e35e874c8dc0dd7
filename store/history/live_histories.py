"""Histories of live lines up to now, kept in memory and continued by what came in.

Of a line that is looked at every few seconds nearly all was read the time before. Marks say from
when on its samples or spans changed; only from there on it is read again, many lines at once:

    kept      |------------------------------|          up to the last look
    marks                              x  x             something came in, some of it late
    read                               |--------|       from the first mark on
    now       |---------------------------------|       what was kept before it, and this

Rules: what is continued equals what a read of the whole would give, and every history is anchored
(store.history.anchored). What lies long before what is
asked for is let go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from domain.frames import LineHistory
from domain.time import Window, micros
from store.history.anchored import anchored, trimmed
from store.history.batched_reads import NearReader
from store.history.line_history import MARGIN
from store.telemetry.frames import merged_spans
from store.telemetry.protocol import LineChanges, TelemetryReader

_NO_ROWS = np.arange(0)
_SPARE_MAX = timedelta(hours=2)  # that is kept before what is asked for
# Of a line where something came in from further back the whole is read again: the others are read
# together with it.
_LATE_MAX = 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Wanted:
    """A window of a line, which ends after all that the line has; `changes`: a number of the store
    that was asked for before."""

    window: Window
    changes: LineChanges | None


@dataclass(frozen=True, slots=True)
class _Kept:
    history: LineHistory
    mark: int  # all up to this one is in the history


class LiveHistories:
    """For one caller at a time."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._whole = NearReader(telemetry)
        self._kept: dict[str, _Kept] = {}

    def read(self, wanted: Mapping[str, Wanted]) -> dict[str, LineHistory]:
        """Of each line a history that has its window; a line for which there is no room is left
        out. Raises StorageError when the store does."""
        anew: dict[str, Window] = {}
        since: dict[str, Window] = {}
        found: dict[str, LineHistory] = {}
        for line, it in wanted.items():
            changed = self._changed_from(line, it)
            if changed is None or it.window.end - changed > _LATE_MAX:
                anew[line] = it.window
            elif changed >= it.window.end:
                found[line] = replace(self._kept[line].history, end=it.window.end)
            else:
                since[line] = Window(changed, it.window.end)
        if since:
            start = min(it.start for it in since.values())
            end = max(it.end for it in since.values())
            for newest in self._telemetry.histories([*since], start, end, neighbours=False):
                line = newest.line
                found[line] = continued(self._kept[line].history, newest, since[line].start)
        whole = self._whole.read(anew)
        found |= {line: anchored(self._telemetry, it) for line, it in whole.items()}
        for line, it in wanted.items():
            history = found.get(line)
            if history is None or it.changes is None:
                self.forget(line)
                continue
            if it.window.start - history.start > _SPARE_MAX:
                found[line] = history = trimmed(history, it.window.start)
            self._kept[line] = _Kept(history, _last_mark(it.changes))
        return found

    def forget(self, line: str) -> None:
        """What is kept of the line is not needed any more."""
        self._kept.pop(line, None)

    def _changed_from(self, line: str, wanted: Wanted) -> datetime | None:
        """From when on the line changed since it was kept (the end of the window: not at all);
        None where that is not known, or too little was kept."""
        kept, window = self._kept.get(line), wanted.window
        if kept is None or wanted.changes is None or kept.history.start > window.start:
            return None
        if kept.mark == _last_mark(wanted.changes):
            return window.end
        marks = self._telemetry.marks_since(line, kept.mark)
        if marks is None:
            return None
        first = min((mark.start for mark in marks), default=window.end)
        return None if first <= kept.history.start else min(first, window.end)


def _last_mark(changes: LineChanges) -> int:
    return max(changes.samples, changes.spans)


def continued(kept: LineHistory, newest: LineHistory, since: datetime) -> LineHistory:
    """The kept history up to `since`, from there on the newest, which reaches back to it."""
    since_us, first_new = micros(since), kept.samples.height
    rows = [_NO_ROWS]  # of both, the kept ones first
    for series in sorted({*kept.all_series, *newest.all_series}):
        old, new = kept.rows_of(*series), newest.rows_of(*series)
        old_end = old.start + int(kept.times[old.start : old.stop].searchsorted(since_us))
        begin = new.start + int(newest.times[new.start : new.stop].searchsorted(since_us))
        rows += [np.arange(old.start, old_end), np.arange(begin, new.stop) + first_new]
    both = pl.concat([kept.samples, newest.samples], rechunk=True)
    spans = merged_spans(pl.concat([kept.spans, newest.spans]))
    end = max(kept.end, newest.end)
    return replace(kept, end=end, samples=both[np.concatenate(rows)], spans=spans)
