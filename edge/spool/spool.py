"""The edge's durable queue: what was appended stays until the collector has it.

Two stages. Chunks of decoded samples lie in order of arrival in a journal (edge.spool.journal), and
in the table `pending` of a SQLite file (WAL) where they find no room there; signed batches lie in
its table `sealed`, in order of number. Sealing says in one transaction which chunks are done with,
adds the batch and advances the agent's number and chain, so a crash at any moment leaves every
sample in exactly one place and no number used twice or left out. That a batch was acknowledged is
in the journal until the next transaction notes it; batches that were are kept for a while
(edge.spool.handed_over). Every call is in a file when it returns, so it outlasts the process;
`sync` makes it outlast a loss of power, too. A sealed batch always does: it cannot be taken back.

A journal that is not whole is read up to its last whole record; the file is kept beside, and said.

Bounded: an append over the limit is refused and what is there is kept, the oldest included.
One process owns the file. Blocking, and for one thread; `edge.spool.outbox` puts it behind the
event loop. Knows no key, no clock and no network.
"""

from __future__ import annotations

import contextlib
import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
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
from edge.spool.handed_over import HandedOver
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
_ACKNOWLEDGED_MAX = 16  # batches of which the journal alone says so
_ROOM_BYTES = 64 << 20  # of handed over batches that make room on a full disk at a time
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
    """The queue in `folder` of the agent `name`, holding at most about `limit_bytes`, and beside
    them `keep_bytes` of what was handed over.

    Raises BusyError when another process has it, InputError when it is another agent's,
    StorageError when the disk cannot be used.
    """

    def __init__(self, folder: Path, name: str, *, limit_bytes: int, keep_bytes: int = 0) -> None:
        self.path = folder / SPOOL_FILE
        self._limit_bytes = limit_bytes
        self._db = opened_spool_file(self.path, name)
        self._profile_sets = ProfileSets(self._db, self.path)
        self._reserve = Reserve(folder / _RESERVE_FILE, min(_RESERVE_BYTES, limit_bytes))
        self._chunks: list[StoredChunk] = []  # those in the journal
        with sentences(self.path):
            (self._previous, begin, done) = self._db.execute(
                "SELECT previous, journal_begin, journal_done FROM agent"
            ).fetchone()
            self._journal = Journal(folder / JOURNAL_FILE, begin, done)
            self._handed_over = HandedOver(self._db, keep_bytes)
            self._take_over_journal()
            self._waiting = WaitingBatches(self._db, self._handed_over.up_to)
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
        if not self._reserve.held and self._handed_over.bytes:
            self._make_room()
        if not self._reserve.held:  # what room is left is for sealing and acknowledging
            raise short_of_disk(self.path, self._reserve.size)
        if self._journal.add(Kind.CHUNK, chunk.to_bytes(), is_synced=is_synced):
            self._chunks.append(chunk)
        else:
            try:
                self._to_table([chunk])
            except StorageError:
                self._make_room()
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
        self._handed_over.settled_now()
        self._previous = header.digest
        self._waiting.add(header)
        self._chunks = left
        if not left:
            self._journal.begin_anew(self._journal.last)
        self._change(chunks=-cut.chunks, rows=-cut.rows, sealed=1, size=len(data) - cut.size)

    def oldest(self) -> StoredBatch | None:
        """The sealed batch with the lowest number of those that the collector has not."""
        with sentences(self.path):
            row = self._db.execute(
                "SELECT number, digest, batch FROM sealed WHERE number > ? ORDER BY number LIMIT 1",
                (self._handed_over.up_to,),
            ).fetchone()
        return StoredBatch(*row) if row else None

    def acknowledge(self, number: int) -> None:
        """The collector has that batch for good, and so all before it."""
        known = self._handed_over
        if number <= known.up_to or number >= self._depth.next_number:
            return
        with sentences(self.path):
            self._hand_over(number)
        is_later = self._reserve.held and known.up_to - known.settled <= _ACKNOWLEDGED_MAX
        if not (is_later and self._journal.add(Kind.ACKNOWLEDGED, _NUMBER.pack(number))):
            self._on_reserve(self._settle_handed_over)
        if not self._reserve.held:
            self._make_room()

    def go_back(self, expected: int) -> bool:
        """Batches from that number on wait once more, for the collector lacks them. False where
        they are not all kept, and then nothing has changed. Raises StorageError likewise."""
        before = self._handed_over.up_to
        if not self._handed_over.can_go_back(expected - 1):
            return False
        self._handed_over.go_back(expected - 1)
        try:
            self._to_table([])
        except StorageError:
            self._handed_over.advance(before)
            raise
        with sentences(self.path):
            self._waiting = WaitingBatches(self._db, self._handed_over.up_to)
            self._depth = self._measure()
        return True

    def close(self) -> None:
        self._journal.close()
        self._db.close()

    def _take_over_journal(self) -> None:
        """What a run before left in it."""
        for kind, number, content in self._journal.told:
            if kind is Kind.CHUNK:
                self._chunks.append(chunk_of_bytes(number, content))
            else:
                self._handed_over.advance(*_NUMBER.unpack(content))
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
        self._handed_over.settled_now()
        self._chunks.clear()
        self._journal.begin_anew(last)

    def _settle(self, done: int) -> None:
        """Within a transaction: what the journal has up to that number is done with, and so is what
        it says of batches that were handed over."""
        self._db.execute("UPDATE agent SET journal_done = max(journal_done, ?)", (done,))
        self._handed_over.settle()

    def _hand_over(self, number: int) -> None:
        """They wait no more."""
        first = self._handed_over.up_to + 1
        let_go = self._handed_over.advance(number)
        for it in range(first, number + 1):
            self._waiting.let_go(it)
        self._change(sealed=-let_go.count, size=-let_go.bytes)

    def _settle_handed_over(self, room: int = 0) -> None:
        with transaction(self._db, self.path):
            self._handed_over.settle(room=room)
        self._handed_over.settled_now()

    def _make_room(self) -> None:
        """On a full disk, as far as it can be done."""
        if self._handed_over.bytes:
            with contextlib.suppress(StorageError):
                self._on_reserve(lambda: self._settle_handed_over(_ROOM_BYTES))
        shrink(self._db, self.path)
        self._reserve.take()

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
            " (SELECT count(*) batches, total(size) size FROM sealed WHERE number > ?) s",
            (self._limit_bytes, self._handed_over.up_to),
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
