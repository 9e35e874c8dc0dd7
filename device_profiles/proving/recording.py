"""A machine's readings as a file: `recording.jsonl`, one reading a line, after a first line with
what it was made with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.errors import InputError
from domain.samples import Quality, Reading

RECORDING = "recording.jsonl"
_FORMAT = 1
_SPAN = ("from", "until")


@dataclass(frozen=True, slots=True)
class Recording:
    """The parameters that the profile needs for it, and the readings in order of arrival. The
    machine was read from `begin` to `end`, where the recording says so."""

    parameters: dict[str, str]
    readings: tuple[Reading, ...]
    begin: datetime | None
    end: datetime | None


def read_recording(path: Path) -> Recording | None:
    """A recording; None where there is no such file. Raises InputError with file and line.

    The first line is `{"recording": 1, "parameters": {…}}`, with `from` and `until` where it says
    how long the machine was read; every other one is
    `{"address", "value", "source_time" (ISO 8601 with offset, or null), "received", "quality"
    (good, uncertain, bad)}`, with `"is_news": false` where a broker had kept it.
    """
    if not path.exists():
        return None
    parameters: dict[str, str] = {}
    readings: list[Reading] = []
    begin, end = None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            content = json.loads(line)
            if number == 1:
                if content["recording"] != _FORMAT:
                    raise ValueError(f"format {content['recording']} is not known")
                parameters = {str(key): str(it) for key, it in content["parameters"].items()}
                begin, end = (_instant(content[it]) if it in content else None for it in _SPAN)
            else:
                readings.append(_reading(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"not a line of a recording ({type(error).__name__}: {error})",
                where=f"{path}, line {number}",
                todo="Record it again, or remove the line.",
            ) from None
    return Recording(parameters, tuple(readings), begin, end)


def recording_lines(parameters: dict[str, str], readings: Iterable[Reading]) -> Iterable[str]:
    """The lines of a recording, as `read_recording` reads them."""
    yield head_line(parameters)
    for reading in readings:
        yield reading_line(reading)


def head_line(
    parameters: dict[str, str], begin: datetime | None = None, end: datetime | None = None
) -> str:
    """The first line."""
    head: dict[str, Any] = {"recording": _FORMAT, "parameters": parameters}
    head |= {name: it.isoformat() for name, it in zip(_SPAN, (begin, end), strict=True) if it}
    return json.dumps(head, ensure_ascii=False)


def reading_line(reading: Reading) -> str:
    """Every other one."""
    source_time = reading.source_time and reading.source_time.isoformat()
    content: dict[str, Any] = {
        "address": reading.address,
        "value": reading.value,
        "source_time": source_time,
        "received": reading.received.isoformat(),
        "quality": reading.quality.name.lower(),
    }
    if not reading.is_news:
        content["is_news"] = False
    return json.dumps(content, ensure_ascii=False, default=str)


def _reading(line: dict[str, Any]) -> Reading:
    return Reading(
        machine="machine",
        address=line["address"],
        value=line["value"],
        source_time=_instant(line["source_time"]) if line["source_time"] else None,
        received=_instant(line["received"]),
        quality=Quality[line["quality"].upper()],
        is_news=line.get("is_news", True),
    )


def _instant(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"'{text}' has no offset")
    return parsed.astimezone(UTC)
