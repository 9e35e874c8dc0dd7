"""Answers that are made once, however many ask for them.

An answer is good as long as its `stamp` (what it was made from) is the same; one that nothing tells
the end of is good for a set time besides. While it is made, whoever else asks waits for it; when
all who asked have left, it is made no further. Made in the threads of a lane. What is kept is
bounded by its weight: texts and bytes weigh what they are long, everything else as much as a small
page. The composition root closes it before the server shuts down: a store must not be closed under
a reader.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from api.http.lanes import Lane, Made
from api.http.long_answers import LongAnswer

WEIGHT_MAX = 64 << 20  # bytes of all that is kept
_OBJECT_WEIGHT = 4 << 10
_SHARE_MAX = 8  # an answer that weighs more than this part of all is not kept


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Hashable
    at_s: float
    weight: int
    answer: Any


@dataclass(slots=True)
class _Making:
    """An answer that is being made, and how many wait for it."""

    stamp: Hashable
    task: asyncio.Task[Any]
    waiting: int = 0


class Once:
    """`stands_s`: for how long an answer that is not `lasting` is good. For one event loop."""

    def __init__(self, stands_s: float, lane: Lane) -> None:
        self._stands_s = stands_s
        self._lane = lane
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._weight = 0
        self._making: dict[Hashable, _Making] = {}

    def kept(self, key: Hashable, stamp: Hashable, *, lasting: bool = True) -> Any | None:
        """The answer, if there is one that is still good."""
        found = self._kept.get(key)
        if found is None or found.stamp != stamp:
            return None
        if not lasting and time.monotonic() - found.at_s >= self._stands_s:
            return None
        self._kept.move_to_end(key)
        return found.answer

    async def get(
        self,
        key: Hashable,
        stamp: Hashable,
        make: Callable[[], Made],
        *,
        lasting: bool = True,
        lane: Lane | None = None,
    ) -> Made:
        """The answer that is still good, or a new one, made in that lane. Raises ComeAgainError
        when the lane is full or closed."""
        self.check_open()
        while True:
            answer: Made | None = self.kept(key, stamp, lasting=lasting)
            if answer is not None:
                return answer
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = self._begin(key, stamp, make, lane or self._lane)
            if making.stamp == stamp:
                made: Made = await self._awaited(key, making)
                return made
            await asyncio.wait([making.task])  # one of a key at a time

    def _begin(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Made], lane: Lane
    ) -> _Making:
        async def made() -> Made:
            try:
                answer = await lane.run(make)
                self.keep(key, stamp, answer)
                return answer
            finally:
                if self._making.get(key) is making:
                    del self._making[key]

        making = _Making(stamp, asyncio.create_task(made()))
        return making

    async def _awaited(self, key: Hashable, making: _Making) -> Any:
        """The answer; with the last who waits for it the making ends."""
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting and not making.task.done():
                making.task.cancel()
                if self._making.get(key) is making:
                    del self._making[key]

    def keep(self, key: Hashable, stamp: Hashable, answer: object) -> None:
        """This is the answer from now on; those that were not asked for the longest make room."""
        weight = _weight(answer)
        before = self._kept.pop(key, None)
        if before is not None:
            self._weight -= before.weight
        if weight > WEIGHT_MAX // _SHARE_MAX:
            return
        self._kept[key] = _Kept(stamp, time.monotonic(), weight, answer)
        self._weight += weight
        while self._weight > WEIGHT_MAX:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= oldest.weight

    async def run(self, make: Callable[[], Made]) -> Made:
        """Make it in a thread. Raises ComeAgainError once it is closed."""
        return await self._lane.run(make)

    async def close(self) -> None:
        """When this returns, nothing is read any more."""
        await self._lane.close()

    def check_open(self) -> None:
        """Raises ComeAgainError once it is closed."""
        self._lane.check_open()


def _weight(answer: object) -> int:
    if isinstance(answer, LongAnswer):
        return answer.weight
    return len(answer) if isinstance(answer, (str, bytes)) else _OBJECT_WEIGHT
