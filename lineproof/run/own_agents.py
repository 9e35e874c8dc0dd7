"""A node's own agents: what each does now, asked from any thread, and the page that shows it.

Agents belong to the event loop that runs them, so whoever is in another thread has to wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import ServicesDep
from api.pages.render import render
from api.pages.templates import language_of
from edge.agent import Agent, AgentStatus
from lineproof.agent_status.page import RELOAD_S, agent_page

_PATH = "/agents"
_ANSWER_S = 5.0  # the loop has other work, too
_ZONE = ZoneInfo("Asia/Hong_Kong")  # of an agent whose line is in no plant file any more


class OwnAgents:
    """None before `begin`."""

    def __init__(self) -> None:
        self._agents: Sequence[Agent] = ()
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, agents: Sequence[Agent]) -> None:
        """They run in the loop that calls."""
        self._loop, self._agents = asyncio.get_running_loop(), tuple(agents)

    def statuses(self) -> list[AgentStatus]:
        """None of them while the loop does not answer."""
        if self._loop is None or self._loop.is_closed():
            return []
        if _running_loop() is self._loop:
            return self._now()
        asked = asyncio.run_coroutine_threadsafe(self._asked(), self._loop)
        try:
            return asked.result(_ANSWER_S)
        except (TimeoutError, CancelledError):
            asked.cancel()
            return []

    def _now(self) -> list[AgentStatus]:
        return [it.status() for it in self._agents]

    async def _asked(self) -> list[AgentStatus]:
        return self._now()


def own_agents_router(
    statuses: Callable[[], Sequence[AgentStatus]],
    now: Callable[[], datetime],
    *,
    takes_batches: bool = True,
) -> APIRouter:
    """`GET /agents`: the page, with times of the plant that each agent reads for. `takes_batches`:
    agents are enrolled at this node (`lineproof.run.enrolled_agents`)."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(_PATH)
    async def page(request: Request, services: ServicesDep) -> Response:
        language = language_of(request)
        zones = {line.id: plant.zone for plant, line in services.queries.lines()}
        shown = [
            agent_page(it, language, zones.get(it.machines[0].line, _ZONE), now())
            for it in statuses()
        ]
        return render(
            request,
            "agents.html",
            agents=shown,
            reload_s=RELOAD_S,
            takes_batches=takes_batches,
            version=version("lineproof"),
        )

    return routes


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
