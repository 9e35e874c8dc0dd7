"""kill -9 of an agent while it fills an outage: the figures are those of an undisturbed line.

A machine has two servers. Of one a first agent reads line-1, all the time. The other one is stopped
and started again while the machine goes on; its second agent, which reads line-2, finds it again
late, fills what it missed from the server's history, is killed in the middle of that and started
again. From the server's start on a node says the same of both lines; before it, line-2's bounds
enclose what line-1 says.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from agent_process import main_that_fills_slowly
from forked_process import ForkedProcess
from opcua_server import KeptHistory, OpcUaServer, opcua_server
from peers import PATIENCE_S, free_port
from recording_sink import until, utc_now
from running_agent import running_agent
from same_machine import machine, plant_text, shown, work, write
from serving_collector import serving
from tcp_proxy import TcpProxy, tcp_proxy

from domain.time import Window
from edge.agent import Agent
from edge.config import AgentConfig
from edge.keys import agent_key, public_key
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

VARIABLES = ("State", "Total", "Rejects")


def agent_settings(folder: Path, line: str, url: str, port: int) -> dict[str, Any]:
    return {
        "name": f"agent-{line}",
        "data": str(folder / f"agent-{line}"),
        "collector": f"http://127.0.0.1:{port}",
        "machines": [{"line": line, "machine": "press", **machine(url, "")}],
        "batch": {"max_age_s": 0.1},
    }


async def started(config: Path) -> ForkedProcess:
    log = config.with_suffix(".log")
    return await asyncio.to_thread(ForkedProcess, main_that_fills_slowly, str(config), output=log)


async def ended(agent: ForkedProcess, by: signal.Signals) -> None:
    agent.send_signal(by)
    await asyncio.to_thread(agent.wait, PATIENCE_S)


@dataclass(frozen=True)
class Story:
    """What the machine did: `stopped` and `back` are when its second server did so."""

    start: datetime
    stopped: datetime
    back: datetime
    end: datetime


@dataclass
class Servers:
    """Two of one machine; the second one, behind the proxy, can be stopped. `up`: that run."""

    proxy: TcpProxy
    history: KeptHistory
    up: list[OpcUaServer]
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def begin(self, port: int, values: Mapping[str, tuple[int, datetime]]) -> None:
        made = opcua_server(port=port, variables=values, history=self.history)
        self.up.append(await self.stack.enter_async_context(made))

    async def stop(self) -> datetime:
        """Without a connection, too, when it is back. The time of its last record."""
        records = {name: self.history.of(name)[-1] for name in VARIABLES}
        self.proxy.accepting = False
        self.proxy.cut()
        self.up.pop()
        await self.stack.aclose()
        return max(it.SourceTimestamp for it in records.values())

    async def go_on(self) -> None:
        """With what it showed last."""
        records = {name: self.history.of(name)[-1] for name in VARIABLES}
        values = {name: (it.Value.Value, it.SourceTimestamp) for name, it in records.items()}
        await self.begin(self.proxy._target_port, values)


@contextlib.asynccontextmanager
async def both_servers(now: datetime) -> AsyncIterator[Servers]:
    values = {name: (int(name == "State"), now) for name in VARIABLES}
    port = free_port()
    async with opcua_server(variables=values) as first, tcp_proxy(port) as proxy:
        servers = Servers(proxy, KeptHistory(), [first])
        await servers.begin(port, values)
        async with servers.stack:
            yield servers


@dataclass(frozen=True)
class Node:
    stores: Stores
    began: datetime

    def counts(self, line: str) -> set[float]:
        """All counts of a line so far."""
        samples = self.stores.telemetry.history(line, self.began, utc_now()).samples
        return set(samples.filter(signal="total_count")["value"])

    def heard_until(self, line: str) -> datetime:
        ends = self.stores.telemetry.history(line, self.began, utc_now()).spans["end"]
        return max([self.began, *ends])

    async def has(self, line: str, items: range) -> None:
        await until(lambda: self.counts(line) >= set(items), f"{line}: {items}", every_s=0.1)


async def play(node: Node, servers: Servers, config: Path) -> Story:
    """Items 1 to 129; line-2 is without a server for 20 to 39, without a connection up to 79, and
    without an agent for 80 to 99."""
    agent = await started(config)
    await node.has("line-2", range(1))
    await node.has("line-1", range(1))
    start = await write(servers.up, "Total", 1)
    await work(servers.up, range(2, 20))
    await node.has("line-2", range(2, 20))
    stopped = await servers.stop()
    await work(servers.up, range(20, 40))
    await servers.go_on()
    await work(servers.up, range(40, 60))
    back = await write(servers.up, "Total", 60)
    await work(servers.up, range(61, 80))
    servers.proxy.accepting = True
    await until(lambda: len(node.counts("line-2") & {*range(40, 79)}) > 5, "the first parts")
    await ended(agent, signal.SIGKILL)
    await work(servers.up, range(80, 100))
    assert not node.counts("line-2") >= {*range(40, 79)}, "it was not killed in the middle"
    config.with_name(f"{config.name}.go").touch()
    agent = await started(config)
    await work(servers.up, range(100, 129))
    end = await write(servers.up, "Total", 129)
    await node.has("line-2", range(40, 130))
    await node.has("line-1", range(1, 130))
    for line in ("line-1", "line-2"):
        await until(lambda it=line: node.heard_until(it) > end, "the last count", every_s=0.1)
    await ended(agent, signal.SIGTERM)
    return Story(start, stopped, back, end)


async def test_kill_9_in_the_middle_of_filling(tmp_path: Path) -> None:
    port, began = free_port(), utc_now()
    async with both_servers(began) as servers:
        second = f"opc.tcp://127.0.0.1:{servers.proxy.port}"
        urls = {"line-1": servers.up[0].url, "line-2": second}
        plant, config = tmp_path / "plant.yaml", tmp_path / "agent-2.yaml"
        plant.write_text(plant_text({line: machine(url, "") for line, url in urls.items()}))
        settings = {line: agent_settings(tmp_path, line, url, port) for line, url in urls.items()}
        config.write_text(yaml.safe_dump(settings["line-2"]))
        undisturbed = Agent(AgentConfig.model_validate(settings["line-1"]))
        with open_stores(tmp_path / "node") as stores, serving(stores, port):
            apply_files(stores.registry, [plant], began)
            (tmp_path / "agent-line-2").mkdir()
            for name, key in (
                ("agent-line-1", undisturbed.public_key),
                ("agent-line-2", public_key(agent_key(tmp_path / "agent-line-2"))),
            ):
                stores.registry.agents.enrol(name, b64decode(key), began)
            async with running_agent(undisturbed):
                story = await play(Node(stores, began), servers, config)
            since_back = [shown(stores, it, Window(story.back, story.end)) for it in urls]
            whole = [shown(stores, it, Window(story.start, story.end))["kpis"] for it in urls]
    assert since_back[1] == since_back[0]
    assert since_back[0]["kpis"]["coverage"] == 1.0
    assert {it["state"] for it in since_back[0]["states"]} == {"producing", "stopped", "fault"}
    assert whole[0]["coverage"] == 1.0
    assert 0 < whole[1]["unknown_time_s"] <= (story.back - story.stopped).total_seconds()
    assert whole[1]["oee_low"] <= whole[0]["oee"] <= whole[1]["oee_high"]
