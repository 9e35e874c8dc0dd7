"""What plays the packaged profiles of companion specifications with state machines.

As in opcua_played: written by hand, nothing of it taken from the decoder.
"""

from __future__ import annotations

from typing import Any

from played_machine import PlayedMachine

_MODE, _WARM_UP = "Monitoring/MachineTool/OperationMode", "Monitoring/MachineTool/IsWarmUp"
_PROGRAM = "Production/ActiveProgram"
_PARTS = "Production/Statistics/PartsProducedInLifetime"
_STATE, _CONTROL = "LiveStatus/State", "LiveStatus/ControlMode"
_OUTPUT = "MaterialOutputPoints/Rods"
_HELD, _PRODUCED = f"{_OUTPUT}/DownstreamHeld", f"{_OUTPUT}/ProducedMaterialMasterTotal"


def _counted(total: int, good: int) -> dict[str, Any]:
    return {"PressCounters/Total": total, "PressCounters/Good": good}


COMPANIONS: dict[str, PlayedMachine] = {
    "machinery/opcua": PlayedMachine(
        [
            (
                {"mode": "Processing"},
                {"state": "off", "mode": "produce", "serial_number": "P-4711"},
            ),
            ({"state": "NotExecuting"}, {"state": "idle"}),
            ({"state": "Executing"} | _counted(4, 4), {"state": "producing", "total_count": 4}),
            (_counted(12, 11), {"state": "producing", "total_count": 12, "good_count": 11}),
            ({"state": "OutOfService"}, {"state": "fault"}),
            ({"mode": "Maintenance"}, {"state": "maintenance", "mode": "maintenance"}),
            ({"state": "Executing"}, {"state": "maintenance"}),
            ({"mode": "Setup"}, {"state": "setup", "mode": "manual"}),
            ({"mode": "None"}, {"state": "unknown", "mode": "unknown"}),
            ({"state": "NotExecuting"}, {"state": "idle", "total_count": 12}),
            ({"state": "Executing", "mode": "Processing"}, {"state": "producing"}),
            ({"state": "NotAvailable"}, {"state": "off", "mode": "produce"}),
        ],
        {
            "machine": "{urn:press-maker}Press",
            "total_count": "urn:press-maker:PressCounters/Total",
            "good_count": "urn:press-maker:PressCounters/Good",
        },
    ),
    "machinetool/opcua": PlayedMachine(
        [
            ({_MODE: 1}, {"state": "idle", "mode": "produce", "serial_number": "M-0815"}),
            (
                {"state": "Running", f"{_PROGRAM}/Name": "flange.nc", _WARM_UP: True},
                {"state": "setup", "product": "flange.nc", "total_count": 5000},
            ),
            (
                {_WARM_UP: False, f"{_PROGRAM}/JobIdentifier": "J-9"},
                {"state": "producing", "order": "J-9"},
            ),
            ({_PARTS: 5001}, {"state": "producing", "total_count": 5001}),
            ({"state": "Interrupted"}, {"state": "stopped"}),
            ({"state": "Running", _MODE: 3}, {"state": "producing", "mode": "produce"}),
            ({_MODE: 2}, {"state": "setup", "mode": "manual"}),
            ({_MODE: 0}, {"state": "setup", "mode": "manual"}),
            ({_MODE: 4}, {"state": "maintenance", "mode": "maintenance"}),
            ({_MODE: 5}, {"state": "unknown", "mode": "unknown"}),
            ({_MODE: 1, "state": "Aborted"}, {"state": "fault", "total_count": 5001}),
            ({"state": "Ended"}, {"state": "idle", "product": "flange.nc"}),
        ]
    ),
    "packml/tmc-opcua": PlayedMachine(
        [
            ({_STATE: 2}, {"state": "idle", "mode": "produce", "good_count": 1000}),
            ({_STATE: 4}, {"state": "producing", "blocked": 0}),
            ({_PRODUCED: 1400.0}, {"state": "producing", "good_count": 1400}),
            ({_STATE: 12, _HELD: True}, {"state": "blocked", "blocked": 1}),
            ({_HELD: False}, {"state": "stopped", "blocked": 0}),
            ({_STATE: 6}, {"state": "idle"}),  # 6 is Execute in OPC 30050
            ({_STATE: 15}, {"state": "stopped"}),
            ({_STATE: 8}, {"state": "fault"}),
            ({_STATE: 0}, {"state": "stopped", "good_count": 1400}),
            ({_STATE: 4, _CONTROL: 4}, {"state": "setup", "mode": "manual"}),
            ({_CONTROL: 5}, {"state": "maintenance", "mode": "maintenance"}),
            ({_CONTROL: 0}, {"state": "unknown", "mode": "unknown"}),
            ({_CONTROL: 1, _STATE: 18}, {"state": "unknown", "mode": "produce"}),
            ({_STATE: 5}, {"state": "idle"}),
        ],
        {"output": "{urn:tobacco-maker}Rods"},
    ),
}
