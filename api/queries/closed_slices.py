"""Facts of the closed slices on the live board, of many lines at once.

Of a line that goes on as planned nothing is read until a slice closes: what was read of its stored
facts stands until they are replaced. Where a change reaches into closed slices that are stored no
more truly, or one has closed that is not stored yet, these alone are computed from what was read
around the line's changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from api.queries.facts import computed, joined, missing, still_true
from domain.corrections import LineCorrections
from domain.frames import FACTS, LineHistory
from domain.plant import Plant
from domain.time import Window
from store.telemetry.protocol import TelemetryReader

_Stored = tuple[str, int, Window | None]  # spec, number of the line's facts, window


@dataclass(frozen=True, slots=True)
class ClosedPart:
    """The closed slices of a line in `window` (None: there are none), as of `at`.

    `facts_number` changes with the line's stored facts (LineChanges); `changed`: where these hold
    no more; `near`: what was read around that.
    """

    plant: Plant
    line: str
    spec: str
    facts_number: int
    window: Window | None
    at: datetime
    corrections: LineCorrections
    changed: Sequence[Window]
    near: LineHistory


class ClosedSlices:
    """Remembers stored facts by line. For one caller at a time; raises StorageError when a store
    does."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._stored: dict[str, tuple[_Stored, pl.DataFrame]] = {}
        self._whole: set[str] = set()  # lines of which every closed slice is stored

    def facts(self, parts: Sequence[ClosedPart]) -> list[pl.DataFrame]:
        """FACTS of each part; of a line where nothing changed the same frame as before."""
        self._read(part for part in parts if not self._is_known(part))
        return [self._facts(part) for part in parts]

    def forget(self, line: str) -> None:
        """The line is no more."""
        self._stored.pop(line, None)
        self._whole.discard(line)

    def _is_known(self, part: ClosedPart) -> bool:
        known = self._stored.get(part.line)
        return known is not None and known[0] == _stored_key(part)

    def _read(self, parts: Iterable[ClosedPart]) -> None:
        """The stored facts of the parts, those of one window in one go."""
        asked: dict[Window, list[ClosedPart]] = {}
        for part in parts:
            if part.window is not None:
                asked.setdefault(part.window, []).append(part)
        for window, same in asked.items():
            specs = {part.line: part.spec for part in same}
            found = self._telemetry.facts_of_lines(specs, window.start, window.end)
            for part in same:
                self._stored[part.line] = _stored_key(part), found[part.line]
                self._whole.discard(part.line)

    def _facts(self, part: ClosedPart) -> pl.DataFrame:
        window = part.window
        if window is None:
            return FACTS.to_frame()
        stored = self._stored[part.line][1]
        touching = [it for it in part.changed if it.start < window.end and it.end > window.start]
        if not touching and part.line in self._whole:
            return stored
        known = still_true(stored, touching)
        gaps = missing(part.plant, part.line, window, [known])
        if not touching and not gaps:
            self._whole.add(part.line)
        made = [
            computed(
                self._telemetry, part.plant, part.line, gap, part.at, part.corrections, part.near
            )
            for gap in gaps
        ]
        return joined([known, *made])


def _stored_key(part: ClosedPart) -> _Stored:
    return part.spec, part.facts_number, part.window
