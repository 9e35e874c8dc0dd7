"""What an agent knew of its machines' clocks when it heard them last, kept over its restarts.

A value that comes first after a start may be old, or be what a clock says that is hours behind:
only what was known before can tell (`device_profiles.decoding.source_time`). Of a data folder that
is older than this file everything is taken to be right, as it was then: what a broker kept for the
agent meanwhile must keep its times. For the same reason the newest times of each machine are kept
(`device_profiles.decoding.remembered`), in a file of its own: at the end, and every REMEMBER, so
that an agent that is killed forgets no more than that. A file that cannot be read says nothing; one
that cannot be written costs no more than that.
"""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from device_profiles.decoding.remembered import Remembered
from device_profiles.model.profile import Profile

REMEMBER = timedelta(minutes=10)
_FILE = "clocks.json"
_FOLDER = "clocks"  # in it a file for each machine


class KnownClocks:
    """Of the agent whose data folder that is; `is_used`: it was used before."""

    def __init__(self, folder: Path, *, is_used: bool) -> None:
        self._path = folder / _FILE
        self._folder = folder / _FOLDER
        self._is_used = is_used
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

    def remembered(self, machine: str) -> Remembered | None:
        """Of a machine, as in "line/machine": what was kept, which may be nothing; None if no
        agent used the folder before."""
        try:
            return Remembered.model_validate_json(self._file_of(machine).read_bytes())
        except (OSError, ValidationError):
            return Remembered() if self._is_used else None

    def remember(self, machine: str, remembered: Remembered) -> None:
        path = self._file_of(machine)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, remembered.model_dump_json())

    def _file_of(self, machine: str) -> Path:
        return self._folder / f"{machine}.json"

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            _replace(self._path, json.dumps(self._right, sort_keys=True))


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def is_clock_right(known: bool | None, profile: Profile) -> bool | None:
    """What is believed of the clock before anything came. Messages may have waited for long at a
    broker or in a gateway, so of a machine over MQTT nobody doubts it without a reason."""
    return True if known is None and profile.protocol == "mqtt-json" else known


def _read(path: Path) -> dict[str, bool]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {machine: it for machine, it in known.items() if isinstance(it, bool)}
