"""What callers know of an archive, wherever its batches lie: a folder's segments
(store.archive.sealed_batches) or an object store (store.archive.object_batches). Both pass one
conformance suite.

Rules: bytes last when a put returns; the same again is harmless; nothing is ever overwritten or
removed; what is read whole was held against its digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from store.archive.arrivals import Arrival
from store.archive.lying import Lying
from store.archive.quarantine import Quarantine
from store.archive.segment_appending import IncomingBatch


class BatchArchive(Protocol):
    """Sealed batches by digest, when they came, and in quarantine what was refused."""

    quarantine: Quarantine

    def close(self) -> None: ...

    def take_over(self) -> None:
        """Bring what lies there as an earlier version left it into today's shape. Only for the one
        process that may write. Raises StorageError: then the rest can be read where it is."""

    def put_all(self, batches: Sequence[IncomingBatch]) -> None:
        """Make them and when they arrived last. Raises StorageError: then none counts as kept,
        and the same call may come again."""

    def get(self, digest: str) -> bytes:
        """Raises NotFoundError; StorageError where the bytes are damaged or cannot be read."""
        ...

    @property
    def obstacle(self) -> Callable[[], str] | None:
        """To be called by another process: what keeps it from reading what `lies_at` tells, "" for
        nothing. None: it must see the folder."""
        ...

    def lies_at(self, digest: str) -> Lying | None:
        """Where others who share the folder, or have a key to the object store, can read the
        batch; None where they cannot. Raises StorageError."""
        ...

    def digests(self) -> Iterator[str]:
        """The digest of every batch, sorted."""
        ...

    def batches(self) -> Iterator[bytes]:
        """Every batch, in the order of digests."""
        ...

    def stored_order(self) -> Iterator[str]:
        """The digest of every batch, in the order that is quickest to read them all."""
        ...

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """Of a batch, held against nothing. Raises NotFoundError, StorageError."""
        ...

    def strange(self) -> Iterator[object]:
        """What lies among the batches and was not put there; its text says where."""
        ...

    def damaged(self) -> Iterator[object]:
        """What can be read as no batch, as far as it is found without reading the batches; its
        text says where."""
        ...

    def written_at(self, digest: str) -> datetime:
        """When the batch came, as far as that is known. Raises NotFoundError."""
        ...

    def arrivals(self) -> Iterator[Arrival]:
        """Of all batches; of those of one digest the last that comes holds."""
        ...
