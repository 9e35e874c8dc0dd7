"""Copies of packaged profiles that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

from device_profiles.files.catalogue import PACKAGED


def own_profile(folder: Path, name: str = "shelly/pro3em-mqtt") -> Path:
    """A copy in a new folder inside of that one."""
    return Path(shutil.copytree(PACKAGED / name, folder / "machine"))


def rewrite(path: Path, old: str, new: str, count: int = -1) -> None:
    """Another text in the place of one that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")
