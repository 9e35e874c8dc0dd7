"""How far a profile is proven: its recording is decoded and compared with the machine's panel.

`recording.jsonl`: a header line, then readings as they came (see `read_recording`).
`panel.yaml`: what a person read off the machine at some instants, in the words of the closed
lists. The level is computed here and never claimed in a profile:

- draft: no recording, or one in which a signal of the profile never occurs, or a panel that
  contradicts it;
- recorded: every signal decodes from the recording, nothing contradicts the panel;
- panel-verified: a real machine's panel agrees for every signal. The panel of a simulated machine
  never counts.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import folder, load
from device_profiles.files.yaml_file import yaml_file_text
from device_profiles.model.profile import Profile
from domain.errors import InputError
from domain.samples import Quality, Reading, Rejection, Sample
from domain.yaml_text import validate

RECORDING = "recording.jsonl"
PANEL = "panel.yaml"
_FORMAT = 1
_TOLERANCE = 1e-6  # relative, for numbers: what single-precision values and rounding differ by

PanelValue = str | float | None


class Level(StrEnum):
    DRAFT = "draft"
    RECORDED = "recorded"
    PANEL_VERIFIED = "panel-verified"


class PanelReading(BaseModel):
    """What the panel showed at one instant; null: the panel showed that it did not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: AwareDatetime
    shows: dict[str, PanelValue] = Field(min_length=1)


class Panel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    read_by: str
    simulated: bool
    readings: list[PanelReading] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Recording:
    """The parameters that the profile needs for it, and the readings in order of arrival."""

    parameters: dict[str, str]
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The panel showed one thing, the recording decodes to another."""

    time: datetime
    signal: str
    panel: PanelValue
    decoded: PanelValue


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """`silent`: signals of the profile that never occur in the recording; `unseen`: those that
    the panel does not show. `rejections` counts by reason."""

    name: str
    digest: str
    level: Level
    recorded_from: str
    simulated: bool
    signals: tuple[str, ...]
    readings: int
    samples: int
    rejections: dict[str, int]
    silent: tuple[str, ...]
    unseen: tuple[str, ...]
    compared: int
    mismatches: tuple[Mismatch, ...]

    @property
    def ok(self) -> bool:
        """Nothing contradicts the panel, and every signal decodes if there is a recording."""
        return not self.mismatches and not (self.readings and self.silent)


def check(name_or_path: str, parameters: Mapping[str, str] | None = None) -> ProfileReport:
    """Replay a profile's recording and compare with its panel.

    The recording says which parameters it was made with; `parameters` are for a profile that
    has none yet. Raises InputError for a profile, recording or panel that cannot be read.
    """
    place = folder(name_or_path)
    recording = read_recording(place / RECORDING)
    panel = _read_panel(place / PANEL)
    profile = load(name_or_path, recording.parameters if recording else parameters)
    decoded = replay(profile, recording.readings if recording else ())
    samples = [item for item in decoded if isinstance(item, Sample)]
    rejected = Counter(item.reason for item in decoded if isinstance(item, Rejection))
    heard = {sample.signal for sample in samples if sample.quality != Quality.BAD}
    shown = {signal for reading in panel.readings for signal in reading.shows} if panel else set()
    mismatches = tuple(_mismatches(samples, panel)) if panel and recording else ()
    silent = tuple(signal for signal in profile.signals if signal not in heard)
    unseen = tuple(signal for signal in profile.signals if signal not in shown)
    level = Level.DRAFT
    if recording and not silent and not mismatches:
        real = panel is not None and not panel.simulated and not unseen
        level = Level.PANEL_VERIFIED if real else Level.RECORDED
    return ProfileReport(
        name=profile.name,
        digest=profile.digest,
        level=level,
        recorded_from=profile.recorded_from,
        simulated=panel is not None and panel.simulated,
        signals=profile.signals,
        readings=len(recording.readings) if recording else 0,
        samples=len(samples),
        rejections=dict(rejected),
        silent=silent,
        unseen=unseen,
        compared=sum(len(reading.shows) for reading in panel.readings) if panel else 0,
        mismatches=mismatches,
    )


def replay(profile: Profile, readings: Iterable[Reading]) -> list[Sample | Rejection]:
    """What a fresh decoder makes of the readings; those with the same time of receipt arrived
    together."""
    decoder = Decoder(profile, "recorded", "machine")
    handed_over = groupby(readings, key=lambda reading: reading.received)
    return [item for _, together in handed_over for item in decoder.decode_all(together)]


def _mismatches(samples: list[Sample], panel: Panel) -> Iterable[Mismatch]:
    by_signal: dict[str, list[Sample]] = {}
    for sample in sorted(samples, key=lambda sample: sample.time):
        by_signal.setdefault(sample.signal, []).append(sample)
    for reading in panel.readings:
        for signal, expected in reading.shows.items():
            decoded = _value_at(by_signal.get(signal, []), reading.time)
            if not _agree(expected, decoded):
                yield Mismatch(reading.time, signal, expected, decoded)


def _value_at(samples: list[Sample], time: datetime) -> PanelValue:
    """What holds at that instant: the last sample by its own time; nothing if that sample was
    bad."""
    index = bisect_right(samples, time, key=lambda sample: sample.time)
    if index == 0:
        return None
    sample = samples[index - 1]
    if sample.text is not None:
        return sample.text
    return None if sample.quality == Quality.BAD else sample.value


def _agree(expected: PanelValue, decoded: PanelValue) -> bool:
    if isinstance(expected, float) and isinstance(decoded, float):
        return math.isclose(expected, decoded, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return expected == decoded


def _read_panel(path: Path) -> Panel | None:
    if not path.exists():
        return None
    return validate(Panel, yaml_file_text(path, "the panel's readings"), str(path))


def read_recording(path: Path) -> Recording | None:
    """A recording; None where there is no such file. Raises InputError with file and line.

    The first line is `{"recording": 1, "parameters": {…}}`; every other one is
    `{"address", "value", "source_time" (ISO 8601 with offset, or null), "received", "quality"
    (good, uncertain, bad)}`.
    """
    if not path.exists():
        return None
    parameters: dict[str, str] = {}
    readings: list[Reading] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            content = json.loads(line)
            if number == 1:
                if content["recording"] != _FORMAT:
                    raise ValueError(f"format {content['recording']} is not known")
                parameters = {str(key): str(it) for key, it in content["parameters"].items()}
            else:
                readings.append(_reading(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"not a line of a recording ({type(error).__name__}: {error})",
                where=f"{path}, line {number}",
                todo="Record it again, or remove the line.",
            ) from None
    return Recording(parameters, tuple(readings))


def recording_lines(parameters: dict[str, str], readings: Iterable[Reading]) -> Iterable[str]:
    """The lines of a recording, as `read_recording` reads them."""
    yield json.dumps({"recording": _FORMAT, "parameters": parameters}, ensure_ascii=False)
    for reading in readings:
        source_time = reading.source_time and reading.source_time.isoformat()
        content: dict[str, Any] = {
            "address": reading.address,
            "value": reading.value,
            "source_time": source_time,
            "received": reading.received.isoformat(),
            "quality": reading.quality.name.lower(),
        }
        yield json.dumps(content, ensure_ascii=False, default=str)


def _reading(line: dict[str, Any]) -> Reading:
    return Reading(
        machine="machine",
        address=line["address"],
        value=line["value"],
        source_time=_instant(line["source_time"]) if line["source_time"] else None,
        received=_instant(line["received"]),
        quality=Quality[line["quality"].upper()],
    )


def _instant(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"'{text}' has no offset")
    return parsed.astimezone(UTC)
