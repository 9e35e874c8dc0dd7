"""Reads what is around the changes of live lines: many lines at once, as much as fits.

A statement of the store costs far more than the few samples of a live line, so lines whose
windows lie near each other are read together. Rules: memory is bounded; how much a line has is
known from the last time; of lines that were never read a few are read together. Knows nothing of
facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from domain.frames import LineHistory
from domain.time import Window
from store.telemetry.protocol import TelemetryReader

ROWS_IN_ALL = 2_000_000  # samples in memory; a line for which there is no room is left out
_ROWS_AT_ONCE = 500_000  # of a read
_ROWS_UNKNOWN = _ROWS_AT_ONCE // 16  # that a line is taken to have that was never read
_SPREAD = timedelta(hours=6)  # of the windows of a read


class NearReader:
    """Histories of lines around their changes."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._rows: dict[str, int] = {}  # that each line had the last time

    def read(self, windows: Mapping[str, Window]) -> dict[str, LineHistory]:
        """Of each line a history that has its window."""
        found: dict[str, LineHistory] = {}
        room = ROWS_IN_ALL
        for lines, window in self._groups(windows):
            if room <= 0:
                break
            for history in self._telemetry.histories(lines, window.start, window.end):
                found[history.line] = history
                self._rows[history.line] = history.samples.height
                room -= history.samples.height
        return found

    def _groups(self, windows: Mapping[str, Window]) -> Iterator[tuple[list[str], Window]]:
        """Lines to read together, and the window that has all of theirs."""
        group: list[str] = []
        rows = 0
        for line in sorted(windows, key=windows.__getitem__):
            rows += self._rows.get(line, _ROWS_UNKNOWN)
            together = _covering([windows[it] for it in (*group, line)])
            if group and (rows > _ROWS_AT_ONCE or together.end - together.start > _SPREAD):
                yield group, _covering([windows[it] for it in group])
                group, rows = [], self._rows.get(line, _ROWS_UNKNOWN)
            group.append(line)
        if group:
            yield group, _covering([windows[it] for it in group])


def _covering(windows: list[Window]) -> Window:
    return Window(min(it.start for it in windows), max(it.end for it in windows))
