"""Messages on their way from a network thread to the event loop, in order.

The loop is woken once for all that came since it looked last, not for each message: where many come
that costs more than all else. A thread that is too far ahead waits until half of what it handed
over is taken, so that the two do not wait for each other at every message.

`put` is called by one thread, all else in the event loop's. Each counts by itself what it did, so
neither needs a lock.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Generic, TypeVar

_POLL_S = 0.2

Handed = TypeVar("Handed")


class Inbox(Generic[Handed]):
    """Made in the event loop's thread. At most `held_max` items are not `taken`."""

    def __init__(self, held_max: int) -> None:
        self._held_max = held_max
        self._loop = asyncio.get_running_loop()
        self._items: deque[Handed] = deque()
        self._put = 0  # by the thread
        self._taken = 0  # by the loop
        self._has_room = threading.Event()
        self._has_room.set()
        self._is_closing = False
        self._is_waking = False  # the loop will look
        self._came = asyncio.Event()
        self._is_ended = False

    def __len__(self) -> int:
        """How many are not taken yet."""
        return self._put - self._taken

    def put(self, item: Handed) -> bool:
        """Hand it over; waits for room. False: nobody takes anything any more."""
        while len(self) >= self._held_max:
            if self._is_closing:
                return False
            self._has_room.clear()
            if len(self) >= self._held_max:  # else room came before it was asked for
                self._has_room.wait(_POLL_S)
        self._put += 1
        self._items.append(item)
        if not self._is_waking and not self._loop.is_closed():
            self._is_waking = True
            self._loop.call_soon_threadsafe(self._wake)
        return True

    async def next(self, most: int) -> list[Handed]:
        """At least one item, at most `most`; none once it has ended and all were given."""
        while not self._items and not self._is_ended:
            self._came.clear()
            await self._came.wait()
        return [self._items.popleft() for _ in range(min(most, len(self._items)))]

    def taken(self) -> None:
        """One of those that were given is off our hands."""
        self._taken += 1
        if not self._has_room.is_set() and len(self) <= self._held_max // 2:
            self._has_room.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._is_ended = True
        self._came.set()

    def close(self) -> None:
        """A thread that waits for room need not wait any more."""
        self._is_closing = True

    def _wake(self) -> None:
        self._is_waking = False
        self._came.set()
