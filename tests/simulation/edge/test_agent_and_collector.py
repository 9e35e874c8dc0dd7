"""Both ends of the wire as they are: a real machine, the agent, the real collector and store."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from counter_machine import counter_machine
from edge_samples import changes_of
from peers import free_port
from recording_sink import until
from serving_collector import serving

import edge.uplink
from edge.agent import Agent
from edge.config import AgentConfig
from store.node.opening import open_stores


async def test_an_agent_waits_until_it_is_enrolled_and_then_hands_over_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 0.2)
    port = free_port()
    began = datetime.now(UTC)
    async with counter_machine() as machine:
        config = AgentConfig.model_validate(
            {
                "name": "agent-1",
                "data": tmp_path / "agent-1",
                "collector": f"http://127.0.0.1:{port}",
                "machines": [machine.config()],
                "batch": {"max_age_s": 0.2},
            }
        )
        agent = Agent(config)
        stop = asyncio.Event()
        with open_stores(tmp_path / "node") as stores, serving(stores, port):
            task = asyncio.create_task(agent.run(stop))
            await until(lambda: bool(agent.status().uplink.problem), "the refusal")
            assert f"Enrol its public key {agent.public_key}" in agent.status().uplink.problem
            for number in range(2, 200):
                await machine.write("total_count", number)
                await asyncio.sleep(0.005)
            stores.registry.agents.enrol("agent-1", b64decode(agent.public_key), began)
            await until(lambda: agent.status().uplink.sent > 3, "batches to be taken")
            assert agent.status().uplink.problem == ""
            # One more: before the second count it is told that the first one still stood.
            told = sum(len(values) for values in machine.truth.values()) + 1
            await until(lambda: agent.status().machines[0].samples >= told, "all counts")
            stop.set()
            await task
            last = stores.telemetry.last_batch("agent-1")
            history = stores.telemetry.history("line-1", began, began + timedelta(hours=1))
        assert last is not None
        assert last.number == agent.status().uplink.last_number
        counts = history.samples.filter(signal="total_count").sort("time")
        assert (
            changes_of(counts.select("time", "value").iter_rows()) == machine.truth["total_count"]
        )
        assert history.spans.height == 1
