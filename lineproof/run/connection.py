"""A connection that ends: no client holds one for ever by being slow.

uvicorn closes a connection that idles between two requests. Here one ends, too, that never says
anything, that sends the head of a request byte by byte, that goes on sending a body after its
answer, or that does not take its answer. How long a body may take: `api.http.bodies`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 20.0  # for the head of a request, since the connection was made or the answer before it
TAKING_S = 60.0  # for a client to take what was written, when it no longer fits between


class Connection(H11Protocol):
    """One client's connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_limit: asyncio.TimerHandle | None = None
        self._taking_limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as above
        super().connection_made(transport)
        self._limit_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_limit = _off(self._head_limit)
        self._taking_limit = _off(self._taking_limit)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        self._limit_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        _off(self._taking_limit)
        self._taking_limit = self.loop.call_later(TAKING_S, self.transport.abort)

    def resume_writing(self) -> None:
        self._taking_limit = _off(self._taking_limit)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:  # its body broke off: nobody waits
            cycle.disconnected = True
            if cycle.response_started:  # in the middle of an answer there is no place for another
                self.transport.abort()
                return
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # the answer to a HEAD request has no place for its sentence
            self.transport.abort()

    def _limit_head(self) -> None:
        """While nothing is answered, the next head is waited for, so long and no longer."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_limit = _off(self._head_limit)
        elif self._head_limit is None:
            self._head_limit = self.loop.call_later(HEAD_S, self.transport.abort)


def _off(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """The timer ended, and what is kept of it."""
    if timer is not None:
        timer.cancel()
    return None
