"""What can go wrong with the spool's file, as sentences: full, full disk, taken, damaged."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from domain.errors import BusyError, LineproofError, StorageError

_MAKE_ROOM = "Make room on that disk; the agent goes on by itself."


class SpoolFullError(StorageError):
    """The spool has reached its limit: nothing was taken, everything in it is kept."""


def full(path: Path, limit_bytes: int) -> SpoolFullError:
    return SpoolFullError(
        f"the spool has reached its limit of {limit_bytes:,} bytes: it keeps what it has and "
        "takes no more",
        where=str(path),
        todo="Bring the collector back within reach, or raise spool.max_bytes.",
    )


def short_of_disk(path: Path, reserve_bytes: int) -> StorageError:
    return StorageError(
        f"the disk does not take any more (less than {reserve_bytes:,} bytes are free); all that "
        "was accepted is kept",
        where=str(path),
        todo=_MAKE_ROOM,
    )


@contextlib.contextmanager
def sentences(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors of the block as ours, naming the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(error, str(path)) from error
    except OSError as error:
        raise StorageError(
            f"the spool cannot be opened ({error.strerror})",
            where=str(path),
            todo="Give the agent a data folder that it may write to.",
        ) from error


def _of_sqlite(error: sqlite3.Error, where: str) -> LineproofError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary result code
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(
            "another agent is using this spool",
            where=where,
            todo="Stop it, or give this agent a data folder of its own.",
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StorageError(
            f"the disk does not take any more ({error}); all that was accepted is kept",
            where=where,
            todo=_MAKE_ROOM,
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StorageError(
            f"this is not a whole spool ({error})",
            where=where,
            todo="Keep a copy of the data folder, then start the agent with an empty one and a "
            "new name.",
        )
    return StorageError(
        f"the spool does not work ({error})",
        where=where,
        todo="Check the data folder, its disk and its permissions.",
    )
