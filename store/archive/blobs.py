"""Bytes that last in a folder, named by their digest: sealed batches, attached documents.

Rules: a file appears under its name only when all of it is on disk (written beside, synced,
renamed, folder synced); what is there already is not written again. Many files share
the cost of the folders' syncs, and what is large may come piece by piece. One process writes.
Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from domain.errors import NotFoundError, StorageError
from store.work import piece

# Syncs that wait together cost the disk one flush, one after the other each its own.
SYNCS = ThreadPoolExecutor(16, thread_name_prefix="sync")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class ArrivingBlob:
    """Bytes that come piece by piece; they lie beside their place until they are kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        with storage_errors(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
        self.file = os.fdopen(descriptor, "r+b")

    @property
    def sha256(self) -> str:
        """Of what has come so far, in hex."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """One more piece. Raises StorageError."""
        with storage_errors(self.path):
            self.file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def sync(self) -> None:
        """All of it on disk. Raises StorageError."""
        with storage_errors(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())


class Blobs:
    """The folder, made when it is not there. Fan-out: ab/cd/abcd….<suffix>"""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for abandoned in folder.glob(".*.tmp"):  # by a crash: never given a name
                abandoned.unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise ValueError(f"'{digest}' is no SHA-256 digest in hex")
        return self._folder / digest[:2] / digest[2:4] / f"{digest}{self._suffix}"

    def put_all(self, blobs: Iterable[tuple[str, bytes]]) -> list[Path]:
        """Make (digest, bytes) last; returns where each is. Raises StorageError: then some of
        them may be there, each whole, and the same call again is harmless."""
        targets = [(self.path(digest), data) for digest, data in blobs]
        new = {path: data for path, data in targets if not path.exists()}
        written: list[tuple[Path, Path]] = []
        try:
            with storage_errors(self._folder):
                written = self._write(new)
                folders = self._rename(written)
                # One that was there may have been renamed just before a crash.
                folders |= {path.parent for path, _ in targets}
                for _ in SYNCS.map(sync_folder, sorted(folders)):
                    pass
        except StorageError:
            for temporary, _ in written:
                temporary.unlink(missing_ok=True)
            raise
        return [path for path, _ in targets]

    @contextlib.contextmanager
    def arriving(self) -> Iterator[ArrivingBlob]:
        """What comes piece by piece; gone after the block, unless it was kept."""
        blob = ArrivingBlob(self._folder / f".{uuid4().hex}.tmp")
        try:
            yield blob
        finally:
            blob.path.unlink(missing_ok=True)
            with storage_errors(blob.path):
                blob.file.close()

    def keep(self, blob: ArrivingBlob) -> None:
        """Make what has come last, under its digest. Raises StorageError."""
        blob.sync()
        place = self.path(blob.sha256)
        with storage_errors(self._folder):
            changed = {place.parent}
            if not place.exists():
                changed |= self._rename([(blob.path, place)])
            for _ in SYNCS.map(sync_folder, sorted(changed)):
                pass

    def remove(self, digest: str) -> None:
        """Take it away for good; nothing where it is gone already. Raises StorageError."""
        path = self.path(digest)
        with storage_errors(path):
            if path.exists():
                path.unlink()
                sync_folder(path.parent)

    def opened(self, digest: str) -> io.BufferedReader:
        """The file, opened for reading. Raises NotFoundError, StorageError."""
        path = self.path(digest)
        with storage_errors(path):
            try:
                return path.open("rb")
            except FileNotFoundError:
                raise self._missing(digest) from None

    def get(self, digest: str) -> bytes:
        """The bytes. Raises NotFoundError, StorageError."""
        path = self.path(digest)
        with piece(), storage_errors(path):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise self._missing(digest) from None

    def _missing(self, digest: str) -> NotFoundError:
        return NotFoundError(
            f"nothing with the digest {digest} is kept here", where=str(self._folder)
        )

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """The first lines, without reading the rest; no more than `max_bytes` of them. Raises
        StorageError."""
        path = self.path(digest)
        with storage_errors(path), path.open("rb") as file:
            lines, left = [], max_bytes
            for _ in range(count):
                lines.append(file.readline(left))
                left -= len(lines[-1])
            return b"".join(lines)

    def written_at(self, digest: str) -> datetime:
        """When the file was written, as far as its folder tells. Raises StorageError."""
        path = self.path(digest)
        with storage_errors(path):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def digests(self) -> Iterator[str]:
        """Every digest, sorted; no more than those of one folder are held at a time."""
        for path in self._entries():
            if self._is_blob(path):
                yield path.name.removesuffix(self._suffix)

    def strange(self) -> Iterator[Path]:
        """What lies where the files do and is none that was put here."""
        return (path for path in self._entries() if not self._is_blob(path))

    def _entries(self) -> Iterator[Path]:
        with storage_errors(self._folder):
            for folder in sorted(self._folder.glob("??")):
                yield from sorted(folder.glob("??/*"))

    def _is_blob(self, path: Path) -> bool:
        name = path.name.removesuffix(self._suffix)
        return bool(_DIGEST.match(name)) and path == self.path(name) and path.is_file()

    def _write(self, new: dict[Path, bytes]) -> list[tuple[Path, Path]]:
        """Write each beside its place, then sync all: the disk takes them together."""
        written: list[tuple[Path, Path]] = []
        descriptors: list[int] = []
        try:
            for path, data in new.items():
                temporary = self._folder / f".{uuid4().hex}.tmp"
                descriptors.append(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640))
                written.append((temporary, path))
                write_all(descriptors[-1], data)
            for _ in SYNCS.map(os.fsync, descriptors):
                pass
        except OSError:
            for temporary, _ in written:
                temporary.unlink(missing_ok=True)
            raise
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return written

    def _rename(self, written: list[tuple[Path, Path]]) -> set[Path]:
        """Move each to its place; the folders whose entries changed."""
        changed: set[Path] = set()
        for temporary, path in written:
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                changed |= {self._folder, path.parent.parent}
            temporary.replace(path)
            changed.add(path.parent)
        return changed


def sync_folder(folder: Path) -> None:
    """Make the folder's entries last: a rename is on disk only then."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_intact(file: io.BufferedReader, digest: str) -> bool:
    """Whether an opened file has the bytes of the digest; it stands at its beginning then."""
    with storage_errors(Path(str(file.name))):
        file.seek(0)
        found = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
    return found == digest


@contextlib.contextmanager
def storage_errors(where: Path) -> Iterator[None]:
    """Errors of the operating system as a StorageError that says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"the disk did not take or give what it had to ({error.strerror or error})",
            where=str(error.filename or where),
            todo="Free some space or mend the folder's permissions, then try again; nothing "
            "was half written.",
        ) from error


def write_all(descriptor: int, data: bytes) -> None:
    """All of the bytes to an open file, whatever a single write takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
