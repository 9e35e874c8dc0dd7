"""Messages on their way from a network thread to the event loop, in order.

The loop is woken once for all that came since it looked last, not for each message: where many come
that costs more than all else. A thread that is too far ahead, in items or in their bytes, waits
until half of what it handed over is taken, so that the two do not wait for each other at every
message.

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
    """Made in the event loop's thread. At most `held_max` items are not `taken`, and none is added
    to `bytes_max` bytes of them."""

    def __init__(self, held_max: int, bytes_max: int) -> None:
        self._held_max = held_max
        self._bytes_max = bytes_max
        self._loop = asyncio.get_running_loop()
        self._items: deque[Handed] = deque()
        self._put = self._put_bytes = 0  # by the thread
        self._taken = self._taken_bytes = 0  # by the loop
        self._has_room = threading.Event()
        self._has_room.set()
        self._is_closing = False
        self._is_waking = False  # the loop will look
        self._came = asyncio.Event()
        self._is_ended = False

    def __len__(self) -> int:
        """How many are not taken yet."""
        return self._put - self._taken

    def put(self, item: Handed, size: int) -> bool:
        """Hand it over, of so many bytes; waits for room. False: nobody takes anything any more."""
        while not self._is_below(self._held_max, self._bytes_max):
            if self._is_closing:
                return False
            self._has_room.clear()
            if not self._is_below(self._held_max, self._bytes_max):  # else room has come meanwhile
                self._has_room.wait(_POLL_S)
        self._put_bytes += size
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

    def taken(self, size: int) -> None:
        """One of those that were given, of so many bytes, is off our hands."""
        self._taken_bytes += size
        self._taken += 1
        if self._has_room.is_set():
            return
        if self._is_below(self._held_max // 2 + 1, self._bytes_max // 2 + 1):
            self._has_room.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._is_ended = True
        self._came.set()

    def close(self) -> None:
        """A thread that waits for room need not wait any more."""
        self._is_closing = True

    def _is_below(self, items: int, size: int) -> bool:
        return len(self) < items and self._put_bytes - self._taken_bytes < size

    def _wake(self) -> None:
        self._is_waking = False
        self._came.set()
