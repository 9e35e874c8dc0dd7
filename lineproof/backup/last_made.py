"""When the last backup of a node was made: a line of text in its folder, for whoever has to notice
that none is made any more.

It stands there once the backup is in its place and on disk. A backup does not take it along: of a
node that was made of one there is no backup yet.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from store.archive.blobs import storage_errors

LAST_MADE = "backup.made"
_NEW = f"{LAST_MADE}.new"
LEFT_OUT = frozenset({LAST_MADE, _NEW})  # of backups
_LENGTH_MAX = 100


def keep_last_made(data: Path, at: datetime) -> None:
    """A backup of the folder `data` was made then. Raises StorageError."""
    file, aside = data / LAST_MADE, data / _NEW
    with storage_errors(file):
        try:
            aside.write_text(f"{at.isoformat()}\n", encoding="ascii")
            aside.replace(file)
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)


def last_made(data: Path) -> datetime | None:
    """None where none was made, or what stands there is no instant."""
    try:
        with (data / LAST_MADE).open(encoding="ascii") as file:
            at = datetime.fromisoformat(file.read(_LENGTH_MAX).strip())
    except (OSError, ValueError):
        return None
    return at if at.tzinfo is not None else None
