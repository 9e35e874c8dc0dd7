"""Plays devices for packaged profiles, read by the real sources; makes recordings of it.

All devices speak at one broker at the same time, one step of each a second. A step begins at a
full second, so that a device which tells its time in whole seconds tells another one each time, and
a person has read the displays before the next one.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from mqtt_broker import mqtt_broker
from mqtt_devices import MqttDevices, mqtt_devices
from mqtt_played import PlayedDevice, Shows
from recording_sink import RecordingSink, running_source, until, utc_now

from device_profiles.files.catalogue import FILE_NAME, PACKAGED, load
from device_profiles.model.addresses import MqttAddress
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
    with mqtt_broker(folder) as broker, mqtt_devices(folder, broker.port) as peers:
        async with AsyncExitStack() as running:
            sources = []
            for name, it in devices.items():
                sources.append(_source(folder, broker.url, name, it))
                await running.enter_async_context(running_source(sources[-1], played[name].sink))
            await until(lambda: all(it.status.connected for it in sources), "the subscriptions")
            await _play(peers, devices, played)
    return played


def _source(folder: Path, url: str, name: str, device: PlayedDevice) -> Source:
    machine = Machine({"url": url, "topic": device.topic}, name)
    addresses = load(name, device.parameters).addresses
    return make_source(machine, addresses, utc_now, agent="recorder", folder=folder)


async def _play(
    peers: MqttDevices, devices: Mapping[str, PlayedDevice], played: Mapping[str, Played]
) -> None:
    topics = {name: _topics(name, it) for name, it in devices.items()}
    expected: Counter[str] = Counter()
    for step in range(max(len(it.steps) for it in devices.values())):
        now_played = {name: it for name, it in devices.items() if step < len(it.steps)}
        await _next_second()
        said = [
            {"device": it.device, "topic": it.topic, "shows": it.steps[step][0]}
            for it in now_played.values()
        ]
        for topic in await asyncio.to_thread(peers.say, said):
            expected.update(name for name, own in topics.items() if topic in own)
        for name, it in now_played.items():
            await until(_has_come(played[name].sink, expected[name]), f"step {step} of {name}")
            played[name].panel.append((utc_now() + SETTLED, it.steps[step][1]))
    dying = {name: it for name, it in devices.items() if _tells_its_end(name, it)}
    await asyncio.to_thread(peers.die, [it.topic for it in dying.values()])
    for name in dying:
        await until(_has_come(played[name].sink, expected[name] + 1), f"the last will of {name}")


def _has_come(sink: RecordingSink, messages: int) -> Callable[[], bool]:
    return lambda: len(sink.of("came")) >= messages


async def _next_second() -> None:
    now = utc_now()
    begin = now.replace(microsecond=0) + timedelta(seconds=1)
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
