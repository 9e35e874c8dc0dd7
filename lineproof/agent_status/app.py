"""The web application of one agent alone: its page, its metrics, whether it runs.

`GET /` is the page in three languages, plain HTML that reloads itself, without a script;
`GET /metrics` is for Prometheus; `GET /health` answers while the agent runs. Nothing can be changed
here. The guards are those of a node: it answers for known hosts alone, and browsers are told to
load and run nothing else. With a password everything asks for it (RFC 7617; any user name).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from api import i18n
from api.http.problem_document import problem
from api.http.security import HostGuard, SecurityHeaders
from api.i18n import LANGUAGES
from api.pages.templates import STATIC, fragment, language_of
from edge.agent import AgentStatus
from lineproof.agent_status.metrics import agent_registry
from lineproof.agent_status.page import RELOAD_S, agent_page

_PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "vary": "accept-language, cookie",
}


def status_app(
    status: Callable[[], AgentStatus],
    zone: ZoneInfo,
    now: Callable[[], datetime],
    *,
    hosts: Sequence[str] = (),
    password: str | None = None,
) -> FastAPI:
    """`status`: asked in the event loop that serves the app, which has to be the agent's."""
    app = FastAPI(title="Lineproof agent", openapi_url=None, docs_url=None, redoc_url=None)
    registry = agent_registry(lambda: [status()])
    if password is not None:
        app.add_middleware(PasswordGuard, password=password)
    app.add_middleware(HostGuard, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    app.mount("/static", StaticFiles(directory=STATIC))

    @app.get("/")
    async def page(request: Request) -> Response:
        language = language_of(request)
        links = [(i18n.language(tag), f"?lang={tag}") for tag in LANGUAGES]
        text = fragment(
            language,
            "agent.html",
            page=agent_page(status(), language, zone, now()),
            language_links=links,
            reload_s=RELOAD_S,
            zone=zone.key,
            version=version("lineproof"),
        )
        return HTMLResponse(text, headers=_PAGE_HEADERS | {"content-language": language.tag})

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health")
    async def health() -> Response:
        return JSONResponse({"status": "ok"})

    return app


class PasswordGuard:
    """Answers 401 to whoever does not give the password."""

    def __init__(self, app: ASGIApp, password: str) -> None:
        self._app = app
        self._digest = _digest(password.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = _given(Headers(scope=scope).get("authorization", ""))
            if given is None or not hmac.compare_digest(_digest(given), self._digest):
                refusal = problem(
                    401,
                    "This page asks for the password of the agent's file (status.password_file).",
                    headers={
                        "www-authenticate": 'Basic realm="Lineproof agent", charset="UTF-8"',
                        "cache-control": "no-store",
                    },
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _digest(password: bytes) -> bytes:
    return hashlib.sha256(password).digest()


def _given(authorization: str) -> bytes | None:
    """The password of a header of the Basic scheme."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user_and_password = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    _, colon, password = user_and_password.partition(b":")
    return password if colon else None
