"""A node's own agents, asked from its event loop and from other threads; and their page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from agent_statuses import agent_status, machine_status
from peers import free_port
from web_plant import Clock, app_of, filled_queries, store_of

from edge.agent import Agent, AgentStatus
from edge.config import AgentConfig
from lineproof.run.own_agents import OwnAgents, own_agents_router


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


async def test_their_page_has_the_times_of_their_plant(tmp_path: Path) -> None:
    queries = filled_queries(tmp_path, Clock())
    statuses: list[AgentStatus] = []
    app = app_of(
        queries, version="1", extra_routers=[own_agents_router(lambda: statuses, queries.now)]
    )
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            none = await client.get("/agents")
            statuses.append(agent_status(machine_status(line="filler-1")))
            one = await client.get("/agents?lang=en")
    finally:
        store_of(queries).close()
    assert "This node reads no machine itself." in none.text
    assert "Agent hall-2" in one.text
    assert "The connection stands since 2 Mar 2026 09:00:00" in one.text
    assert 'href="/agents" aria-current="page"' in one.text
