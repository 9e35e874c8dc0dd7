"""Plays devices for packaged profiles, read by the real sources; makes recordings of it.

All devices speak at the same time, step by step: those of MQTT at one broker, those of OPC UA on
one server. A person reads the displays before the next step. Over MQTT a step begins at a full
second, so that a device which tells its time in whole seconds tells another one each time.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from mqtt_broker import mqtt_broker
from mqtt_devices import MqttDevices, mqtt_devices
from mqtt_played import PlayedDevice, Shows
from opcua_devices import Names, OpcUaDevices
from played_machine import PlayedMachine
from recording_sink import RecordingSink, running_source, until, utc_now

from device_profiles.files.catalogue import FILE_NAME, PACKAGED, load
from device_profiles.model.addresses import Address, MqttAddress, OpcUaAddress
from device_profiles.proving.panel import PANEL
from device_profiles.proving.recording import RECORDING, recording_lines
from domain.samples import Reading
from edge.sources.base import Source
from edge.sources.factory import make_source

SETTLED = timedelta(milliseconds=50)  # clocks that tell hundredths of a second round them up


@dataclass(frozen=True)
class Machine:
    """What `make_source` needs of a configuration."""

    connection: Mapping[str, str]
    machine: str = "machine"
    line: str = "recorded"
    stale_after_s: float = 60.0


@dataclass
class Played:
    """A device that was played, by which parameters it was read and what became of it."""

    parameters: dict[str, str]
    sink: RecordingSink = field(default_factory=RecordingSink)
    panel: list[tuple[datetime, Shows]] = field(default_factory=list)

    @property
    def readings(self) -> list[Reading]:
        return self.sink.readings()


async def played_mqtt(folder: Path, devices: Mapping[str, PlayedDevice]) -> dict[str, Played]:
    """The devices by their profiles' names, until the last of them has died."""
    played = {name: Played(it.parameters) for name, it in devices.items()}
    with ExitStack() as started:
        broker = await asyncio.to_thread(started.enter_context, mqtt_broker(folder))
        devices_of_npm = mqtt_devices(folder, broker.port)
        peers = await asyncio.to_thread(started.enter_context, devices_of_npm)
        async with AsyncExitStack() as running:
            sources = []
            for name, it in devices.items():
                connection = {"url": broker.url, "topic": it.topic}
                sources.append(_source(folder, connection, name, it.parameters))
                await running.enter_async_context(running_source(sources[-1], played[name].sink))
            await until(lambda: all(it.status.connected for it in sources), "the subscriptions")
            await _play(peers, devices, played)
    return played


async def played_opcua(
    folder: Path, peers: OpcUaDevices, machines: Mapping[str, PlayedMachine]
) -> dict[str, Played]:
    """The machines of that server by their profiles' names."""
    played = {name: Played(it.parameters) for name, it in machines.items()}
    connection = {"url": peers.url, "security": "none", "publishing_interval_ms": "100"}
    async with AsyncExitStack() as running:
        for name, it in machines.items():
            source = _source(folder, connection, name, it.parameters)
            await running.enter_async_context(running_source(source, played[name].sink))
        await _play_opcua(peers, machines, played)
    return played


def _source(
    folder: Path, connection: Mapping[str, str], name: str, parameters: Mapping[str, str]
) -> Source:
    addresses = load(name, parameters).addresses
    machine = Machine(connection, name)
    return make_source(machine, addresses, utc_now, agent="recorder", folder=folder)


async def _play_opcua(
    peers: OpcUaDevices, machines: Mapping[str, PlayedMachine], played: Mapping[str, Played]
) -> None:
    own = {
        name: {_name(address) for address in load(name, it.parameters).addresses}
        for name, it in machines.items()
    }
    expected: Counter[str] = Counter()

    async def read(names: Names, when: str) -> None:
        for name in machines:
            expected[name] += len(own[name].intersection(names.get(name, ())))
            await until(_is_read(played[name], expected[name]), f"{name} {when}")

    await read(peers.names, "at the begin")
    for step in range(max(len(it.steps) for it in machines.values())):
        now_played = {name: it.steps[step] for name, it in machines.items() if step < len(it.steps)}
        values = {name: does for name, (does, _) in now_played.items()}
        await read(await asyncio.to_thread(peers.write, values), f"in step {step}")
        look = utc_now() + SETTLED
        for name, (_, shows) in now_played.items():
            played[name].panel.append((look, shows))
        while utc_now() < look + SETTLED:  # clocks that tell milliseconds cut them off
            await asyncio.sleep(SETTLED.total_seconds())


def _name(address: Address) -> str:
    """What tests/peers/opcua_machines.cjs calls it."""
    assert isinstance(address, OpcUaAddress)
    node = address.start.node
    return "/".join(name for _, name in address.path) if node is None else node.identifier


def _is_read(played: Played, readings: int) -> Callable[[], bool]:
    return lambda: len(played.readings) >= readings


async def _play(
    peers: MqttDevices, devices: Mapping[str, PlayedDevice], played: Mapping[str, Played]
) -> None:
    topics = {name: _topics(name, it) for name, it in devices.items()}
    expected: Counter[str] = Counter()
    look = utc_now()
    for step in range(max(len(it.steps) for it in devices.values())):
        now_played = {name: it for name, it in devices.items() if step < len(it.steps)}
        await _second_after(look)
        said = [
            {"device": it.device, "topic": it.topic, "shows": it.steps[step][0]}
            for it in now_played.values()
        ]
        for topic in await asyncio.to_thread(peers.say, said):
            expected.update(name for name, own in topics.items() if topic in own)
        for name in now_played:
            await until(_has_come(played[name].sink, expected[name]), f"step {step} of {name}")
        look = utc_now() + SETTLED
        for name, it in now_played.items():
            played[name].panel.append((look, it.steps[step][1]))
    dying = {name: it for name, it in devices.items() if _tells_its_end(name, it)}
    await asyncio.to_thread(peers.die, [it.topic for it in dying.values()])
    for name in dying:
        await until(_has_come(played[name].sink, expected[name] + 1), f"the last will of {name}")


def _has_come(sink: RecordingSink, messages: int) -> Callable[[], bool]:
    return lambda: len(sink.of("came")) >= messages


async def _second_after(look: datetime) -> None:
    """Until the first full second after it begins."""
    now, begin = utc_now(), look.replace(microsecond=0) + timedelta(seconds=1)
    while now < begin:
        await asyncio.sleep((begin - now).total_seconds())
        now = utc_now()


def _tells_its_end(name: str, device: PlayedDevice) -> bool:
    return load(name, device.parameters).heartbeat is not None


def _topics(name: str, device: PlayedDevice) -> set[str]:
    addresses = load(name, device.parameters).addresses
    own = {it.topic_suffix for it in addresses if isinstance(it, MqttAddress)}
    return {f"{device.topic}/{suffix}" for suffix in own}


def write_recording(target: Path, played: Played, read_by: str) -> None:
    """`recording.jsonl` and `panel.yaml` in that folder."""
    lines = recording_lines(played.parameters, played.readings)
    (target / RECORDING).write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = {
        "read_by": read_by,
        "simulated": True,
        "readings": [
            {"time": time.isoformat(timespec="milliseconds"), "shows": dict(shows)}
            for time, shows in played.panel
        ],
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    (target / PANEL).write_text(text, encoding="utf-8")


def played_anew(folder: Path, name: str, played: Played) -> Path:
    """A packaged profile beside what was played just now, as a folder of its own."""
    target = folder / name
    target.mkdir(parents=True)
    shutil.copy(PACKAGED / name / FILE_NAME, target)
    write_recording(target, played, "the timeline of the test")
    return target
