"""Sealed batches that the collector has: kept for a while, in case it loses them.

A collector that is put back from a backup lacks what came after it, and says which batch it
expects. Worked example: it has the batches up to 9, of which 7 to 9 are kept here. From its backup
it expects 8: `go_back(7)`, and 8 and 9 wait once more. It expects 5: nobody has that any more.

The oldest go first: when all together take more than `keep_bytes`, and when the disk is full.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator


class HandedOver:
    """Of the spool's file `db`: its batches up to the number `up_to`. `settled`: up to which the
    file's own table says so."""

    def __init__(self, db: sqlite3.Connection, keep_bytes: int) -> None:
        self._db = db
        self._keep_bytes = keep_bytes
        self._kept: deque[tuple[int, int]] = deque()  # number and size, the oldest first
        self.bytes = 0
        self.up_to = 0
        (self.settled,) = db.execute("SELECT handed_over FROM agent").fetchone()
        self.advance(self.settled)

    @property
    def oldest(self) -> int | None:
        """The number of the oldest one that is kept."""
        return self._kept[0][0] if self._kept else None

    @property
    def batches(self) -> int:
        return len(self._kept)

    def advance(self, up_to: int) -> list[tuple[int, int]]:
        """The collector has all batches up to that number. Number and size of those that it has
        more than before."""
        added = self._db.execute(
            "SELECT number, size FROM sealed WHERE number > ? AND number <= ? ORDER BY number",
            (self.up_to, up_to),
        ).fetchall()
        self._kept.extend(added)
        self.bytes += sum(size for _, size in added)
        self.up_to = max(self.up_to, up_to)
        return added

    def can_go_back(self, up_to: int) -> bool:
        """Whether all that the collector would lack is here, if it had batches up to there."""
        return any(number == up_to + 1 for number, _ in self._kept)

    def go_back(self, up_to: int) -> None:
        """It has batches up to there only."""
        while self._kept and self._kept[-1][0] > up_to:
            self.bytes -= self._kept.pop()[1]
        self.up_to = min(self.up_to, up_to)

    def settle(self, *, room: int = 0) -> None:
        """Within a transaction: the table says up to where they are handed over, and those that are
        more than may be kept are deleted; with `room`, as many as make room for that many bytes."""
        self._db.execute("UPDATE agent SET handed_over = ?", (self.up_to,))
        surplus = [number for number, _ in self._surplus(room)]
        if surplus:
            self._db.execute("DELETE FROM sealed WHERE number <= ?", (surplus[-1],))

    def settled_now(self, *, room: int = 0) -> None:
        """After the transaction of `settle`."""
        self.settled = self.up_to
        for _, size in list(self._surplus(room)):
            self._kept.popleft()
            self.bytes -= size

    def _surplus(self, room: int) -> Iterator[tuple[int, int]]:
        left = min(self._keep_bytes, self.bytes - room if room else self._keep_bytes)
        total = self.bytes
        for number, size in self._kept:
            if total <= max(left, 0):
                return
            yield number, size
            total -= size
