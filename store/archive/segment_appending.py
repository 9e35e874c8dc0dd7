"""Adds sealed batches to segments: one append and one sync of each segment that is touched.

A new file's folders are synced, too. What an append leaves that did not succeed was acknowledged to
nobody, and is cut off before the next one. What is damaged stays where it is. Files are open only
while something is added to them, and at most `OPEN_FILES_MAX` at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

from store.archive.arrivals import Arrival
from store.archive.blobs import SYNCS, storage_errors, sync_folder, write_all
from store.archive.segment_format import SALT_BYTES, SEGMENT_HEAD_BYTES, RecordHead, SegmentHead
from store.archive.segment_index import SegmentIndex
from store.archive.segment_scan import Placed, SegmentScan

OPEN_FILES_MAX = 64
_SUFFIX = ".segment"
_FOLDER_NAME_MAX = 100  # characters, of an agent's


@dataclass(frozen=True, slots=True)
class IncomingBatch:
    """A sealed batch to keep. `latest` None: nobody noted when it arrived, and `received` is what
    is known of it."""

    agent: str
    digest: str
    data: bytes
    received: datetime
    latest: datetime | None

    @property
    def day(self) -> date:
        """Of arrival, UTC."""
        return self.received.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class _Record:
    """What is written of a batch; no bytes where they are there already."""

    batch: IncomingBatch
    head: RecordHead
    data: bytes


@dataclass(slots=True)
class _Open:
    """A segment that is being added to. `end`: where it ended before."""

    name: str
    descriptor: int
    head: SegmentHead
    end: int
    is_new: bool
    added: list[Placed]


class SegmentAppending:
    """Into the segments of the folder. `is_whole` says of a digest whether its bytes are there
    already, and as they must be."""

    def __init__(self, folder: Path, index: SegmentIndex, is_whole: Callable[[str], bool]) -> None:
        self._folder = folder
        self._index = index
        self._is_whole = is_whole
        self._writing = threading.Lock()

    def put_all(self, batches: Sequence[IncomingBatch]) -> None:
        """Make them last, in their order. Of one that is there already only its arrival is noted.
        Raises StorageError: then those of the failing segments are not kept."""
        with self._writing, storage_errors(self._folder):
            coming: set[str] = set()
            sequence = self._index.last_sequence
            records: dict[str, list[_Record]] = {}
            for batch in batches:
                record = self._record(batch, sequence + 1, coming)
                if record is not None:
                    sequence += 1
                    records.setdefault(_name(batch), []).append(record)
            together = list(records.values())
            for first in range(0, len(together), OPEN_FILES_MAX):
                self._append(together[first : first + OPEN_FILES_MAX])

    def _append(self, together: Sequence[Sequence[_Record]]) -> None:
        """Those of each segment."""
        opened: list[_Open] = []
        try:
            for records in together:
                into = self._opened(records[0].batch)
                opened.append(into)
                _write(into, records)
            for _ in SYNCS.map(os.fsync, [it.descriptor for it in opened]):
                pass
            folders = {folder for it in opened if it.is_new for folder in self._above(it.name)}
            for _ in SYNCS.map(sync_folder, sorted(folders)):
                pass
        except BaseException:
            for it in opened:
                self._take_back(it)
            raise
        finally:
            for it in opened:
                os.close(it.descriptor)
        for it in opened:
            self._index.extend(it.name, it.added)
            self._index.known_to(it.name, it.added[-1].offset + it.added[-1].head.size)

    def _record(self, batch: IncomingBatch, sequence: int, coming: set[str]) -> _Record | None:
        """What is to be written of the batch; None: nothing."""
        is_here = batch.digest in coming or self._is_whole(batch.digest)
        if is_here:
            noted = self._index.arrival(batch.digest)
            if batch.latest is None or noted == Arrival(batch.digest, batch.received, batch.latest):
                return None
        coming.add(batch.digest)
        data = b"" if is_here else batch.data
        head = RecordHead(
            sequence=sequence,
            length=len(data),
            digest=batch.digest,
            content=hashlib.sha256(data).hexdigest(),
            received=batch.received,
            latest=batch.latest,
            is_again=is_here,
        )
        return _Record(batch, head, data)

    def _opened(self, batch: IncomingBatch) -> _Open:
        """The batch's segment, ready for the next record. One whose head is damaged is left as it
        is; the day goes on in another file."""
        for number in itertools.count(1):
            name = _name(batch, number)
            path = self._folder / name
            path.parent.mkdir(exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
            try:
                opened = self._ready(name, descriptor, batch)
            except BaseException:
                os.close(descriptor)
                raise
            if opened is not None:
                return opened
            os.close(descriptor)
        raise AssertionError("numbers do not end")

    def _ready(self, name: str, descriptor: int, batch: IncomingBatch) -> _Open | None:
        known = self._index.sizes().get(name, SEGMENT_HEAD_BYTES)
        if os.fstat(descriptor).st_size < known:  # new, or somebody cut it off
            self._index.forget(name)
            known = SEGMENT_HEAD_BYTES
        scan = SegmentScan(descriptor, known)
        if scan.is_new:
            os.ftruncate(descriptor, 0)
            head = SegmentHead(batch.agent, batch.day, secrets.token_bytes(SALT_BYTES))
            write_all(descriptor, head.to_bytes())
            return _Open(name, descriptor, head, SEGMENT_HEAD_BYTES, True, [])
        if scan.head is None:
            return None
        self._index.extend(name, scan)  # what another opening of this archive put there
        end = scan.end
        if end < os.fstat(descriptor).st_size:
            # Before anything is cut off, by the segment's own word: the index may be wrong.
            whole = SegmentScan(descriptor)
            self._index.extend(name, whole)
            end = whole.end
            os.ftruncate(descriptor, end)
        return _Open(name, descriptor, scan.head, end, False, [])

    def _take_back(self, it: _Open) -> None:
        """What was not made to last was told to nobody; what cannot be taken back now is cut off
        before the next append."""
        with contextlib.suppress(OSError):
            if it.is_new:
                (self._folder / it.name).unlink(missing_ok=True)
            else:
                os.ftruncate(it.descriptor, it.end)

    def _above(self, name: str) -> tuple[Path, ...]:
        return (self._folder / name).parent, self._folder, self._folder.parent


def _write(into: _Open, records: Sequence[_Record]) -> None:
    """All of them at once."""
    parts: list[bytes] = []
    offset = into.end
    for it in records:
        into.added.append(Placed(offset, it.head))
        parts += [it.head.to_bytes(into.head.salt, offset), it.data]
        offset += it.head.size
    write_all(into.descriptor, b"".join(parts))


def _name(batch: IncomingBatch, number: int = 1) -> str:
    """Of the batch's segment: the agent as in an address, a long one cut and told apart by its
    digest; the day; from the second file of a day on its number."""
    folder = quote(batch.agent, safe="")
    if not folder.strip("."):
        folder = folder.replace(".", "%2E")
    if len(folder) > _FOLDER_NAME_MAX:
        told_apart = hashlib.sha256(batch.agent.encode()).hexdigest()[:16]
        folder = f"{folder[: _FOLDER_NAME_MAX - 17]},{told_apart}"
    which = f".{number}" if number > 1 else ""
    return f"{folder}/{batch.day.isoformat()}{which}{_SUFFIX}"
