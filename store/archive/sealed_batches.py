"""Sealed batches as they came, by digest, and when; and in quarantine, what was refused.

The archive is the truth: telemetry and facts can be made anew from it (collector.replay.replay).
Rules: bytes last when a put returns; the same again is harmless; nothing is ever overwritten or
removed. Knows nothing of what a batch holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from store.archive.arrivals import Arrival, Arrivals
from store.archive.blobs import SYNCS, Blobs
from store.archive.quarantine import Quarantine

_SUFFIX = ".batch"


class Archive:
    """The folder, made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._batches = Blobs(folder / "batches", _SUFFIX)
        self._arrivals = Arrivals(folder / "arrivals")
        self.quarantine = Quarantine(folder / "quarantine")

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

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """Of a batch, without reading the rest. Raises StorageError."""
        return self._batches.first_lines(digest, count, max_bytes)

    def strange(self) -> Iterator[Path]:
        """What lies among the batches and is no file that was put there."""
        return self._batches.strange()

    def written_at(self, digest: str) -> datetime:
        """When the batch was put, as far as the file system tells: for one without arrival."""
        return self._batches.written_at(digest)

    def arrivals(self) -> Iterator[Arrival]:
        """Of all batches, in the order in which they came; of a digest the last one holds."""
        return self._arrivals.read()
