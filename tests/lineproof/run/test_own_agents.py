"""A node's own agents, asked from its event loop and from other threads; and their page."""

from __future__ import annotations

import asyncio
from pathlib import Path

from peers import free_port

from edge.agent import Agent
from edge.config import AgentConfig
from lineproof.run.own_agents import OwnAgents


def agent(folder: Path) -> Agent:
    machine = {
        "line": "line-1",
        "machine": "meter",
        "profile": "shelly/pro3em-mqtt",
        "connection": {"url": f"mqtt://127.0.0.1:{free_port()}", "topic": "t"},
    }
    config = {
        "name": "hall-2",
        "data": folder / "agent",
        "collector": "http://127.0.0.1:1",
        "machines": [machine],
    }
    return Agent(AgentConfig.model_validate(config))


def test_they_are_asked_from_any_thread_while_their_loop_runs(tmp_path: Path) -> None:
    own = OwnAgents()
    assert own.statuses() == []

    async def names() -> tuple[list[str], list[str]]:
        own.begin([agent(tmp_path)])
        here = own.statuses()
        elsewhere = await asyncio.to_thread(own.statuses)
        return [it.name for it in here], [it.name for it in elsewhere]

    assert asyncio.run(names()) == (["hall-2"], ["hall-2"])
    assert own.statuses() == [], "the loop is closed"
