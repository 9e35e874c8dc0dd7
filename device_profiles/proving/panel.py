"""What a person read off a machine's own panel: `panel.yaml`, the independent truth."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from device_profiles.files.yaml_file import yaml_file_text
from domain.samples import Quality, Sample
from domain.yaml_text import validate

PANEL = "panel.yaml"
_TOLERANCE = 1e-6  # relative, for numbers: what single-precision values and rounding differ by

PanelValue = str | float | None


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
class Mismatch:
    """The panel showed one thing, the recording decodes to another."""

    time: datetime
    signal: str
    panel: PanelValue
    decoded: PanelValue


def mismatches(samples: list[Sample], panel: Panel) -> Iterable[Mismatch]:
    """Where the samples say another thing than the panel."""
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


def read_panel(path: Path) -> Panel | None:
    """None where there is no such file. Raises InputError with file, line and field."""
    if not path.exists():
        return None
    return validate(Panel, yaml_file_text(path, "the panel's readings"), str(path))
