"""The live states of lines for pages, programs and event streams, made once however many look.

A state is made again when the board has a new entry of its line; where no board is kept, once per
interval. Streams tick at the interval.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Hashable
from typing import TypeVar

import orjson

from api.documents.live import live_json
from api.http.once import Once
from api.queries.lines import Queries
from api.queries.live import Live, live, lives
from domain.errors import BusyError

Shared = TypeVar("Shared")


class LiveFeed:
    def __init__(self, queries: Queries, interval_s: float = 1.0) -> None:
        self._queries = queries
        self._interval_s = interval_s
        self._once = Once(interval_s * 0.9)
        self._closed = asyncio.Event()

    async def live(self, line: str) -> Live:
        """The line's live state, at most one interval old. Raises NotFoundError, BusyError."""
        entry = self._queries.seen(line)
        return await self._once.get(self._key(line), entry, lambda: live(self._queries, line))

    async def document(self, line: str) -> bytes:
        """The same as JSON."""
        state = await self.live(line)
        found: bytes | None = self._once.kept(("document", line), state)
        if found is None:
            found = orjson.dumps(live_json(state))
            self._once.keep(("document", line), state, found)
        return found

    async def all(self) -> list[Live]:
        """Every line's live state, in the order of the plants' files."""
        lines = [line.id for _, line in await self._once.run(self._queries.lines)]
        stamps = {line: self._queries.seen(line) for line in lines}
        kept = {line: self._once.kept(self._key(line), stamps[line]) for line in lines}
        found: dict[str, Live] = {line: it for line, it in kept.items() if it is not None}
        missing = [line for line in lines if line not in found]
        if missing:
            made = await self._once.run(lambda: lives(self._queries, missing))
            for line, state in zip(missing, made, strict=True):
                self._once.keep(self._key(line), stamps[line], state)
                found[line] = state
        return [found[line] for line in lines]

    async def shared(self, key: Hashable, stamp: object, make: Callable[[], Shared]) -> Shared:
        """What else is made of live states, once for all who ask (api.http.once), and again after
        anything was recorded."""
        return await self._once.get((key, self._queries.version), stamp, make)

    def part(self, key: Hashable, stamp: object, make: Callable[[], str]) -> str:
        """The same of what costs little, made at once."""
        found: str | None = self._once.kept(key, stamp)
        if found is None:
            found = make()
            self._once.keep(key, stamp, found)
        return found

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

    def _key(self, line: str) -> Hashable:
        return "live", line, self._queries.version

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), self._interval_s)

    async def close(self) -> None:
        """End every stream; when this returns, the feed reads nothing any more."""
        self._closed.set()
        await self._once.close()
