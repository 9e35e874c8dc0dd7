"""One MQTT machine read by a real agent: what a device publishes, and what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from edge_samples import spans_of
from mqtt_broker import MqttBroker, mqtt_broker, publish_all
from recording_sink import until
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector
from tcp_proxy import TcpProxy, tcp_proxy

from domain.batches import parse_batch
from domain.samples import Span
from edge.agent import Agent, clock
from edge.config import AgentConfig
from edge.machine_status import MachineStatus
from edge.sources.base import Now

PROFILE = """
name: field/device
vendor: simulated
model: device over MQTT
protocol: mqtt-json
title: {en: Device, zh-Hant: 裝置, zh-Hans: 装置}
documentation: ["https://example.org/"]
"""
TWO_SIGNALS = f"""{PROFILE}
inputs:
  state: {{sources: [{{topic: main, field: /state}}]}}
  total: {{sources: [{{topic: main, field: /total}}]}}
signals:
  state: {{input: state, codes: {{1: producing, 2: stopped}}}}
  total_count: {{input: total}}
"""


@dataclass(frozen=True)
class MqttMachine:
    broker: MqttBroker
    proxy: TcpProxy
    collector: ScriptedCollector
    agent: Agent

    async def publish(self, topic: str, *payloads: str | bytes) -> None:
        await asyncio.to_thread(self.broker.publish, topic, *payloads)

    async def has(self, signal: str, count: int) -> list[tuple[datetime, float | None, int]]:
        """Time, value and quality of the signal's samples, once there are so many."""
        await until(lambda: len(self.samples(signal)) >= count, f"{count} samples of {signal}")
        return self.samples(signal)

    async def has_rejected(self, count: int) -> list[str]:
        """The reasons of the rejections, once there are so many."""
        await until(lambda: len(self.reasons) >= count, f"{count} rejections")
        return self.reasons

    def samples(self, signal: str) -> list[tuple[datetime, float | None, int]]:
        return [
            row
            for data in self.collector.batches
            if (frame := parse_batch(data).samples_bytes)
            for row in pl.read_ipc_stream(frame)
            .filter(pl.col("signal") == signal)
            .select("time", "value", "quality")
            .iter_rows()
        ]

    @property
    def reasons(self) -> list[str]:
        frames = [parse_batch(data).rejections_bytes for data in self.collector.batches]
        return [
            reason for frame in frames if frame for reason in pl.read_ipc_stream(frame)["reason"]
        ]

    @property
    def spans(self) -> list[Span]:
        return spans_of(self.collector.batches)

    @property
    def status(self) -> MachineStatus:
        return self.agent.status().machines[0]


@contextlib.asynccontextmanager
async def mqtt_machine(
    folder: Path,
    profile: str,
    *,
    stale_after_s: float = 60,
    kept: Sequence[tuple[str, str]] = (),
    is_proxied: bool = False,
    options: Mapping[str, str] | None = None,
    now: Now = clock,
) -> AsyncIterator[MqttMachine]:
    """An agent connected to mosquitto; `profile` is the text of its profile. `kept`: topics and
    payloads that the broker keeps (retained) before the agent comes. `is_proxied`: the agent speaks
    with the broker through the proxy. `options`: of the broker. `now`: the agent's clock."""
    file = folder / "profile.yaml"
    file.write_text(profile, encoding="utf-8")
    async with contextlib.AsyncExitStack() as stack:
        broker = stack.enter_context(mqtt_broker(folder, options=options))
        proxy = await stack.enter_async_context(tcp_proxy(broker.port))
        collector = stack.enter_context(scripted_collector())
        if kept:
            publish_all(broker.port, kept, retain=True)
        machine = {
            "line": "line-1",
            "machine": "device",
            "profile": str(file),
            "connection": {"url": f"mqtt://127.0.0.1:{proxy.port}" if is_proxied else broker.url},
            "stale_after_s": stale_after_s,
        }
        settings = {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": collector.url,
            "batch": {"max_age_s": 0.1},
            "machines": [machine],
        }
        async with running_agent(Agent(AgentConfig.model_validate(settings), now=now)) as agent:
            made = MqttMachine(broker, proxy, collector, agent)
            await until(lambda: made.status.source.connected, "the connection")
            yield made
