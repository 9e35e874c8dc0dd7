"""What requests tell the audit: refusals, changes, exports, and what routes say of themselves.

Looked at from outside of all routes, so that none can forget it. Batches are not told: their ledger
says who sent them. Refusals that repeat themselves within a minute become one more row with their
count, and only so many strangers a minute have a row of their own: nobody fills the disk by being
refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access.callers import Callers
from api.http.access.client_address import from_where
from domain.access import Caller
from domain.errors import LineproofError
from store.registry.audit import Done, Event, printable

TOGETHER_S = 60.0
ROWS_A_MINUTE = 20
_MANY = "several"
_REFUSALS = (401, 403, 421, 429)
_NO_CHANGES = ("GET", "HEAD", "OPTIONS")
_OF_AGENTS = ("/api/v1/batches", "/api/v1/live-frames")  # which sign them, and the ledger tells
_log = structlog.get_logger(__name__)


@dataclass
class _Repeated:
    event: Event
    since_s: float
    more: int = 0


class Refusals:
    """Which refusals get a row, when. For one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._repeated: dict[tuple[str, ...], _Repeated] = {}

    def rows(self, event: Event) -> list[Event]:
        """Those that are due now, this one included if it is none of those told already."""
        due = self.due()
        known = len(self._repeated)
        key: tuple[str, ...] = (event.address, event.who, event.what, event.outcome)
        if key not in self._repeated and known >= ROWS_A_MINUTE:
            event = replace(event, address=_MANY, who="", place="")
            key = (_MANY,)
        if key in self._repeated:
            self._repeated[key].more += 1
            return due
        self._repeated[key] = _Repeated(event, self._clock())
        return [*due, event]

    def due(self, *, all_of_them: bool = False) -> list[Event]:
        """The counts of minutes that are over; `all_of_them`: of those that are not, too."""
        until = self._clock() - TOGETHER_S
        over = {k: it for k, it in self._repeated.items() if all_of_them or it.since_s <= until}
        for key, it in over.items():
            if it.since_s <= until:
                del self._repeated[key]
        found = [replace(it.event, count=it.more) for it in over.values() if it.more]
        for it in over.values():
            it.more = 0
        return found


class AuditTrail:
    """Writes the row of a request before its answer begins."""

    def __init__(self, app: ASGIApp, callers: Callers, refusals: Refusals) -> None:
        self._app = app
        self._callers = callers
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_row(message: Message) -> None:
            if message["type"] == "http.response.start":
                event = _event(Request(scope), message)
                rows = self._rows(event)
                if rows:
                    await run_in_threadpool(self._write, rows)
            await send(message)

        await self._app(scope, receive, with_row)

    def _rows(self, event: Event | None) -> list[Event]:
        if event is None:
            return []
        is_refusal = event.outcome != "done"
        return self._refusals.rows(event) if is_refusal else [event]

    def _write(self, rows: list[Event]) -> None:
        try:
            for event in rows:
                self._callers.tell(event)
        except LineproofError as error:  # what was asked is done: it is answered all the same
            _log.error("audit_not_written", error=printable(str(error)))


def tell(request: Request, event: Event) -> None:
    """What the audit is told of this request, instead of what can be seen from outside."""
    request.state.audited = event


def tell_refusals(request: Request) -> None:
    """Those that were only counted so far."""
    state = request.app.state
    for event in state.refusals.due(all_of_them=True):
        state.callers.tell(event)


def _event(request: Request, start: Message) -> Event | None:
    status, said = start["status"], Headers(raw=start["headers"])
    caller: Caller | None = getattr(request.state, "caller", None)
    who, address = caller.name if caller else "", from_where(request, caller)
    place = f"{request.method} {request.scope['path']}"
    told: Event | None = getattr(request.state, "audited", None)
    if told is not None:
        return replace(told, address=address)
    if status in _REFUSALS:
        return Event(Done.REFUSED, who, address, place, str(status))
    if status >= 400:
        return None
    if "content-disposition" in said:
        return Event(Done.EXPORT, who, address, place)
    if request.method in _NO_CHANGES or request.url.path in _OF_AGENTS:
        return None
    return Event(Done.CHANGE, who, address, place)
