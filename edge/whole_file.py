"""Small files of an agent that appear whole or not at all, readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Written aside, forced to disk, then renamed: a crash leaves no half file. Raises OSError."""
    aside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    folder_on_disk(path.parent)


def folder_on_disk(folder: Path) -> None:
    """Its names are on disk. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
