"""The spool's journal: a file to which records are added, and whose space is used again.

SQLite writes whole pages and an index for each small commit; a record here costs its own bytes.
What was added outlasts the process; `sync` makes it outlast a loss of power, too. Once all records
are done with, `begin_anew` lets the next ones take the place of the old, so the file keeps its size
and a sync writes data alone. It has at most `JOURNAL_BYTES_MAX`; what finds no room goes elsewhere.

What it cannot take or keep it says by False: whoever asks has another place for it. Blocking, and
for one thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from edge.spool.errors import sentences
from edge.spool.journal_records import Kind, Place, read_journal

JOURNAL_BYTES_MAX = 1 << 20
_STEP_BYTES = 64 << 10  # by which the file grows


class Journal:
    """The file at `path`, made with the first record, which follows `begin`. All records up to the
    number `done` are done with; `told` is by those that are not, as it was found."""

    def __init__(self, path: Path, begin: int, done: int) -> None:
        self.path = path
        self._begin = begin
        self._file: int | None = None
        data = path.read_bytes() if path.exists() else b""
        found = read_journal(data, begin, done)
        self.told = found.told
        self.is_whole = not found.lost_to
        last = found.told[-1].number if found.told else done
        self.last = max(last, found.lost_to)  # number that was ever given
        self._size = len(data)
        self._next = found.next
        self._is_synced = not found.told
        self._is_in_doubt = not self.is_whole

    def add(self, kind: Kind, content: bytes, *, is_synced: bool = False) -> bool:
        """Write the record `last` + 1. False: it found no room, or the disk refused, and it was not
        added; neither is another before all was put elsewhere and `begin_anew`."""
        record = self._next.record(kind, self.last + 1, content)
        behind = self._next.behind(record, content)
        data = record.to_bytes() + behind.end_mark
        end = self._next.offset + len(data)
        if end > JOURNAL_BYTES_MAX or self._is_in_doubt:
            return False
        try:
            file = self._opened()
            if end > self._size:
                self._grow(file, end)
            _write_all(file, data, self._next.offset)
            if is_synced:
                os.fdatasync(file)
        except OSError:
            self._doubt()
            return False
        self._is_synced = is_synced
        self.last, self._next = record.number, behind
        return True

    def sync(self) -> bool:
        """All that was added outlasts a loss of power. False: nothing may that was added since the
        last sync, whatever a later one would say."""
        try:
            if not self._is_synced:
                os.fdatasync(self._opened())
        except OSError:
            self._doubt()
        self._is_synced = not self._is_in_doubt
        return self._is_synced

    def begin_anew(self, done: int) -> None:
        """All records up to the number `done` are done with, and nothing is behind them."""
        self.last = max(self.last, done)
        self._next = Place(0, self._begin)
        if self._is_in_doubt:  # what was written in part is no end
            with contextlib.suppress(OSError):
                os.truncate(self.path, 0)
            self._size = 0
        self._is_synced, self._is_in_doubt = True, False

    def keep_aside(self) -> Path:
        """A copy of the file as it is, beside it, for whoever wants to look. Raises
        StorageError."""
        with sentences(self.path):
            data = self.path.read_bytes()
            kept = self.path.with_name(
                f"{self.path.name}.damaged-{hashlib.sha256(data).hexdigest()[:16]}"
            )
            with kept.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return kept

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)

    def _doubt(self) -> None:
        """The disk refused; whoever goes on opens the file anew."""
        self._is_in_doubt = True
        with contextlib.suppress(OSError):
            self.close()

    def _opened(self) -> int:
        if self._file is None:
            is_new = not self.path.exists()
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
            _forget_cached(self._file)
            if is_new:
                sync_folder(self.path.parent)
        return self._file

    def _grow(self, file: int, end: int) -> None:
        """By zeros that are on disk, so that a sync of records has no more to write than them."""
        size = -(-end // _STEP_BYTES) * _STEP_BYTES
        begin = b"" if self._size else Place(0, self._begin).end_mark
        _write_all(file, begin.ljust(size - self._size, b"\0"), self._size)
        os.fsync(file)
        self._size = size
        _forget_cached(file)


def _forget_cached(file: int) -> None:
    """What was read or written at once may lie in memory as one large piece, all of which would
    have to be written again for a few new bytes."""
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
