"""Answers that are made once, however many ask for them.

An answer is good as long as its `stamp` (what it was made from) is the same; without a stamp, for a
set time. While it is made, whoever else asks waits for it. Made in threads of their own, few at a
time. The composition root closes it before the server shuts down: a store must not be closed under
a reader.
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
_KEPT_MAX = 4096  # answers

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Kept:
    stamp: object
    at_s: float
    answer: Any


class Once:
    """`stands_s`: for how long an answer without a stamp is good. For one event loop."""

    def __init__(self, stands_s: float) -> None:
        self._stands_s = stands_s
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._workers = ThreadPoolExecutor(_WORKERS_MAX, "answers")
        self._closed = False

    def kept(self, key: Hashable, stamp: object) -> Any | None:
        """The answer, if there is one that is still good."""
        found = self._kept.get(key)
        if found is None or (found.stamp is not stamp and found.stamp != stamp):
            return None
        if stamp is None and time.monotonic() - found.at_s >= self._stands_s:
            return None
        return found.answer

    async def get(self, key: Hashable, stamp: object, make: Callable[[], Answer]) -> Answer:
        """The answer that is still good, or a new one. Raises BusyError once it is closed."""
        self.check_open()
        answer: Answer | None = self.kept(key, stamp)
        if answer is not None:
            return answer
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                answer = self.kept(key, stamp)
                if answer is None:
                    answer = await self.run(make)
                    self.keep(key, stamp, answer)
                return answer
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    def keep(self, key: Hashable, stamp: object, answer: object) -> None:
        """This is the answer from now on."""
        self._kept[key] = _Kept(stamp, time.monotonic(), answer)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)

    async def run(self, make: Callable[[], Answer]) -> Answer:
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
