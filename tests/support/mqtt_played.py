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


_KEP = "Channel1.Filler."


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
    "umh/historian-mqtt": PlayedDevice(
        "umh/core",
        "umh/v1/acme/plant1/machining/mill-4/_historian",
        [
            (
                {
                    "machine_state/status": "running",
                    "production/total": 100,
                    "quality/reject": 2,
                    "production/good": 98,
                    "production/order": "PO-7",
                    "energy/total": 14.5,
                    "production/speed": 30,
                    "production/product": "gear",
                    "machine_state/why": "",
                },
                {
                    "state": "producing",
                    "total_count": 100,
                    "reject_count": 2,
                    "good_count": 98,
                    "order": "PO-7",
                    "energy": 14.5,
                    "speed": 0.5,
                    "product": "gear",
                    "stop_reason": "",
                },
            ),
            (
                {"production/total": 104, "energy/total": 14.75},
                {"total_count": 104, "energy": 14.75},
            ),
            (
                {"machine_state/status": "tool change", "production/speed": 0},
                {"state": "unknown", "speed": 0},
            ),
            (
                {"machine_state/status": "halted", "machine_state/why": "換刀"},
                {"state": "stopped", "stop_reason": "換刀", "total_count": 104},
            ),
        ],
        {
            "state": "machine_state/status",
            "state_codes": "running=producing, halted=stopped",
            "total_count": "production/total",
            "good_count": "production/good",
            "reject_count": "quality/reject",
            "order": "production/order",
            "product": "production/product",
            "energy": "energy/total",
            "speed": "production/speed",
            "speed_unit": "items/min",
            "stop_reason": "machine_state/why",
        },
    ),
    "kepware/iot-gateway-mqtt": PlayedDevice(
        "kepware",
        "plant/kep",
        [
            (
                {
                    f"{_KEP}State": 1,
                    f"{_KEP}Total": 500,
                    f"{_KEP}Order": "PO-7",
                    f"{_KEP}Other": 17,
                    f"{_KEP}Good": 490,
                    f"{_KEP}Speed": 120.0,
                    f"{_KEP}Product": "tea-500",
                    f"{_KEP}Reason": "",
                },
                {
                    "state": "producing",
                    "total_count": 500,
                    "order": "PO-7",
                    "good_count": 490,
                    "speed": 2.0,
                    "product": "tea-500",
                    "stop_reason": "",
                },
            ),
            (
                {f"{_KEP}Total": 512, f"{_KEP}Reject": 3, f"{_KEP}Energy": 820_500.0},
                {"total_count": 512, "reject_count": 3, "energy": 820.5, "state": "producing"},
            ),
            (
                {f"{_KEP}State": 2, f"{_KEP}Reason": "卡瓶", f"{_KEP}Speed": 0.0},
                {"state": "fault", "total_count": 512, "stop_reason": "卡瓶", "speed": 0.0},
            ),
            ({f"{_KEP}State": {"bad": 2}}, {"state": "unknown"}),
            ({f"{_KEP}State": 0, f"{_KEP}Order": ""}, {"state": "stopped", "order": ""}),
        ],
        {
            "state": f"{_KEP}State",
            "state_codes": "0=stopped, 1=producing, 2=fault",
            "total_count": f"{_KEP}Total",
            "reject_count": f"{_KEP}Reject",
            "order": f"{_KEP}Order",
            "energy": f"{_KEP}Energy",
            "energy_unit": "Wh",
            "good_count": f"{_KEP}Good",
            "speed": f"{_KEP}Speed",
            "speed_unit": "items/min",
            "product": f"{_KEP}Product",
            "stop_reason": f"{_KEP}Reason",
        },
    ),
    "packml/mqtt": PlayedDevice(
        "packml/simulator",
        "Greenville/Packaging/Line 1",
        [
            (
                {
                    "Status/UnitModeCurrentStr": "Production",
                    "Admin/MachDesignSpeed": 100,
                    "Status/StateCurrentStr": "Idle",
                    "Status/StateCurrent": 1,
                    "Status/CurMachSpeed": 0,
                    "Admin/ProdProcessedCount/0/AccCount": 0,
                    "Admin/ProdDefectiveCount/0/AccCount": 0,
                },
                {
                    "state": "idle",
                    "mode": "produce",
                    "speed": 0,
                    "total_count": 0,
                    "ideal_speed": 100 / 60,
                },
            ),
            (
                {
                    "Status/StateCurrentStr": "Execute",
                    "Status/StateCurrent": 6,
                    "Status/CurMachSpeed": 90.5,
                    "Admin/ProdProcessedCount/0/AccCount": 1.5,
                },
                {"state": "producing", "speed": 90.5 / 60, "total_count": 1.5},
            ),
            (
                {
                    "Admin/ProdProcessedCount/0/AccCount": 3.25,
                    "Admin/ProdDefectiveCount/0/AccCount": 1.75,
                },
                {"state": "producing", "total_count": 3.25, "reject_count": 1.75},
            ),
            (
                {"Status/StateCurrentStr": "Suspended", "Status/CurMachSpeed": 0},
                {"state": "stopped", "speed": 0},
            ),
            ({"Status/StateCurrentStr": "Aborted"}, {"state": "fault"}),
            ({"Status/StateCurrentStr": "Undefined"}, {"state": "unknown"}),
            (
                {"Status/StateCurrentStr": "Stopped", "Status/UnitModeCurrentStr": "Maintenance"},
                {"state": "maintenance", "mode": "maintenance"},
            ),
            ({"Status/UnitModeCurrentStr": "Manual"}, {"state": "setup", "mode": "manual"}),
        ],
    ),
    "tulip/machine-mqtt": PlayedDevice(
        "tulip/machine",
        "cell-3/press-1",
        [
            (
                {"state": "Running", "parts": 10, "why": ""},
                {"state": "producing", "total_count": 10, "stop_reason": ""},
            ),
            ({"parts": 12, "defects": 1}, {"total_count": 12, "reject_count": 1}),
            ({"state": "Cleaning"}, {"state": "unknown"}),
            (
                {"state": "Stopped", "why": "no material"},
                {"state": "stopped", "stop_reason": "no material"},
            ),
            ({"state": "Idle"}, {"state": "idle", "total_count": 12}),
        ],
        {
            "state": "state",
            "part_count": "parts",
            "defect_count": "defects",
            "downtime_reason": "why",
        },
    ),
}
