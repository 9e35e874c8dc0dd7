"""Whether the node lives, and whether it is ready."""

from __future__ import annotations

from pathlib import Path

import httpx
from web_plant import Clock, app_of

from api.queries.lines import Queries
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/health/live")).json() == {"status": "ok"}
    ready = (await client.get("/api/v1/health/ready")).json()
    assert ready == {"status": "ok", "faults": []}


async def test_not_ready_when_the_store_is_gone(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    queries = Queries(store, Registry(tmp_path / "r.sqlite", tmp_path / "d"), Clock())
    store.close()
    transport = httpx.ASGITransport(app=app_of(queries, version="1"), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/api/v1/health/live")).status_code == 200
        ready = await client.get("/api/v1/health/ready")
        assert ready.status_code >= 500
        assert ready.headers["content-type"] == "application/problem+json"
