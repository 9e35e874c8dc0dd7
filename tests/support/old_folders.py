"""Data folders that former versions of the program made: tests/lineproof/upgrades/make.sh."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from peers import ROOT

STAGES = ("first", "corrected", "ledgered", "segmented")
# Their telemetry tables are of a version that the program no longer reads.
TO_REBUILD = ("first", "corrected")
_KEPT = ROOT / "tests" / "lineproof" / "upgrades"
_OF_THE_LOCK = ("lock", "owner.pid")


def unpacked(stage: str, into: Path) -> Path:
    """What make.sh kept of that stage: the folder `data`, and `kpi.json`."""
    with tarfile.open(_KEPT / f"{stage}.tar.gz") as kept:
        kept.extractall(into, filter="data")
    return into


def contents(folder: Path) -> dict[str, str]:
    """Every file of a data folder with its digest, but those of the lock."""
    return {
        str(it.relative_to(folder)): hashlib.sha256(it.read_bytes()).hexdigest()
        for it in sorted(folder.rglob("*"))
        if it.is_file() and it.name not in _OF_THE_LOCK
    }
