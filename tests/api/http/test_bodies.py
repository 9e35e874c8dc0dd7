"""Bodies that are too long or too slow are refused, whoever sends them and on whatever route."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from signing_in import with_accounts
from starlette.types import Message
from web_plant import Clock, app_of

from api.http import bodies
from api.queries.lines import Queries

CORRECTIONS = "/api/v1/lines/filler-1/corrections"
ROUTES = [
    CORRECTIONS,
    "/api/v1/users",
    "/api/v1/tokens",
    "/sign-in",
    "/sign-out",
]  # read for anybody


@pytest.fixture
def closed(own_plant: tuple[Queries, Clock]) -> FastAPI:
    """With an account: whoever sends the bodies is nobody."""
    with_accounts(own_plant[0])
    return app_of(own_plant[0], version="1")


async def _taken(_message: Message) -> None:
    """An answer that nobody looks at."""


async def told(app: FastAPI, path: str, parts: Iterator[bytes], **headers: str) -> tuple[int, Any]:
    """Status and document of the answer to a body that comes in those parts and never ends;
    how many parts were taken."""
    said: list[Message] = []

    async def receive() -> Message:
        for part in parts:
            return {"type": "http.request", "body": part, "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    given = {"host": "localhost", "content-type": "application/json"} | headers
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(key.replace("_", "-").encode(), it.encode()) for key, it in given.items()],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("192.0.2.7", 1),
    }
    await app(scope, receive, send)
    return said[0]["status"], json.loads(said[1]["body"])


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_without_end_is_refused_before_it_fills_the_memory(
    closed: FastAPI, path: str
) -> None:
    taken = 0

    def parts() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1024

    status, problem = await told(closed, path, parts())
    assert (status, problem["status"]) in ((413, 413), (422, 422)), problem
    assert taken <= bodies.BYTES_MAX // 1024 + 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
async def test_a_body_that_says_it_is_packed_is_not_unpacked(
    filled: Queries, encoding: str
) -> None:
    """A megabyte of JSON that lacks fields, as its answer would say, were it unpacked."""
    packed = gzip.compress(b"{" + b" " * (1 << 20) + b"}")
    assert len(packed) < bodies.BYTES_MAX
    app = app_of(filled, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        headers = {"content-type": "application/json"}
        lacking = await client.post(CORRECTIONS, json={}, headers=headers)
        assert "Field required" in lacking.text
        headers |= {"content-encoding": encoding}
        answer = await client.post(CORRECTIONS, content=packed, headers=headers)
        assert answer.status_code in (400, 422), answer.text
        assert "Field required" not in answer.text
    await app.state.services.feed.close()


@pytest.mark.parametrize("path", ROUTES)
async def test_a_length_that_is_too_much_is_refused_unread(closed: FastAPI, path: str) -> None:
    status, problem = await told(closed, path, iter(()), content_length="10000000000000")
    assert status == 413
    assert problem["detail"] == f"A request to {path} may have 65536 bytes. Send less."


@pytest.mark.parametrize("path", ROUTES)
async def test_who_sends_a_byte_and_no_more_is_not_waited_for(
    closed: FastAPI, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "TIME_S", 0.05)
    status, problem = await told(closed, path, iter([b"{"]))
    assert status == 408
    assert problem["detail"] == "The request did not come whole in time. Send it again."


async def test_who_sends_byte_by_byte_gains_no_time(
    closed: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "TIME_S", 0.05)
    monkeypatch.setattr(bodies, "BYTES_A_SECOND_MIN", 1_000_000)

    async def by_bytes() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def reads(_scope: Any, receive: Any, _send: Any) -> None:
        while True:
            await receive()

    limited = bodies.BodyLimits(reads)
    with pytest.raises(Exception, match="408"):
        await limited({"type": "http", "path": "/", "headers": []}, by_bytes, _taken)


async def test_a_question_is_answered_whatever_its_body_does(filled: Queries) -> None:
    """What nobody reads keeps nobody waiting."""
    app = app_of(filled, version="1")

    async def parts() -> Any:
        yield b"x"

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.request("GET", "/api/v1/lines", content=parts())
        assert answer.status_code == 200
    await app.state.services.feed.close()


async def test_after_an_answer_has_begun_too_slow_a_client_counts_as_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "TIME_S", 0.01)
    heard: list[str] = []

    async def streams(_scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        heard.append((await receive())["type"])

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await bodies.BodyLimits(streams)({"type": "http", "path": "/", "headers": []}, never, _taken)
    assert heard == ["http.disconnect"]


async def test_behind_a_whole_body_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TIME_S", 0.01)
    heard: list[Message] = []
    left = {"type": "http.disconnect", "after": "long"}
    parts = iter([{"type": "http.request", "body": b"x", "more_body": False}, left])

    async def receive() -> Message:
        part = next(parts)
        await asyncio.sleep(0.1 if part is left else 0)
        return part

    async def reads(_scope: Any, receive: Any, _send: Any) -> None:
        heard.extend([await receive(), await receive()])

    await bodies.BodyLimits(reads)({"type": "http", "path": "/", "headers": []}, receive, _taken)
    assert heard[1] is left
