"""Four machines of three protocols, and an agent that reads them through relays.

OPC UA by asyncua, JSON (with QoS 1, and with QoS 0) and Sparkplug B over mosquitto. The machines
speak with their broker directly: what they say is said. Only the agent's connections go through
relays, and those to its collector.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import paho.mqtt.client as mqtt
import polars as pl
from counter_machine import CounterMachine, counter_machine
from mqtt_broker import MqttBroker, mqtt_broker
from mqtt_machine import PROFILE
from relay import Relay, relay
from sparkplug_device import DEVICE, GROUP, NODE, SparkplugDevice, sparkplug_device

from edge.config import AgentConfig

COUNT_S = 0.05  # from one item to the next
LINE = "line-1"
MQTT_PROFILE = f"""{PROFILE}
inputs:
  total: {{sources: [{{topic: main, field: /n, time: /ms, time_unit: ms}}]}}
signals:
  total_count: {{input: total}}
"""
Truth = Sequence[tuple[datetime, float]]


@dataclass
class MqttCounter:
    """Publishes its count as JSON, from a client of its own."""

    client: mqtt.Client
    topic: str
    qos: int
    truth: list[tuple[datetime, float]] = field(default_factory=list)

    def count(self) -> None:
        now = datetime.now(UTC)
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.truth.append((at, len(self.truth) + 1.0))
        said = f'{{"n": {len(self.truth)}, "ms": {round(at.timestamp() * 1000)}}}'
        self.client.publish(self.topic, said, qos=self.qos)


@contextlib.contextmanager
def mqtt_counter(broker: MqttBroker, topic: str, qos: int) -> Iterator[MqttCounter]:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"device-{topic}")
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        yield MqttCounter(client, f"{topic}/main", qos)
    finally:
        client.disconnect()
        client.loop_stop()


@dataclass(frozen=True)
class Rough:
    """Four machines, and the relays before them and before the collector."""

    opcua: CounterMachine
    json: MqttCounter
    json_at_most_once: MqttCounter
    sparkplug: SparkplugDevice
    relays: tuple[Relay, Relay, Relay]

    @property
    def truths(self) -> dict[str, Truth]:
        return {
            "opcua": self.opcua.truth["total_count"],
            "json": self.json.truth,
            "json_at_most_once": self.json_at_most_once.truth,
            "sparkplug": self.sparkplug.truth,
        }

    async def count_on(self) -> None:
        while True:
            await self.opcua.write("total_count", len(self.opcua.truth["total_count"]) + 1)
            self.json.count()
            self.json_at_most_once.count()
            self.sparkplug.count()
            await asyncio.sleep(COUNT_S)


@contextlib.asynccontextmanager
async def rough(folder: Path, chance: Random, collector_port: int) -> AsyncIterator[Rough]:
    """Nothing misbehaves yet."""
    async with counter_machine() as opcua, contextlib.AsyncExitStack() as stack:
        broker = stack.enter_context(mqtt_broker(folder))
        json = stack.enter_context(mqtt_counter(broker, "json", qos=1))
        at_most_once = stack.enter_context(mqtt_counter(broker, "at-most-once", qos=0))
        sparkplug = stack.enter_context(sparkplug_device(broker.port))
        ports = (opcua.port, broker.port, collector_port)
        relays = [
            await stack.enter_async_context(relay(port, Random(chance.random()))) for port in ports
        ]
        yield Rough(opcua, json, at_most_once, sparkplug, (relays[0], relays[1], relays[2]))


def config(folder: Path, network: Rough) -> AgentConfig:
    opcua, broker, collector = (it.port for it in network.relays)
    profile = folder / "profile.yaml"
    profile.write_text(MQTT_PROFILE, encoding="utf-8")
    url = f"mqtt://127.0.0.1:{broker}"
    machines = [
        network.opcua.config(machine="opcua"),
        {
            "machine": "json",
            "profile": str(profile),
            "connection": {"url": url, "topic": "json"},
        },
        {
            "machine": "json_at_most_once",
            "profile": str(profile),
            "connection": {"url": url, "topic": "at-most-once"},
        },
        {
            "machine": "sparkplug",
            "profile": "generic/sparkplug-b",
            "connection": {"url": url, "group": GROUP, "node": NODE, "device": DEVICE},
            "parameters": {"total_count": "Counters/Good"},
        },
    ]
    machines[0]["connection"]["url"] = f"opc.tcp://127.0.0.1:{opcua}/"
    return AgentConfig.model_validate(
        {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": f"http://127.0.0.1:{collector}",
            "machines": [{"line": LINE, "stale_after_s": 3.0, **it} for it in machines],
            "batch": {"max_age_s": 0.2, "max_age_live_s": 2.0},
        }
    )


def report(seed: int, network: Rough, samples: pl.DataFrame, spans: pl.DataFrame) -> None:
    """What was done and what came of it, for who runs it by hand."""
    print(f"seed {seed}: the relays did", *(dict(it.done) for it in network.relays))
    for machine, truth in network.truths.items():
        came = samples.filter(machine=machine, signal="total_count").n_unique()
        known = spans.filter(machine=machine)
        known_s = (known["end"] - known["start"]).dt.total_milliseconds().sum() / 1000
        print(f"{machine}: {len(truth)} said, {came} came, {known_s:.0f} s known in {known.height}")
