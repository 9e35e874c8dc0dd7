"""The edge's durable queue: what was appended stays until the collector has it.

Two stages. Chunks of decoded samples lie in order of arrival in a journal (edge.spool.journal), and
in the table `pending` of a SQLite file (WAL) where they find no room there; signed batches lie in
its table `sealed`, in order of number. Sealing says in one transaction which chunks are done with,
adds the batch and advances the agent's number and chain, so a crash at any moment leaves every
sample in exactly one place and no number used twice or left out. That a batch was acknowledged is
in the journal until the next transaction deletes it. Every call is in a file when it returns, so
that it outlasts the process; `sync` makes it outlast a loss of power, too. A sealed batch always
does: once it is sent there is no way back.

A journal that is not whole is read up to its last whole record; the file is kept beside, and said.

Bounded: an append over the limit is refused and what is there is kept, the oldest included.
One process owns the file. Blocking, and for one thread; `edge.spool.outbox` puts it behind the
event loop. Knows no key, no clock and no network.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
import structlog

from domain.batches import SealedBatch
from domain.errors import StorageError
from domain.frames import REJECTIONS, SAMPLES, check
from domain.samples import Span
from edge.spool.chunk_coding import (
    StoredChunk,
    chunk_of_bytes,
    decoded_frames,
    decoded_spans,
    encoded_frame,
    encoded_spans,
    stored_chunk,
)
from edge.spool.depth import SpoolDepth, WaitingBatches
from edge.spool.disk_reserve import Reserve
from edge.spool.errors import full, sentences, short_of_disk
from edge.spool.journal import Journal
from edge.spool.journal_records import Kind
from edge.spool.kept import Kept, folded, kept_text
from edge.spool.kept_table import all_kept, settle_kept
from edge.spool.profile_sets import ProfileSets
from edge.spool.spool_file import opened_spool_file, shrink, transaction

_log = structlog.get_logger(__name__)

SPOOL_FILE = "spool.sqlite"
JOURNAL_FILE = "spool.journal"
_RESERVE_FILE = "spool.reserve"
_RESERVE_BYTES = 16 << 20  # for the log of a few sealings and acknowledgements
_BATCH_BYTES_MAX = 8 << 20  # far below what a collector or a proxy takes in one request
_ACKNOWLEDGED_MAX = 16  # batches that wait to be deleted
_NUMBER = struct.Struct(">Q")
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


class Spool:
    """The queue in `folder` of the agent `name`, holding at most about `limit_bytes`.

    Raises BusyError when another process has it, InputError when it is another agent's,
    StorageError when the disk cannot be used.
    """

    def __init__(self, folder: Path, name: str, *, limit_bytes: int) -> None:
        self.path = folder / SPOOL_FILE
        self._limit_bytes = limit_bytes
        self._db = opened_spool_file(self.path, name)
        self._profile_sets = ProfileSets(self._db, self.path)
        self._reserve = Reserve(folder / _RESERVE_FILE, min(_RESERVE_BYTES, limit_bytes))
        self._chunks: list[StoredChunk] = []  # those in the journal
        self._acknowledged: set[int] = set()  # batches that the journal says so of
        with sentences(self.path):
            (self._previous, begin, done) = self._db.execute(
                "SELECT previous, journal_begin, journal_done FROM agent"
            ).fetchone()
            self._journal = Journal(folder / JOURNAL_FILE, begin, done)
            self._take_over_journal()
            self._waiting = WaitingBatches(self._db)
            self.kept = all_kept(self._db, self._chunks)  # of each machine, by the runs before
            self._depth = self._measure()

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
        if not self._journal.sync():
            self._to_table([])

    def append(
        self,
        samples: pl.DataFrame,
        rejections: pl.DataFrame,
        spans: Sequence[Span],
        profiles: Mapping[str, str],
        *,
        kept: Sequence[Kept] = (),
        is_synced: bool = True,
    ) -> None:
        """Take a chunk: SAMPLES and REJECTIONS in order, spans, the profiles' digests by
        "line/machine", and what is to be known with it. `is_synced`: it outlasts a loss of power,
        too. Raises SpoolFullError at the limit, StorageError when the disk refuses; then nothing of
        the chunk was taken."""
        chunk = stored_chunk(
            self._journal.last + 1,
            samples.height + rejections.height,
            encoded_frame(check(samples, SAMPLES, "samples to spool")),
            encoded_frame(check(rejections, REJECTIONS, "rejections to spool")),
            encoded_spans(spans),
            self._profile_sets.name_of(profiles),
            kept_text(folded(kept)),
        )
        if self._depth.bytes + chunk.size > self._limit_bytes:
            raise full(self.path, self._limit_bytes)
        self._reserve.take()
        if not self._reserve.held:  # what room is left is for sealing and acknowledging
            raise short_of_disk(self.path, self._reserve.size)
        if self._journal.add(Kind.CHUNK, chunk.to_bytes(), is_synced=is_synced):
            self._chunks.append(chunk)
        else:
            try:
                self._to_table([chunk])
            except StorageError:
                shrink(self._db, self.path)
                self._to_table([chunk])
        self._change(chunks=1, rows=chunk.rows, size=chunk.size)

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
            profiles=self._profile_sets.named(chunks[0].profiles),
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
        left = [it for it in self._chunks if it.id > cut.last]

        def move() -> None:
            with transaction(self._db, self.path):
                advanced = self._db.execute(
                    "UPDATE agent SET next_number = ?, previous = ?"
                    " WHERE next_number = ? AND previous = ?",
                    (cut.number + 1, header.digest, cut.number, cut.previous),
                ).rowcount
                settle_kept(self._db, cut.last, self._chunks[: len(self._chunks) - len(left)])
                removed = self._db.execute(
                    "DELETE FROM pending WHERE id <= ?", (cut.last,)
                ).rowcount
                removed += len(self._chunks) - len(left)
                if (advanced, removed) != (1, cut.chunks):
                    raise ValueError(f"the cut for batch {cut.number} has been sealed before")
                self._db.execute(
                    "INSERT INTO sealed (number, size, digest, batch) VALUES (?, ?, ?, ?)",
                    (cut.number, len(data), header.digest, data),
                )
                self._settle(cut.last if left else self._journal.last)

        self._on_reserve(move)
        self._previous = header.digest
        self._waiting.add(header)
        self._acknowledged.clear()
        self._chunks = left
        if not left:
            self._journal.begin_anew(self._journal.last)
        self._change(chunks=-cut.chunks, rows=-cut.rows, sealed=1, size=len(data) - cut.size)

    def oldest(self) -> StoredBatch | None:
        """The sealed batch with the lowest number."""
        with sentences(self.path):
            numbers = self._db.execute("SELECT number FROM sealed ORDER BY number")
            number = next((it for (it,) in numbers if it not in self._acknowledged), None)
            numbers.close()
            row = self._db.execute(
                "SELECT number, digest, batch FROM sealed WHERE number = ?", (number,)
            ).fetchone()
        return StoredBatch(*row) if row else None

    def acknowledge(self, number: int) -> None:
        """Let go of that batch: the collector has it for good."""
        with sentences(self.path):
            found = self._db.execute(
                "SELECT size FROM sealed WHERE number = ?", (number,)
            ).fetchone()
        if found is None or number in self._acknowledged:
            return
        is_later = self._reserve.held and len(self._acknowledged) < _ACKNOWLEDGED_MAX
        if is_later and self._journal.add(Kind.ACKNOWLEDGED, _NUMBER.pack(number)):
            self._acknowledged.add(number)
        else:
            self._on_reserve(lambda: self._delete({*self._acknowledged, number}))
            self._acknowledged.clear()
        self._waiting.let_go(number)
        self._change(sealed=-1, size=-found[0])
        if not self._reserve.held:
            shrink(self._db, self.path)
            self._reserve.take()

    def close(self) -> None:
        self._journal.close()
        self._db.close()

    def _take_over_journal(self) -> None:
        """What a run before left in it."""
        acknowledged: set[int] = set()
        for kind, number, content in self._journal.told:
            if kind is Kind.CHUNK:
                self._chunks.append(chunk_of_bytes(number, content))
            else:
                acknowledged.update(_NUMBER.unpack(content))
        if acknowledged:
            self._on_reserve(lambda: self._delete(acknowledged))
        if not self._journal.is_whole:
            kept = self._on_reserve(self._journal.keep_aside)
            _log.error(
                "the journal of the spool is not whole; what is whole goes on",
                chunks=len(self._chunks),
                kept=str(kept),
            )
            self._to_table([])

    def _to_table(self, chunks: Sequence[StoredChunk]) -> None:
        """All that the journal has, and these chunks behind it, to the database: they outlast a
        loss of power. Raises StorageError, and then nothing has changed."""
        last = chunks[-1].id if chunks else self._journal.last
        with transaction(self._db, self.path):
            self._db.executemany(
                "INSERT INTO pending (id, rows, size, samples, rejections, spans, profiles, kept)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [*self._chunks, *chunks],
            )
            self._settle(last)
        self._chunks.clear()
        self._acknowledged.clear()
        self._journal.begin_anew(last)

    def _settle(self, done: int) -> None:
        """Within a transaction: what the journal has up to that number is done with, and so are
        the batches that it says were acknowledged."""
        self._db.execute("UPDATE agent SET journal_done = max(journal_done, ?)", (done,))
        self._delete_sealed(self._acknowledged)

    def _delete(self, numbers: Iterable[int]) -> None:
        with transaction(self._db, self.path):
            self._delete_sealed(numbers)

    def _delete_sealed(self, numbers: Iterable[int]) -> None:
        self._db.executemany("DELETE FROM sealed WHERE number = ?", [(it,) for it in numbers])

    def _cut_rows(self, max_rows: int) -> list[StoredChunk]:
        chunks: list[StoredChunk] = []
        rows = size = 0
        stored = self._db.execute(
            "SELECT id, rows, size, samples, rejections, spans, profiles, kept FROM pending"
            " ORDER BY id"
        )
        for chunk in itertools.chain(map(StoredChunk._make, stored), self._chunks):
            rows += chunk.rows
            size += chunk.size
            too_much = rows > max_rows or size > _BATCH_BYTES_MAX
            if chunks and (too_much or chunk.profiles != chunks[0].profiles):
                break
            chunks.append(chunk)
        stored.close()
        return chunks

    def _measure(self) -> SpoolDepth:
        measured = self._db.execute(
            "SELECT p.chunks, p.rows, s.batches, p.size + s.size, ?, next_number FROM agent,"
            " (SELECT count(*) chunks, total(rows) rows, total(size) size FROM pending) p,"
            " (SELECT count(*) batches, total(size) size FROM sealed) s",
            (self._limit_bytes,),
        ).fetchone()
        chunks, rows, batches, size, limit, number = map(int, measured)
        return SpoolDepth(
            chunks + len(self._chunks),
            rows + sum(it.rows for it in self._chunks),
            batches,
            self._waiting.rows,
            self._waiting.oldest,
            size + sum(it.size for it in self._chunks),
            limit,
            number,
        )

    def _change(self, *, chunks: int = 0, rows: int = 0, sealed: int = 0, size: int = 0) -> None:
        old = self._depth
        self._depth = SpoolDepth(
            pending_chunks=old.pending_chunks + chunks,
            pending_rows=old.pending_rows + rows,
            sealed_batches=old.sealed_batches + sealed,
            sealed_rows=self._waiting.rows,
            oldest_sealed=self._waiting.oldest,
            bytes=old.bytes + size,
            limit_bytes=old.limit_bytes,
            next_number=old.next_number + max(sealed, 0),
        )

    def _on_reserve(self, write: Callable[[], _Result]) -> _Result:
        """A write that frees space: on a full disk, once more with the reserve given up."""
        try:
            return write()
        except StorageError:
            if not self._reserve.release():
                raise
            return write()
