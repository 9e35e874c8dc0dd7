"""The archive as it was before it had segments: a file for each batch, and files of arrivals.

It can be read as long as something lies there. `packed_into` moves it into segments: every batch is
held against its digest first; its file goes only when the segments have it on disk, so the process
may be killed at any moment, and the next opening goes on. What does not verify stays where it is.
A file of arrivals (`arrivals/2026-11.jsonl`) has a line of JSON for each batch that came; a line
that is damaged or cut off is passed over. They stay while a batch that they name is nowhere.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from domain.batches import parse_batch, payload_digest
from domain.errors import InputError, NotFoundError
from domain.time import instant, micros
from store.archive.arrivals import Arrival
from store.archive.blobs import Blobs, storage_errors
from store.archive.segment_appending import IncomingBatch
from store.archive.segments import Segments

_SUFFIX = ".batch"
TOGETHER_BATCHES = 1_000
TOGETHER_BYTES = 32 << 20
_ORDERED = "SELECT digest, received, latest FROM arrivals ORDER BY number"


class FormerLayout:
    """What lies of it in the archive's folder, if anything does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "batches"
        self._arrivals = folder / "arrivals"
        self._batches = Blobs(self._folder, _SUFFIX) if self._folder.is_dir() else None

    def has(self, digest: str) -> bool:
        return self._batches is not None and self._batches.path(digest).exists()

    def batches(self) -> Blobs:
        """Raises NotFoundError without any."""
        if self._batches is None:
            raise NotFoundError(
                "there are no batches in files of their own", where=str(self._folder)
            )
        return self._batches

    def digests(self) -> Iterator[str]:
        """Of every batch that has a file, sorted."""
        return iter(()) if self._batches is None else self._batches.digests()

    def strange(self) -> Iterator[Path]:
        """What lies among these files and is none."""
        return iter(()) if self._batches is None else self._batches.strange()

    def arrivals(self) -> Iterator[Arrival]:
        """All that are in files, in the order in which they came. Raises StorageError."""
        with storage_errors(self._arrivals):
            for path in sorted(self._arrivals.glob("????-??.jsonl")):
                with path.open("rb") as file:
                    yield from (it for it in map(_arrival, file) if it is not None)

    def packed_into(self, segments: Segments) -> int:
        """Move all that verifies there; how many batches. Raises StorageError."""
        if self._batches is None:
            return 0
        done = self._pack(self._noted(self._batches), segments)
        done += self._pack(self._undated(self._batches), segments)
        self._tidy_up(segments)
        return done

    def _pack(self, batches: Iterator[IncomingBatch], segments: Segments) -> int:
        done = size = 0
        together: list[IncomingBatch] = []
        for batch in batches:
            together.append(batch)
            size += len(batch.data)
            if len(together) == TOGETHER_BATCHES or size >= TOGETHER_BYTES:
                done += self._move(together, segments)
                size = 0
        return done + self._move(together, segments)

    def _noted(self, batches: Blobs) -> Iterator[IncomingBatch]:
        """What verifies, in the order in which it arrived."""
        with contextlib.closing(sqlite3.connect("")) as noted:  # on disk, where they are many
            noted.execute(
                "CREATE TABLE arrivals (digest TEXT UNIQUE, received INTEGER, latest INTEGER, "
                "number INTEGER PRIMARY KEY)"
            )
            noted.executemany(
                "INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?, NULL)",
                ((it.digest, micros(it.received), micros(it.latest)) for it in self.arrivals()),
            )
            for digest, received, latest in noted.execute(_ORDERED):
                if batch := _verified_one(batches, digest, instant(received), instant(latest)):
                    yield batch

    def _undated(self, batches: Blobs) -> Iterator[IncomingBatch]:
        """What verifies and is still there: nobody noted when it arrived."""
        for digest in batches.digests():
            if batch := _verified_one(batches, digest, batches.written_at(digest), None):
                yield batch

    def _move(self, together: list[IncomingBatch], segments: Segments) -> int:
        segments.put_all(together)
        with storage_errors(self._folder):
            for batch in together:
                self.batches().path(batch.digest).unlink(missing_ok=True)
        moved = len(together)
        together.clear()
        return moved

    def _tidy_up(self, segments: Segments) -> None:
        """Folders that are empty, and arrivals of batches that are all in segments now."""
        with storage_errors(self._folder):
            for folder in (*self._folder.glob("??/??"), *self._folder.glob("??"), self._folder):
                with contextlib.suppress(OSError):  # something lies there
                    folder.rmdir()
            if not self._folder.exists():
                self._batches = None
            if all(segments.has(it.digest) for it in self.arrivals()):
                for path in self._arrivals.glob("????-??.jsonl"):
                    path.unlink()
                with contextlib.suppress(OSError):
                    self._arrivals.rmdir()


def _verified_one(
    batches: Blobs, digest: str, received: datetime, latest: datetime | None
) -> IncomingBatch | None:
    """None where there is no such file, or where it is not the batch of that digest."""
    try:
        data = batches.get(digest)
        batch = parse_batch(data)
    except (InputError, ValueError):
        return None
    header = batch.header
    if header.digest != digest or header.payload_digest != payload_digest(batch.payload):
        return None
    return IncomingBatch(header.agent, digest, data, received, latest)


def _arrival(line: bytes) -> Arrival | None:
    """None for a line that a crash cut off, or that is damaged."""
    try:
        fields = json.loads(line)
        digest, received, latest = fields["digest"], fields["received"], fields["latest"]
        if not isinstance(digest, str) or type(received) is not int or type(latest) is not int:
            return None
        return Arrival(digest, instant(received), instant(latest))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
