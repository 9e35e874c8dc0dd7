"""A disk that dies, tears and refuses at the system's calls, of each folder by itself.

What Python writes itself (journals, segments of the archive) is known write by write, with what
was there before, until it is synced: a loss of power takes any part of it back. What SQLite and
DuckDB write goes past Python; they are refused by the system's own limit of file size, and a copy
of their files is what a killed process leaves.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from simulated_time import put_in_place

_CALLS = ("open", "write", "pwrite", "ftruncate", "truncate", "fsync", "fdatasync")


@dataclass
class _Write:
    """What is not on disk for sure: of which file, and what was there before (None: no file)."""

    path: Path
    offset: int
    before: bytes | None
    size: int  # of the file, before
    written: int = 0
    is_cut: bool = False  # what was written is that this is gone


@dataclass
class Drive:
    """One folder's. `refuse_after`: so many calls of Python's that write are let through, then all
    are refused with `error` until it is None again; the first one in part. `die_at`: at that
    call `image` is made of the folder, as the dying process leaves it."""

    folder: Path
    chance: Random
    refuse_after: int | None = None
    error: int = errno.ENOSPC
    refuses_syncs_only: bool = False
    die_at: int | None = None
    image: Path | None = None
    unsynced: list[_Write] = field(default_factory=list)
    lost_power: bool = False

    @property
    def is_dead(self) -> bool:
        return self.image is not None

    def die(self, *, lost_power: bool) -> None:
        """Now."""
        if self.image is None:
            self.image = self.folder.with_name(f"{self.folder.name}+")
            shutil.copytree(self.folder, self.image)
            if lost_power:
                self._take_back(self.image)

    def calls(self, *, is_sync: bool) -> bool:
        """One more call: whether it is refused."""
        if self.die_at is not None and self.image is None:
            self.die_at -= 1
            if self.die_at < 0:
                self.die(lost_power=self.lost_power)
        if self.refuse_after is None or (self.refuses_syncs_only and not is_sync):
            return False
        self.refuse_after -= 1
        return self.refuse_after < 0

    def _take_back(self, image: Path) -> None:
        """Any part of what was not synced: each write is there, or is not, or half of it is."""
        ends: dict[Path, int] = {}  # up to where something of later writes is there
        for it in reversed(self.unsynced):
            path = image / it.path.relative_to(self.folder)
            if not path.exists():
                continue
            kept = self.chance.choice((0.0, 0.0, 0.5, 1.0))
            if it.before is None:
                if kept < 1.0:
                    path.unlink()
                continue
            if it.is_cut:
                kept = float(kept == 1.0)
            first = it.offset + int(it.written * kept)
            if first > it.offset:
                ends[path] = max(ends.get(path, 0), first)
            if kept == 1.0:
                continue
            end = it.offset + it.written
            before = it.before.ljust(it.written, b"\0")[first - it.offset :]
            with path.open("r+b") as file:
                file.seek(first)
                file.write(before)
                if end > it.size:
                    file.truncate(max(it.size, ends.get(path, 0)))


class Disk:
    """The system's calls, for the length of `in_place`; folders that have no drive are left as they
    are."""

    def __init__(self) -> None:
        self.drives: dict[Path, Drive] = {}
        self._real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in _CALLS}

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        mine: dict[tuple[object, str], object] = {
            (os, name): getattr(self, f"_{name}") for name in _CALLS
        }
        with put_in_place(mine):
            yield

    def _drive(self, path: Path) -> Drive | None:
        return next((self.drives[it] for it in path.parents if it in self.drives), None)

    def _of(self, file: int) -> tuple[Drive | None, Path]:
        path = Path(f"/proc/self/fd/{file}").readlink()
        return (self.drives.get(path) or self._drive(path)), path

    def _open(self, path: Any, flags: int, *mode: int, **named: Any) -> int:
        drive = self._drive(Path(path)) if flags & os.O_CREAT and isinstance(path, Path) else None
        is_new = drive is not None and not path.exists()
        file: int = self._real["open"](path, flags, *mode, **named)
        if drive is not None and is_new:
            drive.unsynced.append(_Write(path, 0, None, 0))
        return file

    def _pwrite(self, file: int, data: Any, offset: int) -> int:
        return self._written(file, bytes(data), offset)

    def _write(self, file: int, data: Any) -> int:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return int(self._real["write"](file, data))
        return self._written(file, bytes(data), None)

    def _written(self, file: int, data: bytes, offset: int | None) -> int:
        drive, path = self._of(file)

        def done(part: bytes) -> int:
            if offset is None:
                return int(self._real["write"](file, part))
            return int(self._real["pwrite"](file, part, offset))

        if drive is None:
            return done(data)
        size = os.fstat(file).st_size
        at = size if offset is None else offset  # what has no offset is appended
        refused = drive.calls(is_sync=False)
        part = data[: len(data) // 2] if refused and drive.refuse_after == -1 else data
        before = os.pread(file, len(part), at) if at < size else b""
        if not refused or len(part) < len(data):
            drive.unsynced.append(_Write(path, at, before, size, len(part)))
            if part:
                done(part)
        if refused:
            raise OSError(drive.error, os.strerror(drive.error))
        return len(data)

    def _ftruncate(self, file: int, size: int) -> None:
        drive, path = self._of(file)
        self._cut(drive, path, size, lambda: self._real["ftruncate"](file, size))

    def _truncate(self, path: Any, size: int) -> None:
        drive = self._drive(Path(path))
        self._cut(drive, Path(path), size, lambda: self._real["truncate"](path, size))

    def _cut(self, drive: Drive | None, path: Path, size: int, cut: Callable[[], None]) -> None:
        if drive is not None:
            if drive.calls(is_sync=False):
                raise OSError(drive.error, os.strerror(drive.error))
            before = path.read_bytes()
            tail = before[size:]
            drive.unsynced.append(_Write(path, size, tail, len(before), len(tail), is_cut=True))
        cut()

    def _fsync(self, file: int) -> None:
        self._synced(file)

    def _fdatasync(self, file: int) -> None:
        self._synced(file)

    def _synced(self, file: int) -> None:
        """What was written is kept by the system, which the test outlives: only noted."""
        drive, path = self._of(file)
        if drive is None:
            self._real["fsync"](file)
            return
        if drive.calls(is_sync=True):
            raise OSError(drive.error, os.strerror(drive.error))
        if path.is_dir():
            drive.unsynced = [
                it for it in drive.unsynced if it.before is not None or it.path.parent != path
            ]
        else:
            drive.unsynced = [it for it in drive.unsynced if it.before is None or it.path != path]


@contextlib.contextmanager
def files_no_larger(size: int | None) -> Iterator[None]:
    """The system writes nothing behind that place of any file, SQLite's and DuckDB's too."""
    if size is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
