"""A lane is bounded, ends work that nobody waits for, and stops at once when it is closed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, generate_latest
from recording_sink import until
from web_plant import registry_of

from api.http.access.callers import Callers
from api.http.access.permissions import PERMISSIONS
from api.http.guarded_app import guarded_app
from api.http.lanes import RETRY_AFTER_S, Lane, Lanes, while_there
from api.http.metrics import LaneCollector, RequestCounts
from api.http.once import Once
from api.queries.lines import Queries
from api.queries.prices import ComeAgainError, Price, TooDearError
from lineproof.run.web_server import LOOPBACK, WebServer, bind, own_url
from store.registry.audit import acting
from store.work import piece


class Endless:
    """Reads piece after piece until nobody waits any more."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.over = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        try:
            while True:
                with piece():
                    self.over.wait(0.001)
        finally:
            self.over.set()


@pytest.fixture
async def lane() -> AsyncIterator[Lane]:
    made = Lane("test", threads=1, waiting_max=2)
    yield made
    await made.close()


async def test_who_comes_when_the_queue_is_full_is_told_to_come_again(lane: Lane) -> None:
    works = [Endless() for _ in range(3)]
    asked = [asyncio.create_task(lane.run(work)) for work in works]
    await until(works[0].begun.is_set, "the first to run")
    with pytest.raises(ComeAgainError) as refused:
        await lane.run(Endless())
    assert refused.value.retry_after_s == RETRY_AFTER_S
    assert (lane.running, lane.waiting) == (1, 2)
    assert (lane.counts.asked, lane.counts.refused) == (4, 1)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await until(lambda: not lane.running, "the thread to be free")
    assert await lane.run(lambda: "answer") == "answer"


async def test_cancelled_work_ends_and_waiting_work_never_begins(lane: Lane) -> None:
    running, waiting = Endless(), Endless()
    first, second = (asyncio.create_task(lane.run(it)) for it in (running, waiting))
    await until(running.begun.is_set, "the first to run")
    second.cancel()
    first.cancel()
    await until(running.over.is_set, "the work to end")
    assert await lane.run(lambda: "answer") == "answer"
    assert not waiting.begun.is_set()
    assert lane.counts.ended == 2
    done = lane.pieces
    assert done > 0
    await asyncio.sleep(0.05)
    assert lane.pieces == done


async def test_closing_ends_what_runs_and_what_waits(lane: Lane) -> None:
    works = [Endless() for _ in range(3)]
    asked = [asyncio.create_task(lane.run(work)) for work in works]
    await until(works[0].begun.is_set, "the first to run")
    await lane.close()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(it) for it in answers] == [ComeAgainError] * 3
    assert works[0].over.is_set()
    assert not works[1].begun.is_set()
    with pytest.raises(ComeAgainError, match="shutting down"):
        await lane.run(lambda: "answer")


async def test_what_is_done_in_a_lane_is_known_to_be_of_who_asked(lane: Lane) -> None:
    def who() -> tuple[str, str] | None:
        return acting.get()

    for name in ("chan", "wong"):
        acting.set((name, "192.0.2.1"))
        assert await lane.run(who) == (name, "192.0.2.1")


async def test_a_price_leads_to_a_lane() -> None:
    lanes = Lanes()
    assert lanes.of(Price("kpis", 31)) is lanes.quick
    assert lanes.of(Price("kpis", 32)) is lanes.long
    with pytest.raises(TooDearError):
        lanes.of(Price("kpis", 36_600))
    await lanes.close()


async def test_an_answer_for_many_ends_when_the_last_of_them_has_left(lane: Lane) -> None:
    once, work = Once(60.0, lane), Endless()
    asked = [asyncio.create_task(once.get("key", 1, work)) for _ in range(3)]
    await until(work.begun.is_set, "the work to begin")
    for task in asked[:2]:
        task.cancel()
    await asyncio.gather(*asked[:2], return_exceptions=True)
    assert not work.over.is_set(), "one still waits"
    asked[2].cancel()
    await until(work.over.is_set, "the work to end")
    assert await once.get("key", 1, lambda: "answer") == "answer", "who comes later is answered"


@pytest.fixture
def callers(filled: Queries, monkeypatch: pytest.MonkeyPatch) -> Callers:
    """Of an open node, on which everybody may ask the question."""
    monkeypatch.setitem(PERMISSIONS, ("GET", "/question"), None)
    return Callers(registry_of(filled), filled.now)


def _app(lanes: Lanes, work: Endless, callers: Callers) -> FastAPI:
    registry = CollectorRegistry()
    app = guarded_app("test", "1", callers=callers, counts=RequestCounts(registry), lanes=lanes)
    app.state.registry = registry

    @app.get("/question")
    async def question(request: Request) -> str:
        return await while_there(request, lanes.long.run(work))

    return app


async def test_work_ends_when_the_client_leaves(callers: Callers) -> None:
    lanes, work = Lanes(), Endless()
    app = _app(lanes, work, callers)
    bound = bind(LOOPBACK, 0)
    server = WebServer(app, bound)
    await server.start()
    async with httpx.AsyncClient(base_url=own_url(bound)) as client:
        asked = asyncio.create_task(client.get("/question"))
        await until(work.begun.is_set, "the work to begin")
        asked.cancel()
        await until(work.over.is_set, "the work to end")
    await until(lambda: not lanes.long.running, "the thread to be free")
    told = CollectorRegistry()
    told.register(LaneCollector(lanes))
    assert b'lineproof_questions_ended_total{lane="long"} 1.0' in generate_latest(told)
    await lanes.close()
    await server.stop()


async def test_a_closing_server_says_when_to_come_again(callers: Callers) -> None:
    lanes = Lanes()
    transport = httpx.ASGITransport(_app(lanes, Endless(), callers), raise_app_exceptions=False)
    await lanes.close()
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/question")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == str(RETRY_AFTER_S)
    assert "shutting down" in answer.json()["detail"]
