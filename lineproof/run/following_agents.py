"""A node's own agents as its plant files ask for them: at its start, and from then on.

A plant file may be changed while the node runs. Of the agents that it asks for, those that are new
begin, those that are gone end, and those that are to read otherwise end and begin again; the others
go on undisturbed. An agent that ends has first written down and handed over what it holds, so
nothing that was heard is lost; while it begins again its machines are not heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from domain.errors import LineproofError
from edge.agent import Agent
from edge.config import AgentConfig
from lineproof.clock import utc_now
from lineproof.run.own_agents import OwnAgents

LOOK_PERIOD_S = 1.0
AgentsWanted = Callable[[], Sequence[AgentConfig]]
_log = structlog.get_logger(__name__)


@dataclass
class _Running:
    config: AgentConfig
    agent: Agent
    stop: asyncio.Event
    task: asyncio.Task[None]


class FollowingAgents:
    """`enrol` makes them known to the node's collector; `own` is told which ones run; `version`: a
    number that grows whenever a plant file may have changed. For one event loop."""

    def __init__(
        self,
        enrol: Callable[[Sequence[AgentConfig]], None],
        own: OwnAgents,
        version: Callable[[], int],
    ) -> None:
        self._enrol = enrol
        self._own = own
        self._version = version
        self._running: dict[str, _Running] = {}
        self._seen = version()

    def begin(self, configs: Sequence[AgentConfig]) -> list[Agent]:
        """Make them, without reading yet. Raises InputError, BusyError, StorageError."""
        self._enrol(configs)
        made = [Agent(config, now=utc_now) for config in configs]
        self._own.begin(made)
        return made

    def read(self, configs: Sequence[AgentConfig], agents: Sequence[Agent]) -> None:
        """From now on."""
        for config, agent in zip(configs, agents, strict=True):
            self._run(config, agent)

    async def run(self, stop: asyncio.Event, wanted: AgentsWanted | None) -> None:
        """Follow `wanted` (None: what began goes on) until `stop`; then end them all. Raises what
        ended an agent before."""
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                tasks = [it.task for it in self._running.values()]
                await asyncio.wait(
                    [stopped, *tasks], timeout=LOOK_PERIOD_S, return_when=asyncio.FIRST_COMPLETED
                )
                for task in tasks:
                    if task.done():
                        task.result()  # it ends by itself only by a fault of ours
                if wanted is not None and not stop.is_set():
                    await self._follow(wanted)
        finally:
            stopped.cancel()
            await self._end(list(self._running), waits_for_all=True)

    async def _follow(self, wanted: AgentsWanted) -> None:
        version = self._version()
        if version == self._seen:
            return
        self._seen = version
        try:
            configs = {it.name: it for it in await asyncio.to_thread(wanted)}
            others = [name for name, it in self._running.items() if configs.get(name) != it.config]
            await self._end(others)
            new = [it for name, it in configs.items() if name not in self._running]
            if new:
                await asyncio.to_thread(self._enrol, new)
        except LineproofError as error:
            _log.error("agents do not follow the plant file", error=str(error))
            return
        for config in new:
            self._begin_anew(config)
        if others or new:
            self._own.begin([it.agent for it in self._running.values()])

    def _begin_anew(self, config: AgentConfig) -> None:
        """One that cannot be made leaves the others alone."""
        try:
            self._run(config, Agent(config, now=utc_now))
        except LineproofError as error:
            _log.error("agent not started", agent=config.name, error=str(error))

    def _run(self, config: AgentConfig, agent: Agent) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(agent.run(stop), name=agent.name)
        self._running[config.name] = _Running(config, agent, stop, task)

    async def _end(self, names: Sequence[str], *, waits_for_all: bool = False) -> None:
        """They have ended when this returns; raises what one of them died of, unless it
        `waits_for_all`."""
        ending = [self._running.pop(name) for name in names]
        for it in ending:
            it.stop.set()
        await asyncio.gather(*(it.task for it in ending), return_exceptions=waits_for_all)
