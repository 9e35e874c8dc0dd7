"""Sealed batches in append-only segment files: one of each agent and day of arrival.

Rules: what lies in a segment is never changed. What is put together costs one append and one sync
of each segment that it touches; a new file's folders are synced, too. What an append leaves that
did not succeed was acknowledged to nobody, and is cut off before the next one. What is damaged
stays where it is, is told, and costs itself alone. One process writes; others may read meanwhile.
The bytes of a batch are held against their digest whenever they are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar

from domain.errors import LaterVersionError, NotFoundError, StorageError
from domain.time import instant
from store.archive.arrivals import Arrival
from store.archive.blobs import storage_errors
from store.archive.segment_appending import IncomingBatch, SegmentAppending
from store.archive.segment_format import (
    RECORD_HEAD_BYTES,
    SEGMENT_FORMAT,
    SEGMENT_HEAD_BYTES,
    read_unchecked_head,
)
from store.archive.segment_index import Place, SegmentIndex
from store.archive.segment_scan import Gap, Placed, SegmentScan
from store.work import piece

_INDEX = "index.sqlite"
_FILE_NAME = re.compile(r"\d{4}-\d\d-\d\d(\.\d+)?\.segment\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment that can be read as nothing."""

    path: Path
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset} ({self.size} bytes)"


@dataclass(frozen=True, slots=True)
class InSegment:
    """A record: its segment, its offset there, how many sealed bytes it has. Whoever can read the
    folder can read it."""

    segment: Path
    offset: int
    length: int

    def read(self, digest: str) -> bytes | None:
        """See `store.archive.lying`. Raises OSError where the segment cannot be read."""
        try:
            descriptor = os.open(self.segment, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            size = RECORD_HEAD_BYTES + self.length
            if not 0 <= self.offset <= os.fstat(descriptor).st_size - size:
                return None
            data = os.pread(descriptor, size, self.offset)
        finally:
            os.close(descriptor)
        head = read_unchecked_head(data)
        content = data[RECORD_HEAD_BYTES:]
        if head is None or head.digest != digest or head.length != len(content):
            return None
        return content if hashlib.sha256(content).hexdigest() == head.content else None


class Segments:
    """The folder, made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._refuse_later()
        self._index = SegmentIndex(folder / _INDEX)
        self._appending = SegmentAppending(folder, self._index, self._is_whole)
        self._looked_at: set[str] = set()  # segments whose index was made anew for an odd answer
        self._is_anew = False
        self._lost: dict[str, Place] = {}  # batches of which the bytes were seen to be damaged
        self.refresh()

    def close(self) -> None:
        self._index.close()

    # writing

    def put_all(self, batches: Sequence[IncomingBatch]) -> None:
        """Make them last, in their order. Of one that is there already only its arrival is noted.
        Raises StorageError: then those of the failing segments are not kept."""
        for batch in batches:
            _check_digest(batch.digest)
        self._appending.put_all(batches)

    # reading

    def get(self, digest: str) -> bytes:
        """The bytes of the batch. Raises NotFoundError; StorageError where they are damaged."""
        return self._read_somewhere(digest, self._read)

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """Of a batch, without reading the rest; they are held against nothing. Raises
        NotFoundError, StorageError."""

        def read(place: Place, digest: str) -> bytes | None:
            return self._read_lines(place, digest, count, max_bytes)

        return self._read_somewhere(digest, read)

    def has(self, digest: str) -> bool:
        """Whether a batch of that digest is said to be here."""
        _check_digest(digest)
        return bool(self._places(digest))

    def lies_at(self, digest: str) -> InSegment | None:
        """Where it is said to lie, for those who read it on their own, from a folder of their own;
        None where nothing is known of it."""
        _check_digest(digest)
        found = next((self._at(it) for it in self._places(digest)), None)
        return found and replace(found, segment=found.segment.absolute())

    def received(self, digest: str) -> datetime:
        """When the batch came, as far as it is known. Raises NotFoundError."""
        us = self._asked(lambda: self._index.received(digest))
        if us is None:
            raise self._missing(digest)
        return instant(us)

    def digests(self) -> Iterator[str]:
        """Of every batch, sorted."""
        after = ""
        while page := self._page_after(after):
            yield from page
            after = page[-1]

    def stored_order(self) -> Iterator[str]:
        """The same in the order in which they lie here: the quickest to read them all."""
        return self._asked(self._index.stored_order)

    def arrivals(self) -> Iterator[Arrival]:
        """All that were noted, those of an agent in the order in which they came."""
        return self._asked(self._index.arrivals)

    def strange(self) -> Iterator[Path]:
        """What lies here and is no segment."""
        with storage_errors(self._folder):
            for path in sorted(self._folder.iterdir()):
                if path.is_dir() and not path.is_symlink():
                    yield from (it for it in sorted(path.iterdir()) if not _is_segment(it))
                elif not path.name.startswith(_INDEX):
                    yield path

    def damaged(self) -> Iterator[Damage]:
        """What can be read as nothing, by going through every segment; where the index does not
        say what they say, it is made anew. Bytes of batches are not looked at. Raises
        StorageError."""
        expected, seen, is_wrong = self._index.count, 0, False
        for name in self._sizes():
            with self._scanning(name) as scan:
                for placed in scan:
                    seen += 1
                    is_wrong = is_wrong or not self._knows(name, placed)
                yield from (self._damage(name, gap) for gap in scan.gaps)
        if is_wrong or seen < expected:
            self.look_anew()

    def refresh(self) -> None:
        """Learn what others put here since, and forget what is gone. Raises StorageError."""
        known = self._asked(self._index.sizes)
        for name, size in self._sizes().items():
            before = known.pop(name, None)
            if before is not None and size < before:
                self._look_at(name)
            elif before is None or size > before:
                self._learn(name, before or SEGMENT_HEAD_BYTES)
        for name in known:
            self._index.forget(name)

    def look_anew(self) -> None:
        """Make the index anew. Raises StorageError."""
        with self._index.made_anew():
            for name in self._sizes():
                self._learn(name, SEGMENT_HEAD_BYTES)

    def _read_somewhere(self, digest: str, read: Callable[[Place, str], bytes | None]) -> bytes:
        """By the index; where it cannot be right, once more after looking."""
        _check_digest(digest)
        with piece(), storage_errors(self._folder):
            places = self._places(digest)
            for look in (self._look_for, self._look_once):
                for place in places:
                    if (found := read(place, digest)) is not None:
                        return found
                    self._lost[digest] = place
                look(places)
                places = self._places(digest)
            for place in places:
                if (found := read(place, digest)) is not None:
                    return found
        lost = next(iter(places), self._lost.get(digest))
        raise self._missing(digest) if lost is None else self._is_damaged(digest, lost)

    def _look_for(self, places: Sequence[Place]) -> None:
        """Where the index led to nothing."""
        if not places:
            self.refresh()
        for name in {it.segment for it in places} - self._looked_at:
            self._looked_at.add(name)
            self._look_at(name)

    def _look_once(self, places: Sequence[Place]) -> None:
        """Where it knows of nothing: once, for it may have been damaged."""
        if not places and not self._is_anew:
            self._is_anew = True
            self.look_anew()

    def _places(self, digest: str) -> list[Place]:
        return self._asked(lambda: self._index.places(digest))

    def _read(self, place: Place, digest: str) -> bytes | None:
        """The bytes, if they are those of the digest."""
        return self._at(place).read(digest)

    def _at(self, place: Place) -> InSegment:
        return InSegment(self._folder / place.segment, place.offset, place.length)

    def _read_lines(self, place: Place, digest: str, count: int, max_bytes: int) -> bytes | None:
        try:
            file = (self._folder / place.segment).open("rb")
        except FileNotFoundError:
            return None
        with file:
            if not 0 <= place.offset <= os.fstat(file.fileno()).st_size:
                return None
            file.seek(place.offset)
            head = read_unchecked_head(file.read(RECORD_HEAD_BYTES))
            if head is None or head.digest != digest:
                return None
            lines, left = [], min(max_bytes, head.length)
            for _ in range(count):
                lines.append(file.readline(left))
                left -= len(lines[-1])
            return b"".join(lines)

    def _is_whole(self, digest: str) -> bool:
        return any(self._read(it, digest) is not None for it in self._places(digest))

    # the index

    def _refuse_later(self) -> None:
        """Of an archive that a later version went on with nothing is touched: its newest segments
        say so, before the index is opened. Raises LaterVersionError."""
        newest = {PurePosixPath(name).parent: name for name in self._sizes()}
        for name in newest.values():
            with self._scanning(name):
                pass

    def _asked(self, ask: Callable[[], _Found]) -> _Found:
        """What the index answers; one that cannot answer is made anew."""
        try:
            return ask()
        except (sqlite3.DatabaseError, ArithmeticError, LookupError, TypeError, ValueError):
            self.look_anew()
            return ask()

    def _page_after(self, digest: str) -> list[str]:
        return self._asked(lambda: self._index.digests_after(digest))

    def _knows(self, name: str, placed: Placed) -> bool:
        return self._asked(lambda: self._index.knows(name, placed))

    def _look_at(self, name: str) -> None:
        self._index.forget(name)
        self._learn(name, SEGMENT_HEAD_BYTES)

    def _learn(self, name: str, start: int) -> None:
        with self._scanning(name, start) as scan:
            self._index.extend(name, scan)
            self._index.known_to(name, scan.end)

    @contextlib.contextmanager
    def _scanning(self, name: str, start: int = SEGMENT_HEAD_BYTES) -> Iterator[SegmentScan]:
        with storage_errors(self._folder / name):
            descriptor = os.open(self._folder / name, os.O_RDONLY)
            try:
                scan = SegmentScan(descriptor, start)
                if scan.later_format is not None:
                    raise self._is_later(name, scan.later_format)
                yield scan
            finally:
                os.close(descriptor)

    def _sizes(self) -> dict[str, int]:
        """Every segment and how many bytes it has."""
        found: dict[str, int] = {}
        with storage_errors(self._folder), os.scandir(self._folder) as folders:
            for folder in folders:
                if folder.is_dir(follow_symlinks=False):
                    with os.scandir(folder) as files:
                        found.update(
                            (f"{folder.name}/{it.name}", it.stat().st_size)
                            for it in files
                            if _is_segment(Path(it.path))
                        )
        return dict(sorted(found.items()))

    def _damage(self, name: str, gap: Gap) -> Damage:
        return Damage(self._folder / name, gap.offset, gap.size)

    def _is_later(self, name: str, found: str) -> LaterVersionError:
        return LaterVersionError(
            "this segment of the archive", found, SEGMENT_FORMAT, where=str(self._folder / name)
        )

    def _missing(self, digest: str) -> NotFoundError:
        return NotFoundError(
            f"nothing with the digest {digest} is kept here", where=str(self._folder)
        )

    def _is_damaged(self, digest: str, place: Place) -> StorageError:
        return StorageError(
            f"the batch with the digest {digest} is damaged: it begins at byte {place.offset} of "
            f"{place.segment}",
            where=f"{self._folder / place.segment} at byte {place.offset}",
            todo="Put the segment back from a backup.",
        )


def _is_segment(path: Path) -> bool:
    return bool(_FILE_NAME.match(path.name)) and path.is_file() and not path.is_symlink()


def _check_digest(digest: str) -> None:
    if not _DIGEST.match(digest):
        raise ValueError(f"'{digest}' is no SHA-256 digest in hex")
