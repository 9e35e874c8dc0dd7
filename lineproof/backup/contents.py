"""What a backup takes of a node's folder, as it can be opened again: also while the node runs.

Ledger and registry belong together and are read as they stood at one instant; what they refer to
(documents, batches) is read after them, and is only ever added to, so all of it is there. Of a
segment its whole records are taken. A crash at that instant would have left the same.

Left out is what is made anew of the rest: telemetry and facts, indexes, spools (an agent of the
node goes on behind its last batch in the archive).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from domain.errors import StorageError
from lineproof.backup.last_made import LEFT_OUT
from store.archive.blobs import storage_errors
from store.archive.segment_scan import SegmentScan

LEDGER, REGISTRY = "ledger/tree.sqlite", "registry.sqlite"
_SQLITE_BEGINS = b"SQLite format 3\0"
_FIT_TRIES = 100
_FIT_PAUSE_S = 0.02
_LEFT_OUT = LEFT_OUT | {"lock", "owner.pid", "backup.lock", "archive/segments/index.sqlite"}
_FOLDERS_LEFT_OUT = frozenset({"backup", "rebuild", "rebuild-pieces", "looking"})
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")
_TELEMETRY, _SPOOL, _SEGMENT = "telemetry.duckdb", "spool.", ".segment"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file of the folder: its place there, opened at its beginning, and how much of it counts."""

    name: str
    file: BinaryIO
    size: int


def taken_of(folder: Path, scratch: Path) -> Iterator[Taken]:
    """All that is to be taken of the folder, each file open until the next one is asked for.
    `scratch`: an empty folder for copies of databases. Raises StorageError."""
    for name, copy in _together(folder, scratch):
        yield from _opened(name, copy)
        copy.unlink()
    for name in _names(folder):
        if name not in (LEDGER, REGISTRY):
            yield from _content(folder / name, name, scratch)


def total_bytes(folder: Path) -> int:
    """How much that is, roughly: for a progress bar."""
    total = 0
    for name in _names(folder):
        with contextlib.suppress(OSError):  # gone since the folder was read
            total += (folder / name).stat().st_size
    return total


def spools(folder: Path) -> list[str]:
    """The node's own agents that have a spool."""
    return sorted(it.parent.name for it in folder.glob(f"agents/*/{_SPOOL}sqlite"))


def _names(folder: Path) -> Iterator[str]:
    """What is not left out, in order. A folder that lies elsewhere, by a link, belongs to it."""
    seen: set[Path] = set()
    with storage_errors(folder):
        for place, folders, files in os.walk(folder, followlinks=True, onerror=_raise):
            here = Path(place)
            inside = here.relative_to(folder)
            folders[:] = sorted(it for it in folders if inside.parts or it not in _FOLDERS_LEFT_OUT)
            if here.resolve() in seen:  # a link that leads back
                folders.clear()
                continue
            seen.add(here.resolve())
            for file in sorted(files):
                name = (inside / file).as_posix()
                if not _is_left_out(name) and (here / file).is_file():
                    yield name


def _raise(error: OSError) -> None:
    raise error


def _is_left_out(name: str) -> bool:
    file = name.rpartition("/")[2]
    return (
        name in _LEFT_OUT
        or name.startswith(_TELEMETRY)
        or (name.startswith("agents/") and file.startswith(_SPOOL))
        or file.endswith(_BESIDE_SQLITE)
        or (file.startswith(".") and file.endswith(".tmp"))
    )


def _content(path: Path, name: str, scratch: Path) -> Iterator[Taken]:
    with storage_errors(path):
        try:
            file = path.open("rb")
        except FileNotFoundError:  # erased or renamed since the folder was read
            return
    with file:
        if file.read(len(_SQLITE_BEGINS)) != _SQLITE_BEGINS:
            file.seek(0)
            size = os.fstat(file.fileno()).st_size
            yield Taken(name, file, _whole_records(file) if name.endswith(_SEGMENT) else size)
            return
    copy = scratch / "copy.sqlite"
    with _database(path) as source:
        _copy(source, copy, path)
    yield from _opened(name, copy)
    copy.unlink()


def _opened(name: str, copy: Path) -> Iterator[Taken]:
    with storage_errors(copy):
        file = copy.open("rb")
    with file:
        yield Taken(name, file, os.fstat(file.fileno()).st_size)


def _whole_records(file: BinaryIO) -> int:
    """Where the segment's last whole record ends; all of it where it is no segment."""
    scan = SegmentScan(file.fileno())
    if scan.head is None:
        return os.fstat(file.fileno()).st_size
    for _ in scan:
        pass
    return scan.end


def _together(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Copies of ledger and registry as they stood at one instant."""
    with contextlib.ExitStack() as opened:
        sources = {
            name: opened.enter_context(_database(folder / name))
            for name in (LEDGER, REGISTRY)
            if (folder / name).exists()
        }
        for _ in range(_FIT_TRIES):
            for name, source in sources.items():
                with _readable(folder / name):
                    source.execute("BEGIN")
                    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if len(sources) < len((LEDGER, REGISTRY)) or _fit(sources, folder):
                break
            for source in sources.values():
                source.execute("ROLLBACK")
            time.sleep(_FIT_PAUSE_S)
        # Where they never fit, they do not on disk either: the backup is as good as the node.
        for number, (name, source) in enumerate(sources.items()):
            copy = scratch / f"{number}.sqlite"
            _copy(source, copy, folder / name)
            yield name, copy


def _fit(sources: dict[str, sqlite3.Connection], folder: Path) -> bool:
    """Whether the registry, which was read after the ledger, knows of no more leaves than it has.
    What the ledger has of the registry's rows is there then, for leaves follow rows."""
    with _readable(folder):
        (leaves,) = sources[LEDGER].execute("SELECT count(*) FROM leaves").fetchone()
        end = sources[REGISTRY].execute("SELECT max(size) FROM ledger_end").fetchone()
    return bool((end[0] or 0) <= leaves)


@contextlib.contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    with _readable(path):
        source = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        yield source
    finally:
        source.close()


def _copy(source: sqlite3.Connection, into: Path, path: Path) -> None:
    """The database as the source's transaction sees it, or else as it is now."""
    with _readable(path), contextlib.closing(sqlite3.connect(into)) as target:
        target.execute("PRAGMA synchronous = OFF")  # a copy that is read once
        source.backup(target)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"this database cannot be copied ({error})",
            where=str(path),
            todo="See with 'lineproof doctor' what is wrong with it. A backup from before may be "
            "whole: keep it.",
        ) from error
