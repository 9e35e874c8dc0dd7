"""An outage filled from the server's history: the figures are those of an undisturbed run.

One agent reads one machine twice: line-1 all the time, line-2 through a connection that breaks for
longer than its session lives. All that a node says of both lines must then be the same, bounds and
coverage included. A third line, whose connection does not read the history, shows what it filled.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from pathlib import Path

import pytest
from opcua_server import KeptHistory, opcua_server
from peers import free_port
from recording_sink import until, utc_now
from running_agent import running_agent
from same_machine import machine, plant_text, shown, work
from serving_collector import serving
from tcp_proxy import tcp_proxy

import edge.sources.opcua.history as history_module
import edge.sources.opcua.source as source_module
from domain.time import Window
from edge.agent import Agent
from edge.config import AgentConfig
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

LINES = ("line-1", "line-2", "line-3")


def counted(stores: Stores, line: str) -> float:
    """What the line's counter stood at last, as it is stored."""
    told = stores.telemetry.latest(line).filter(signal="total_count")["value"]
    return told.max() if len(told) else -1.0


async def test_an_outage_longer_than_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "SESSION_TIMEOUT_S", 0.0)
    monkeypatch.setattr(history_module, "SETTLE_S", 0.1)
    port, now = free_port(), utc_now()
    variables = {"State": (1, now), "Total": (0, now), "Rejects": (0, now)}
    history = KeptHistory(max_history_data_response_size=10)
    async with (
        opcua_server(variables=variables, history=history) as server,
        tcp_proxy(server.port) as proxy,
    ):
        far = f"opc.tcp://127.0.0.1:{proxy.port}"
        machines = {
            "line-1": machine(server.url, ""),
            "line-2": machine(far, ""),
            "line-3": machine(far, "unread"),
        }
        plant = tmp_path / "plant.yaml"
        plant.write_text(plant_text(machines))
        config = AgentConfig.model_validate(
            {
                "name": "agent-1",
                "data": tmp_path / "agent-1",
                "collector": f"http://127.0.0.1:{port}",
                "machines": [
                    {"line": line, "machine": "press", **it} for line, it in machines.items()
                ],
                "batch": {"max_age_s": 0.2},
            }
        )
        agent = Agent(config)
        with open_stores(tmp_path / "node") as stores, serving(stores, port):
            apply_files(stores.registry, [plant], now)
            stores.registry.agents.enrol("agent-1", b64decode(agent.public_key), now)
            async with running_agent(agent):
                await until(
                    lambda: all(it.source.readings >= 3 for it in agent.status().machines),
                    "the first values",
                )
                await work([server], range(1, 15))
                start = await server.write("Total", 15)
                await asyncio.sleep(0.2)
                proxy.accepting = False
                proxy.cut()
                await until(lambda: not agent.status().machines[1].source.connected, "the loss")
                await work([server], range(16, 65))
                proxy.accepting = True
                await until(
                    lambda: agent.status().machines[1].source.filled == 1, "the outage to be filled"
                )
                await work([server], range(65, 80))
                end = await server.write("Total", 80)
                # A machine may be heard after that without having told it yet.
                await until(
                    lambda: all(counted(stores, line) == 80 for line in LINES), "the last count"
                )
                await until(
                    lambda: all(it.source.last_heard > end for it in agent.status().machines),
                    "all to be heard after it",
                )
            window = Window(start, end)
            undisturbed, filled, unread = (shown(stores, line, window) for line in LINES)
    assert filled == undisturbed
    assert undisturbed["kpis"]["coverage"] == 1.0
    assert {it["state"] for it in undisturbed["states"]} == {"producing", "stopped", "fault"}
    assert unread["kpis"]["unknown_time_s"] > 0.5
    assert unread["kpis"]["oee_low"] <= undisturbed["kpis"]["oee"] <= unread["kpis"]["oee_high"]
