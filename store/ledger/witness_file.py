"""What others said of the ledger's checkpoints, beside the tree (SQLite): cosignatures of
witnesses, time stamps; and how asking each of them went last.

Rules: what they said is only ever added, each under the text that it is of, and is on disk when
`keep_…` returns. Losing this file loses no leaf: who said it says it again of the next checkpoint.
Knows no signatures: what is kept was verified before.
"""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

from store.ledger.ledger_file import LEDGER_FORMAT, LedgerFile, format_of, only_added

_TABLES = """
CREATE TABLE IF NOT EXISTS cosignatures (size INTEGER, text TEXT, witness TEXT, line TEXT NOT NULL,
    PRIMARY KEY (size, text, witness)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timestamps (size INTEGER, text TEXT, authority TEXT,
    token BLOB NOT NULL, PRIMARY KEY (size, text, authority)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS standings (name TEXT PRIMARY KEY, asked_at TEXT NOT NULL, done_at TEXT,
    size INTEGER NOT NULL, failures INTEGER NOT NULL, says TEXT NOT NULL, todo TEXT NOT NULL,
    is_grave INTEGER NOT NULL) WITHOUT ROWID;
"""
_GUARDED = ("cosignatures", "timestamps")


@dataclass(frozen=True, slots=True)
class Standing:
    """How asking went: `done_at`, of a checkpoint of `size` leaves, it last said what it was asked
    for; `failures` in a row since; `says`, `todo`: what was wrong last time ("": nothing);
    `is_grave`: it says that this ledger is not the one that it knows."""

    name: str
    asked_at: datetime
    done_at: datetime | None = None
    size: int = 0
    failures: int = 0
    says: str = ""
    todo: str = ""
    is_grave: bool = False

    def failed(self, at: datetime, says: str, todo: str, *, is_grave: bool = False) -> Standing:
        """One failure more."""
        return replace(
            self,
            asked_at=at,
            failures=self.failures + 1,
            says=says,
            todo=todo,
            is_grave=is_grave,
        )


class WitnessFile(LedgerFile):
    """The file at that path; it is made by the first thing that is kept. Raises StorageError as
    every file of the ledger."""

    def cosignatures(self, text: str) -> list[tuple[str, str]]:
        """Verifier key of the witness and its line below the note, of the checkpoint's text."""
        query = "SELECT witness, line FROM cosignatures WHERE text = ? ORDER BY witness"
        return [(str(witness), str(line)) for witness, line in self._found(query, text)]

    def last_size(self, witness: str) -> int:
        """Of the largest checkpoint that the witness cosigned; 0 where it cosigned none."""
        query = "SELECT coalesce(max(size), 0) FROM cosignatures WHERE witness = ?"
        return max((int(size) for (size,) in self._found(query, witness)), default=0)

    def cosigned_sizes(self) -> list[int]:
        """Of the checkpoints with a cosignature, the largest first."""
        query = "SELECT DISTINCT size FROM cosignatures ORDER BY size DESC"
        return [int(size) for (size,) in self._found(query)]

    def keep_cosignature(self, size: int, text: str, witness: str, line: str) -> None:
        """The first one of a text stays: another time of the same witness says nothing new."""
        self._put("INSERT OR IGNORE INTO cosignatures VALUES (?, ?, ?, ?)",
                  size, text, witness, line)  # fmt: skip

    def stamps(self, text: str) -> list[tuple[str, bytes]]:
        """Name of the authority and its answer (DER), of the checkpoint's text."""
        query = "SELECT authority, token FROM timestamps WHERE text = ? ORDER BY authority"
        return [(str(name), bytes(token)) for name, token in self._found(query, text)]

    def keep_stamp(self, size: int, text: str, authority: str, token: bytes) -> None:
        """The first one of a text stays: it proves the most."""
        self._put("INSERT OR IGNORE INTO timestamps VALUES (?, ?, ?, ?)",
                  size, text, authority, token)  # fmt: skip

    def standing(self, name: str) -> Standing | None:
        """How asking went the last time; None where it never was asked."""
        for row in self._found("SELECT * FROM standings WHERE name = ?", name):
            name, asked_at, done_at, size, failures, says, todo, is_grave = row
            done = None if done_at is None else datetime.fromisoformat(done_at)
            asked = datetime.fromisoformat(asked_at)
            return Standing(name, asked, done, size, failures, says, todo, bool(is_grave))
        return None

    def keep_standing(self, standing: Standing) -> None:
        values = [it.isoformat() if isinstance(it, datetime) else it for it in astuple(standing)]
        self._put("INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def _found(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._rows(query, *values) if self.exists else []

    def _put(self, statement: str, *values: object) -> None:
        with self._lock, self._troubles():
            self.path.touch()
            self._connection().execute(statement, values)

    def _open(self) -> sqlite3.Connection:
        """With its tables: whoever made the file may have been killed before they were in it."""
        opened = super()._open()
        # Writing the number again would be a write at every opening.
        number = "" if format_of(opened) else f"PRAGMA user_version = {LEDGER_FORMAT};"
        opened.executescript(f"BEGIN; {_TABLES} {only_added(*_GUARDED)} {number} COMMIT;")
        return opened
