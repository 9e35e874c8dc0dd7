"""Sealed batches that the collector has: kept for a while, in case it loses them.

A collector that is put back from a backup lacks what came after it, and says which batch it
expects. Worked example: it has the batches up to 9, of which 7 to 9 are kept here. From its backup
it expects 8: `go_back(7)`, and 8 and 9 wait once more. It expects 5: nobody has that any more.

The oldest go first: when all together take more than `keep_bytes`, and when the disk is full. There
may be very many, so none is held in memory.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Batches:
    """How many, and how many bytes they have."""

    count: int
    bytes: int


class HandedOver:
    """Of the spool's file `db`: its batches up to the number `up_to`. `settled`: up to which the
    file's own table says so; `bytes`: of those that are kept."""

    def __init__(self, db: sqlite3.Connection, keep_bytes: int) -> None:
        self._db = db
        self._keep_bytes = keep_bytes
        self.bytes = 0
        self.up_to = 0
        self._going = 0  # bytes that the transaction deletes
        (self.settled,) = db.execute("SELECT handed_over FROM agent").fetchone()
        self.advance(self.settled)

    def advance(self, up_to: int) -> Batches:
        """The collector has all batches up to that number: those that it has more than before."""
        added = self._between(self.up_to, up_to)
        self.bytes += added.bytes
        self.up_to = max(self.up_to, up_to)
        return added

    def can_go_back(self, up_to: int) -> bool:
        """Whether all that the collector would lack is here, if it had batches up to there."""
        if not up_to < self.up_to:
            return False
        next_one = "SELECT 1 FROM sealed WHERE number = ?"
        return self._db.execute(next_one, (up_to + 1,)).fetchone() is not None

    def go_back(self, up_to: int) -> None:
        """It has batches up to there only."""
        self.bytes -= self._between(up_to, self.up_to).bytes
        self.up_to = up_to

    def settle(self, *, room: int = 0) -> None:
        """Within a transaction: the table says up to where they are handed over, and those that are
        more than may be kept are deleted; with `room`, as many as make room for that many bytes."""
        self._db.execute("UPDATE agent SET handed_over = ?", (self.up_to,))
        last, self._going = 0, 0
        surplus = max(self.bytes - self._keep_bytes, min(room, self.bytes))
        kept = self._db.execute(
            "SELECT number, size FROM sealed WHERE number <= ? ORDER BY number", (self.up_to,)
        )
        while self._going < surplus and (row := kept.fetchone()):
            last, self._going = row[0], self._going + row[1]
        kept.close()
        if last:
            self._db.execute("DELETE FROM sealed WHERE number <= ?", (last,))

    def settled_now(self) -> None:
        """After the transaction of `settle`."""
        self.settled = self.up_to
        self.bytes -= self._going
        self._going = 0

    def _between(self, after: int, up_to: int) -> Batches:
        asked = "SELECT count(*), total(size) FROM sealed WHERE number > ? AND number <= ?"
        count, size = self._db.execute(asked, (after, up_to)).fetchone()
        return Batches(count, int(size))
