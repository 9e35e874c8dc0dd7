"""Facts of what is over, kept as long as nothing of them changed.

Whoever looks at a year looks again a second later, and of a year only the present changes. Keys
name the version of the line that the facts are of. Bounded by rows: what was not asked for longest
is let go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

import polars as pl

MaybeFacts = TypeVar("MaybeFacts", pl.DataFrame, pl.DataFrame | None)
ROWS_MAX = 60_000  # of facts, some 20 MB


class KeptFacts:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._frames: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], MaybeFacts]) -> MaybeFacts:
        """The frame of that key, made if it is not kept. None, if that is made, is not kept."""
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key]
        frame = make()
        if frame is None:
            return frame
        with self._lock:
            self._frames[key] = frame
            rows = sum(it.height + 1 for it in self._frames.values())
            while rows > ROWS_MAX:
                _, gone = self._frames.popitem(last=False)
                rows -= gone.height + 1
        return frame
