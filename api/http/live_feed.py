"""The live state of lines, computed once an interval no matter how many look.

Streams (JSON and page) ask the feed; the feed asks `Queries` in threads of its
own, few at a time and at most once an interval for each line. The composition
root calls `close` before the server shuts down: a server waits for its open
connections, and a store must not be closed under a reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from api.queries.lines import Queries
from api.queries.live import Live
from domain.errors import BusyError

_WORKERS_MAX = 4


class LiveFeed:
    def __init__(self, queries: Queries, interval_s: float = 1.0) -> None:
        self._queries = queries
        self._interval_s = interval_s
        self._cached: dict[str, tuple[float, Live]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._workers = ThreadPoolExecutor(_WORKERS_MAX, "live-feed")
        self._closed = asyncio.Event()

    async def live(self, line: str) -> Live:
        """The line's live state, at most one interval old. Raises NotFoundError, BusyError."""
        self._check_open()
        async with self._locks.setdefault(line, asyncio.Lock()):
            at, live = self._cached.get(line, (0.0, None))
            if live is None or time.monotonic() - at >= self._interval_s * 0.9:
                self._check_open()  # it may have been closed while this waited for the lock
                loop = asyncio.get_running_loop()
                live = await loop.run_in_executor(self._workers, self._queries.live, line)
                self._cached[line] = (time.monotonic(), live)
            return live

    async def all(self) -> list[Live]:
        """Every line's live state, in the order of the plants' files."""
        self._check_open()
        loop = asyncio.get_running_loop()
        lines = await loop.run_in_executor(self._workers, self._queries.lines)
        return list(await asyncio.gather(*(self.live(line.id) for _, line in lines)))

    async def watch(self, line: str) -> AsyncIterator[Live]:
        """The line's live state now and every interval, until the feed is closed."""
        with contextlib.suppress(BusyError):
            while True:
                yield await self.live(line)
                await self._pause()

    async def watch_all(self) -> AsyncIterator[list[Live]]:
        """The same of every line."""
        with contextlib.suppress(BusyError):
            while True:
                yield await self.all()
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), self._interval_s)

    async def close(self) -> None:
        """End every stream; when this returns, the feed reads nothing any more."""
        self._closed.set()
        await asyncio.to_thread(self._workers.shutdown)

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise BusyError("the server is shutting down", todo="Ask again when it is back.")
