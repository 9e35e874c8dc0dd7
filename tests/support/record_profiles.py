"""Makes the recordings of the packaged profiles anew, from simulated machines on loopback.

    .venv/bin/python tests/support/record_profiles.py packml/opcua shelly/gen1-em-mqtt …

The machines speak the real protocols and are read by the real sources. What the panel shows is
written down in the timelines here by hand, beside what the machine is told to do; it is never
taken from the decoder. Look at the difference before you commit what this writes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mqtt_broker import mqtt_broker
from mqtt_played import MQTT_DEVICES, Shows
from node_machine import node_machine
from opcua_devices import opcua_devices
from opcua_played import COUNTER_STEPS, COUNTER_UNITS, COUNTERS, OPCUA_MACHINES
from playing import Machine, Played, played_mqtt, played_opcua, write_recording
from recording_sink import RecordingSink, running_source, until, utc_now
from sparkplug_node import GROUP, NODE, sparkplug_node

from device_profiles.files.catalogue import PACKAGED, load
from edge.sources.factory import make_source

SETTLED = timedelta(seconds=0.3)  # a person reads the panel a moment after a change
STEP_S = 0.6

# (what the machine does, what its panel shows from then on in the words of the closed lists)
PACKML: list[tuple[dict[str, Any], Shows]] = [
    ({"state": "Starting", "speed": 0}, {"state": "idle", "mode": "produce", "ideal_speed": 1.0}),
    (
        {"state": "Execute", "speed": 60, "total": 10},
        {"state": "producing", "speed": 1.0, "total_count": 10},
    ),
    (
        {"speed": 60, "defective": 1, "total": 25},
        {"state": "producing", "total_count": 25, "reject_count": 1},
    ),
    (
        {"starved": True, "state": "Suspended", "speed": 0},
        {"state": "starved", "starved": 1, "blocked": 0, "speed": 0},
    ),
    (
        {"starved": False, "blocked": True, "speed": 0},
        {"state": "blocked", "starved": 0, "blocked": 1},
    ),
    ({"blocked": False, "speed": 0}, {"state": "stopped", "blocked": 0}),
    (
        {"state": "Execute", "speed": 120, "defective": 2, "total": 40},
        {"state": "producing", "speed": 2.0, "total_count": 40, "reject_count": 2},
    ),
    (
        {"state": "Held", "stop_reason": 12, "speed": 0},
        {"state": "stopped", "stop_reason": "reason 12"},
    ),
    (
        {"state": "Execute", "stop_reason": 0, "speed": 60},
        {"state": "producing", "stop_reason": ""},
    ),
    ({"state": "Aborted", "speed": 0}, {"state": "fault", "total_count": 40}),
    ({"state": "Clearing", "speed": 0}, {"state": "stopped"}),
    ({"state": "Stopped", "mode": 2, "speed": 0}, {"state": "maintenance", "mode": "maintenance"}),
    ({"mode": 3, "speed": 0}, {"state": "setup", "mode": "manual"}),
    ({"mode": 1, "state": "Resetting", "speed": 0}, {"state": "idle", "mode": "produce"}),
    (
        {"state": "Execute", "speed": 60, "total": 50},
        {"state": "producing", "total_count": 50, "reject_count": 2},
    ),
    ({"state": "Complete", "speed": 0}, {"state": "idle"}),
]

METRICS = {
    "State": ("Int32", 0),
    "Mode": ("Int32", 1),
    "Total": ("UInt32", 0),
    "Good": ("UInt32", 0),
    "Reject": ("UInt32", 0),
    "Rework": ("UInt16", 0),
    "Speed": ("Float", 0.0),
    "Energy": ("Double", 1_200_000.0),
    "Power": ("Double", 800.0),
    "Product": ("String", "juice-330"),
    "Order": ("String", ""),
    "Reason": ("String", ""),
    "Blocked": ("Boolean", False),
    "Starved": ("Boolean", False),
}
SPARKPLUG_PARAMETERS = {name: f"Counters/{it}" for name, it in COUNTERS.items()} | COUNTER_UNITS


async def packml(folder: Path) -> Played:
    timeline = [{"at_s": 2 + i * STEP_S, **does} for i, (does, _) in enumerate(PACKML)]
    addresses = load("packml/opcua").addresses
    sink = RecordingSink()
    with node_machine(folder, timeline) as machine:
        connection = {"url": machine.url, "security": "none", "publishing_interval_ms": "100"}
        source = make_source(
            Machine(connection), addresses, utc_now, agent="recorder", folder=folder
        )
        async with running_source(source, sink):
            done = len(PACKML) + 1  # every step tells its speed, and so does the start
            await until(lambda: len(machine.truth("speed")) == done, "the timeline to end")
            await asyncio.sleep(1)
        changes = [truth.time for truth in machine.truth("speed")[1:]]
    shows = [shown for _, shown in PACKML]
    panel = [(time + SETTLED, shown) for time, shown in zip(changes, shows, strict=True)]
    return Played({}, sink, panel)


async def sparkplug(folder: Path) -> Played:
    """The machine of `generic/opcua-counters` as a Sparkplug B device."""

    def said(does: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {"name": f"Counters/{name}", "type": METRICS[name][0], "value": value}
            for name, value in does.items()
        ]

    addresses = load("generic/sparkplug-b", SPARKPLUG_PARAMETERS).addresses
    sink, panel = RecordingSink(), []
    with mqtt_broker(folder) as broker, sparkplug_node(folder, broker.port) as node:
        names = {"group": GROUP, "node": NODE, "device": "filler"}
        machine = Machine({"url": broker.url, **names})
        source = make_source(machine, addresses, utc_now, agent="recorder", folder=folder)
        async with running_source(source, sink):
            await until(lambda: source.status.connected, "the connection")
            first = said({name: value for name, (_, value) in METRICS.items()})
            await asyncio.to_thread(node.say, "birth")
            await asyncio.to_thread(node.say, "birth", *first, device="filler")
            await until(lambda: len(sink.readings()) >= len(first), "the birth")
            for does, shows in COUNTER_STEPS:
                await asyncio.sleep(STEP_S)
                panel.append((datetime.now(UTC) + SETTLED, shows))
                await asyncio.to_thread(node.say, "data", *said(does), device="filler")
            await asyncio.sleep(1)
    return Played(SPARKPLUG_PARAMETERS, sink, panel)


async def played_device(folder: Path, name: str) -> Played:
    if name in MQTT_DEVICES:
        return (await played_mqtt(folder, {name: MQTT_DEVICES[name]}))[name]
    with opcua_devices(folder) as peers:
        return (await played_opcua(folder, peers, {name: OPCUA_MACHINES[name]}))[name]


MACHINES = {
    "packml/opcua": packml,
    "generic/sparkplug-b": sparkplug,
}


def main(names: Sequence[str]) -> None:
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            play = MACHINES.get(name)
            recording = played_device(Path(folder), name) if play is None else play(Path(folder))
            played = asyncio.run(recording)
        write_recording(PACKAGED / name, played, "the simulated machine's own timeline")
        print(f"{name}: {len(played.readings)} readings, {len(played.panel)} looks at the panel")


if __name__ == "__main__":
    main(sys.argv[1:])
