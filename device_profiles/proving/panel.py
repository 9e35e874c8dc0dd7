"""What a person read off a machine's own panel: `panel.yaml`, the independent truth."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from device_profiles.files.yaml_file import yaml_file_text
from domain.samples import Quality, Sample
from domain.yaml_text import validate

PANEL = "panel.yaml"
_TOLERANCE = 1e-6  # relative, for numbers: what single-precision values and rounding differ by

WITHIN_MAX_S = 60.0
PanelValue = str | float | None


class PanelReading(BaseModel):
    """What the panel showed at one instant; null: the panel showed that it did not know.

    `within_s`: the person may have looked so much earlier or later. `steps`: the last digit of the
    display for each number that it rounds, as in `{power: 0.01}`, in the signal's unit. `read_by`:
    who looked, where that is another person than for the other readings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: AwareDatetime
    shows: dict[str, PanelValue] = Field(min_length=1)
    within_s: float = Field(default=0.0, ge=0, le=WITHIN_MAX_S)
    steps: dict[str, Annotated[float, Field(gt=0)]] = {}
    read_by: str | None = None


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
            told = by_signal.get(signal, [])
            if not _agrees(told, reading, expected, reading.steps.get(signal, 0.0)):
                decoded = _value_at(told, reading.time)
                yield Mismatch(reading.time, signal, expected, decoded)


def _agrees(
    samples: list[Sample], reading: PanelReading, expected: PanelValue, step: float
) -> bool:
    """Whether one of the values that held while the person may have looked was shown, or, for
    numbers, some between them."""
    begin = reading.time - timedelta(seconds=reading.within_s)
    end = reading.time + timedelta(seconds=reading.within_s)
    meanwhile = [it.time for it in samples if begin < it.time <= end]
    values = [_value_at(samples, time) for time in (begin, *meanwhile)]
    if any(_same(expected, it, step) for it in values):
        return True
    numbers = [it for it in values if isinstance(it, float)]
    if not isinstance(expected, float) or not numbers:
        return False
    return min(numbers) <= expected <= max(numbers)


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


def _same(expected: PanelValue, decoded: PanelValue, step: float) -> bool:
    if isinstance(expected, float) and isinstance(decoded, float):
        rounded_by = max(_TOLERANCE, step / 2 * (1 + _TOLERANCE))
        return math.isclose(expected, decoded, rel_tol=_TOLERANCE, abs_tol=rounded_by)
    return expected == decoded


def read_panel(path: Path) -> Panel | None:
    """None where there is no such file. Raises InputError with file, line and field."""
    if not path.exists():
        return None
    return validate(Panel, yaml_file_text(path, "the panel's readings"), str(path))
