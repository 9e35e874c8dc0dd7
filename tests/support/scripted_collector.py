"""A collector over real HTTP whose answers follow a script, for tests of the uplink.

It keeps batches as a collector must (by number, a repeat is a duplicate). Before that, each
request takes the next step of the script; with none left it behaves.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import uvicorn
from certificates import Certificate
from peers import wait_until

from domain.batches import parse_batch
from edge.live_uplink import LIVE_PATH

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


@dataclass(frozen=True)
class Say:
    """Answer so, without looking at the batch."""

    status: int
    body: dict[str, Any] | str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HangUp:
    """Close the connection in the middle of the answer; `stored`: having kept the batch."""

    stored: bool


@dataclass
class ScriptedCollector:
    port: int
    script: list[Say | HangUp] = field(default_factory=list)
    kept: dict[int, bytes] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)  # their headers
    came: list[float] = field(default_factory=list)  # when, by the monotonic clock
    duplicates: int = 0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)  # what its answers show
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def batches(self) -> list[bytes]:
        return [self.kept[number] for number in sorted(self.kept)]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        arrived = time.monotonic()
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == LIVE_PATH:  # which this collector does not know
            await _start(send, 404, {})
            await send({"type": "http.response.body", "body": b""})
            return
        self.came.append(arrived)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append({**headers, "path": scope["path"], "method": scope["method"]})
        step = self.script.pop(0) if self.script else None
        if isinstance(step, HangUp):
            if step.stored:
                self._keep(body)
            # Fewer bytes than announced: the server closes the connection.
            await _start(send, 200, {"content-length": "1000"})
            return
        answer = step or self._keep(body)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        date = {"Date": format_datetime(self.now(), usegmt=True)}
        await _start(send, answer.status, date | answer.headers)
        await send({"type": "http.response.body", "body": text.encode()})

    def _keep(self, data: bytes) -> Say:
        header = parse_batch(data).header
        named = {"agent": header.agent, "number": header.number, "digest": header.digest}
        if header.number in self.kept:
            assert self.kept[header.number] == data
            self.duplicates += 1
            return Say(200, {"status": "duplicate", **named})
        if header.number > len(self.kept) + 1:
            return problem(409, "gap", expected=len(self.kept) + 1)
        self.kept[header.number] = data
        return Say(201, {"status": "accepted", **named})


def problem(status: int, outcome: str, **members: Any) -> Say:
    """A refusal as the collector writes it (RFC 9457)."""
    body = {"status": status, "title": "Refused", "outcome": outcome, **members}
    return Say(status, body, {"content-type": "application/problem+json"})


@contextlib.contextmanager
def scripted_collector(
    *script: Say | HangUp, port: int = 0, secured: Certificate | None = None
) -> Iterator[ScriptedCollector]:
    """The collector on loopback for the length of the block; `secured`: with TLS."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        scheme = "http" if secured is None else "https"
        collector = ScriptedCollector(listener.getsockname()[1], list(script), scheme=scheme)
        server = uvicorn.Server(
            uvicorn.Config(
                collector,
                log_level="critical",
                lifespan="off",
                timeout_keep_alive=2,
                date_header=False,
                ssl_certfile=None if secured is None else secured.certificate,
                ssl_keyfile=None if secured is None else secured.key,
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_until(lambda: server.started, "the scripted collector to start")
            yield collector
        finally:
            server.should_exit = True
            thread.join()


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
