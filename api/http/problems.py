"""Errors as answers: RFC 9457 problem documents for programs, pages for browsers.

Every error of ours carries its sentence and HTTP status (`domain.errors`); a validation error names
the field. What is unforeseen is logged with its trace and answered without it. A browser (Accept
prefers HTML, path outside /api/) gets a page with the same sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problem_document import problem
from api.queries.prices import ComeAgainError
from domain.errors import LineproofError, NotSignedInError, TooManyTriesError
from domain.grants import Reason
from domain.milestone_states import StepNotAllowedError
from domain.panics import panics_as_errors
from domain.validation_words import our_words
from store.registry.audit import Done, Event, printable

ErrorPage = Callable[[Request, int, str | Reason | LineproofError], Response]
CLIENT_LEFT = 499  # as nginx counts it: nobody reads it

_log = structlog.get_logger(__name__)


class PanicsAsErrors:
    """A library's panic in a route becomes an error like any other; it is no Exception, and what
    handles errors would not see it. Innermost of all, before anything gathers errors in groups."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with panics_as_errors():
            await self._app(scope, receive, send)


def install(app: FastAPI, page: ErrorPage | None) -> None:
    """Handlers of all errors on the app. `page` renders (request, status, error or sentence)."""

    def answer(
        request: Request, status: int, detail: str | Reason | LineproofError, **members: Any
    ) -> Response:
        if page is not None and _wants_page(request):
            return page(request, status, detail)
        return problem(status, str(detail), instance=request.url.path, **members)

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, LineproofError)
        members: dict[str, Any] = {"where": error.where} if error.where else {}
        if isinstance(error, StepNotAllowedError):
            members |= {"state": error.state, "allowed": error.allowed}
        if error.http_status >= 500 and not isinstance(error, ComeAgainError):
            _log.error(
                "request_failed", path=printable(request.url.path), error=printable(str(error))
            )
        if isinstance(error, NotSignedInError) and _wants_page(request):
            caller = getattr(request.state, "caller", None)
            place = f"{request.method} {request.scope['path']}"
            who = caller.name if caller else ""
            request.state.audited = Event(Done.REFUSED, who, place=place, outcome="401")
            return RedirectResponse(_sign_in_address(request), status_code=303)
        response = answer(request, error.http_status, error, **members)
        if isinstance(error, (ComeAgainError, TooManyTriesError)):
            response.headers["retry-after"] = str(error.retry_after_s)
        if isinstance(error, NotSignedInError):
            response.headers["www-authenticate"] = "Bearer"
        return response

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = [
            {"field": _field(e["loc"]), "detail": our_words(e["msg"])} for e in error.errors()
        ]
        sentence = "; ".join(f"{e['field']}: {e['detail']}" for e in errors)
        return answer(request, 422, sentence, errors=errors)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail: str | Reason = error.detail
        if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
            detail = Reason("There is nothing at %(path)s.", {"path": request.url.path})
        response = answer(request, error.status_code, detail)
        response.headers.update(error.headers or {})
        return response

    async def unforeseen(request: Request, error: Exception) -> Response:
        _log.error("request_failed", path=printable(request.url.path), exc_info=error)
        return answer(
            request, 500, Reason("The server met an error of its own; its log has the details.")
        )

    async def left(request: Request, error: Exception) -> Response:
        return Response(status_code=CLIENT_LEFT)

    app.add_exception_handler(LineproofError, ours)
    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "text/html" in accept and not request.url.path.startswith("/api/")


def _sign_in_address(request: Request) -> str:
    """Where somebody signs in who wanted this page."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = {"next": wanted if request.method == "GET" else "/"}
    if language := request.query_params.get("lang"):
        query["lang"] = language
    caller = getattr(request.state, "caller", None)
    page = "/sign-on" if caller is not None and caller.device else "/sign-in"
    return f"{page}?{urlencode(query)}"


def _field(location: tuple[int | str, ...]) -> str:
    """('query', 'start') → 'start'; ('body', 'items', 0) → 'items.0'."""
    return ".".join(str(part) for part in (location[1:] or location))
