"""The live states of lines for pages, programs and event streams, made once however many look.

A state is made again when the board has a new entry of its line; where no board is kept, once per
interval. Streams tick together at the interval, so that what they ask for is made in one go: the
KPIs of many lines take little longer than those of one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import count

import orjson

from api.documents.live import live_json
from api.http.lanes import Lane, Lanes, Made
from api.http.once import Once
from api.queries.lines import Queries
from api.queries.live import Live, lives
from api.queries.prices import ComeAgainError
from api.queries.withheld import live_without
from domain.errors import LineproofError
from domain.plant import Withheld


@dataclass(frozen=True, slots=True)
class AllLives:
    """Lines' live states, in the order of the plants' files. `number` names the answer that they
    are of; `of`: the lines that are in it, each with what is withheld of it; None: all of all."""

    number: int
    lives: tuple[Live, ...]
    of: frozenset[tuple[str, Withheld]] | None = None


class LiveFeed:
    """For one event loop. Once it is closed everything raises ComeAgainError."""

    def __init__(
        self, queries: Queries, interval_s: float = 1.0, lanes: Lanes | None = None
    ) -> None:
        self._queries = queries
        self.interval_s = interval_s
        self._once = Once(interval_s * 0.9, (lanes or Lanes()).live)
        self._closed = asyncio.Event()
        self._awaited: dict[str, asyncio.Future[Live]] = {}
        self._making: asyncio.Task[None] | None = None
        self._gathering = asyncio.Lock()
        self._numbers = count(1)

    async def live(self, line: str) -> Live:
        """The line's live state, at most one interval old. Raises NotFoundError."""
        self._once.check_open()
        self._queries.watch(line)
        found = self._kept(line)
        if found is not None:
            return found
        future = self._awaited.get(line)
        if future is None:
            future = self._awaited[line] = asyncio.get_running_loop().create_future()
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make())
        return await asyncio.shield(future)

    async def document(self, line: str, withheld: Withheld = frozenset()) -> bytes:
        """The same as JSON, without what is withheld."""
        state = await self.live(line)
        return self.part(
            ("document", line, withheld),
            state.number,
            lambda: orjson.dumps(live_json(live_without(state, withheld))),
        )

    async def all(self) -> AllLives:
        """Every line's live state, at most one interval old; the same answer for all who ask
        meanwhile."""
        self._once.check_open()
        async with self._gathering:
            version = self._queries.version
            answer: AllLives | None = self._once.kept("all", version, lasting=False)
            if answer is None:
                lines = [line.id for _, line in await self._once.run(self._queries.lines)]
                kept = {line: self._kept(line) for line in lines}
                made = await self._made([line for line, it in kept.items() if it is None])
                found = (kept[line] or made[line] for line in lines)
                answer = AllLives(
                    next(self._numbers), tuple(it for it in found if isinstance(it, Live))
                )
                self._once.keep("all", version, answer)
            return answer

    async def shared(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Made], lane: Lane | None = None
    ) -> Made:
        """What else is made of live states, once for all who ask (api.http.once), and again after
        anything was recorded. `stamp` None: good for one interval. `lane` None: that of live
        pages."""
        version = self._queries.version
        lasting = stamp is not None
        return await self._once.get(key, (version, stamp), make, lasting=lasting, lane=lane)

    def part(self, key: Hashable, stamp: Hashable, make: Callable[[], Made]) -> Made:
        """The same of what costs little, made at once."""
        found: Made | None = self._once.kept(key, stamp)
        if found is None:
            found = make()
            self._once.keep(key, stamp, found)
        return found

    async def of_each(
        self, name: tuple[Hashable, ...], every: AllLives, make: Callable[[Live], str]
    ) -> dict[str, str]:
        """What is made of each line's live state, by line; made again of those that are new, once
        for all who ask. Of a thousand it takes a while, so it is made in a thread."""
        keys = {it.line: (*name, it.line, it.withheld) for it in every.lives}
        found = {it.line: self._once.kept(keys[it.line], it.number) for it in every.lives}
        lacking = [it for it in every.lives if found[it.line] is None]
        if lacking:
            made = await self.shared(
                (*name, every.of), every.number, lambda: {it.line: make(it) for it in lacking}
            )
            for it in lacking:
                found[it.line] = made.get(it.line) or make(it)
                self._once.keep(keys[it.line], it.number, found[it.line])
        return {line: str(it) for line, it in found.items()}

    async def watch(self, line: str) -> AsyncIterator[Live]:
        """The line's live state now and every interval, until the feed is closed."""
        with contextlib.suppress(ComeAgainError):
            while True:
                yield await self.live(line)
                await self._pause()

    async def ticks(self) -> AsyncIterator[None]:
        """Now and every interval, for all at the same instants, until the feed is closed."""
        while not self._closed.is_set():
            yield
            await self._pause()

    async def close(self) -> None:
        """End every stream; when this returns, the feed reads nothing any more."""
        self._closed.set()
        await self._once.close()

    def _stamp(self, line: str) -> tuple[int, int | None]:
        """What a live state is made from: what was recorded, and the line's entry (if any)."""
        entry = self._queries.seen(line)
        return self._queries.version, None if entry is None else entry.number

    def _kept(self, line: str) -> Live | None:
        stamp = self._stamp(line)
        found: Live | None = self._once.kept(("live", line), stamp, lasting=stamp[1] is not None)
        return found

    async def _make(self) -> None:
        """Make what is awaited, and what came to be awaited meanwhile."""
        while self._awaited:
            await asyncio.sleep(0)  # whoever asks at the same tick is served too
            awaited, self._awaited = self._awaited, {}
            try:
                found = await self._made(list(awaited))
            except Exception as error:  # whoever waits has to hear of it, whatever it is
                found = dict.fromkeys(awaited, error)
            for line, future in awaited.items():
                answer = found[line]
                if isinstance(answer, Live):
                    future.set_result(answer)
                else:
                    future.set_exception(answer)
                    future.exception()  # nobody may be there any more to hear of it

    async def _made(self, wanted: Sequence[str]) -> dict[str, Live | Exception]:
        """The lines' live states, kept from now on; of one that is not there the error."""
        if not wanted:
            return {}
        stamps = {line: self._stamp(line) for line in wanted}
        found = await self._once.run(lambda: _found(self._queries.still(), wanted))
        for line, answer in found.items():
            if isinstance(answer, Live):
                self._once.keep(("live", line), stamps[line], answer)
        return found

    async def _pause(self) -> None:
        """Until the next tick, which is the same for every stream."""
        now_s = asyncio.get_running_loop().time()
        rest_s = self.interval_s - now_s % self.interval_s
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), rest_s)


def _found(queries: Queries, wanted: Sequence[str]) -> dict[str, Live | Exception]:
    found: dict[str, Live | Exception] = {}
    known = []
    for line in wanted:
        try:
            queries.line(line)
            known.append(line)
        except LineproofError as error:
            found[line] = error
    return found | dict(zip(known, lives(queries, known), strict=True))
