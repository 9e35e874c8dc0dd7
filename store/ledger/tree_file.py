"""The file of the ledger's tree: leaves, hashes of whole subtrees, signed checkpoints (SQLite).

Rules: rows are only ever added, and the file refuses anything else. What belongs together (leaves,
their hashes, the checkpoint over them) becomes visible together and is on disk when `append`
returns, so a crash leaves the tree of the checkpoint before. No row of the record and no chain head
is in it twice. Knows neither key nor signatures. From any thread; one process has the data folder.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.ledger.tree import HASH_BYTES, hashes_of_leaf, leaf_hash, root_hash
from store.ledger.ledger_file import LEDGER_FORMAT, LedgerFile, only_added

_NUMBER = "json_extract(leaf, '$.number')"
_AGENT = "json_extract(leaf, '$.agent')"
_IS_RECORD = "json_extract(leaf, '$.kind') = 'record'"
_IS_HEAD = "json_extract(leaf, '$.kind') = 'chain_head'"
_TABLES = f"""
CREATE TABLE about (id INTEGER PRIMARY KEY CHECK (id = 1), verifier_key TEXT NOT NULL);
CREATE TABLE leaves (number INTEGER PRIMARY KEY, leaf TEXT NOT NULL);
CREATE TABLE hashes (level INTEGER, number INTEGER, hash BLOB NOT NULL,
    PRIMARY KEY (level, number)) WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE UNIQUE INDEX record_leaves ON leaves ({_NUMBER}) WHERE {_IS_RECORD};
CREATE UNIQUE INDEX head_leaves ON leaves ({_AGENT}, {_NUMBER}) WHERE {_IS_HEAD};
"""
_GUARDED = ("about", "leaves", "hashes", "checkpoints")
_PAGE = 1000
Sign = Callable[[int, bytes], str]  # size and root to the note over them


class TreeFile(LedgerFile):
    """The file at that path, which need not be there until `make`. All methods raise StorageError
    where it cannot be read or written, or is no such file."""

    def make(self, verifier_key: str) -> None:
        """A tree without leaves, in its place at once or not at all."""
        aside = self.path.with_suffix(".new")
        aside.unlink(missing_ok=True)
        with self._troubles(), contextlib.closing(sqlite3.connect(aside)) as made:
            made.executescript(f"BEGIN; {_TABLES} {only_added(*_GUARDED)}")
            made.execute("INSERT INTO about VALUES (1, ?)", (verifier_key,))
            made.execute(f"PRAGMA user_version = {LEDGER_FORMAT}")
            made.commit()
        aside.replace(self.path)

    def verifier_key(self) -> str:
        return str(self._one("SELECT verifier_key FROM about")[0])

    def size(self) -> int:
        """How many leaves there are."""
        return int(self._one("SELECT coalesce(max(number) + 1, 0) FROM leaves")[0])

    def hash(self, level: int, number: int) -> bytes:
        """Of a whole subtree: a `domain.ledger.tree.Read`."""
        query = "SELECT hash FROM hashes WHERE level = ? AND number = ?"
        (kept,) = self._one(query, level, number)
        if not isinstance(kept, bytes) or len(kept) != HASH_BYTES:
            raise self._broken(f"hash {level}/{number} is none")
        return kept

    def counts(self) -> tuple[int, int, int]:
        """At one moment: leaves, hashes, and leaves under the last checkpoint."""
        leaves = "(SELECT coalesce(max(number) + 1, 0) FROM leaves)"
        hashes = "(SELECT count(*) FROM hashes)"
        signed = "(SELECT coalesce(max(size), 0) FROM checkpoints)"
        found = self._one(f"SELECT {leaves}, {hashes}, {signed}")
        return int(found[0]), int(found[1]), int(found[2])

    def root_at(self, size: int) -> bytes:
        return root_hash(size, self.hash)

    def leaves(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Number and bytes of those from `start` on."""
        query = "SELECT number, leaf FROM leaves WHERE number >= ? ORDER BY number LIMIT ?"
        return [
            (int(number), str(leaf).encode()) for number, leaf in self._rows(query, start, limit)
        ]

    def all_leaves(self) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each, page by page."""
        start = 0
        while page := self.leaves(start, _PAGE):
            yield from page
            start = page[-1][0] + 1

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Size and note of each that was signed, page by page, the smallest first."""
        after = -1
        query = "SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?"
        while page := self._rows(query, after, _PAGE):
            yield from ((int(size), str(note)) for size, note in page)
            after = page[-1][0]

    def last_checkpoint(self) -> tuple[int, str] | None:
        """Size and note of the newest one."""
        rows = self._rows("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")
        return (int(rows[0][0]), str(rows[0][1])) if rows else None

    def checkpoint(self, size: int) -> str | None:
        """The note of the one of that size."""
        rows = self._rows("SELECT note FROM checkpoints WHERE size = ?", size)
        return str(rows[0][0]) if rows else None

    def last_record_leaf(self) -> bytes | None:
        """The leaf of the record's last row that is here."""
        newest = f"SELECT leaf FROM leaves WHERE {_IS_RECORD} ORDER BY {_NUMBER} DESC LIMIT 1"
        rows = self._rows(newest)
        return str(rows[0][0]).encode() if rows else None

    def index_of_record(self, number: int) -> int | None:
        """Which leaf is that row of the record."""
        rows = self._rows(f"SELECT number FROM leaves WHERE {_IS_RECORD} AND {_NUMBER} = ?", number)
        return int(rows[0][0]) if rows else None

    def index_of_dossier(self, digest: str) -> int | None:
        """Which leaf tells of the dossier with that digest."""
        query = (
            "SELECT number FROM leaves WHERE json_extract(leaf, '$.kind') = 'dossier' "
            "AND json_extract(leaf, '$.digest') = ? ORDER BY number LIMIT 1"
        )
        rows = self._rows(query, digest)
        return int(rows[0][0]) if rows else None

    def heads(self) -> dict[str, int]:
        """The number of each agent's newest chain head."""
        query = f"SELECT {_AGENT}, max({_NUMBER}) FROM leaves WHERE {_IS_HEAD} GROUP BY {_AGENT}"
        return {str(agent): int(number) for agent, number in self._rows(query)}

    def append(self, size: int, leaves: Sequence[bytes], sign: Sign) -> None:
        """Add the leaves to a tree that has `size`, and what `sign` makes of the new one."""
        with self._lock, self._troubles():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                for index, leaf in enumerate(leaves, start=size):
                    connection.execute("INSERT INTO leaves VALUES (?, ?)", (index, leaf.decode()))
                    for row in hashes_of_leaf(index, leaf_hash(leaf), self.hash):
                        connection.execute("INSERT INTO hashes VALUES (?, ?, ?)", row)
                grown = size + len(leaves)
                note = sign(grown, self.root_at(grown))
                connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (grown, note))
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        rows = self._rows(query, *values)
        if not rows:
            raise self._broken("something is missing in it")
        return rows[0]
