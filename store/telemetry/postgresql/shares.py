"""Which process keeps the facts of which lines, where several keep those of one database.

Each keeper holds a seat: a lock of the database that ends with its connection, so one that dies
has none any more. Every keeper sees all seats and works out by itself whose each line is: of the
keepers' scores for a line the highest wins, so when one comes or goes only its own lines move.

    seats 0, 1       scores of line "press-1": 17, 80     so it is the second keeper's
    seats 0, 1, 2    17, 80, 42                           still
    seats 0, 2       17, 42                               now the third one's

While they do not agree yet, two may think that a line is theirs. So who takes a line counts up its
`keeper` number, and what was computed under an earlier number is not stored: it may be older than
what the other one has read.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Sequence

from domain.errors import BusyError, StorageError
from store.telemetry.postgresql.database import Frames, PostgresDatabase, Session

_SEATS = 0x4C696E67  # names the locks
SEATS_MAX = 256
_TAKEN = """
SELECT objid::integer AS seat FROM pg_locks WHERE locktype = 'advisory' AND granted
AND objsubid = 2 AND classid::bigint = {seats}
AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY seat
"""


class KeeperShares:
    """One keeper's. It has a seat from the first question on. Thread-safe."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._seat = -1
        self._taken: dict[str, int] = {}  # line → its number when it was taken

    def taken(self, lines: Sequence[str]) -> dict[str, int]:
        """Those of the lines that are this keeper's, and the number under which it took each.
        Raises StorageError; BusyError where all seats are taken."""
        with self._lock:
            seats = self._seats()
            mine = {line for line in lines if owner(line, seats) == self._seat}
            for line in self._taken.keys() & (set(lines) - mine):
                del self._taken[line]
            new = sorted(mine - self._taken.keys())
            if new:
                with self._database.transaction() as frames:
                    rows = frames.read(
                        "INSERT INTO lines (line) SELECT * FROM unnest({lines}::text[]) "
                        "ON CONFLICT (line) DO UPDATE SET keeper = lines.keeper + 1 "
                        "RETURNING line, keeper",
                        lines=new,
                    ).rows()
                self._taken |= dict(rows)
            return {line: self._taken[line] for line in mine}

    def check(self, frames: Frames, lines: Sequence[str]) -> None:
        """Within the transaction that holds the lines' rows. Raises BusyError where one of them
        was taken by another keeper; then it is taken anew the next time, if at all."""
        with self._lock:
            expected = {line: self._taken[line] for line in lines if line in self._taken}
        if not expected:
            return
        rows = frames.read(
            "SELECT line, keeper FROM lines WHERE line = ANY({lines}::text[])",
            lines=list(expected),
        ).rows()
        gone = [line for line, number in rows if number != expected[line]]
        if gone:
            with self._lock:
                for line in gone:
                    self._taken.pop(line, None)
            raise BusyError(
                f"another process has begun to keep the facts of {', '.join(sorted(gone))}",
                todo="Nothing was stored; it goes on by itself.",
            )

    def close(self) -> None:
        with self._lock:
            self._leave()

    def _seats(self) -> list[int]:
        """Every seat that is taken, the own one among them. A connection that the server ended
        took the seat with it: then another one is taken."""
        if self._session is not None:
            with contextlib.suppress(StorageError):
                seats = self._session.read(_TAKEN, seats=_SEATS)["seat"].to_list()
                if self._seat in seats:
                    return seats
            self._leave()
        self._session = self._database.session()
        self._seat = self._free_seat(self._session)
        return self._session.read(_TAKEN, seats=_SEATS)["seat"].to_list()

    def _free_seat(self, session: Session) -> int:
        for seat in range(SEATS_MAX):
            trying = "SELECT pg_try_advisory_lock({seats}, {seat}) AS got"
            if session.read(trying, seats=_SEATS, seat=seat).item():
                return seat
        self._leave()
        raise BusyError(
            f"{SEATS_MAX} processes keep the facts of this database already",
            todo="Stop one of them.",
        )

    def _leave(self) -> None:
        if self._session is not None:
            # Said to the server, so the seat is free at once; it would be with the connection's
            # end, too, but later.
            with contextlib.suppress(StorageError):
                leaving = "SELECT pg_advisory_unlock({seats}, {seat}) AS is_left"
                self._session.read(leaving, seats=_SEATS, seat=self._seat)
            self._session.close()
        self._session = None
        self._taken.clear()


def owner(line: str, seats: Sequence[int]) -> int:
    """The seat of whoever keeps the line."""
    return max(seats, key=lambda seat: hashlib.sha256(f"{seat} {line}".encode()).digest())
