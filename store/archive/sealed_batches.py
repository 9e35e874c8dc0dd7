"""Sealed batches as they came, by digest, and when; and in quarantine, what was refused.

The archive is the truth: telemetry and facts can be made anew from it (collector.replay.replay).
Rules: bytes last when a put returns; the same again is harmless; nothing is ever overwritten or
removed. They lie in segments (store.archive.segments); a batch that lies in a file of its own, as
before there were segments, is found as well. Knows nothing of what a batch holds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path

import structlog

from store.archive.arrivals import Arrival
from store.archive.former_layout import FormerLayout
from store.archive.quarantine import Quarantine
from store.archive.segment_appending import IncomingBatch
from store.archive.segments import Damage, InSegment, Segments

_log = structlog.get_logger(__name__)


class Archive:
    """The folder, made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._segments = Segments(folder / "segments")
        self._former = FormerLayout(folder)
        self.quarantine = Quarantine(folder / "quarantine")

    def close(self) -> None:
        self._segments.close()

    def take_over(self) -> None:
        """Pack batches that lie in files of their own into segments. Only for the one process that
        may write. Raises StorageError: then the rest stays, and can be read where it is."""
        moved = self._former.packed_into(self._segments)
        if moved:
            _log.info("batches were packed into segments", batches=moved)

    def put_all(self, batches: Sequence[IncomingBatch]) -> None:
        """Make them and when they arrived last, all at one cost. The same again changes nothing
        but that the last arrival of a batch is the one that holds.

        Raises StorageError: then none counts as kept, and the same call may come again.
        """
        self._segments.put_all(batches)

    def get(self, digest: str) -> bytes:
        """Raises NotFoundError; StorageError where the bytes are damaged or cannot be read."""
        if self._is_in_a_file(digest):
            return self._former.batches().get(digest)
        return self._segments.get(digest)

    @property
    def obstacle(self) -> None:
        """Others must see the folder."""

    def lies_at(self, digest: str) -> InSegment | None:
        """Where others who share the folder can read the batch; None where they cannot."""
        return None if self._is_in_a_file(digest) else self._segments.lies_at(digest)

    def digests(self) -> Iterator[str]:
        """The digest of every batch, sorted."""
        merged = heapq.merge(self._segments.digests(), self._former.digests())
        return (digest for digest, _ in groupby(merged))

    def batches(self) -> Iterator[bytes]:
        """Every batch, in the order of digests."""
        return map(self.get, self.digests())

    def stored_order(self) -> Iterator[str]:
        """The digest of every batch, as they lie: the quickest order to read them all. One that
        lies there twice may come twice."""
        return chain(self._segments.stored_order(), self._former.digests())

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """Of a batch, without reading the rest. Raises NotFoundError, StorageError."""
        if self._is_in_a_file(digest):
            return self._former.batches().first_lines(digest, count, max_bytes)
        return self._segments.first_lines(digest, count, max_bytes)

    def strange(self) -> Iterator[Path]:
        """What lies among the batches and is nothing that was put there."""
        return chain(self._segments.strange(), self._former.strange())

    def damaged(self) -> Iterator[Damage]:
        """What can be read as no batch, found without reading the batches themselves. Raises
        StorageError."""
        return self._segments.damaged()

    def written_at(self, digest: str) -> datetime:
        """When the batch was put, as far as that is known: for one without arrival."""
        if self._is_in_a_file(digest):
            return self._former.batches().written_at(digest)
        return self._segments.received(digest)

    def arrivals(self) -> Iterator[Arrival]:
        """Of all batches, those of an agent in the order in which they came, so that of a digest
        the last one holds."""
        return chain(self._former.arrivals(), self._segments.arrivals())

    def _is_in_a_file(self, digest: str) -> bool:
        return self._former.has(digest) and not self._segments.has(digest)
