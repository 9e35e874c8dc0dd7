"""An edge agent as a process of its own, with the page that shows its status where one is wanted.

The port is bound, and what the page lacks is said, before the agent opens its folder. Without a
page nothing of a web server is loaded: an agent may run on a small machine.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from edge.agent import Agent
from edge.config import AgentConfig, StatusPage, load_config
from lineproof.clock import utc_now
from lineproof.output import note
from lineproof.stopping import stop_on_signals


class _Server(Protocol):
    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def run_edge(config_file: Path) -> None:
    """`lineproof edge`: until a signal."""
    config = load_config(config_file)
    if config.status is None:
        asyncio.run(_run(Agent(config, now=utc_now), None))
    else:
        _run_with_page(config, config.status)


def _run_with_page(config: AgentConfig, page: StatusPage) -> None:
    from lineproof.agent_status.app import status_app
    from lineproof.agent_status.settings import status_password, status_serving
    from lineproof.run.web_server import WebServer, bind, own_url

    password = status_password(page)
    with contextlib.closing(bind(page.listen, page.port, option="'status: {port: N}'")) as bound:
        agent = Agent(config, now=utc_now)
        how = status_serving(page, config.data, utc_now)
        zone = ZoneInfo(page.timezone)
        app = status_app(agent.status, zone, utc_now, hosts=page.hosts, password=password)
        note(f"Status: {own_url(bound, how.scheme)}/")
        asyncio.run(_run(agent, WebServer(app, bound, how)))


async def _run(agent: Agent, server: _Server | None) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    if server is None:
        await agent.run(stop)
        return
    await server.start()
    try:
        await agent.run(stop)
    finally:
        await server.stop()
