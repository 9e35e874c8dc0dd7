"""A telemetry store made anew in PostgreSQL, beside the one in force, and put in its place.

The exchange is one transaction, so everybody sees the old one or the new one. Collectors may have
stored batches while the new one grew; it would not have them, so then nothing is exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import BusyError
from store.telemetry.postgresql.database import Frames
from store.telemetry.postgresql.schema import ANEW, FORMER, SCHEMA
from store.telemetry.postgresql.store import PostgresStore


class PostgresAnew(PostgresStore):
    """An empty store beside the one of that database. Raises InputError, StorageError."""

    def __init__(self, url: str) -> None:
        super().__init__(url, schema=ANEW, is_anew=True)
        with self._database.snapshot() as frames:
            self._last = _last_batch(frames)

    def lines_to_keep(self, lines: Sequence[str]) -> dict[str, int]:
        """All of them: nobody else knows of it yet."""
        return dict.fromkeys(lines, 0)

    def put_in_force(self) -> None:
        """Let it take the old one's place. Raises BusyError where batches came meanwhile,
        StorageError."""
        with self._database.transaction() as frames:
            if _is_there(frames):
                frames.do(f"LOCK TABLE {SCHEMA}.batches IN ACCESS EXCLUSIVE MODE")
                if _last_batch(frames) != self._last:
                    raise BusyError(
                        "batches came in while the telemetry was made anew, which does not have "
                        "them",
                        todo="Nothing was changed. Stop the collectors and run it again.",
                    )
                frames.do(f"ALTER SCHEMA {SCHEMA} RENAME TO {FORMER}")
            frames.do(f"ALTER SCHEMA {ANEW} RENAME TO {SCHEMA}")
            frames.do(f"DROP SCHEMA IF EXISTS {FORMER} CASCADE")


def _is_there(frames: Frames) -> bool:
    return bool(
        frames.read("SELECT to_regclass({it}) IS NOT NULL AS there", it=f"{SCHEMA}.batches").item()
    )


def _last_batch(frames: Frames) -> int:
    """The number of the newest batch of the store in force; 0 without one."""
    if not _is_there(frames):
        return 0
    return int(frames.read(f"SELECT coalesce(max(id), 0) AS last FROM {SCHEMA}.batches").item())
