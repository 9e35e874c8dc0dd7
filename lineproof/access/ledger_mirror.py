"""A folder that mirrors the ledger as static files (C2SP tlog-tiles), for a web server or a stick.

Rules: what is full is written once; the checkpoint comes last, so that whoever reads meanwhile
finds all that the checkpoint needs. A folder that has another ledger, or more of it, is left as
it is. Entries name agents, so they are written only where that is asked for.
"""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import InputError, LineproofError
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.signed_notes import parse_note
from domain.ledger.tiles import TILE_WIDTH, bundles_of, tiles_of
from lineproof.access.ledgers import LedgerAnswers
from store.archive.blobs import storage_errors

_NOTE_MAX_BYTES = 1_000_000


def write_mirror(ledger: LedgerAnswers, folder: Path, *, with_entries: bool) -> tuple[int, int]:
    """Bring the folder up to the newest checkpoint; how many leaves that has, and how many files
    were written. Raises InputError where the folder is of something else, StorageError."""
    note = ledger.checkpoint()
    newest = parse_checkpoint(parse_note(note).text)
    _check_goes_on(folder / "checkpoint", newest)
    written = 0
    for tile in (*tiles_of(newest.size), *(bundles_of(newest.size) if with_entries else ())):
        path = folder / tile.path
        if tile.width == TILE_WIDTH and path.exists():
            continue
        _put(path, ledger.tile(tile))
        written += 1
    _put(folder / "checkpoint", note.encode())
    return newest.size, written + 1


def _check_goes_on(path: Path, newest: Checkpoint) -> None:
    if not path.exists():
        return
    with storage_errors(path), path.open("rb") as file:
        kept = file.read(_NOTE_MAX_BYTES)
    try:
        before = parse_checkpoint(parse_note(kept.decode()).text)
    except (UnicodeDecodeError, LineproofError):
        before = None
    if before is None or before.origin != newest.origin or before.size > newest.size:
        what = "something else" if before is None else f"{before.size} leaves of {before.origin}"
        raise InputError(
            f"the folder holds {what}, and the ledger is {newest.origin} with {newest.size} leaves",
            where=str(path),
            todo="Name another folder; where the ledger had more leaves before, run "
            "'lineproof doctor'.",
        )


def _put(path: Path, data: bytes) -> None:
    """In its place at once or not at all."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.new")
        aside.write_bytes(data)
        aside.replace(path)
