"""Clients that are slow, silent or broken do not keep a connection; those that are not, do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from fastapi import FastAPI, Request
from peers import PATIENCE_S, wait_until
from running_server import Running, running_server
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from lineproof.run import connection
from lineproof.run.web_server import LOOPBACK, bind

GET = b"GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n"
LIMIT_S = 0.2


@pytest.fixture
def ended() -> threading.Event:
    """Set when an answer has come to its end."""
    return threading.Event()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, ended: threading.Event) -> Iterator[Running]:
    """With limits that nothing reaches: a test sets the one that it is about."""
    monkeypatch.setattr(connection, "HEAD_S", 10 * PATIENCE_S)
    monkeypatch.setattr(connection, "TAKING_S", 10 * PATIENCE_S)
    bound = bind(LOOPBACK, 0)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # little fits between
    with running_server(_app(ended), bound) as found:
        yield found
    assert found.faults == []


def _app(ended: threading.Event) -> FastAPI:
    app = FastAPI()

    async def many(pause_s: float, count: int, part: bytes) -> AsyncIterator[bytes]:
        try:
            for _ in range(count):
                yield part
                await asyncio.sleep(pause_s)
        finally:
            ended.set()

    @app.get("/small")
    @app.post("/small")
    async def small() -> str:
        return "small"

    @app.get("/slow")
    @app.post("/slow")
    async def slow() -> StreamingResponse:
        return StreamingResponse(many(LIMIT_S / 4, 20, b"x"))

    @app.post("/reads")
    async def reads(request: Request) -> int:
        with contextlib.suppress(ClientDisconnect):
            await request.body()
        return 0

    @app.get("/tail")
    async def tail() -> str:
        ended.set()
        return "x" * 40_000  # more than fits between, less than makes the server wait

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        return StreamingResponse(many(0, 1 << 30, b"x" * 65_536))

    return app


def get(path: str) -> bytes:
    return GET.replace(b"/small", path.encode())


def dribbled(client: socket.socket, first: bytes, then: Callable[[], bytes]) -> None:
    """Send `first`, then a byte now and then; returns when the server has ended the connection."""
    client.sendall(first)
    client.settimeout(LIMIT_S / 10)

    def is_ended() -> bool:
        try:
            client.sendall(then())
            return client.recv(65_536) == b""
        except TimeoutError:
            return False
        except OSError:  # it was reset
            return True

    wait_until(is_ended, "the server to end the connection")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b""),
        (b"GET /small HTTP/1.1\r\nx: ", b"x"),
        (b"GET", b""),
        (b"\r\n", b""),
        (GET, b""),
        (GET + b"G", b"E"),
        (b"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["silent", "a head by bytes", "half a line", "empty lines", "idle after an answer",
         "the next head by bytes", "a body after the answer", "chunks after the answer"],
)  # fmt: skip
def test_who_sends_nothing_or_byte_by_byte_is_left(
    served: Running, monkeypatch: pytest.MonkeyPatch, first: bytes, then: bytes
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", LIMIT_S)
    with served.connect() as client:
        dribbled(client, first, lambda: then)


def test_who_does_not_take_its_answer_is_left(
    served: Running, ended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TAKING_S", LIMIT_S)
    with served.connect() as client:
        client.sendall(get("/endless"))
        assert ended.wait(PATIENCE_S)


@pytest.mark.parametrize("header", [b"", b"Connection: close\r\n"])
def test_who_does_not_take_the_end_of_its_answer_is_left(
    served: Running, ended: threading.Event, monkeypatch: pytest.MonkeyPatch, header: bytes
) -> None:
    with served.connect() as client:
        client.sendall(get("/tail")[:-2] + header)
        wait_until(lambda: len(served.connections) == 1, "the connection")
        monkeypatch.setattr(connection, "HEAD_S", LIMIT_S)
        client.sendall(b"\r\n")
        assert ended.wait(PATIENCE_S)
        wait_until(lambda: not served.connections, "the server to end the connection")


def test_an_answer_that_takes_long_comes_whole(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events come for days, and nothing is asked meanwhile."""
    monkeypatch.setattr(connection, "HEAD_S", LIMIT_S)

    def told() -> bytes:
        with served.connect() as client, contextlib.suppress(ConnectionError):
            client.sendall(get("/slow"))
            return b"".join(iter(lambda: client.recv(65_536), b""))
        return b""

    answer = b""
    while not answer:  # a busy machine can be too slow for the head
        answer = told()
    assert answer.count(b"1\r\nx\r\n") == 20


@pytest.mark.parametrize("rest", [b"\0\0\0 broken\r\n\r\n", b"GET /small HTTP/9\r\n\r\n"])
def test_nonsense_behind_a_request_is_no_fault_of_the_server(served: Running, rest: bytes) -> None:
    with served.connect() as client:
        client.sendall(GET + rest)
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 400" in told


def test_a_broken_body_in_the_middle_of_an_answer_ends_it(served: Running) -> None:
    with served.connect() as client:
        post = get("/slow").replace(b"GET", b"POST")
        client.sendall(post.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"))
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        dribbled(client, b"this is no length of a chunk\r\n", lambda: b"")


@pytest.mark.parametrize("path", ["/reads", "/small"])
def test_a_body_that_breaks_before_its_answer_is_the_clients_fault(
    served: Running, path: str
) -> None:
    with served.connect() as client:
        post = get(path).replace(b"GET", b"POST")
        client.sendall(
            post.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n")
        )
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1") == 1


def test_a_broken_body_of_a_question_for_the_head_alone_ends_it(served: Running) -> None:
    with served.connect() as client:
        head = get("/small").replace(b"GET", b"HEAD")
        client.sendall(head.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"))
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told == b"" or told.startswith(b"HTTP/1.1 400")


def test_nobody_speaks_websocket(served: Running) -> None:
    upgrade = GET.replace(
        b"\r\n\r\n",
        b"\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    with served.connect() as client:
        client.sendall(upgrade)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
