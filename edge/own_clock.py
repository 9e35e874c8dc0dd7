"""Since when nobody knows whether the agent's own clock is right, kept over its restarts.

Receipts show it (`edge.collector_clock`). An agent that cannot reach its collector stamps by a
clock that nobody compares, maybe for days and over several starts: when it is compared at last and
is wrong, it may have been so since the last receipt that showed it right, or since the folder was
first used. A clock that was set back to before that may be wrong since then:

    start 08:00, right 09:00, killed, start 09:30, wrong 10:00    unsure since 09:00
    the same, but the clock begins at 1970 after the kill         unsure since 1970

A file that cannot be read says nothing; one that cannot be written costs no more than that.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FILE = "own_clock.txt"
_KEEP = timedelta(minutes=10)  # what a kill may forget


class OwnClock:
    """Of the agent with that data folder, which starts at `started` by the clock itself."""

    def __init__(self, folder: Path, started: datetime) -> None:
        self._path = folder / _FILE
        kept = _read(self._path)
        self._unsure_since = self._kept = started if kept is None else min(kept, started)
        if self._kept != kept:
            self._write()

    @property
    def unsure_since(self) -> datetime:
        return self._unsure_since

    def was_right(self, at: datetime) -> None:
        """A receipt showed it at that time."""
        self._unsure_since = at
        if abs(at - self._kept) >= _KEEP:
            self._kept = at
            self._write()

    def _write(self) -> None:
        new = self._path.with_name(f"{_FILE}.new")
        with contextlib.suppress(OSError):
            new.write_text(self._kept.isoformat(), encoding="utf-8")
            new.replace(self._path)


def _read(path: Path) -> datetime | None:
    try:
        kept = datetime.fromisoformat(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept.astimezone(UTC) if kept.tzinfo is not None else None
