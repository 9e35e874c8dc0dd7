"""The floor: state, reason, count and bounds of every line."""

from __future__ import annotations

from pathlib import Path

import httpx
from web_plant import Clock, app_of

from api.queries.lines import Queries
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore


async def test_the_first_page_is_the_floor(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/floor")


async def test_the_floor_says_state_reason_count_and_bounds(client: httpx.AsyncClient) -> None:
    text = (await client.get("/floor")).text
    for words in ("Producing", "Fault", "Glue nozzle blocked", "The machine is silent.", "72.8%"):
        assert words in text
    # An hour of filler-2's shift is unknown; what its counter vouches for is in both bounds.
    assert "between 72.1% and 76.3%" in text


async def test_empty_pages_say_what_to_do(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    registry = Registry(tmp_path / "r.sqlite", tmp_path / "d")
    app = app_of(Queries(store, registry, Clock()), version="1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        assert "lineproof apply -f plant.yaml" in (await client.get("/floor")).text
        assert "lineproof apply -f grant.yaml" in (await client.get("/grants")).text
    registry.close()
    store.close()
