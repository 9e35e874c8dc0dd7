"""How long the body of a request may be, and how long it may take to come: on every route.

Routes read a body before it is asked who sent it, so a stranger could fill the memory or hold a
place for ever, a byte a minute. Whoever is slow gets more time only for what has come already. The
intake counts the bytes of its batches by itself (`collector.intake.http`); documents may be longer,
because they are written to disk as they come. Before an answer has begun, too much is a 413 and too
slow a 408; later on, such a client counts as gone.
"""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problem_document import problem
from store.registry.project_work.attachments import DOCUMENT_MAX_BYTES

BYTES_MAX = 64 << 10
PLANT_BYTES_MAX = 2 << 20  # a plant file in a form, where a Chinese character takes nine bytes
TIME_S = 30.0
BYTES_A_SECOND_MIN = 10_000  # a batch over a bad mobile connection
_WITH_A_LIMIT_OF_THEIR_OWN = ("/api/v1/batches", "/api/v1/live-frames")
_DOCUMENTS = re.compile(
    r"/api/v1/projects/[^/]+/milestones/[^/]+/attachments|/grants/[^/]+/[^/]+/attachments"
)

_PLANTS = re.compile(r"/plants/[^/]+(/check)?")


class BodyLimits:
    """Lets the application receive what keeps to the limits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length[:20]) > _bytes_max(scope):
            await problem(413, _too_long(scope))(scope, receive, send)
            return
        body = _Body(scope, receive)

        async def sent(message: Message) -> None:
            body.is_answered = True
            await send(message)

        await self._app(scope, body.receive, sent)


class _Body:
    """What came of a body. `is_answered`: the answer to it has begun."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._since_s = asyncio.get_running_loop().time()
        self._bytes = 0
        self._is_whole = False
        self.is_answered = False

    async def receive(self) -> Message:
        """The next part. Raises HTTPException for too much or too slow a body."""
        if self._is_whole:  # what may still come is that the client leaves
            return await self._receive()
        until_s = self._since_s + TIME_S + self._bytes / BYTES_A_SECOND_MIN
        try:
            async with asyncio.timeout_at(until_s):
                message = await self._receive()
        except TimeoutError:
            return self._refused(408, "The request did not come whole in time. Send it again.")
        self._bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._bytes > _bytes_max(self._scope):
            return self._refused(413, _too_long(self._scope))
        return message

    def _refused(self, status: int, detail: str) -> Message:
        if not self.is_answered:
            raise HTTPException(status, detail)
        return {"type": "http.disconnect"}


def _bytes_max(scope: Scope) -> float:
    if scope["path"] in _WITH_A_LIMIT_OF_THEIR_OWN:
        return float("inf")
    if _DOCUMENTS.fullmatch(scope["path"]):
        return DOCUMENT_MAX_BYTES + BYTES_MAX  # the document, and the form around it
    if _PLANTS.fullmatch(scope["path"]):
        return PLANT_BYTES_MAX
    return BYTES_MAX


def _too_long(scope: Scope) -> str:
    return f"A request to {scope['path']} may have {_bytes_max(scope)} bytes. Send less."
