"""Which archived batches there are, in the order in which they are replayed.

An index on disk, because an archive of years has more batches than memory should hold: each agent's
batches by number, with when they arrived. An archive may hold two batches of one number, of which
the store took only one (a crash or another collector came between): then the one that the next
batch follows counts, else the one that arrived last. Headers are only read here;
`collector.replay.replay` checks them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Protocol

from domain.batch_header import HEADER_MAX_BYTES, BatchHeader
from domain.batches import parse_batch
from domain.errors import InputError, StorageError
from domain.time import instant, micros
from store.archive.arrivals import Arrival

HEAD_LINES = 3  # of a sealed batch: what it is, its header, its signature
HEAD_MAX_BYTES = HEADER_MAX_BYTES + 1_000
_TABLES = """
CREATE TABLE arrivals (digest TEXT PRIMARY KEY, received INTEGER, latest INTEGER) WITHOUT ROWID;
CREATE TABLE batches (agent TEXT, number INTEGER, digest TEXT PRIMARY KEY, previous TEXT)
    WITHOUT ROWID;
"""
_ORDERED = """
SELECT agent, number, digest, previous, received, latest FROM batches LEFT JOIN arrivals
USING (digest) WHERE ?1 IS NULL OR agent = ?1
ORDER BY agent, number, received IS NOT NULL, received, digest
"""
_LOST = "SELECT count(*) FROM arrivals WHERE digest NOT IN (SELECT digest FROM batches)"


class Headers(Protocol):
    """What the index asks of the archive."""

    def stored_order(self) -> Iterator[str]: ...

    def strange(self) -> Iterator[object]: ...

    def damaged(self) -> Iterator[object]: ...

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes: ...

    def arrivals(self) -> Iterator[Arrival]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An archived batch by its own words. `received` and `latest`: see store.archive.arrivals; None
    where nobody noted them."""

    agent: str
    number: int
    digest: str
    previous: str
    received: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """The batch that counts under a number, and others that are archived under it."""

    meant: Entry
    others: tuple[Entry, ...]


class ReplayIndex:
    """Built in the file at `path`, which must not be there yet. Also a context manager."""

    def __init__(self, path: Path, archive: Headers) -> None:
        self.malformed: list[str] = []  # digests of what is no batch, or not that one
        # What cannot even be looked at.
        self.unreadable = [*map(str, archive.strange()), *map(str, archive.damaged())]
        self._database = sqlite3.connect(path)
        self._database.executescript(f"PRAGMA journal_mode = OFF; {_TABLES}")
        self._database.executemany(
            "INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?)",
            ((it.digest, micros(it.received), micros(it.latest)) for it in archive.arrivals()),
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?)", self._headers(archive)
        )
        self._database.commit()

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM batches").fetchone()
        return int(count)

    def lost(self) -> int:
        """How many batches arrived once and are not there."""
        (count,) = self._database.execute(_LOST).fetchone()
        return int(count)

    def places(self, agent: str | None = None) -> Generator[Place, None, None]:
        """By agent and number, one at a time; of one agent, or of all."""
        with contextlib.closing(self._database.execute(_ORDERED, (agent,))) as rows:
            ordered = (
                Entry(agent, number, digest, previous, _instant(received), _instant(latest))
                for agent, number, digest, previous, received, latest in rows
            )
            numbers = (list(same) for _, same in groupby(ordered, lambda it: (it.agent, it.number)))
            current = next(numbers, None)
            while current is not None:
                following = next(numbers, None)
                yield _meant(current, following or [])
                current = following

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> ReplayIndex:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _headers(self, archive: Headers) -> Iterator[tuple[str, int, str, str]]:
        for digest in archive.stored_order():
            try:
                header = header_of(archive, digest)
            except StorageError as error:
                self.unreadable.append(error.where)
                continue
            if header is None:
                self.malformed.append(digest)
            else:
                yield header.agent, header.number, digest, header.previous


def header_of(archive: Headers, digest: str) -> BatchHeader | None:
    """The header of an archived batch; None where it is none, or another one's. Raises
    StorageError where it cannot be read."""
    try:
        header = parse_batch(archive.first_lines(digest, HEAD_LINES, HEAD_MAX_BYTES)).header
    except InputError:
        return None
    return header if header.digest == digest else None


def _instant(us: int | None) -> datetime | None:
    return None if us is None else instant(us)


def _meant(current: list[Entry], following: list[Entry]) -> Place:
    """The batch that counts; `current`: batches of one number, the last to arrive comes last."""
    agent, number = current[0].agent, current[0].number
    followed = {it.previous for it in following if (it.agent, it.number) == (agent, number + 1)}
    meant = next((it for it in current if it.digest in followed), current[-1])
    return Place(meant, tuple(it for it in current if it is not meant))
