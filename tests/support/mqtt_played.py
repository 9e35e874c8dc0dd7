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


def _phases(*phases: tuple[float, float]) -> dict[str, Any]:
    return {"phases": [{"power_W": power, "total_Wh": total} for power, total in phases]}


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
    "shelly/gen1-3em-mqtt": PlayedDevice(
        "shelly/gen1-3em",
        "shellies/shellyem3-68C63AFB5856",
        [
            (
                _phases((100.0, 1000.0), (200.0, 2000.5), (50.5, 400.0)),
                {"power": 0.3505, "energy": 3.4005},
            ),
            (
                _phases((150.0, 1010.0), (-40.0, 2000.5), (0.0, 400.1)),
                {"power": 0.11, "energy": 3.4106},
            ),
            (_phases((0.0, 1011.0), (0.0, 2001.0), (0.0, 401.0)), {"power": 0.0, "energy": 3.413}),
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
    "umh/classic-mqtt": PlayedDevice(
        "umh/classic",
        "ia/factoryinsight/aachen/demonstrator",
        [
            (
                {
                    "startOrder": {"order_id": "HA16/4889"},
                    "state": {"state": 10000},
                    "count": {"count": 1},
                    "detectedAnomaly": {"detectedAnomaly": ""},
                },
                {"state": "producing", "order": "HA16/4889", "total_count": 1, "stop_reason": ""},
            ),
            (
                {"count": {"count": 4}, "scrapCount": {"scrap": 1}},
                {"total_count": 5, "reject_count": 1},
            ),
            (
                {"state": {"state": 60000}, "count": {"count": 2}},
                {"state": "starved", "total_count": 7},
            ),
            (
                {
                    "state": {"state": 180000},
                    "detectedAnomaly": {"detectedAnomaly": "conveyor belt"},
                },
                {"state": "fault", "stop_reason": "conveyor belt", "total_count": 7},
            ),
            (
                {"state": {"state": 30000}, "scrapCount": {"scrap": 2}},
                {"state": "unknown", "reject_count": 3},
            ),
            ({"state": {"state": 210000}}, {"state": "maintenance", "total_count": 7}),
        ],
    ),
}
