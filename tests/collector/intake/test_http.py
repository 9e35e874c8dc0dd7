"""The intake over a real HTTP server: receipts, problem documents, limits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from peers import free_port, port_open, wait_until
from prometheus_client import generate_latest
from sender import Sender, counts
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.intake.collector import Collector
from collector.intake.http import LIVE_PATH, PATH, router
from domain.protocol import HEADER, SAID
from store.node.opening import Stores, open_stores
from store.telemetry.unsealed import Unsealed

LIMIT = 200_000


@dataclass
class Served:
    client: httpx.Client
    collector: Collector
    stores: Stores
    sender: Sender
    arrived: Arrived

    def post(self, data: bytes) -> httpx.Response:
        return self.client.post(PATH, content=data)


class Arrived:
    """Counts the bytes of bodies that the application has taken from its clients."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            self.size += len(message.get("body", b""))
            return message

        await self._app(scope, counted, send)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with open_stores(tmp_path / "node") as stores:
        sender, now = Sender(), datetime.now(UTC)
        stores.registry.agents.enrol(sender.name, sender.public_key, now)
        keys = stores.registry.agents
        collector = Collector(
            stores.telemetry, stores.archive, keys, lambda: now, unsealed=Unsealed()
        )
        app = FastAPI()
        app.include_router(router(collector, body_max_bytes=LIMIT, bodies_max_bytes=2 * LIMIT))
        arrived = Arrived(app)
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(arrived, port=port, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_until(lambda: port_open(port), "the collector to listen")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield Served(client, collector, stores, sender, arrived)
        server.should_exit = True
        thread.join()
        collector.close()


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def test_a_receipt_names_the_batch(served: Served) -> None:
    batch = served.sender.seal(counts(1))
    named = {"agent": "agent-1", "number": 1, "digest": batch.header.digest}
    for status in ("accepted", "duplicate"):
        response = served.post(batch.to_bytes())
        assert response.status_code == 200
        assert response.json() == {"status": status, **named}


@pytest.mark.parametrize(
    ("said", "answered"), [("2, 1", "2"), ("1", "1"), ("9, 2", "2"), (None, None)]
)
def test_the_newest_version_that_both_speak_is_agreed_on(
    served: Served, said: str | None, answered: str | None
) -> None:
    headers = {} if said is None else {HEADER: said}
    batch, frame = served.sender.seal(counts(1)), served.sender.tell(0, counts(2))
    for path, data in ((PATH, batch.to_bytes()), (LIVE_PATH, frame)):
        response = served.client.post(path, content=data, headers=headers)
        assert (response.status_code, response.headers.get(HEADER)) == (200, answered)
    told = generate_latest(served.collector.metrics.registry).decode()
    assert f'lineproof_intake_protocol_total{{version="{answered or 1}"}} 2.0' in told


@pytest.mark.parametrize("said", ["9, 8", "", "two"])
def test_who_speaks_no_version_of_here_is_told_which_there_are(served: Served, said: str) -> None:
    batch = served.sender.seal(counts(1))
    refused = served.client.post(PATH, content=batch.to_bytes(), headers={HEADER: said})
    document = problem(refused, 400)
    assert (document["outcome"], refused.headers[HEADER]) == ("protocol", SAID)
    assert f"here are spoken {SAID}" in str(document["detail"])
    assert served.arrived.size == 0, "not even the body is read"
    assert list(served.stores.archive.digests()) == []
    assert served.post(batch.to_bytes()).json()["status"] == "accepted"


def test_a_live_frame_is_answered_with_the_one_that_comes_next(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(sequence: int, number: int = 1) -> httpx.Response:
        frame = served.sender.tell(sequence, counts(number))
        return served.client.post(LIVE_PATH, content=frame)

    gap = problem(told(1), 409)
    assert (gap["outcome"], gap["expected"]) == ("gap", 0)
    assert told(0).json() == {"status": "shown", "expected": 1}
    past = served.sender.tell(1, counts(1))
    served.post(served.sender.seal(counts(1)).to_bytes())
    answer = served.client.post(LIVE_PATH, content=past)
    assert (answer.status_code, answer.json()) == (200, {"status": "past", "expected": None})
    assert problem(served.client.post(LIVE_PATH, content=b"x"), 400)["outcome"] == "malformed"
    monkeypatch.setattr("collector.intake.http.LIVE_BODY_MAX_BYTES", 1000)
    problem(served.client.post(LIVE_PATH, content=bytes(1001)), 413)


def test_a_collector_that_shows_nothing_knows_no_live_frames(tmp_path: Path) -> None:
    with open_stores(tmp_path / "node") as stores:
        keys = stores.registry.agents
        collector = Collector(stores.telemetry, stores.archive, keys, lambda: datetime.now(UTC))
        assert [getattr(it, "path", "") for it in router(collector).routes] == [PATH]
        collector.close()


def test_every_refusal_is_a_problem_document_with_its_outcome(served: Served) -> None:
    fork = Sender()
    first, second, third = (served.sender.seal(counts(n)) for n in (1, 2, 3))
    served.post(first.to_bytes())
    refusals = [
        (b"hello", 400, "malformed", None),
        (Sender("nobody").seal(counts(1)).to_bytes(), 403, "unknown_agent", None),
        (replace(second, signature=b"\0" * 64).to_bytes(), 403, "bad_signature", None),
        (replace(second, payload=second.payload + b"x").to_bytes(), 422, "bad_payload", None),
        (third.to_bytes(), 409, "gap", 2),
        (fork.seal(counts(8)).to_bytes(), 409, "conflict", 2),
        (fork.seal(counts(9)).to_bytes(), 409, "broken_chain", 2),
    ]
    for data, status, outcome, expected in refusals:
        document = problem(served.post(data), status)
        assert (document["outcome"], document["expected"]) == (outcome, expected)


def test_a_body_over_the_limit_is_not_read_to_its_end(served: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b"\0" * 65536

    big = served.client.post(PATH, content=b"\0" * (LIMIT + 1))
    assert str(LIMIT) in str(problem(big, 413)["detail"])
    with contextlib.suppress(httpx.TransportError):  # cut off while it is being sent
        assert served.client.post(PATH, content=endless()).status_code == 413
    assert served.post(served.sender.seal(counts(1)).to_bytes()).status_code == 200


def test_bodies_that_are_on_their_way_fill_no_more_than_their_room(served: Served) -> None:
    """Whoever begins to send and never ends takes room, but no memory beyond it."""
    go_on = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"\0" * (LIMIT - 10)
        assert go_on.wait(120)
        yield b"\0" * 10

    batch = served.sender.seal(counts(1)).to_bytes()
    with ThreadPoolExecutor(2) as pool:
        posted = [pool.submit(served.client.post, PATH, content=slow()) for _ in range(2)]
        # Asking the collector itself would take room from the two that are still arriving.
        wait_until(lambda: served.arrived.size == 2 * (LIMIT - 10), "the room to be full")
        answer = served.post(batch)
        assert "Send the batch again later" in str(problem(answer, 503)["detail"])
        assert int(answer.headers["retry-after"]) > 0
        go_on.set()
        assert [it.result().status_code for it in posted] == [400, 400]
    assert served.post(batch).status_code == 200


def test_a_collector_that_stops_says_come_again(served: Served) -> None:
    served.collector.close()
    response = served.post(served.sender.seal(counts(1)).to_bytes())
    problem(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_a_store_that_does_not_take_it_says_come_again(served: Served) -> None:
    served.stores.telemetry.close()
    response = served.post(served.sender.seal(counts(1)).to_bytes())
    assert "again" in str(problem(response, 507)["detail"])
    assert int(response.headers["retry-after"]) > 0


def test_the_route_is_in_the_openapi_document(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    assert set(document["paths"][PATH]["post"]["responses"]) >= {"200", "403", "409", "413", "507"}
