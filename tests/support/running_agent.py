"""An edge agent that runs for the length of a block, and is stopped as a signal would stop it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from peers import PATIENCE_S

from edge.agent import Agent


@contextlib.asynccontextmanager
async def running_agent(agent: Agent) -> AsyncIterator[Agent]:
    stop = asyncio.Event()
    task = asyncio.create_task(agent.run(stop))
    try:
        yield agent
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)
