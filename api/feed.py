"""The live state of lines, computed once an interval no matter how many look.

Streams (JSON and page) ask the feed; the feed asks `Queries` in a worker
thread, at most once an interval for each line. `close` ends every stream: the
composition root calls it before the server shuts down, because a server waits
for its open connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from api.live import Live
from api.queries import Queries


class LiveFeed:
    def __init__(self, queries: Queries, interval_s: float = 1.0) -> None:
        self._queries = queries
        self._interval_s = interval_s
        self._cached: dict[str, tuple[float, Live]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = asyncio.Event()

    async def live(self, line: str) -> Live:
        """The line's live state, at most one interval old. Raises NotFoundError."""
        async with self._locks.setdefault(line, asyncio.Lock()):
            at, live = self._cached.get(line, (0.0, None))
            if live is None or time.monotonic() - at >= self._interval_s * 0.9:
                live = await run_in_threadpool(self._queries.live, line)
                self._cached[line] = (time.monotonic(), live)
            return live

    async def all(self) -> list[Live]:
        """Every line's live state, in the order of the plant's file."""
        lines = await run_in_threadpool(self._queries.lines)
        return list(await asyncio.gather(*(self.live(line.id) for _, line in lines)))

    async def ticks(self) -> AsyncIterator[None]:
        """One tick now and one every interval, until the feed is closed."""
        while not self._closed.is_set():
            yield
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._interval_s)

    async def close(self) -> None:
        """End every stream."""
        self._closed.set()
