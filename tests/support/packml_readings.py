"""Readings of a PackML machine for decoder tests, by the names of the profile's inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import load
from domain.samples import Quality, Reading, Rejection, Sample

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
PROFILE = load("packml/opcua")
# Each input's first address: Number for the states.
ADDRESS = {item.name: item.sources[0].address.key for item in PROFILE.inputs}
STATE_ID, STATE_TEXT = (
    {it.name: it.sources[n].address.key for it in PROFILE.inputs if len(it.sources) == 3}
    for n in (1, 2)
)


def decoder() -> Decoder:
    return Decoder(PROFILE, "filler-1", "filler")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(
    name: str,
    value: Any,
    seconds: float | None = 0,
    quality: Quality = Quality.GOOD,
    *,
    address: str = "",
    received_s: float | None = None,
) -> Reading:
    """A reading of an input; counts are wrapped into PackML's structures."""
    if name in ("processed", "defective") and isinstance(value, int):
        value = [{"ID": 1, "Name": "", "Unit": None, "Count": 1, "AccCount": value}]
    received = at((seconds or 0) + 0.2 if received_s is None else received_s)
    source = None if seconds is None else at(seconds)
    return Reading("filler", address or ADDRESS[name], value, source, received, quality)


def running(mode: int = 1) -> list[Reading]:
    """What tells that the machine runs, all but the execute state."""
    return [reading("mode", mode), reading("base_state", 19), reading("machine_state", 18)]


def samples(items: list[Sample | Rejection], signal: str) -> list[Sample]:
    return [item for item in items if isinstance(item, Sample) and item.signal == signal]


def reasons(items: list[Sample | Rejection]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Rejection)]


def decode_all(dec: Decoder, readings: list[Reading]) -> list[Sample | Rejection]:
    return [item for one in readings for item in dec.decode(one)]


def last_state(items: list[Sample | Rejection]) -> str | None:
    """The state that holds at the end: that of the newest sample by its own time."""
    states = samples(items, "state")
    return max(states, key=lambda sample: sample.time).text if states else None
