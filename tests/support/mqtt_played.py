"""What plays each packaged MQTT profile, and what its display shows meanwhile.

The timelines here are written by hand: what the device is told to show, and beside it what a
person reads off it in the words of the signals. Nothing of it is taken from the decoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Shows = Mapping[str, str | float]


@dataclass(frozen=True)
class PlayedDevice:
    """A device of tests/peers/mqtt_payloads.cjs, the topic that it is told to have (the
    connection's), the profile's parameters, and step by step what it is told to show and what a
    person reads."""

    device: str
    topic: str
    steps: Sequence[tuple[dict[str, Any], Shows]]
    parameters: dict[str, str] = field(default_factory=dict)


MQTT_DEVICES: dict[str, PlayedDevice] = {
    "shelly/gen1-em-mqtt": PlayedDevice(
        "shelly/gen1-em",
        "shellies/shellyem-B9F123",
        [
            ({"power_W": 951.2, "total_Wh": 41_210.5}, {"power": 0.9512, "energy": 41.2105}),
            ({"power_W": 2403.75, "total_Wh": 41_257.9}, {"power": 2.40375, "energy": 41.2579}),
            ({"power_W": -40.0, "total_Wh": 41_257.9}, {"power": -0.04, "energy": 41.2579}),
            ({"power_W": 0.0, "total_Wh": 41_258.0}, {"power": 0.0, "energy": 41.258}),
        ],
    ),
    "shelly/gen2-switch-mqtt": PlayedDevice(
        "shelly/gen2-switch",
        "shellyplus1pm-a8032ab636ec",
        [
            ({"power_W": 84.7, "total_Wh": 1_042.118}, {"power": 0.0847, "energy": 1.042118}),
            ({"power_W": 1820.1, "total_Wh": 1_071.9}, {"power": 1.8201, "energy": 1.0719}),
            ({"power_W": 0.0, "total_Wh": 1_073.25}, {"power": 0.0, "energy": 1.07325}),
        ],
    ),
    "shelly/pro3em-mqtt": PlayedDevice(
        "shelly/pro3em",
        "shelly/filler-1",
        [
            (
                {"phases_W": [951.2, 1020.4, 880.0], "total_Wh": 182_210.5},
                {"power": 2.8516, "energy": 182.2105},
            ),
            (
                {"phases_W": [2403.7, 2409.1, 2235.3], "total_Wh": 182_257.9},
                {"power": 7.0481, "energy": 182.2579},
            ),
            (
                {"phases_W": [-120.0, 40.0, 30.0], "total_Wh": 182_257.9},
                {"power": -0.05, "energy": 182.2579},
            ),
            (
                {"phases_W": [0.0, 0.0, 0.0], "total_Wh": 182_258.0},
                {"power": 0.0, "energy": 182.258},
            ),
        ],
    ),
    "tasmota/energy-mqtt": PlayedDevice(
        "tasmota",
        "tele/tasmota_9CF9D1",
        [
            ({"power_W": 412, "total_kWh": 196.708}, {"power": 0.412, "energy": 196.708}),
            ({"power_W": 1980, "total_kWh": 196.712}, {"power": 1.98, "energy": 196.712}),
            ({"power_W": 0, "total_kWh": 196.712}, {"power": 0.0, "energy": 196.712}),
        ],
    ),
}
