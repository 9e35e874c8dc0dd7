"""What the SQLite files in the ledger's folder share: one connection for all threads, rows that the
file itself guards, and troubles as sentences.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.errors import LaterVersionError, StorageError

# In each file's `user_version`, which SQLite keeps in its head; 0 in files that were made before it
# was written there, and are the same. To be raised with what a former version would read wrongly.
LEDGER_FORMAT = 1
_SQLITE = b"SQLite format 3\0"
_VERSION_AT = 60  # in the head, four bytes, highest first (SQLite file format, 1.3)

_ONLY_ADDED = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of the ledger are only ever added'); END;
"""


class LedgerFile:
    """The file at that path. All methods raise StorageError where it cannot be read or written, or
    is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._troubles():
            return self._connection().execute(query, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            if not self.exists:
                raise self._broken("it is not there")
            self._opened = self._open()
        return self._opened

    def refuse_later(self) -> None:
        """Raises LaterVersionError where a later version wrote the file, which is not touched. What
        else may be wrong with it is said when it is asked."""
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            head = file.read(_VERSION_AT + 4)
            if head.startswith(_SQLITE):
                self._check_format(int.from_bytes(head[_VERSION_AT:], "big"))

    def _check_format(self, found: int) -> None:
        if found > LEDGER_FORMAT:
            raise LaterVersionError("the ledger", found, LEDGER_FORMAT, where=str(self.path))

    def _open(self) -> sqlite3.Connection:
        self.refuse_later()
        opened = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        try:
            self._check_format(format_of(opened))  # what stands in its log, too
        except BaseException:
            opened.close()
            raise
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("PRAGMA synchronous = FULL")
        return opened

    @contextlib.contextmanager
    def _troubles(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise self._broken(str(error)) from error

    def _broken(self, why: str) -> StorageError:
        return StorageError(
            f"the ledger cannot be read or written ({why})",
            where=str(self.path),
            todo="See that the disk has free space; where the file was changed or is gone, put the "
            "folder 'ledger' back from a backup.",
        )


def format_of(opened: sqlite3.Connection) -> int:
    """The number that stands in the file; 0: none."""
    return int(opened.execute("PRAGMA user_version").fetchone()[0])


def only_added(*tables: str) -> str:
    """The SQL that lets these tables refuse to change or lose a row."""
    changes = ("UPDATE", "DELETE")
    return "".join(
        _ONLY_ADDED.format(table=it, change=change) for it in tables for change in changes
    )
