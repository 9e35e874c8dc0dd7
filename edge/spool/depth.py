"""How much lies in the spool, and since when: for people, and for whoever must wait for room."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from domain.batch_header import HEADER_MAX_BYTES, MAGIC, BatchHeader, read_header
from domain.errors import InputError
from domain.time import instant

_HEAD_BYTES = 4_096  # as many as most headers have


@dataclass(frozen=True, slots=True)
class SpoolDepth:
    """What is in the spool. `pending_rows` and `sealed_rows` count samples and rejections;
    `oldest_sealed`: when the oldest batch that waits was sealed, by the agent's clock."""

    pending_chunks: int
    pending_rows: int
    sealed_batches: int
    sealed_rows: int
    oldest_sealed: datetime | None
    bytes: int
    limit_bytes: int
    next_number: int

    @property
    def nearly_full(self) -> bool:
        """Over nine tenths of the limit: the rest is for what is on its way."""
        return self.bytes * 10 > self.limit_bytes * 9


class WaitingBatches:
    """How many rows each sealed batch behind the number `handed_over` has, and when the oldest was
    sealed; kept in memory, a few dozen bytes a batch. `db`: the spool's file, of which only heads
    are read."""

    def __init__(self, db: sqlite3.Connection, handed_over: int) -> None:
        self._batches: dict[int, tuple[int, int]] = {}  # rows and microseconds, by number
        self.rows = 0
        numbers = "SELECT number FROM sealed WHERE number > ? ORDER BY number"
        for (number,) in db.execute(numbers, (handed_over,)).fetchall():
            header = _header(db, number)
            if header is not None:
                self._add(number, header)

    @property
    def oldest(self) -> datetime | None:
        first = next(iter(self._batches.values()), None)
        return None if first is None else instant(first[1])

    def add(self, header: BatchHeader) -> None:
        """It was sealed."""
        self._add(header.number, header)

    def let_go(self, number: int) -> None:
        """It is in the spool no more."""
        self.rows -= self._batches.pop(number, (0, 0))[0]

    def _add(self, number: int, header: BatchHeader) -> None:
        rows = header.samples + header.rejections
        self._batches[number] = rows, header.sealed_at
        self.rows += rows


def _header(db: sqlite3.Connection, number: int) -> BatchHeader | None:
    """None where it cannot be read: the collector will say so of the batch."""
    with db.blobopen("sealed", "batch", number, readonly=True) as blob:
        head = blob.read(_HEAD_BYTES)
        if b"\n" not in head[len(MAGIC) :]:
            head += blob.read(HEADER_MAX_BYTES)
    try:
        return read_header(head[len(MAGIC) :].partition(b"\n")[0])
    except InputError:
        return None
