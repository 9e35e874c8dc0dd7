"""Every application of ours has the same guards, whichever part of a node it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.http import bodies
from api.http.security import SECURITY_HEADERS
from collector.intake.collector import Collector
from lineproof.clock import utc_now
from lineproof.run.collector_role import collector_app
from store.node.opening import open_stores

HOST = "collector.example"
LIVE, READY, BATCHES = "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/batches"


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[FastAPI]:
    with open_stores(tmp_path) as stores:
        made = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
        yield collector_app(made, stores, [HOST])
        made.close()


async def _asked(app: FastAPI, method: str, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, headers=headers, content=b"x")


async def test_a_strange_host_is_refused(collector: FastAPI) -> None:
    refused = await _asked(collector, "GET", LIVE, host="evil.example")
    assert refused.status_code == 421
    assert "evil.example" in refused.json()["detail"]
    for host in (HOST, "127.0.0.1:8080", "localhost"):
        assert (await _asked(collector, "GET", LIVE, host=host)).is_success


async def test_another_sites_page_hands_no_batch_over(collector: FastAPI) -> None:
    sent = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert (await _asked(collector, "POST", BATCHES, **sent)).status_code == 403
    assert (await _asked(collector, "POST", BATCHES)).status_code == 400, "a program: no batch"


async def test_who_hands_a_batch_over_byte_by_byte_is_not_waited_for(
    collector: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "TIME_S", 0.05)

    async def never_whole() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    transport = httpx.ASGITransport(app=collector, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post(BATCHES, content=never_whole())
        assert answer.status_code == 408
        # No other limit than its own: this one is no batch, whatever its length.
        longer = await client.post(BATCHES, content=b"x" * (bodies.BYTES_MAX + 1))
        assert longer.status_code == 400


async def test_every_answer_has_the_headers(collector: FastAPI) -> None:
    for path in (LIVE, READY, "/metrics", "/nothing", "/api/v1/health/findings"):
        answer = await _asked(collector, "GET", path)
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
async def test_errors_are_problem_documents(collector: FastAPI, accept: str) -> None:
    answer = await _asked(collector, "GET", "/nothing", accept=accept)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "There is nothing at /nothing."


async def test_requests_and_lanes_are_counted(collector: FastAPI) -> None:
    await _asked(collector, "GET", LIVE)
    told = (await _asked(collector, "GET", "/metrics")).text
    assert 'lineproof_http_requests_total{method="GET",route="/api/v1/health/live"' in told
    assert 'lineproof_questions_running{lane="checks"} 0.0' in told
    assert "lineproof_intake_group_seconds" in told, "what the intake counts stands beside"
