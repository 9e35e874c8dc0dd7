"""Makes a backup: one file, beside its place until it is whole and on disk."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from domain.errors import BusyError, InputError, StorageError
from lineproof.backup.container import BackupWriter
from lineproof.backup.contents import spools, taken_of, total_bytes
from lineproof.backup.last_made import keep_last_made
from lineproof.backup.sealing import AgeRecipient, encrypted
from lineproof.progress import StepProgress, adding_up
from store.archive.blobs import storage_errors, sync_folder
from store.ledger.ledger import Ledger
from store.node.archive_place import is_on_object_store
from store.node.opening import read_store_settings

_NAME = "lineproof-{node}-{at:%Y-%m-%dT%H%M%SZ}.backup"
_EARLIER = "lineproof-{node}-????-??-??T??????Z.backup"
_PARTIAL = ".partial"
_AGE = ".age"
_NO_LEDGER = "new"  # a node without a plant has none

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Backup:
    """`files` and `bytes`: what it holds. `removed`: older ones that went for it."""

    path: Path
    files: int
    bytes: int
    is_encrypted: bool
    removed: tuple[Path, ...] = ()


def make_backup(
    data: Path,
    into: Path,
    now: datetime,
    *,
    recipients: Sequence[AgeRecipient] = (),
    keep: int | None = None,
    progress: StepProgress | None = None,
) -> Backup:
    """A backup of the node in the folder `data`, running or not, as the file `into`, or in that
    folder with a name of its own; for `recipients` alone, where there are any. Of those that were
    made into the folder the last `keep` stay.

    Raises InputError (no node's folder; a file that is there already), BusyError while another
    backup of it is made, StorageError; then no file is left.
    """
    if not any((data / it).exists() for it in ("registry.sqlite", "archive", "store.yaml")):
        raise InputError(
            "this folder holds no node's data", where=str(data), todo="Check the path of --data."
        )
    settings = read_store_settings(data / "store.yaml")
    if settings.archive_url or is_on_object_store(data / "archive"):
        raise InputError(
            "the archive of this node is on an object store, and a backup of files would lack it",
            where=str(data),
            todo="Stop the node, copy the objects (or keep versions of them) and this folder.",
        )
    if settings.registry.get_secret_value():
        raise InputError(
            "the registry of this node is on PostgreSQL, and a backup of files would lack it",
            where=str(data),
            todo="Stop the node, make a dump of the database (pg_dump) and a copy of this folder.",
        )
    is_folder, node = into.is_dir(), _node(data)
    name = _NAME.format(node=node, at=now) + (_AGE if recipients else "")
    path = into / name if is_folder else into
    if path.exists():
        raise InputError("this file is there already", where=str(path), todo="Name another one.")
    if keep is not None and not is_folder:
        raise InputError(
            "only in a folder of backups older ones can be removed",
            where=str(into),
            todo="Give a folder with -o, or leave --keep out.",
        )
    with _scratch(data) as scratch, _partial(path) as partial:
        told = adding_up(progress, "making the backup", total_bytes(data))
        files, size = _write(data, scratch, partial, now, recipients, told)
    _tell_made(data, now)
    removed = tuple(_remove_older(into, node, keep)) if keep else ()
    return Backup(path, files, size, bool(recipients), removed)


def _write(
    data: Path,
    scratch: Path,
    partial: Path,
    now: datetime,
    recipients: Sequence[AgeRecipient],
    told: Callable[[int], None],
) -> tuple[int, int]:
    files = size = 0
    with storage_errors(partial):
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with encrypted(file, recipients) as stream:
                writer = BackupWriter(stream, told)
                for it in taken_of(data, scratch):
                    writer.add(it.name, it.file, it.size)
                    files, size = files + 1, size + it.size
                about = {"made_at": now.isoformat(), "program": version("lineproof")}
                writer.finish({**about, "spools": spools(data)})
            file.flush()
            os.fsync(file.fileno())
    return files, size


def _tell_made(data: Path, now: datetime) -> None:
    """The backup is as good where a full disk does not take this."""
    try:
        keep_last_made(data, now)
    except StorageError as error:
        _log.warning("that a backup was made could not be kept", problem=str(error))


def _node(data: Path) -> str:
    """What the ledger of the node is called, as in tko-foods-1a2b3c4d: backups of several nodes may
    lie in one folder."""
    with contextlib.closing(Ledger(data / "ledger")) as ledger:
        if not ledger.is_begun:
            return _NO_LEDGER
        return re.sub(r"[^\w.]+", "-", ledger.verifier_key().name.removeprefix("lineproof/"))


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """The file beside its place; in it once the block has ended well, else gone."""
    partial = path.with_name(f"{path.name}{_PARTIAL}")
    try:
        yield partial
        with storage_errors(path):
            partial.replace(path)
            sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    """A folder for copies of databases, on the node's own disk: they are as secret as it is."""
    with storage_errors(data):
        lock = FileLock(data / "backup.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise BusyError(
                "another backup of this folder is being made",
                where=str(data),
                todo="Wait until it is done.",
            ) from None
    scratch = data / "backup"
    try:
        with storage_errors(scratch):
            shutil.rmtree(scratch, ignore_errors=True)  # what a crash left
            scratch.mkdir(mode=0o700)
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        lock.release()


def _remove_older(folder: Path, node: str, keep: int) -> Iterator[Path]:
    earlier = _EARLIER.format(node=node)
    with storage_errors(folder):
        # By their names: in the order of time.
        made = sorted([*folder.glob(earlier), *folder.glob(earlier + _AGE)])
        for path in (*made[:-keep], *folder.glob(f"{earlier}*{_PARTIAL}")):
            path.unlink()  # one that is not whole was left by a crash
            yield path
