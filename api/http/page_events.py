"""The event stream under live pages: one connection, however many pages it is for.

A browser opens at most six connections to a host, so that its tabs share one stream
(api/static/live_stream.js). What a page shows is a topic; each tick every topic is asked what of it
changed. Events:

    of      the number of the topic that the events behind it are of, from 0
    part    HTML of parts that changed, by which a page replaces its own
    order   what the page lists now, in order: words with spaces between
    beat    the server's time in ms of the epoch, about every second whether anything changed or not
    ended   the page has to be loaded again: it may not be seen any more, or is another one

Who hears no beat is cut off, also where nothing tells the browser so. There is none while a topic
cannot be answered: what the page shows then is old as well. A topic that takes long holds up no
other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.http.access.callers import Shown
from api.http.access.open_streams import ENDED, OpenStream
from api.http.dependencies import Services
from api.http.live_feed import LiveFeed
from api.queries.prices import ComeAgainError
from domain.errors import LineproofError

_ENDED = ENDED.encode()


class Topic(Protocol):
    """What one page shows."""

    async def changed(self) -> bytes:
        """Events of what is other than what was given the last time; the first time, of all.
        Raises LineproofError when there is no such page any more."""
        ...


def page_events(
    request: Request,
    services: Services,
    shown: Shown | None,
    topics: Sequence[Topic],
    lines: Collection[str] | None = None,
) -> EventSourceResponse:
    """The stream of the topics, of which exactly `shown` is seen: of these lines, or (None) of
    all."""
    stream = OpenStream(request, services.queries.still, lines)
    events = _PageEvents(stream, shown, topics, services.feed, services.queries.now)
    return EventSourceResponse(events.all(), ping=0)


class _PageEvents:
    def __init__(
        self,
        stream: OpenStream,
        shown: Shown | None,
        topics: Sequence[Topic],
        feed: LiveFeed,
        now: Callable[[], datetime],
    ) -> None:
        self._stream, self._shown, self._feed, self._now = stream, shown, feed, now
        self._topics = dict(enumerate(topics))
        self._asked: dict[int, asyncio.Task[bytes]] = {}
        self._of = 0 if len(self._topics) == 1 else None
        self._is_answered = True

    async def all(self) -> AsyncIterator[bytes]:
        try:
            async for _ in self._stream.while_allowed(self._feed.ticks(), self._shown):
                if said := b"".join([it async for it in self._tick()]):
                    yield said
        finally:
            for task in self._asked.values():
                task.cancel()
        if self._stream.is_ended:
            yield b"".join(self._from(number, _ENDED) for number in self._topics)

    async def _tick(self) -> AsyncIterator[bytes]:
        for number, topic in self._topics.items():
            if number not in self._asked:
                self._asked[number] = asyncio.create_task(topic.changed())
        if self._asked:
            await asyncio.wait(self._asked.values(), timeout=self._feed.interval_s)
        self._is_answered = True
        for number in [number for number, task in self._asked.items() if task.done()]:
            if said := self._answer(number, self._asked.pop(number)):
                yield self._from(number, said)
        if self._is_answered:
            yield b"event: beat\r\ndata: %d\r\n\r\n" % (self._now().timestamp() * 1000)

    def _answer(self, number: int, task: asyncio.Task[bytes]) -> bytes:
        try:
            return task.result()
        except ComeAgainError:
            self._is_answered = False
            return b""
        except LineproofError:
            del self._topics[number]
            return _ENDED

    def _from(self, number: int, said: bytes) -> bytes:
        """The events, told to be those of that topic."""
        if number == self._of:
            return said
        self._of = number
        return ServerSentEvent(str(number), event="of").encode() + said
