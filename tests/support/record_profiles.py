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

from asyncua import ua
from asyncua.server.server import Server
from mqtt_broker import mqtt_broker
from mqtt_played import MQTT_DEVICES, Shows
from node_machine import node_machine
from peers import free_port
from playing import Machine, Played, played_mqtt, write_recording
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

COUNTER_NODES: dict[str, tuple[str, ua.VariantType, Any]] = {
    "state": ("State", ua.VariantType.Int32, 0),
    "mode": ("Mode", ua.VariantType.Int32, 1),
    "total_count": ("Total", ua.VariantType.UInt32, 0),
    "good_count": ("Good", ua.VariantType.UInt32, 0),
    "reject_count": ("Reject", ua.VariantType.UInt32, 0),
    "rework_count": ("Rework", ua.VariantType.UInt16, 0),
    "speed": ("Speed", ua.VariantType.Float, 0.0),
    "energy": ("Energy", ua.VariantType.Double, 1_200_000.0),
    "power": ("Power", ua.VariantType.Double, 800.0),
    "product": ("Product", ua.VariantType.String, "juice-330"),
    "order": ("Order", ua.VariantType.String, ""),
    "stop_reason": ("Reason", ua.VariantType.String, ""),
    "blocked": ("Blocked", ua.VariantType.Boolean, False),
    "starved": ("Starved", ua.VariantType.Boolean, False),
}
COUNTER_PARAMETERS = {
    **{name: f"urn:vendor:Counters/{node}" for name, (node, _, _) in COUNTER_NODES.items()},
    "state_codes": "0=off, 1=producing, 2=stopped, 3=fault, 4=starved, 5=blocked",
    "mode_codes": "1=produce, 2=maintenance, 3=manual",
    "speed_unit": "items/h",
    "energy_unit": "Wh",
    "power_unit": "W",
}
SPARKPLUG_PARAMETERS = COUNTER_PARAMETERS | {
    name: f"Counters/{metric}" for name, (metric, _, _) in COUNTER_NODES.items()
}
COUNTERS: list[tuple[dict[str, Any], Shows]] = [
    (
        {"state": 1, "order": "PO-7", "speed": 7200.0, "power": 5500.0},
        {"state": "producing", "mode": "produce", "order": "PO-7", "speed": 2.0, "power": 5.5},
    ),
    (
        {"total_count": 12, "good_count": 11, "reject_count": 1, "energy": 1_200_250.0},
        {"total_count": 12, "good_count": 11, "reject_count": 1, "energy": 1200.25},
    ),
    (
        {"state": 4, "starved": True, "speed": 0.0},
        {"state": "starved", "starved": 1, "blocked": 0, "speed": 0},
    ),
    ({"state": 5, "starved": False, "blocked": True}, {"state": "blocked", "blocked": 1}),
    (
        {"state": 3, "blocked": False, "stop_reason": "卡瓶"},
        {"state": "fault", "stop_reason": "卡瓶", "blocked": 0},
    ),
    ({"mode": 2, "state": 2}, {"state": "stopped", "mode": "maintenance"}),
    (
        {"mode": 1, "state": 1, "stop_reason": "", "product": "tea-500", "rework_count": 2},
        {"state": "producing", "product": "tea-500", "rework_count": 2, "stop_reason": ""},
    ),
    ({"state": 77}, {"state": "unknown", "total_count": 12}),  # a code that nobody explained
    ({"state": 0, "power": 0.0}, {"state": "off", "power": 0}),
]


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


async def counters(folder: Path) -> Played:
    server = Server()
    await server.init()
    port = free_port()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    await server.register_namespace("urn:other")  # so that the vendor's index is not the first
    index = await server.register_namespace("urn:vendor")
    parent = await server.nodes.objects.add_object(index, "Counters")
    nodes = {
        name: await parent.add_variable(index, node, value, kind)
        for name, (node, kind, value) in COUNTER_NODES.items()
    }
    addresses = load("generic/opcua-counters", COUNTER_PARAMETERS).addresses
    sink, panel = RecordingSink(), []
    connection = {
        "url": f"opc.tcp://127.0.0.1:{port}",
        "security": "none",
        "publishing_interval_ms": "100",
    }
    source = make_source(Machine(connection), addresses, utc_now, agent="recorder", folder=folder)
    async with server, running_source(source, sink):
        await until(lambda: len(sink.readings()) >= len(nodes), "the first values")
        for does, shows in COUNTERS:
            await asyncio.sleep(STEP_S)
            now = datetime.now(UTC)
            for name, value in does.items():
                variant = ua.Variant(value, COUNTER_NODES[name][1])
                await nodes[name].write_value(ua.DataValue(variant, SourceTimestamp=now))
            panel.append((now + SETTLED, shows))
        await asyncio.sleep(1)
    return Played(COUNTER_PARAMETERS, sink, panel)


async def sparkplug(folder: Path) -> Played:
    """The machine of `counters` as a Sparkplug B device."""
    kinds = {
        name: (f"Counters/{metric}", kind.name) for name, (metric, kind, _) in COUNTER_NODES.items()
    }

    def said(does: Mapping[str, Any]) -> list[dict[str, Any]]:
        named = ((*kinds[name], value) for name, value in does.items())
        return [{"name": metric, "type": kind, "value": value} for metric, kind, value in named]

    addresses = load("generic/sparkplug-b", SPARKPLUG_PARAMETERS).addresses
    sink, panel = RecordingSink(), []
    with mqtt_broker(folder) as broker, sparkplug_node(folder, broker.port) as node:
        names = {"group": GROUP, "node": NODE, "device": "filler"}
        machine = Machine({"url": broker.url, **names})
        source = make_source(machine, addresses, utc_now, agent="recorder", folder=folder)
        async with running_source(source, sink):
            await until(lambda: source.status.connected, "the connection")
            first = said({name: value for name, (_, _, value) in COUNTER_NODES.items()})
            await asyncio.to_thread(node.say, "birth")
            await asyncio.to_thread(node.say, "birth", *first, device="filler")
            await until(lambda: len(sink.readings()) >= len(first), "the birth")
            for does, shows in COUNTERS:
                await asyncio.sleep(STEP_S)
                panel.append((datetime.now(UTC) + SETTLED, shows))
                await asyncio.to_thread(node.say, "data", *said(does), device="filler")
            await asyncio.sleep(1)
    return Played(SPARKPLUG_PARAMETERS, sink, panel)


async def played_device(folder: Path, name: str) -> Played:
    return (await played_mqtt(folder, {name: MQTT_DEVICES[name]}))[name]


MACHINES = {
    "packml/opcua": packml,
    "generic/opcua-counters": counters,
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
