"""A TCP relay that treats connections badly, by a seed: it cuts, stalls, delays and reorders them.

Bytes of one connection never change their order, as TCP promises: what is late is all late. It cuts
with a reset or in the middle of what is being said, refuses new connections for a while, holds one
back so that a later one overtakes it, and lets both directions or one of them stand still.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from random import Random

from tcp_proxy import TcpProxy

HELD_BACK_MAX_S = 1.0  # any byte, any new connection


class Relay(TcpProxy):
    """`done`: how often it did what."""

    def __init__(self, target_port: int, chance: Random) -> None:
        super().__init__(target_port)
        self._chance = chance
        self._delay_s = 0.0
        self._is_to_break = False  # in the middle of the next bytes
        self._is_to_hold = False  # the next connection
        self.done: Counter[str] = Counter()

    async def misbehave(self, pause_max_s: float) -> None:
        """One thing after the other, with quiet times of up to so many seconds; until cancelled."""
        acts: list[Callable[[], object]] = [
            self._cut, self._break, self._stall, self._refuse, self._delay, self._hold
        ]  # fmt: skip
        while True:
            await asyncio.sleep(self._chance.uniform(0.2, 1.0) * pause_max_s)
            act = self._chance.choice(acts)
            self.done[act.__name__.strip("_")] += 1
            waiting = act()
            if asyncio.iscoroutine(waiting):
                await waiting

    def behave(self) -> None:
        """From now on, as a good network does."""
        self._delay_s, self._is_to_break, self._is_to_hold = 0.0, False, False
        self.accepting = True
        self.flowing.set()
        self.answering.set()

    def _cut(self) -> None:
        self.cut()

    def _break(self) -> None:
        self._is_to_break = True

    def _hold(self) -> None:
        self._is_to_hold = True
        self.cut()

    def _delay(self) -> None:
        self._delay_s = self._chance.choice((0.0, 0.0, 0.05, 0.2))

    async def _stall(self) -> None:
        directions = self._chance.choice(
            ([self.flowing], [self.answering], [self.flowing, self.answering])
        )
        for it in directions:
            it.clear()
        await self._moment()
        if self._chance.random() < 0.5:  # what was held never arrives
            self.cut()
        for it in directions:
            it.set()

    async def _refuse(self) -> None:
        self.accepting = False
        self.cut()
        await self._moment()
        self.accepting = True

    async def _moment(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, HELD_BACK_MAX_S))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_to_hold:
            self._is_to_hold = False
            await self._moment()
        await super()._serve(reader, writer)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self.flowing.wait()
                await allowed.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                if self._is_to_break:
                    self._is_to_break = False
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def relay(target_port: int, chance: Random) -> AsyncIterator[Relay]:
    """Behaves until it is told to `misbehave`."""
    made = Relay(target_port, chance)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
