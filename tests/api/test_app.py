"""The application: every route in one document, nothing from outside, routers of others."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from web_plant import app_of

from api.queries.lines import Queries


async def test_openapi_lists_every_route(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    assert document["info"]["version"] == "1.2.3"
    paths = set(document["paths"])
    assert paths >= {
        "/api/v1/lines",
        "/api/v1/lines/{line}",
        "/api/v1/lines/{line}/kpis",
        "/api/v1/lines/{line}/states",
        "/api/v1/lines/{line}/stops",
        "/api/v1/lines/{line}/live",
        "/api/v1/projects",
        "/api/v1/projects/{ref}/milestones",
        "/api/v1/profiles",
        "/api/v1/batches",
        "/api/v1/health/live",
        "/api/v1/health/ready",
        "/metrics",
    }
    assert not any(path.startswith(("/floor", "/grants")) for path in paths)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_that_loads_from_outside(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_routers_of_others_are_mounted(filled: Queries) -> None:
    router = APIRouter()

    @router.post("/api/v1/batches")
    async def take() -> dict[str, str]:
        return {"outcome": "accepted"}

    app: FastAPI = app_of(filled, version="1", extra_routers=[router])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        assert (await client.post("/api/v1/batches")).json() == {"outcome": "accepted"}
        assert (await client.get("/api/v1/batches")).status_code == 200
