"""What a live line's history needs from before its open slice, read once.

A counter whose last sample before the slice is of no use is looked for further back; for a line
that is looked at every second the answer is the same until something of that past changes. Whoever
keeps this lets go of it then.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from domain.frames import LineHistory
from domain.time import Window
from store.history.anchored import anchored
from store.telemetry.protocol import TelemetryReader

_KEPT_MAX = 64  # reads of whole histories
_SERIES_MAX = 1024  # reads of a series


class KeptPast:
    """Reads of one line; those that end at or before `until` are kept."""

    def __init__(self, store: TelemetryReader, until: datetime) -> None:
        self._store = store
        self._until = until
        self._kept: dict[tuple[datetime, datetime], LineHistory] = {}
        self._said: dict[tuple[str, str, datetime, datetime], pl.DataFrame] = {}

    def extent(self, line: str) -> Window | None:
        return self._store.extent(line)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        return self._store.neighbours(line, machine, signal, start, end)

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        key = machine, signal, start, end
        found = self._said.get(key)
        if found is None:
            found = self._store.said(line, *key)
            if end <= self._until and len(self._said) < _SERIES_MAX:
                self._said[key] = found
        return found

    def history(self, line: str, start: datetime, end: datetime) -> LineHistory:
        """The store's, anchored; of what is after `end` it may have what was there at the first
        read."""
        if end > self._until:
            return self._store.history(line, start, end)
        found = self._kept.get((start, end))
        if found is None:
            found = anchored(self._store, self._store.history(line, start, end))
            if len(self._kept) < _KEPT_MAX:
                self._kept[start, end] = found
        return found
