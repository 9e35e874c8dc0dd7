"""The edge's durable queue: what was appended stays until the collector has it.

A SQLite file (WAL) with two stages. `pending` holds chunks of decoded
samples in order of arrival; `sealed` holds signed batches in order of number. Sealing moves
from one to the other and advances the agent's number and chain in one transaction, so a
crash at any moment leaves every sample in exactly one place and no number used twice or
left out. Every call is in the file when it returns, so that it outlasts the process; `sync` makes
it outlast a loss of power, too. A sealed batch always does: once it is sent there is no way back.

Bounded: an append over the limit is refused and what is there is kept, the oldest included.
One process owns the file. Blocking, and for one thread; `edge.spool.outbox` puts it behind the
event loop. Knows no key, no clock and no network.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl

from domain.batches import SealedBatch
from domain.errors import StorageError
from domain.frames import REJECTIONS, SAMPLES, check
from domain.samples import Span
from edge.spool.chunk_coding import decoded_frames, decoded_spans, encoded_frame, encoded_spans
from edge.spool.disk_reserve import Reserve
from edge.spool.errors import full, sentences, short_of_disk
from edge.spool.spool_file import opened_spool_file

SPOOL_FILE = "spool.sqlite"
_RESERVE_FILE = "spool.reserve"
_RESERVE_BYTES = 16 << 20  # for the log of a few sealings and acknowledgements
_VACUUM_PAGES = 8_000
_BATCH_BYTES_MAX = 8 << 20  # far below what a collector or a proxy takes in one request
_CHUNK_OVERHEAD = 256  # bytes of a row beside its blobs, roughly
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
        self._set_names: dict[str, str] = {}  # of sets of profiles, by their text
        self._db = opened_spool_file(self.path, name)
        self._reserve = Reserve(folder / _RESERVE_FILE, min(_RESERVE_BYTES, limit_bytes))
        with sentences(self.path):
            self._depth = self._measure()
            ((self._previous,),) = self._db.execute("SELECT previous FROM agent").fetchall()
        self._log_path = self.path.with_name(f"{SPOOL_FILE}-wal")

    @property
    def depth(self) -> SpoolDepth:
        """What is in the spool; safe to read from any thread."""
        return self._depth

    @property
    def previous(self) -> str:
        """The digest of the batch that was sealed last; safe to read from any thread."""
        return str(self._previous)

    def sync(self) -> None:
        """What was written outlasts a loss of power. Raises StorageError."""
        with sentences(self.path):
            handle = os.open(self._log_path, os.O_RDONLY)
            try:
                os.fdatasync(handle)
            finally:
                os.close(handle)

    def append(
        self,
        samples: pl.DataFrame,
        rejections: pl.DataFrame,
        spans: Sequence[Span],
        profiles: Mapping[str, str],
        *,
        is_synced: bool = True,
    ) -> None:
        """Take a chunk: SAMPLES and REJECTIONS in order, spans, and the profiles' digests by
        "line/machine". `is_synced`: it outlasts a loss of power, too. Raises SpoolFullError at the
        limit, StorageError when the disk refuses; then nothing of the chunk was taken."""
        blobs = (
            encoded_frame(check(samples, SAMPLES, "samples to spool")),
            encoded_frame(check(rejections, REJECTIONS, "rejections to spool")),
            encoded_spans(spans),
            self._set_name(profiles),
        )
        size = sum(map(len, blobs)) + _CHUNK_OVERHEAD
        if self._depth.bytes + size > self._limit_bytes:
            raise full(self.path, self._limit_bytes)
        self._reserve.take()
        if not self._reserve.held:  # what room is left is for sealing and acknowledging
            raise short_of_disk(self.path, self._reserve.size)
        rows = samples.height + rejections.height

        def insert() -> None:
            with self._transaction(is_synced=is_synced):
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
            samples=decoded_frames(SAMPLES, [chunk.samples for chunk in chunks]),
            rejections=decoded_frames(REJECTIONS, [chunk.rejections for chunk in chunks]),
            spans=tuple(span for chunk in chunks for span in decoded_spans(chunk.spans)),
            profiles=self._profiles(chunks[0].profiles),
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
            with self._transaction(is_synced=True):
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
        self._previous = header.digest
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

    def _set_name(self, profiles: Mapping[str, str]) -> str:
        """What chunks call that set of profiles."""
        text = json.dumps(dict(profiles), sort_keys=True)
        if text not in self._set_names:
            with self._transaction():
                self._db.execute(
                    "INSERT OR IGNORE INTO profile_sets (profiles) VALUES (?)", (text,)
                )
            ((number,),) = self._db.execute(
                "SELECT id FROM profile_sets WHERE profiles = ?", (text,)
            ).fetchall()
            self._set_names[text] = str(number)
        return self._set_names[text]

    def _profiles(self, named: str) -> dict[str, str]:
        """The set of profiles of that name; in a spool of a former format it is the set itself."""
        if named.isdecimal():
            ((named,),) = self._db.execute(
                "SELECT profiles FROM profile_sets WHERE id = ?", (int(named),)
            ).fetchall()
        profiles: dict[str, str] = json.loads(named)
        return profiles

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
    def _transaction(self, *, is_synced: bool = False) -> Iterator[None]:
        with sentences(self.path):
            self._db.execute(f"PRAGMA synchronous = {'FULL' if is_synced else 'NORMAL'}")
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
