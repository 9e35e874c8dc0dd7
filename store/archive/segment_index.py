"""Where each batch lies in the segments: a file beside them that can always be made anew.

It only says where to look: whoever reads holds the bytes against their digest. Rows that are new
stay in memory until there are many, because a change of the file costs more than reading their
heads again at the next opening. When the file cannot be used it is thrown away; when the disk
takes none, all is kept in memory. Thread-safe.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.time import instant, micros
from store.archive.arrivals import Arrival
from store.archive.segment_scan import Placed

_VERSION = 1
MERGE_ROWS = 10_000  # at least so many new rows, or an eighth of all, go into the file at once
_MERGE_ROWS_MAX = 200_000
_PAGE = 1_000
_TABLES = """
CREATE TABLE {0}.segments (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER, last INTEGER);
CREATE TABLE {0}.records (digest BLOB, segment INTEGER, offset INTEGER, length INTEGER,
    sequence INTEGER, received INTEGER, latest INTEGER, is_again INTEGER,
    PRIMARY KEY (digest, segment, offset)) WITHOUT ROWID;
"""
_Row = tuple[Any, ...]
_BOTH = "(SELECT * FROM main.records UNION ALL SELECT * FROM recent.records)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: the segment's name, its offset there, how many sealed bytes it has."""

    segment: str
    offset: int
    length: int


@dataclass(slots=True)
class _Segment:
    """`size`: how far its records are known; `last`: the highest running number in it."""

    id: int
    size: int
    last: int


class SegmentIndex:
    """The file at `path`, made when it is not there or cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        try:
            self._begin(_opened(path))
        except (sqlite3.Error, OverflowError, TypeError, ValueError):
            self._begin(self._anew())

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def made_anew(self) -> Iterator[None]:
        """Within the block, which is to tell of all segments, nobody else asks."""
        with self._lock:
            self._database.close()
            self._begin(self._anew())
            yield

    def sizes(self) -> dict[str, int]:
        """How far the records of each segment are known."""
        with self._lock:
            return {name: it.size for name, it in self._segments.items()}

    @property
    def last_sequence(self) -> int:
        """The highest running number of a record; 0 without any."""
        with self._lock:
            return max((it.last for it in self._segments.values()), default=0)

    def extend(self, name: str, records: Iterable[Placed]) -> None:
        """More records of a segment, in their order."""
        with self._lock:
            segment = self._segments.get(name)
            if segment is None:
                segment = _Segment(max(self._names, default=0) + 1, 0, 0)
                self._segments[name], self._names[segment.id] = segment, name
            for placed in records:
                self._insert(segment, placed)

    def known_to(self, name: str, size: int) -> None:
        """All records of the segment up to there are known."""
        with self._lock:
            self._segments[name].size = size
            if self._new >= min(max(MERGE_ROWS, self._rows // 8), _MERGE_ROWS_MAX):
                self._merge()

    def forget(self, name: str) -> None:
        """Nothing is known of the segment any more."""
        with self._lock:
            segment = self._segments.pop(name, None)
            if segment is None:
                return
            del self._names[segment.id]
            for schema in ("main", "recent"):
                self._database.execute(
                    f"DELETE FROM {schema}.records WHERE segment = ?", (segment.id,)
                )
            self._database.execute("DELETE FROM main.segments WHERE id = ?", (segment.id,))
            self._rows, self._new = self._count("main"), self._count("recent")

    @property
    def count(self) -> int:
        """How many records are known."""
        with self._lock:
            return self._count("main") + self._count("recent")

    def knows(self, name: str, placed: Placed) -> bool:
        """Whether the record is known as one that lies there."""
        segment = self._segments.get(name)
        found = self._found(placed.head.digest)
        return segment is not None and any(
            it[:2] == (segment.id, placed.offset) and it[4] == micros(placed.head.received)
            for it in found
        )

    def places(self, digest: str) -> list[Place]:
        """Where the bytes of the batch lie, the newest first; mostly one, or none."""
        return [
            Place(self._names[segment], int(offset), int(length))
            for segment, offset, length, *_, is_again in self._found(digest)
            if not is_again
        ]

    def arrival(self, digest: str) -> Arrival | None:
        """The last one of the batch; None where none was noted."""
        for *_, received, latest, _is_again in self._found(digest):
            if latest is not None:
                return Arrival(digest, instant(received), instant(latest))
        return None

    def received(self, digest: str) -> int | None:
        """When the batch came, as far as it is known, in microseconds; None for an unknown one."""
        return next((it[4] for it in self._found(digest)), None)

    def digests_after(self, digest: str) -> list[str]:
        """Of batches whose bytes are there: the next ones, sorted; none at the end."""
        found: set[bytes] = set()
        with self._lock:
            for schema in ("main", "recent"):  # one by one, each is already sorted
                page = self._database.execute(
                    f"SELECT DISTINCT digest FROM {schema}.records WHERE digest > ? "
                    "AND NOT is_again ORDER BY digest LIMIT ?",
                    (bytes.fromhex(digest), _PAGE),
                )
                found.update(it for (it,) in page)
        return [it.hex() for it in sorted(found)[:_PAGE]]

    def stored_order(self) -> Iterator[str]:
        """The digests in the order in which their bytes lie in the segments; one that lies there
        twice comes twice."""
        found = self._sorted("NOT is_again", "segment, offset")
        return (row[0].hex() for row in found)

    def arrivals(self) -> Iterator[Arrival]:
        """All that were noted, those of an agent in the order in which they came."""
        found = self._sorted("latest IS NOT NULL", "sequence")
        return (Arrival(row[0].hex(), instant(row[5]), instant(row[6])) for row in found)

    def _sorted(self, which: str, order: str) -> Iterator[_Row]:
        # SQLite gathers all rows (on disk, where they are many) before the first one comes, so
        # what is added meanwhile does no harm.
        with self._lock:
            cursor = self._database.execute(f"SELECT * FROM {_BOTH} WHERE {which} ORDER BY {order}")
            first = cursor.fetchmany(_PAGE)
        return self._pages(cursor, first)

    def _pages(self, cursor: sqlite3.Cursor, page: list[_Row]) -> Iterator[_Row]:
        while page:
            yield from page
            with self._lock:
                page = cursor.fetchmany(_PAGE)

    def _found(self, digest: str) -> list[_Row]:
        with self._lock:
            return self._database.execute(
                "SELECT segment, offset, length, sequence, received, latest, is_again FROM "
                f"{_BOTH} WHERE digest = ? ORDER BY sequence DESC",
                (bytes.fromhex(digest),),
            ).fetchall()

    def _insert(self, segment: _Segment, placed: Placed) -> None:
        head = placed.head
        self._database.execute(
            "INSERT OR REPLACE INTO recent.records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bytes.fromhex(head.digest),
                segment.id,
                placed.offset,
                head.length,
                head.sequence,
                micros(head.received),
                None if head.latest is None else micros(head.latest),
                head.is_again,
            ),
        )
        segment.last = max(segment.last, head.sequence)
        self._new += 1

    def _merge(self) -> None:
        """Take the new rows into the file; where the disk does not take them they stay."""
        known = [(it.id, name, it.size, it.last) for name, it in self._segments.items()]
        try:
            with self._database:
                self._database.execute("BEGIN")
                self._database.execute(
                    "INSERT OR REPLACE INTO main.records SELECT * FROM recent.records"
                )
                self._database.execute("DELETE FROM recent.records")
                self._database.executemany(
                    "INSERT OR REPLACE INTO main.segments VALUES (?, ?, ?, ?)", known
                )
        except sqlite3.Error:
            return
        self._rows, self._new = self._count("main"), 0

    def _begin(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("ATTACH ':memory:' AS recent")
        database.executescript(_TABLES.format("recent"))
        found = database.execute("SELECT id, name, size, last FROM main.segments").fetchall()
        self._segments = {
            str(name): _Segment(int(number), int(size), int(last))
            for number, name, size, last in found
        }
        self._names = {it.id: name for name, it in self._segments.items()}
        self._rows, self._new = self._count("main"), 0

    def _anew(self) -> sqlite3.Connection:
        try:
            self._path.unlink(missing_ok=True)
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
            return _opened(self._path)
        except (sqlite3.Error, OSError):  # a folder that cannot be written, or a full disk
            return _opened(":memory:")

    def _count(self, schema: str) -> int:
        (count,) = self._database.execute(f"SELECT count(*) FROM {schema}.records").fetchone()
        return int(count)


def _opened(path: Path | str) -> sqlite3.Connection:
    """Raises sqlite3.Error where the file cannot be used."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            database.executescript(
                f"BEGIN; {_TABLES.format('main')} PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        elif version != _VERSION:
            raise sqlite3.DatabaseError("another program's index")
        database.execute("SELECT digest, is_again FROM records LIMIT 1").fetchone()
        database.execute("SELECT id, name, size, last FROM segments LIMIT 1").fetchone()
    except sqlite3.Error:
        database.close()
        raise
    return database
