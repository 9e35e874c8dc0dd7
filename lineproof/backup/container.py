"""A backup as one file: a tar of a node's files, and last a list of them with their digests.

    registry.sqlite          each file under its place in the folder
    archive/segments/…
    backup.json              {"format": "lineproof-backup-1", "made_at": …, "files": [
                               {"name": "registry.sqlite", "size": …, "sha256": …}, …], …}

Any tar program unpacks it. It counts as whole when the list is there, and each file of it is, with
its digest, and no other. Nothing that stands in it is believed before that, names above all: they
may lead out of the folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from domain.errors import InputError, StorageError, of_later_version, shortened
from store.archive.blobs import storage_errors

BACKUP_FORMAT = "lineproof-backup-1"
_LIST = "backup.json"
_LIST_BYTES_MAX = 256 << 20
_PIECE = 1 << 20
_COPY = "Take another copy of the backup, or an older one."

Told = Callable[[int], None]  # bytes since it was told last


class BackupWriter:
    """Writes a backup into a stream, file after file."""

    def __init__(self, into: BinaryIO, told: Told = lambda _bytes: None) -> None:
        self._tar = tarfile.open(  # noqa: SIM115  # `finish` closes it
            fileobj=into, mode="w|", format=tarfile.PAX_FORMAT
        )
        self._told = told
        self._files: list[dict[str, Any]] = []

    def add(self, name: str, file: BinaryIO, size: int) -> None:
        """The first `size` bytes of an opened file. Raises StorageError where it has fewer."""
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o600
        reading = _Reading(file, self._told)
        try:
            self._tar.addfile(head, reading)  # type: ignore[arg-type]  # it reads, and no more
        except OSError as error:
            raise StorageError(
                f"'{name}' could not be taken into the backup ({error.strerror or error})",
                where=name,
                todo="Free some space where the backup is written, and run it again.",
            ) from error
        self._files.append({"name": name, "size": size, "sha256": reading.sha256})

    def finish(self, about: dict[str, Any]) -> None:
        """The list comes last, with what is said of the backup."""
        document = {"format": BACKUP_FORMAT, **about, "files": self._files}
        data = json.dumps(document, ensure_ascii=False, indent=1).encode()
        head = tarfile.TarInfo(_LIST)
        head.size, head.mode = len(data), 0o600
        self._tar.addfile(head, io.BytesIO(data))
        self._tar.close()


class _Reading:
    """A file that is read through, and its digest."""

    def __init__(self, file: BinaryIO, told: Told) -> None:
        self._file = file
        self._told = told
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self._told(len(data))
        return data


def unpack(
    stream: BinaryIO, into: Path | None, where: str, told: Told = lambda _bytes: None
) -> dict[str, Any]:
    """Read a backup to its end and write what it holds below the folder `into`, or nowhere; gives
    its list once all is as that says.

    Raises InputError where this is no backup, or one that is not whole; StorageError.
    """
    found: dict[str, tuple[int, str]] = {}
    listed: bytes | None = None
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or listed is not None:
                    raise _not_whole(f"'{member.name}' does not belong in it", where)
                if member.name == _LIST:
                    listed = content.read(_LIST_BYTES_MAX)
                    continue
                _check_name(member.name, found, where)
                path = None if into is None else into / member.name
                found[member.name] = _copied(content, path, told)  # type: ignore[arg-type]  # reads
    except tarfile.TarError as error:
        raise _not_whole(f"it is no backup, or is cut off ({error})", where) from None
    if listed is None:
        raise _not_whole("it is cut off: its list is missing", where)
    return _checked(listed, found, where)


def _copied(content: BinaryIO, path: Path | None, told: Told) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with storage_errors(path or Path()):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path or os.devnull, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while data := content.read(_PIECE):
                digest.update(data)
                size += len(data)
                told(len(data))
                file.write(data)
    return size, digest.hexdigest()


def _check_name(name: str, found: dict[str, tuple[int, str]], where: str) -> None:
    path = PurePosixPath(name)
    is_plain = not path.is_absolute() and ".." not in path.parts and str(path) == name
    if not is_plain or "\0" in name or name in found:
        raise _not_whole(f"'{name}' is no name that a backup gives", where)


def _checked(listed: bytes, found: dict[str, tuple[int, str]], where: str) -> dict[str, Any]:
    try:
        document = json.loads(listed)
        if document["format"] != BACKUP_FORMAT:
            raise InputError(
                of_later_version("this backup", shortened(str(document["format"])), BACKUP_FORMAT),
                where=where,
                todo="Nothing was restored: use that version, or a backup that was made before.",
            )
        files = {it["name"]: (it["size"], it["sha256"]) for it in document["files"]}
        about = {"made_at": str(document["made_at"]), "spools": list(map(str, document["spools"]))}
    except (ValueError, LookupError, TypeError):
        raise _not_whole("its list cannot be read", where) from None
    if any("/" in it or it in ("", ".", "..") for it in about["spools"]):
        raise _not_whole("its list cannot be read", where)
    for name in sorted({*files, *found}):
        if name not in found:
            raise _not_whole(f"'{name}' is missing", where)
        if found[name] != files.get(name):
            raise _not_whole(f"'{name}' is not as it was taken into it", where)
    return {**about, "files": document["files"]}


def _not_whole(why: str, where: str) -> InputError:
    return InputError(f"this backup cannot be used: {why}", where=where, todo=_COPY)
