"""Stored facts that were read, kept as long as nothing of them changed.

Whoever looks at a year looks again a second later, and of a year only the present changes. Bounded
by rows: what was not asked for longest is let go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from threading import Lock

import polars as pl

from store.telemetry.protocol import TelemetryStore

ROWS_MAX = 60_000  # of facts, some 20 MB


class KeptFacts:
    """Thread-safe."""

    def __init__(self, telemetry: TelemetryStore) -> None:
        self._telemetry = telemetry
        self._lock = Lock()
        self._frames: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()

    def read(
        self, version: Hashable, line: str, spec: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """The line's stored facts of [start, end) as they are at that version of the line."""
        key = (line, spec, start, end, version)
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key]
        frame = self._telemetry.facts(line, spec, start, end)
        with self._lock:
            self._frames[key] = frame
            rows = sum(it.height for it in self._frames.values())
            while rows > ROWS_MAX:
                _, gone = self._frames.popitem(last=False)
                rows -= gone.height
        return frame
