"""Sealed batches as they came, by digest, and when; and in quarantine, what was refused.

The archive is the truth: telemetry and facts can be made anew from it (collector.replay.replay).
Rules: bytes last when a put returns; the same again is harmless; nothing is ever overwritten or
removed. Knows nothing of what a batch holds.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from store.archive.arrivals import Arrival, Arrivals
from store.archive.blobs import SYNCS, Blobs, storage_errors

_SUFFIX = ".batch"
_REASON = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Refused bytes: why, since when, and where they lie."""

    reason: str
    since: datetime
    size: int
    path: Path


class Archive:
    """The folder, made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._batches = Blobs(folder / "batches", _SUFFIX)
        self._arrivals = Arrivals(folder / "arrivals")
        self._quarantine = folder / "quarantine"

    def put_all(
        self, batches: Sequence[tuple[str, bytes]], arrivals: Sequence[Arrival] = ()
    ) -> None:
        """Make (digest, bytes) and when they arrived last, all at one cost. The same again
        changes nothing but that the last arrival of a batch is the one that holds.

        Raises StorageError: then none counts as kept, and the same call may come again.
        """
        noted = SYNCS.submit(self._arrivals.add, arrivals)  # while the disk takes the bytes
        try:
            self._batches.put_all(batches)
        finally:
            noted.result()

    def get(self, digest: str) -> bytes:
        """Raises NotFoundError, StorageError."""
        return self._batches.get(digest)

    def digests(self) -> Iterator[str]:
        """The digest of every batch, sorted."""
        return self._batches.digests()

    def batches(self) -> Iterator[bytes]:
        """Every batch, in the order of digests."""
        return map(self.get, self.digests())

    def first_lines(self, digest: str, count: int) -> bytes:
        """Of a batch, without reading the rest. Raises StorageError."""
        return self._batches.first_lines(digest, count)

    def written_at(self, digest: str) -> datetime:
        """When the batch was put, as far as the file system tells: for one without arrival."""
        return self._batches.written_at(digest)

    def arrivals(self) -> Iterator[Arrival]:
        """Of all batches, in the order in which they came; of a digest the last one holds."""
        return self._arrivals.read()

    def quarantine(self, data: bytes, reason: str) -> None:
        """Keep refused bytes under the reason (a short name). The same again changes nothing."""
        if not _REASON.match(reason):
            raise ValueError(f"'{reason}' is no short name for a reason")
        digest = hashlib.sha256(data).hexdigest()
        Blobs(self._quarantine / reason, _SUFFIX).put_all([(digest, data)])

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        """What was refused, the newest first."""
        newest = sorted(self._refused(), key=lambda it: (it.since, it.path), reverse=True)
        return newest[:limit]

    def quarantine_counts(self) -> dict[str, int]:
        """How many were refused for each reason."""
        return dict(sorted(Counter(item.reason for item in self._refused()).items()))

    def _refused(self) -> Iterator[Quarantined]:
        with storage_errors(self._quarantine):
            for path in self._quarantine.glob(f"*/??/??/*{_SUFFIX}"):
                status = path.stat()
                since = datetime.fromtimestamp(status.st_mtime, UTC)
                yield Quarantined(path.parents[2].name, since, status.st_size, path)
