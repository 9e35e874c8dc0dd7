"""`POST /api/v1/batches`: the intake over HTTP.

200 only for what is stored. A refusal is a problem document (RFC 9457) whose `outcome` names the
reason; 503 and 507 mean: not refused, come again. A body is bounded, and so are all together that
are here at a time. The work is done off the event loop.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from collector.intake.collector import Collector
from collector.intake.decisions import Outcome
from collector.intake.receipts import Receipt
from domain.errors import BusyError, LineproofError

PATH = "/api/v1/batches"
BODY_MAX_BYTES = 32 * 1024 * 1024
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
_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "No sealed batch"},
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

    @routes.post(PATH, summary="Hand over one sealed batch", responses=_RESPONSES)
    async def batches(request: Request) -> JSONResponse:
        with room.taken() as taken:
            try:
                data = await _body(request, body_max_bytes, taken)
                receipt = await to_thread.run_sync(collector.receive, data, limiter=threads)
            except _TooLargeError:
                return _problem(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"A batch may have {body_max_bytes} bytes. Seal fewer samples in one.",
                )
            except BusyError as error:
                return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            except LineproofError as error:
                _log.error("batch not stored", error=str(error))
                return _problem(HTTPStatus(error.http_status), str(error))
            except (ClientDisconnect, HTTPException):  # it left, or was too slow
                raise
            except Exception as error:  # whatever it is, the agent must be able to read the answer
                _log.error("batch not stored", exc_info=error)
                return _problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "The collector met an error of its own; its log has the details.",
                )
        return _answer(receipt)

    return routes


class _TooLargeError(Exception):
    """The body is larger than a batch may be, whatever its header says."""


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
            raise _TooLargeError
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
