"""A Sparkplug B device read by an agent, up to its samples and to what is known of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import polars as pl
from edge_samples import spans_of
from mqtt_broker import mqtt_broker
from recording_sink import until
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector
from sparkplug_node import GROUP, NODE, int32, sparkplug_node

from domain.batches import parse_batch
from domain.source_faults import FaultCode
from edge.agent import Agent
from edge.config import AgentConfig

DEVICE = "filler"
STATE = {"name": "Status/State", "type": "Int8", "alias": 1}
GOOD = {"name": "Counters/Good", "type": "UInt32", "alias": 2}


def told(collector: ScriptedCollector, signal: str) -> list[str | float]:
    """What the samples of a signal say, in their order."""
    return [
        text if text is not None else value
        for data in collector.batches
        if (frame := parse_batch(data).samples_bytes)
        for text, value in pl.read_ipc_stream(frame)
        .filter(pl.col("signal") == signal)
        .select("text", "value")
        .iter_rows()
    ]


def settings(folder: Path, broker: str, collector: str) -> AgentConfig:
    machine = {
        "line": "line-1",
        "machine": "filler",
        "profile": "generic/sparkplug-b",
        "connection": {"url": broker, "group": GROUP, "node": NODE, "device": DEVICE},
        "parameters": {
            "state": STATE["name"],
            "state_codes": "-1=fault, 1=producing, 2=stopped",
            "good_count": GOOD["name"],
        },
    }
    return AgentConfig.model_validate(
        {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": collector,
            "batch": {"max_age_s": 0.1, "max_age_live_s": 0.1},
            "machines": [machine],
        }
    )


async def test_a_device_from_its_birth_to_its_death(tmp_path: Path) -> None:
    with (
        mqtt_broker(tmp_path) as broker,
        scripted_collector() as collector,
        sparkplug_node(tmp_path, broker.port) as node,
    ):

        async def say(do: str, *metrics: object) -> None:
            await asyncio.to_thread(node.say, do, *metrics, device=DEVICE)  # type: ignore[arg-type]  # by name

        config = settings(tmp_path, broker.url, collector.url)
        async with running_agent(Agent(config)) as agent:
            await until(lambda: agent.status().machines[0].source.connected, "the connection")
            await asyncio.to_thread(node.say, "birth", int32("Uptime", 1))
            await say("birth", STATE | {"value": 1}, GOOD | {"value": 3_000_000_000})
            await until(lambda: told(collector, "good_count") != [], "the birth")
            await say("data", STATE | {"value": -1}, GOOD | {"value": 3_000_000_001})
            await until(lambda: told(collector, "good_count")[-1] == 3_000_000_001, "the data")
            assert told(collector, "state") == ["producing", "fault"]
            # The first one once more, as unchanged up to the birth.
            assert told(collector, "good_count")[:-1] == [3_000_000_000.0] * 2
            node.kill()
            await until(lambda: not agent.status().machines[0].source.connected, "its death")
            assert not agent.status().machines[0].alive
            assert agent.status().machines[0].source.fault is FaultCode.MACHINE_OFFLINE
            await until(lambda: spans_of(collector.batches) != [], "the time that is known")
            await until(lambda: "machine_offline" in str(told(collector, "source.faults")), "why")
    assert len(spans_of(collector.batches)) == 1
