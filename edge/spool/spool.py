"""The edge's durable queue: what was appended stays until the collector has it.

A SQLite file (WAL, synchronous FULL) with two stages. `pending` holds chunks of decoded
samples in order of arrival; `sealed` holds signed batches in order of number. Sealing moves
from one to the other and advances the agent's number and chain in one transaction, so a
crash at any moment leaves every sample in exactly one place and no number used twice or
left out. Every call is on disk when it returns.

Bounded: an append over the limit is refused and what is there is kept, the oldest included.
One process owns the file. Blocking, and for one thread; `edge.spool.outbox` puts it behind the
event loop. Knows no key, no clock and no network.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl

from domain.batch_header import GENESIS
from domain.batches import SealedBatch
from domain.errors import InputError, StorageError
from domain.frames import REJECTIONS, SAMPLES, check
from domain.samples import Span
from domain.time import instant, micros
from edge.spool.disk_reserve import Reserve
from edge.spool.errors import full, sentences, short_of_disk
from edge.spool.sealing import encode, merge_spans

SPOOL_FILE = "spool.sqlite"
_RESERVE_FILE = "spool.reserve"
_RESERVE_BYTES = 16 << 20  # for the log of a few sealings and acknowledgements
# A commit writes whole pages, and most are small. Old files keep the pages that they have.
_PAGE_BYTES = 1_024
_CHECKPOINT_PAGES = 4_000
_VACUUM_PAGES = 4_000
_BATCH_BYTES_MAX = 8 << 20  # far below what a collector or a proxy takes in one request
_VERSION = 2  # 1: frames without rows were written, too
_CHUNK_OVERHEAD = 256  # bytes of a row beside its blobs, roughly
_SCHEMA = """
CREATE TABLE agent (
    name TEXT NOT NULL, next_number INTEGER NOT NULL, previous TEXT NOT NULL
) STRICT;
CREATE TABLE pending (
    id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, size INTEGER NOT NULL,
    samples BLOB NOT NULL, rejections BLOB NOT NULL, spans TEXT NOT NULL, profiles TEXT NOT NULL
) STRICT;
CREATE TABLE sealed (
    number INTEGER PRIMARY KEY, size INTEGER NOT NULL, digest TEXT NOT NULL, batch BLOB NOT NULL
) STRICT;
"""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Cut:
    """The oldest pending content, as the batch that comes next: `chunks` chunks up to id
    `last`, of `size` bytes in the spool."""

    number: int
    previous: str
    samples: pl.DataFrame
    rejections: pl.DataFrame
    spans: tuple[Span, ...]
    profiles: dict[str, str]
    chunks: int
    size: int
    last: int

    @property
    def rows(self) -> int:
        return self.samples.height + self.rejections.height


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A sealed batch as it lies in the spool: `data` is what is sent."""

    number: int
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SpoolDepth:
    """What is in the spool. `pending_rows` counts samples and rejections."""

    pending_chunks: int
    pending_rows: int
    sealed_batches: int
    bytes: int
    limit_bytes: int
    next_number: int

    @property
    def nearly_full(self) -> bool:
        """Over nine tenths of the limit: the rest is for what is on its way."""
        return self.bytes * 10 > self.limit_bytes * 9


class _Chunk(NamedTuple):
    id: int
    rows: int
    size: int
    samples: bytes
    rejections: bytes
    spans: str
    profiles: str


class Spool:
    """The queue in `folder` of the agent `name`, holding at most about `limit_bytes`.

    Raises BusyError when another process has it, InputError when it is another agent's,
    StorageError when the disk cannot be used.
    """

    def __init__(self, folder: Path, name: str, *, limit_bytes: int) -> None:
        self.path = folder / SPOOL_FILE
        self._limit_bytes = limit_bytes
        with sentences(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=1
            )
        try:
            with sentences(self.path):
                self._prepare(name)
        except BaseException:
            self._db.close()
            raise
        self._reserve = Reserve(folder / _RESERVE_FILE, min(_RESERVE_BYTES, limit_bytes))
        with sentences(self.path):
            self._depth = self._measure()

    @property
    def depth(self) -> SpoolDepth:
        """What is in the spool; safe to read from any thread."""
        return self._depth

    def append(
        self,
        samples: pl.DataFrame,
        rejections: pl.DataFrame,
        spans: Sequence[Span],
        profiles: Mapping[str, str],
    ) -> None:
        """Take a chunk: SAMPLES and REJECTIONS in order, spans, and the profiles' digests by
        "line/machine". Raises SpoolFullError at the limit, StorageError when the disk refuses;
        then nothing of the chunk was taken."""
        blobs = (
            _encoded(check(samples, SAMPLES, "samples to spool")),
            _encoded(check(rejections, REJECTIONS, "rejections to spool")),
            json.dumps([_span_row(span) for span in merge_spans(spans)]),
            json.dumps(dict(profiles), sort_keys=True),
        )
        size = sum(map(len, blobs)) + _CHUNK_OVERHEAD
        if self._depth.bytes + size > self._limit_bytes:
            raise full(self.path, self._limit_bytes)
        self._reserve.take()
        if not self._reserve.held:  # what room is left is for sealing and acknowledging
            raise short_of_disk(self.path, self._reserve.size)
        rows = samples.height + rejections.height

        def insert() -> None:
            with self._transaction():
                self._db.execute(
                    "INSERT INTO pending (rows, size, samples, rejections, spans, profiles)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (rows, size, *blobs),
                )

        try:
            insert()
        except StorageError:
            self._shrink()
            insert()
        self._change(chunks=1, rows=rows, size=size)

    def cut(self, max_rows: int) -> Cut | None:
        """What the next batch is made of: whole chunks, oldest first, of one set of profiles,
        at most `max_rows` samples and rejections and a few MB (a larger chunk goes alone)."""
        with sentences(self.path):
            chunks = self._cut_rows(max_rows)
            number, previous = self._db.execute(
                "SELECT next_number, previous FROM agent"
            ).fetchone()
        if not chunks:
            return None
        return Cut(
            number=number,
            previous=previous,
            samples=_decoded(SAMPLES, [chunk.samples for chunk in chunks]),
            rejections=_decoded(REJECTIONS, [chunk.rejections for chunk in chunks]),
            spans=tuple(_span(row) for chunk in chunks for row in json.loads(chunk.spans)),
            profiles=json.loads(chunks[0].profiles),
            chunks=len(chunks),
            size=sum(chunk.size for chunk in chunks),
            last=chunks[-1].id,
        )

    def store(self, cut: Cut, batch: SealedBatch) -> None:
        """The sealed batch takes the place of the cut's chunks, all in one step.

        Raises ValueError when it is not the batch that comes next.
        """
        header = batch.header
        if (header.number, header.previous) != (cut.number, cut.previous):
            raise ValueError(f"batch {header.number} is not made of the cut for {cut.number}")
        data = batch.to_bytes()

        def move() -> None:
            with self._transaction():
                advanced = self._db.execute(
                    "UPDATE agent SET next_number = ?, previous = ?"
                    " WHERE next_number = ? AND previous = ?",
                    (cut.number + 1, header.digest, cut.number, cut.previous),
                ).rowcount
                removed = self._db.execute(
                    "DELETE FROM pending WHERE id <= ?", (cut.last,)
                ).rowcount
                if (advanced, removed) != (1, cut.chunks):
                    raise ValueError(f"the cut for batch {cut.number} has been sealed before")
                self._db.execute(
                    "INSERT INTO sealed (number, size, digest, batch) VALUES (?, ?, ?, ?)",
                    (cut.number, len(data), header.digest, data),
                )

        self._on_reserve(move)
        self._change(chunks=-cut.chunks, rows=-cut.rows, sealed=1, size=len(data) - cut.size)

    def oldest(self) -> StoredBatch | None:
        """The sealed batch with the lowest number."""
        with sentences(self.path):
            row = self._db.execute(
                "SELECT number, digest, batch FROM sealed ORDER BY number LIMIT 1"
            ).fetchone()
        return StoredBatch(*row) if row else None

    def acknowledge(self, number: int) -> None:
        """Let go of that batch: the collector has it for good."""

        def drop() -> list[tuple[int]]:
            with self._transaction():
                return self._db.execute(
                    "DELETE FROM sealed WHERE number = ? RETURNING size", (number,)
                ).fetchall()

        for (size,) in self._on_reserve(drop):
            self._change(sealed=-1, size=-size)
        if not self._reserve.held:
            self._shrink()
            self._reserve.take()

    def close(self) -> None:
        self._db.close()

    def _cut_rows(self, max_rows: int) -> list[_Chunk]:
        chunks: list[_Chunk] = []
        rows = size = 0
        stored = self._db.execute(
            "SELECT id, rows, size, samples, rejections, spans, profiles FROM pending ORDER BY id"
        )
        for chunk in map(_Chunk._make, stored):
            rows += chunk.rows
            size += chunk.size
            too_much = rows > max_rows or size > _BATCH_BYTES_MAX
            if chunks and (too_much or chunk.profiles != chunks[0].profiles):
                break
            chunks.append(chunk)
        stored.close()
        return chunks

    def _prepare(self, name: str) -> None:
        # One process owns the file, so no shared memory; overwriting deleted telemetry with
        # zeros (Debian's default) would double the writes for nothing.
        for pragma in (
            f"page_size = {_PAGE_BYTES}",  # before the first write, as the next one
            "auto_vacuum = INCREMENTAL",
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = OFF",
            f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN EXCLUSIVE")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._db.execute(statement)
            self._db.execute("INSERT INTO agent VALUES (?, 1, ?)", (name, GENESIS))
        if version in (0, 1):
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        self._db.execute("COMMIT")
        _sync_folder(self.path.parent)
        if version not in (0, 1, _VERSION):
            raise InputError(
                f"this spool has format {version}, this program knows format {_VERSION}",
                where=str(self.path),
                todo="Let the program that wrote it send what is in it first.",
            )
        (owner,) = self._db.execute("SELECT name FROM agent").fetchone()
        if owner != name:
            raise InputError(
                f"this spool belongs to the agent '{owner}', not to '{name}'",
                where=str(self.path),
                todo="Give each agent its own data folder, or the old name back.",
            )

    def _measure(self) -> SpoolDepth:
        measured = self._db.execute(
            "SELECT p.chunks, p.rows, s.batches, p.size + s.size, ?, next_number FROM agent,"
            " (SELECT count(*) chunks, total(rows) rows, total(size) size FROM pending) p,"
            " (SELECT count(*) batches, total(size) size FROM sealed) s",
            (self._limit_bytes,),
        ).fetchone()
        return SpoolDepth(*map(int, measured))

    def _change(self, *, chunks: int = 0, rows: int = 0, sealed: int = 0, size: int = 0) -> None:
        old = self._depth
        self._depth = SpoolDepth(
            pending_chunks=old.pending_chunks + chunks,
            pending_rows=old.pending_rows + rows,
            sealed_batches=old.sealed_batches + sealed,
            bytes=old.bytes + size,
            limit_bytes=old.limit_bytes,
            next_number=old.next_number + max(sealed, 0),
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with sentences(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled back already
                    self._db.execute("ROLLBACK")
                raise

    def _shrink(self) -> None:
        """Give what is free inside the files back to the disk, as far as it can be done."""
        with contextlib.suppress(StorageError), sentences(self.path):
            # As a script: `execute` would stop after the first page.
            self._db.executescript(
                "PRAGMA wal_checkpoint(TRUNCATE);"  # room for the log of the next step
                f"PRAGMA incremental_vacuum({_VACUUM_PAGES});"
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )

    def _on_reserve(self, write: Callable[[], _Result]) -> _Result:
        """A write that frees space: on a full disk, once more with the reserve given up."""
        try:
            return write()
        except StorageError:
            if not self._reserve.release():
                raise
            return write()


def _encoded(frame: pl.DataFrame) -> bytes:
    """Nothing for a frame without rows: a machine that stands still has them all day."""
    return encode(frame) if frame.height else b""


def _decoded(columns: pl.Schema, blobs: Sequence[bytes]) -> pl.DataFrame:
    return pl.concat([columns.to_frame(), *map(pl.read_ipc_stream, filter(None, blobs))])


def _span_row(span: Span) -> tuple[str, str, int, int]:
    return span.line, span.machine, micros(span.start), micros(span.end)


def _span(row: Sequence[str | int]) -> Span:
    return Span(str(row[0]), str(row[1]), instant(int(row[2])), instant(int(row[3])))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
