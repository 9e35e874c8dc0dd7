"""What plays each packaged OPC UA profile, and what its display shows meanwhile.

As in mqtt_played: written by hand, nothing of it taken from the decoder.
"""

from __future__ import annotations

from typing import Any

from companions_played import COMPANIONS
from mqtt_played import Shows
from played_machine import PlayedMachine

COUNTERS = {
    "state": "State",
    "mode": "Mode",
    "total_count": "Total",
    "good_count": "Good",
    "reject_count": "Reject",
    "rework_count": "Rework",
    "speed": "Speed",
    "energy": "Energy",
    "power": "Power",
    "product": "Product",
    "order": "Order",
    "stop_reason": "Reason",
    "blocked": "Blocked",
    "starved": "Starved",
}
COUNTER_UNITS = {
    "state_codes": "0=off, 1=producing, 2=stopped, 3=fault, 4=starved, 5=blocked",
    "mode_codes": "1=produce, 2=maintenance, 3=manual",
    "speed_unit": "items/h",
    "energy_unit": "Wh",
    "power_unit": "W",
}
COUNTER_STEPS: list[tuple[dict[str, Any], Shows]] = [
    (
        {"State": 1, "Order": "PO-7", "Speed": 7200.0, "Power": 5500.0},
        {"state": "producing", "mode": "produce", "order": "PO-7", "speed": 2.0, "power": 5.5},
    ),
    (
        {"Total": 12, "Good": 11, "Reject": 1, "Energy": 1_200_250.0},
        {"total_count": 12, "good_count": 11, "reject_count": 1, "energy": 1200.25},
    ),
    (
        {"State": 4, "Starved": True, "Speed": 0.0},
        {"state": "starved", "starved": 1, "blocked": 0, "speed": 0},
    ),
    ({"State": 5, "Starved": False, "Blocked": True}, {"state": "blocked", "blocked": 1}),
    (
        {"State": 3, "Blocked": False, "Reason": "卡瓶"},
        {"state": "fault", "stop_reason": "卡瓶", "blocked": 0},
    ),
    ({"Mode": 2, "State": 2}, {"state": "stopped", "mode": "maintenance"}),
    (
        {"Mode": 1, "State": 1, "Reason": "", "Product": "tea-500", "Rework": 2},
        {"state": "producing", "product": "tea-500", "rework_count": 2, "stop_reason": ""},
    ),
    ({"State": 77}, {"state": "unknown", "total_count": 12}),  # a code that nobody explained
    ({"State": 0, "Power": 0.0}, {"state": "off", "power": 0}),
]

_BLOCK = '"Lineproof".'
_S7 = f"nsu=http://www.siemens.com/simatic-s7-opcua;s={_BLOCK}"
_PROGRAM = "|var|WAGO 750-8212 PFC200 G2 2ETH RS.Application.PLC_PRG."
_WAGO = f"nsu=CODESYSSPV3/3S/IecVarAccess;s={_PROGRAM}"
_JOB = "Jobs/ActiveJobValues/Job"
_MODE = "MachineStatus/MachineMode"
_PRODUCTION = "MachineMESStatus/ProductionControl/ProductionStatus"
_REASON = "MachineMESStatus/StandstillReasonId"
_WS_MODE = "OperatingModes/WS_Cur_Mode"
_WS_PROGRAM = "Programs/WS_Cur_Prog"
_WS_TOTAL, _WS_REJECTED = "Counters/WS_Tot_Packages", "Counters/WS_Tot_Rej"


def _inside(state: str, held_in: str | None = None, suspended_in: str | None = None) -> Any:
    """A state of the innermost of the three nested machines of PackML."""
    return {"state": ["Cleared", "Running", state, [held_in, suspended_in]]}


OPCUA_MACHINES: dict[str, PlayedMachine] = {
    "generic/opcua-counters": PlayedMachine(
        [
            ({f"Counters/{it}": value for it, value in does.items()}, shows)
            for does, shows in COUNTER_STEPS
        ],
        {name: f"urn:vendor:Counters/{it}" for name, it in COUNTERS.items()} | COUNTER_UNITS,
    ),
    "siemens/s7-1500-opcua": PlayedMachine(
        [
            (
                {f'{_BLOCK}"State"': 1, f'{_BLOCK}"OrderNumber"': "PO-7"},
                {"state": "producing", "order": "PO-7", "product": "tea-500", "total_count": 100},
            ),
            (
                {
                    f'{_BLOCK}"TotalCount"': 120,
                    f'{_BLOCK}"GoodCount"': 116,
                    f'{_BLOCK}"RejectCount"': 4,
                },
                {"total_count": 120, "good_count": 116, "reject_count": 4},
            ),
            ({f'{_BLOCK}"State"': 9}, {"state": "unknown"}),
            (
                {f'{_BLOCK}"State"': 2, f'{_BLOCK}"ProductName"': "tea-330"},
                {"state": "fault", "product": "tea-330", "total_count": 120},
            ),
        ],
        {
            "state_codes": "0=stopped, 1=producing, 2=fault",
            "state": f'{_S7}"State"',
            "total_count": f'{_S7}"TotalCount"',
            "good_count": f'{_S7}"GoodCount"',
            "reject_count": f'{_S7}"RejectCount"',
            "product": f'{_S7}"ProductName"',
            "order": f'{_S7}"OrderNumber"',
        },
    ),
    "wago/pfc-opcua": PlayedMachine(
        [
            ({f"{_PROGRAM}iState": 10}, {"state": "producing", "energy": 0.8205}),
            (
                {
                    f"{_PROGRAM}udiTotal": 40,
                    f"{_PROGRAM}udiReject": 2,
                    f"{_PROGRAM}udiGood": 38,
                    f"{_PROGRAM}lrEnergy": 821.0,
                },
                {"total_count": 40, "good_count": 38, "reject_count": 2, "energy": 0.821},
            ),
            ({f"{_PROGRAM}iState": 99}, {"state": "unknown"}),
            ({f"{_PROGRAM}iState": 0}, {"state": "idle", "total_count": 40}),
        ],
        {
            "state": f"{_WAGO}iState",
            "state_codes": "0=idle, 10=producing, 20=stopped",
            "total_count": f"{_WAGO}udiTotal",
            "good_count": f"{_WAGO}udiGood",
            "reject_count": f"{_WAGO}udiReject",
            "energy": f"{_WAGO}lrEnergy",
            "energy_unit": "Wh",
        },
    ),
    "euromap/77-opcua": PlayedMachine(
        [
            (
                {_MODE: 4, _PRODUCTION: 0, "Jobs/ActiveJob/JobName": "J-51"},
                {"state": "setup", "mode": "manual", "order": "J-51"},
            ),
            ({_MODE: 1, _PRODUCTION: 2}, {"state": "setup", "mode": "produce", "total_count": 0}),
            ({_PRODUCTION: 4}, {"state": "producing"}),
            (
                {
                    f"{_JOB}CycleCounter": 6,
                    f"{_JOB}PartsCounter": 24,
                    f"{_JOB}GoodPartsCounter": 23,
                    f"{_JOB}BadPartsCounter": 1,
                },
                {"total_count": 24, "good_count": 23, "reject_count": 1, "state": "producing"},
            ),
            ({_PRODUCTION: 1, _REASON: "S-104"}, {"state": "stopped", "stop_reason": "S-104"}),
            ({_MODE: 2, _PRODUCTION: 4, _REASON: ""}, {"state": "producing", "stop_reason": ""}),
            ({_PRODUCTION: 0}, {"state": "unknown", "mode": "produce"}),
            ({_MODE: 5}, {"state": "idle", "mode": "unknown"}),
            ({_MODE: 3}, {"state": "setup", "mode": "manual", "total_count": 24}),
            (
                {
                    "Jobs/ActiveJob/JobName": "J-52",
                    f"{_JOB}PartsCounter": 0,
                    f"{_JOB}GoodPartsCounter": 0,
                    f"{_JOB}BadPartsCounter": 0,
                },
                {"order": "J-52", "total_count": 24},
            ),
            (  # those of both jobs
                {_MODE: 1, _PRODUCTION: 4, f"{_JOB}PartsCounter": 4, f"{_JOB}GoodPartsCounter": 4},
                {"state": "producing", "total_count": 28, "good_count": 27, "reject_count": 1},
            ),
        ]
    ),
    "weihenstephan/opcua": PlayedMachine(
        [
            (_inside("Execute"), {"state": "producing", "mode": "produce", "total_count": 36_000}),
            (
                {_WS_TOTAL: 36_120, _WS_REJECTED: 14},
                {"total_count": 36_120, "reject_count": 14, "state": "producing"},
            ),
            (_inside("Suspended", None, "Lack"), {"state": "starved"}),
            (_inside("Suspended", None, "TailbackBranchLine"), {"state": "blocked"}),
            (_inside("Suspended", None, "Prepared"), {"state": "idle"}),
            (_inside("Held", "EquipmentFailure"), {"state": "fault"}),
            (_inside("Held", "ExternalFailure"), {"state": "stopped"}),
            (_inside("Execute") | {_WS_PROGRAM: 2}, {"state": "idle"}),
            ({_WS_PROGRAM: 8}, {"state": "setup"}),
            ({_WS_PROGRAM: 32}, {"state": "maintenance"}),
            ({_WS_PROGRAM: 4}, {"state": "producing"}),
            ({_WS_MODE: 2}, {"state": "setup", "mode": "manual"}),
            ({_WS_MODE: 4, _WS_PROGRAM: 1} | {"state": ["Aborting"]}, {"state": "fault"}),
            ({"state": ["Cleared", "Stopped"]}, {"state": "stopped", "mode": "produce"}),
            ({_WS_MODE: 1}, {"state": "off", "mode": "unknown", "total_count": 36_120}),
        ]
    ),
} | COMPANIONS
