"""Until when all changes of a machine are on the agent's disk, kept over its restarts.

An agent that was killed, or whose computer was off, was not subscribed meanwhile, and what it was
about to fill from the server's history is not filled. From this time on the next run asks for it
(`history`). It is only ever too early: what is told twice is stored once. A file that cannot be
read says nothing, nor does one of another server or of another profile, which might tell the same
values otherwise; one that cannot be written costs no more than that.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import structlog

from edge.whole_file import write_whole

_log = structlog.get_logger(__name__)


class ToldUntil:
    """In the file `path`, of what the profile of that digest reads of the server at `url`."""

    def __init__(self, path: Path, url: str, profile: str) -> None:
        self._path = path
        self._of = f"{profile} {url}"

    def read(self) -> datetime | None:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["of"] != self._of:
                return None
            until = datetime.fromisoformat(kept["until"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return until if until.tzinfo is not None else None

    def write(self, until: datetime) -> None:
        """Everything up to then lasts."""
        text = json.dumps({"of": self._of, "until": until.isoformat()})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())
        except OSError as error:
            _log.warning("what was told cannot be kept", file=str(self._path), why=str(error))
