"""Lanes: threads of their own for questions of a kind, so that none waits for another kind.

Live pages have a lane, quick questions one, long questions another, and so have the checks that
read the whole archive; intake and health use none of them. A lane has few threads and a bounded
queue: who comes when it is full is told when to come again. Work ends when the client has left, and
when the lane is closed: between two reads of a store (`store.work`). Close the lanes before the
stores: a store must not be closed under a reader.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from api.queries.prices import ComeAgainError, Price
from domain.grants import Reason
from domain.panics import panics_as_errors
from store.work import NoLongerWantedError, Work, working

RETRY_AFTER_S = 5
CLOSING_S = 2.0  # so long a closed lane is waited for: work ends sooner, between two reads

Made = TypeVar("Made")


@dataclass(slots=True)
class Counts:
    """What a lane did since it was opened. `pieces`: reads of a store, by work that is over."""

    asked: int = 0
    refused: int = 0  # because the queue was full
    ended: int = 0  # because nobody waited any more
    pieces: int = 0


@dataclass(eq=False, slots=True)
class _Place:
    """Somebody's place in a lane, from being taken in until the thread is free again."""

    work: Work = field(default_factory=Work)
    is_running: bool = False


class Lane:
    """`waiting_max` questions may wait for the `threads`. For one event loop."""

    def __init__(self, name: str, threads: int, waiting_max: int) -> None:
        self.name = name
        self.threads = threads
        self.waiting_max = waiting_max
        self.counts = Counts()
        self._places: set[_Place] = set()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, name)
        self._closed = False

    @property
    def running(self) -> int:
        with self._lock:
            return sum(it.is_running for it in self._places)

    @property
    def waiting(self) -> int:
        with self._lock:
            return sum(not it.is_running for it in self._places)

    @property
    def pieces(self) -> int:
        """Reads of a store until now, by work that goes on too."""
        with self._lock:
            return self.counts.pieces + sum(it.work.pieces for it in self._places)

    async def run(self, make: Callable[[], Made]) -> Made:
        """What `make` gives, in a thread of the lane. Cancelled, it ends the work too. Raises
        ComeAgainError when the queue is full or the lane is closed."""
        self.check_open()
        place = self._take()
        # In the context of who asked: the audit names them.
        future = self._pool.submit(copy_context().run, self._made, place, make)
        future.add_done_callback(lambda done: self._leave(place, done))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            place.work.end()
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise _shutting_down() from None  # it waited when the lane was closed
        except NoLongerWantedError:  # what ended it was the closing
            raise _shutting_down() from None

    async def close(self) -> None:
        """End what runs; when this returns, nothing is read any more (or CLOSING_S are over)."""
        self._closed = True
        with self._lock:
            places = list(self._places)
        self._pool.shutdown(wait=False, cancel_futures=True)
        for place in places:
            place.work.end()
        ended = asyncio.create_task(asyncio.to_thread(self._pool.shutdown))
        await asyncio.wait([ended], timeout=CLOSING_S)

    def check_open(self) -> None:
        """Raises ComeAgainError once it is closed."""
        if self._closed:
            raise _shutting_down()

    def _take(self) -> _Place:
        place = _Place()
        with self._lock:
            self.counts.asked += 1
            if len(self._places) >= self.threads + self.waiting_max:
                self.counts.refused += 1
                raise ComeAgainError(
                    Reason(
                        "Too many questions of this kind are waiting already. Ask again in a "
                        "few seconds, or for less."
                    ),
                    RETRY_AFTER_S,
                )
            self._places.add(place)
        return place

    def _made(self, place: _Place, make: Callable[[], Made]) -> Made:
        place.is_running = True
        with working(place.work), panics_as_errors():
            return make()

    def _leave(self, place: _Place, done: Future[Made]) -> None:
        with self._lock:
            self._places.discard(place)
            self.counts.pieces += place.work.pieces
            self.counts.ended += place.work.is_ended or done.cancelled()


@dataclass(frozen=True)
class Lanes:
    """All lanes of an application."""

    live: Lane = field(default_factory=lambda: Lane("live", threads=4, waiting_max=1_000))
    quick: Lane = field(default_factory=lambda: Lane("quick", threads=2, waiting_max=64))
    long: Lane = field(default_factory=lambda: Lane("long", threads=2, waiting_max=16))
    checks: Lane = field(default_factory=lambda: Lane("checks", threads=1, waiting_max=4))

    @property
    def each(self) -> tuple[Lane, ...]:
        return self.live, self.quick, self.long, self.checks

    def of(self, price: Price) -> Lane:
        """The lane for a question of that price. Raises TooDearError."""
        price.check()
        return self.quick if price.is_quick else self.long

    async def ask(self, request: Request, price: Price, make: Callable[[], Made]) -> Made:
        """The answer, made in the lane for its price as long as the client is there. Raises
        TooDearError, ComeAgainError, ClientDisconnect."""
        return await while_there(request, self.of(price).run(make))

    async def close(self) -> None:
        """End all work; the stores may be closed then."""
        await asyncio.gather(*(lane.close() for lane in self.each))


async def while_there(request: Request, answer: Awaitable[Made]) -> Made:
    """The answer. When the client leaves before, it is cancelled, and ClientDisconnect raised."""
    made = asyncio.ensure_future(answer)
    left = asyncio.create_task(_left(request.receive))
    try:
        await asyncio.wait((made, left), return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise ClientDisconnect
        return made.result()
    finally:
        made.cancel()
        left.cancel()
        await asyncio.gather(made, left, return_exceptions=True)


async def _left(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _shutting_down() -> ComeAgainError:
    return ComeAgainError(
        Reason("The server is shutting down. Ask again when it is back."), RETRY_AFTER_S
    )
