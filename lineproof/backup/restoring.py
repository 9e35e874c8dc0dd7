"""Makes a node's folder of a backup: checked to the last byte before any of it counts. It is made
beside its place and takes it when all is done, so a crash leaves no half of a node.

Telemetry and facts are made anew from the archive. The node's own agents go on behind their last
batch in it; agents on other machines keep what they handed over, and hand it over again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import InputError
from edge.spool.spool import SPOOL_FILE
from edge.spool.spool_file import begin_behind
from lineproof.backup.container import unpack
from lineproof.backup.sealing import AgeIdentity, decrypted
from lineproof.progress import StepProgress, adding_up
from lineproof.upkeep.rebuild import RebuildSummary, rebuild_folder
from store.archive.blobs import storage_errors, sync_folder
from store.node.opening import open_stores


@dataclass(frozen=True, slots=True)
class Restored:
    """`made_at`: of the backup; what came later is not in it. `rebuilt` None: it was checked, and
    nothing was written."""

    made_at: str
    files: int
    bytes: int
    rebuilt: RebuildSummary | None


def check_backup(
    file: Path, identities: Sequence[AgeIdentity] = (), progress: StepProgress | None = None
) -> Restored:
    """Whether the backup is whole, without writing anything. Raises InputError where it is not,
    StorageError."""
    return _summary(_unpacked(file, None, identities, progress))


def restore_backup(
    file: Path,
    data: Path,
    now: datetime,
    identities: Sequence[AgeIdentity] = (),
    progress: StepProgress | None = None,
) -> Restored:
    """The node of that backup in the folder `data`, which is not there yet, or empty.

    Raises InputError where the folder holds anything, or the backup cannot be used; StorageError;
    CheckFailedError where nothing that is archived verifies. Then nothing is left of it.
    """
    if data.is_file() or (data.is_dir() and any(data.iterdir())):
        raise InputError(
            "this folder is not empty",
            where=str(data),
            todo="Name a new one: a backup is put beside what is there, never over it.",
        )
    beside = data.with_name(f"{data.name}.restoring")
    try:
        with storage_errors(beside):
            shutil.rmtree(beside, ignore_errors=True)  # what a crash left
            beside.mkdir(mode=0o700, parents=True)
        about = _unpacked(file, beside, identities, progress)
        rebuilt = rebuild_folder(beside, now, progress)
        _go_on_behind(beside, about["spools"])
        with storage_errors(data):
            os.sync()
            with contextlib.suppress(FileNotFoundError):
                data.rmdir()
            beside.replace(data)
            sync_folder(data.resolve().parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _summary(about, rebuilt)


def _unpacked(
    file: Path, into: Path | None, identities: Sequence[AgeIdentity], progress: StepProgress | None
) -> dict[str, Any]:
    with storage_errors(file):
        opened = file.open("rb")
    with opened:
        told = adding_up(progress, "reading the backup", os.fstat(opened.fileno()).st_size)
        with decrypted(opened, identities, str(file)) as stream:
            return unpack(stream, into, str(file), told)


def _go_on_behind(data: Path, agents: Sequence[str]) -> None:
    """The node's own agents seal no number a second time."""
    with open_stores(data, must_exist=True) as stores:
        for agent in agents:
            last = stores.telemetry.last_batch(agent)
            if last is not None:
                place = stores.folder.agents / agent / SPOOL_FILE
                begin_behind(place, agent, last.number, last.digest)


def _summary(about: dict[str, Any], rebuilt: RebuildSummary | None = None) -> Restored:
    size = sum(it["size"] for it in about["files"])
    return Restored(about["made_at"], len(about["files"]), size, rebuilt)
