"""`profile accept`: what a person reads off a machine's panel, beside the recording and compared.

The panel is the independent truth: a reading is kept as it was typed, whether the recording agrees
or not.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from device_profiles.files.catalogue import beside, file_of, read
from device_profiles.files.resolve import resolve
from device_profiles.proving.check import replay
from device_profiles.proving.panel import (
    PANEL,
    Mismatch,
    Panel,
    PanelReading,
    mismatches,
    read_panel,
)
from device_profiles.proving.recording import RECORDING, Recording, read_recording
from device_profiles.proving.redaction import pseudonym_kind
from device_profiles.proving.typed_reading import TypedReading
from domain.errors import InputError, NotFoundError, StorageError
from domain.samples import Sample
from domain.yaml_text import validate
from edge.whole_file import write_whole
from lineproof.clock import utc_now
from lineproof.recorder import WRITE_EVERY_S

_LIVE = timedelta(seconds=5 * WRITE_EVERY_S)  # a recording that is no older goes on
_ASK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Accepted:
    """A reading that was kept, and where the recording says otherwise."""

    reading: PanelReading
    mismatches: tuple[Mismatch, ...]


class PanelEntry:
    """The panel's readings of one profile that has a recording.

    Raises NotFoundError where there is no recording, InputError for files that cannot be read.
    """

    def __init__(self, profile: str) -> None:
        self._file = file_of(profile)
        self._path = beside(self._file, PANEL)
        self._recording_path = beside(self._file, RECORDING)
        self.profile = resolve(read(profile), self._recording.parameters)
        self.panel = read_panel(self._path)

    @property
    def _recording(self) -> Recording:
        recording = read_recording(self._recording_path)
        if recording is None or not recording.readings:
            raise NotFoundError(
                "there is no recording to compare with",
                where=str(self._recording_path),
                todo="Begin one with 'lineproof profile record', then read the panel.",
            )
        return recording

    def accept(
        self,
        typed: TypedReading,
        at: datetime,
        within_s: float,
        read_by: str,
        is_simulated: bool,
    ) -> Accepted:
        """Adds the reading to the panel's file, and compares it with what was recorded. While the
        recording goes on it waits until that reaches `at`.

        Raises InputError for a time outside of the recording, for a text in the place of its
        pseudonym, and for another word about the machine than before; StorageError where the disk
        refuses.
        """
        recording = self._reaching(at)
        samples = [it for it in replay(self.profile, recording.readings) if isinstance(it, Sample)]
        _check_pseudonyms(typed, samples)
        with _alone(self._path.parent):
            before = read_panel(self._path)
            if before is not None and before.simulated is not is_simulated:
                said = "simulated" if before.simulated else "real"
                raise InputError(
                    f"the readings before were of a {said} machine",
                    where=str(self._path),
                    todo="Keep readings of another machine in another folder.",
                )
            other = read_by if before is not None and before.read_by != read_by else None
            reading = PanelReading(
                time=at,
                shows=typed.shows,
                within_s=within_s,
                steps=typed.steps,
                read_by=other,
            )
            self._write(before, reading, read_by, is_simulated)
        panel = Panel(read_by=read_by, simulated=is_simulated, readings=[reading])
        return Accepted(reading, tuple(mismatches(samples, panel)))

    def _reaching(self, at: datetime) -> Recording:
        """The recording as soon as it reaches that time. Raises InputError where it never does."""
        while True:
            recording = self._recording
            arrivals = [it.received for it in recording.readings]
            begin, end = recording.begin or arrivals[0], recording.end or arrivals[-1]
            now = utc_now()
            if begin <= at <= end:
                return recording
            changed = datetime.fromtimestamp(self._recording_path.stat().st_mtime, UTC)
            if not begin <= at <= now or now - changed > _LIVE:
                raise InputError(
                    f"{at.isoformat(timespec='seconds')} lies outside of the recording",
                    todo=f"It goes from {begin.isoformat(timespec='seconds')} to "
                    f"{end.isoformat(timespec='seconds')}: read the panel meanwhile.",
                )
            time.sleep(_ASK_AGAIN_S)

    def _write(
        self, before: Panel | None, reading: PanelReading, read_by: str, is_simulated: bool
    ) -> None:
        whole = Panel(
            read_by=before.read_by if before else read_by,
            simulated=is_simulated,
            readings=[*(before.readings if before else ()), reading],
        )
        try:
            write_whole(self._path, _text(self._path, before, whole).encode())
        except OSError as error:
            why = f"the reading cannot be written: {error.strerror}"
            raise StorageError(why, where=str(self._path)) from None


def _text(path: Path, before: Panel | None, whole: Panel) -> str:
    """The file with one more reading; what a person wrote into it stays where that can be."""
    document = _document(whole)
    written_anew = _dumped(document)
    if before is None:
        return written_anew
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    added = _dumped(document["readings"][-1:])
    for indent in ("", "  "):
        longer = text + "".join(f"{indent}{line}\n" for line in added.splitlines())
        with contextlib.suppress(InputError):
            if validate(Panel, longer, str(path)) == whole:
                return longer
    return written_anew


def _document(panel: Panel) -> dict[str, Any]:
    readings = [
        it.model_dump(exclude_defaults=True) | {"time": it.time.isoformat(), "shows": it.shows}
        for it in panel.readings
    ]
    return {"read_by": panel.read_by, "simulated": panel.simulated, "readings": readings}


def _dumped(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two people who type at once do not lose each other's readings."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _check_pseudonyms(typed: TypedReading, samples: list[Sample]) -> None:
    """What was replaced in the recording does not come into the panel's file either."""
    for name, said in typed.shows.items():
        pseudonym = re.compile(rf"{re.escape(pseudonym_kind(name))}-\d+")
        told = [it.text for it in samples if it.signal == name and it.text]
        is_hidden = any(pseudonym.fullmatch(text) for text in told)
        if said and is_hidden and not pseudonym.fullmatch(str(said)):
            raise InputError(
                f"the recording has pseudonyms for '{name}'",
                todo=f"Give the one that 'profile record' showed for this text, as in {told[0]}.",
            )
