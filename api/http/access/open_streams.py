"""Streams of events end when who opened them may not see them any more.

A stream is opened once and then stays open for days, so that what was asked then is asked again
every RECHECK_S: is the session or token still one, are its roles the same, is the line still one of
its scopes, is the same still withheld of it. Where not, the stream's last event is ENDED, by which
a page loads itself again: it leads to the sign-in, or shows what there is to see now. That a page
is open is no use of a session.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection
from typing import TypeVar

from fastapi import Request
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.http.access.callers import Callers, Seen, Shown, check_place
from api.http.access.permissions import PERMISSIONS
from api.queries.lines import Queries
from domain.access import Action, Caller
from domain.errors import LineproofError

RECHECK_S = 2.0
ENDED = ServerSentEvent("sign in again, or load the page again", event="ended")
Tick = TypeVar("Tick")


class OpenStream:
    """The stream that a request opened. `lines`: those that it is of where its path names none;
    None: all. `is_ended`: who opened it may not see it any more."""

    def __init__(
        self,
        request: Request,
        queries: Callable[[], Queries],
        lines: Collection[str] | None = None,
    ) -> None:
        self._request = request
        self._lines = lines
        self._queries = queries
        self._opened_by: Caller = request.state.caller
        self._checked_s = time.monotonic()
        self.is_ended = False

    async def while_allowed(
        self, ticks: AsyncIterator[Tick], shown: Shown | None
    ) -> AsyncIterator[Tick]:
        """Those that may still be shown. `shown`: exactly what it shows; None: everything."""
        async for tick in ticks:
            if time.monotonic() - self._checked_s >= RECHECK_S:
                if not await run_in_threadpool(self._may_go_on, shown):
                    self.is_ended = True
                    return
                self._checked_s = time.monotonic()
            yield tick

    def _may_go_on(self, shown: Shown | None) -> bool:
        callers: Callers = self._request.app.state.callers
        caller, path = callers.still(self._request), self._request.scope["route"].path
        if caller != self._opened_by:
            return False
        if caller.is_open:
            return True
        action = PERMISSIONS[self._request.method, path] or Action.SEE_LINES
        named = self._request.path_params
        try:
            check_place(caller, self._queries(), named, action)
        except LineproofError:
            return False
        of = [named["line"]] if "line" in named else self._lines
        return shown == Seen(caller, self._queries()).shown(of)
