"""`POST /api/v1/batches` and, where a live board is kept, `/api/v1/live-frames`: the intake.

200 only for a batch that is stored, and for a frame that is shown or past. A refusal is a problem
document (RFC 9457) whose `outcome` names the reason; 503 and 507 mean: not refused, come again. A
body is bounded, and so are all together that are here at a time. The work is done off the event
loop.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from http import HTTPStatus
from types import TracebackType
from typing import Any, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from collector.intake.collector import Collector
from collector.intake.decisions import Outcome
from collector.intake.live_intake import LiveAnswer, LiveOutcome
from collector.intake.receipts import Receipt
from domain.errors import BusyError, LineproofError
from domain.protocol import HEADER, SAID, agreed

PATH = "/api/v1/batches"
LIVE_PATH = "/api/v1/live-frames"
BODY_MAX_BYTES = 32 * 1024 * 1024
LIVE_BODY_MAX_BYTES = 1024 * 1024
BODIES_MAX_BYTES = 8 * BODY_MAX_BYTES  # of all that are here at a time; more are told to come back
RETRY_AFTER_S = 5
INTAKE_THREADS = 40  # of its own: nothing else that the process answers can keep batches waiting

_log = structlog.get_logger(__name__)
_PROBLEM = "application/problem+json"
_STATUS = {
    Outcome.MALFORMED: HTTPStatus.BAD_REQUEST,
    Outcome.UNKNOWN_AGENT: HTTPStatus.FORBIDDEN,
    Outcome.BAD_SIGNATURE: HTTPStatus.FORBIDDEN,
    Outcome.REVOKED_AGENT: HTTPStatus.FORBIDDEN,
    Outcome.BAD_PAYLOAD: HTTPStatus.UNPROCESSABLE_ENTITY,
    Outcome.CONFLICT: HTTPStatus.CONFLICT,
    Outcome.GAP: HTTPStatus.CONFLICT,
    Outcome.BROKEN_CHAIN: HTTPStatus.CONFLICT,
}
_LIVE_STATUS: dict[StrEnum, HTTPStatus] = {
    LiveOutcome.SHOWN: HTTPStatus.OK,
    LiveOutcome.PAST: HTTPStatus.OK,
    LiveOutcome.GAP: HTTPStatus.CONFLICT,
    LiveOutcome.BROKEN_CHAIN: HTTPStatus.CONFLICT,
    LiveOutcome.NO_ROOM: HTTPStatus.SERVICE_UNAVAILABLE,
}
_LEFT = (ClientDisconnect, HTTPException)  # whoever sent it left, or was too slow
_Found = TypeVar("_Found")
_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "No sealed batch, or no version of the protocol that is spoken here"},
    403: {"description": "Unknown or revoked agent, or bad signature"},
    409: {"description": "Does not follow what was accepted: conflict, gap or broken chain"},
    413: {"description": "Larger than a batch may be"},
    422: {"description": "The payload is not what the header signed, or holds no frames"},
    503: {"description": "Too much is waiting: come again"},
    507: {"description": "Could not be made to last: come again"},
}


def router(
    collector: Collector,
    *,
    body_max_bytes: int = BODY_MAX_BYTES,
    bodies_max_bytes: int = BODIES_MAX_BYTES,
) -> APIRouter:
    """The route, to be included in an application."""
    routes = APIRouter(tags=["intake"])
    threads = CapacityLimiter(INTAKE_THREADS)
    room = _Room(bodies_max_bytes)

    async def taken_in(request: Request, receive: Callable[[bytes], _Found], limit: int) -> _Found:
        collector.metrics.spoken(_version(request))
        with room.taken() as taken:
            data = await _body(request, limit, taken)
            return await to_thread.run_sync(receive, data, limiter=threads)

    @routes.post(PATH, summary="Hand over one sealed batch", responses=_RESPONSES)
    async def batches(request: Request) -> JSONResponse:
        with _Problems("batch") as problems:
            return _said(
                request, _answer(await taken_in(request, collector.receive, body_max_bytes))
            )
        return _said(request, problems.answer)

    live = collector.live
    if live is not None:

        @routes.post(LIVE_PATH, summary="Show what is not sealed yet", responses=_RESPONSES)
        async def live_frames(request: Request) -> JSONResponse:
            with _Problems("live frame") as problems:
                found = await taken_in(request, live.receive, LIVE_BODY_MAX_BYTES)
                return _said(request, _live_answer(found))
            return _said(request, problems.answer)

    return routes


class _Problems:
    """Makes answers of the errors within its block: whatever they are, an agent must be able to
    read them. `answer` is there after one."""

    answer: JSONResponse

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> _Problems:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, _NotSpokenError):
            self.answer = _problem(
                HTTPStatus.BAD_REQUEST,
                f"Whoever sent this speaks other versions of the protocol; here are spoken {SAID}.",
                outcome="protocol",
            )
        elif isinstance(error, _TooLargeError):
            self.answer = _problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A {self._what} may have {error.limit} bytes. Put fewer samples into one.",
            )
        elif isinstance(error, BusyError):
            self.answer = _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        elif isinstance(error, LineproofError):
            _log.error(f"{self._what} not taken", error=str(error))
            self.answer = _problem(HTTPStatus(error.http_status), str(error))
        elif isinstance(error, Exception) and not isinstance(error, _LEFT):
            _log.error(f"{self._what} not taken", exc_info=error)
            self.answer = _problem(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "The collector met an error of its own; its log has the details.",
            )
        else:
            return False
        return True


class _TooLargeError(Exception):
    """The body is larger than it may be, whatever its header says."""

    def __init__(self, limit: int) -> None:
        self.limit = limit


class _NotSpokenError(Exception):
    """There is no version of the protocol that both ends speak."""


def _version(request: Request) -> int:
    """Of the protocol, for this request. Raises _NotSpokenError."""
    version = agreed(request.headers.get(HEADER))
    if version is None:
        raise _NotSpokenError
    return version


def _said(request: Request, answer: JSONResponse) -> JSONResponse:
    """The answer, which also says in which version it is to those who asked; else which there
    are."""
    if (said := request.headers.get(HEADER)) is not None:
        version = agreed(said)
        answer.headers[HEADER] = SAID if version is None else str(version)
    return answer


class _Room:
    """Memory for bodies, of all requests together. For one event loop."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    @contextlib.contextmanager
    def taken(self) -> Iterator[_Taken]:
        """What one request takes, until it is answered."""
        taken = _Taken(self)
        try:
            yield taken
        finally:
            self.left += taken.size


class _Taken:
    def __init__(self, room: _Room) -> None:
        self._room = room
        self.size = 0

    def add(self, size: int) -> None:
        """Raises BusyError where there is no room for it."""
        if size > self._room.left:
            raise BusyError(
                "the batches that are coming in fill the memory that is meant for them",
                todo="Send the batch again later.",
            )
        self._room.left -= size
        self.size += size


async def _body(request: Request, limit: int, taken: _Taken) -> bytes:
    """The body. Raises _TooLargeError, BusyError."""
    chunks = []
    async for chunk in request.stream():
        if taken.size + len(chunk) > limit:
            raise _TooLargeError(limit)
        taken.add(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(receipt: Receipt) -> JSONResponse:
    named = {"agent": receipt.agent, "number": receipt.number, "digest": receipt.digest}
    if receipt.acknowledged:
        return JSONResponse({"status": receipt.outcome.value, **named})
    return _problem(
        _STATUS[receipt.outcome],
        receipt.detail,
        outcome=receipt.outcome.value,
        expected=receipt.expected,
        **named,
    )


def _live_answer(answer: LiveAnswer) -> JSONResponse:
    status = _LIVE_STATUS.get(answer.outcome)
    if status is HTTPStatus.OK:
        return JSONResponse({"status": answer.outcome.value, "expected": answer.expected})
    return _problem(
        status or _STATUS[Outcome(answer.outcome)],
        answer.detail,
        outcome=answer.outcome.value,
        expected=answer.expected,
    )


def _problem(status: HTTPStatus, detail: str, **members: Any) -> JSONResponse:
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **members,
    }
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status >= 500 else None
    return JSONResponse(document, status.value, headers, media_type=_PROBLEM)
