"""What was refused: its bytes, under the reason, until somebody has looked at them.

Anybody can send what is refused, so what is kept of those who did not prove who they are is bounded
in bytes, over all their reasons together and across restarts. The oldest stay and the newest are
not kept: the first of a kind tells most, and nobody can wash it out by sending more. One item may
take a sixteenth of it, so that a few large ones do not fill it. Each counts as no less than a
block of the disk. To make room, remove files; a collector counts anew when it starts.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import StorageError
from store.archive.blobs import Blobs, storage_errors

# Reasons for which anybody can be refused: whoever signs well is told another one.
STRANGERS = frozenset(
    {"malformed", "unknown_agent", "bad_signature", "revoked_agent", "bad_payload"}
)
STRANGERS_MAX_BYTES = 64 << 20
_ITEMS_MIN = 16  # so many fit, however large they are
_BLOCK_BYTES = 4096
_SUFFIX = ".batch"
_REASON = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Refused bytes: why, since when, and where they lie."""

    reason: str
    since: datetime
    size: int
    path: Path

    def first_bytes(self, count: int) -> bytes:
        """So many of them at most; none where somebody has made room meanwhile."""
        with contextlib.suppress(OSError), self.path.open("rb") as opened:
            return opened.read(count)
        return b""


class Quarantine:
    """The folder, made when the first is refused."""

    def __init__(self, folder: Path, max_bytes: int = STRANGERS_MAX_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._taken: int | None = None  # bytes of strangers; None: not counted yet
        self._counting = threading.Lock()
        self._folders: dict[str, Blobs] = {}  # by reason; opened once, for opening one tidies it up
        self._opening = threading.Lock()

    def keep(self, data: bytes, reason: str) -> None:
        """Keep the bytes. The same again changes nothing. Raises StorageError."""
        digest = hashlib.sha256(data).hexdigest()
        self._blobs(reason).put_all([(digest, data)])

    def keep_of_stranger(self, data: bytes, reason: str) -> bool:
        """Keep the bytes if there is room for them; whether they are kept."""
        blobs, digest = self._blobs(reason), hashlib.sha256(data).hexdigest()
        size = max(len(data), _BLOCK_BYTES)
        with self._counting:
            if blobs.path(digest).exists():
                return True
            taken = self.strangers_bytes() if self._taken is None else self._taken
            if size > self.max_bytes // _ITEMS_MIN or taken + size > self.max_bytes:
                self._taken = taken
                return False
            self._taken = taken + size
        try:
            blobs.put_all([(digest, data)])
        except StorageError:  # a full disk: what nobody vouches for is not worth an error
            return False
        return True

    def listed(self, limit: int) -> list[Quarantined]:
        """What was refused, the newest first."""
        newest = sorted(self._items(), key=lambda it: (it.since, it.path), reverse=True)
        return newest[:limit]

    def counts(self) -> dict[str, int]:
        """How many were refused for each reason."""
        return dict(sorted(Counter(item.reason for item in self._items()).items()))

    def strangers_bytes(self) -> int:
        """What those take who did not prove who they are, up to `max_bytes`."""
        return sum(
            max(item.size, _BLOCK_BYTES) for item in self._items() if item.reason in STRANGERS
        )

    def _blobs(self, reason: str) -> Blobs:
        if not _REASON.match(reason):
            raise ValueError(f"'{reason}' is no short name for a reason")
        with self._opening:
            if reason not in self._folders:
                self._folders[reason] = Blobs(self.folder / reason, _SUFFIX)
            return self._folders[reason]

    def _items(self) -> Iterator[Quarantined]:
        with storage_errors(self.folder):
            for path in self.folder.glob(f"*/??/??/*{_SUFFIX}"):
                with contextlib.suppress(FileNotFoundError):  # somebody is making room
                    status = path.stat()
                    since = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield Quarantined(path.parents[2].name, since, status.st_size, path)
