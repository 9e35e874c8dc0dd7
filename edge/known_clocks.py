"""Which machines' clocks were right when an agent heard them last, kept over its restarts.

A value that comes first after a start may be old, or be what a clock says that is hours behind:
only what was known before can tell (`device_profiles.decoding.source_time`). Of a data folder that
is older than this file everything is taken to be right, as it was then: what a broker kept for the
agent meanwhile must keep its times. A file that cannot be read says nothing; one that cannot be
written costs no more than that.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

_FILE = "clocks.json"


class KnownClocks:
    """Of the agent whose data folder that is; `is_used`: it was used before."""

    def __init__(self, folder: Path, *, is_used: bool) -> None:
        self._path = folder / _FILE
        self._older = True if is_used and not self._path.exists() else None
        self._right = _read(self._path)

    def begin(self) -> None:
        """From now on the folder is one of an agent that keeps this file."""
        if self._older is None and not self._path.exists():
            self._write()

    def is_right(self, machine: str) -> bool | None:
        """None: not known."""
        return self._right.get(machine, self._older)

    def learn(self, machine: str, is_right: bool | None) -> None:
        """What is known now; written only where that is new."""
        if is_right is None or self._right.get(machine) is is_right:
            return
        self._right[machine] = is_right
        self._write()

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(self._right, sort_keys=True), encoding="utf-8")
            new.replace(self._path)


def _read(path: Path) -> dict[str, bool]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {machine: it for machine, it in known.items() if isinstance(it, bool)}
