"""What an agent has subscribed to in a session that lasts: the broker keeps that, and tells nobody.

After a profile has changed, what only the one before wanted must go: a subscription that is left
beside one that takes the same messages may bring each of them twice (MQTT 5, 3.3.4), and a
count would count twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import structlog

from edge.whole_file import write_whole

_log = structlog.get_logger(__name__)


class KeptSubscriptions:
    """In a file; None: of a session that does not last, where nothing is to be kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> set[str]:
        """The filters that the session may have; none, where that is not known."""
        if self._path is None:
            return set()
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return set()
        return {it for it in kept if isinstance(it, str)} if isinstance(kept, list) else set()

    def write(self, filters: Iterable[str]) -> None:
        """From now on the session has these. Written only where that is new."""
        wanted = set(filters)
        if self._path is None or wanted == self.read():
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(sorted(wanted)).encode())
        except OSError as error:
            _log.warning("subscriptions cannot be kept", file=str(self._path), why=str(error))
