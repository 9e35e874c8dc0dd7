"""A small disk of its own (tmpfs), for tests of what happens when it is full."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    path: Path

    def fill(self, leave_bytes: int) -> None:
        """Somebody else's file takes all room but so many bytes."""
        disk = os.statvfs(self.path)
        taken = disk.f_bavail * disk.f_frsize - leave_bytes
        (self.path / "foreign").write_bytes(b"x" * taken)

    def make_room(self) -> None:
        (self.path / "foreign").unlink()

    def enlarge(self, size_mib: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size_mib}m", self.path], check=True)


@contextlib.contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[SmallDisk]:
    """Mounted in a new folder below `folder`; skips the test where the user is not root."""
    path = folder / "small-disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
