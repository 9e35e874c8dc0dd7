"""A file that holds disk space back, so that a full disk can still be emptied.

To delete a batch that the collector has, SQLite must first write; on a disk without one free block
a spool could never shrink again by itself. The reserve is given up for such a write and taken again
when there is room.
"""

from __future__ import annotations

import os
from pathlib import Path


class Reserve:
    """`size` bytes of disk kept in `path`, or not at present (`held`)."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.size = size
        self.held = path.exists() and path.stat().st_size >= size
        self.take()

    def take(self) -> None:
        """Hold the space if the disk has it; otherwise leave the disk as it was."""
        if self.held:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self.size)
            self.held = True
        except OSError:
            self._path.unlink(missing_ok=True)

    def release(self) -> bool:
        """Give the space up; whether there was any."""
        if not self.held:
            return False
        self._path.unlink(missing_ok=True)
        self.held = False
        return True
