"""Answers that are made once, however many ask for them.

An answer is good as long as its `stamp` (what it was made from) is the same; one that nothing tells
the end of is good for a set time besides. While it is made, whoever else asks waits for it. Made in
threads of their own, few at a time. What is kept is bounded by its weight: texts and bytes weigh
what they are long, everything else as much as a small page. The composition root closes it before
the server shuts down: a store must not be closed under a reader.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from domain.errors import BusyError

_WORKERS_MAX = 4
WEIGHT_MAX = 64 << 20  # bytes of all that is kept
_OBJECT_WEIGHT = 4 << 10
_SHARE_MAX = 8  # an answer that weighs more than this part of all is not kept

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Hashable
    at_s: float
    weight: int
    answer: Any


class Once:
    """`stands_s`: for how long an answer that is not `lasting` is good. For one event loop."""

    def __init__(self, stands_s: float) -> None:
        self._stands_s = stands_s
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._weight = 0
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._workers = ThreadPoolExecutor(_WORKERS_MAX, "answers")
        self._closed = False

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
    ) -> Made:
        """The answer that is still good, or a new one. Raises BusyError once it is closed."""
        self.check_open()
        answer: Made | None = self.kept(key, stamp, lasting=lasting)
        if answer is not None:
            return answer
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                answer = self.kept(key, stamp, lasting=lasting)
                if answer is None:
                    answer = await self.run(make)
                    self.keep(key, stamp, answer)
                return answer
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    def keep(self, key: Hashable, stamp: Hashable, answer: object) -> None:
        """This is the answer from now on; those that were not asked for the longest make room."""
        weight = len(answer) if isinstance(answer, (str, bytes)) else _OBJECT_WEIGHT
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
        """Make it in a thread. Raises BusyError once it is closed."""
        self.check_open()
        return await asyncio.get_running_loop().run_in_executor(self._workers, make)

    async def close(self) -> None:
        """When this returns, nothing is read any more."""
        self._closed = True
        await asyncio.to_thread(self._workers.shutdown)

    def check_open(self) -> None:
        """Raises BusyError once it is closed."""
        if self._closed:
            raise BusyError("the server is shutting down", todo="Ask again when it is back.")
