"""A filled plant for all tests of api/, made once a run, and its application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from web_plant import Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("plant"), Clock())
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def own_plant(tmp_path: Path) -> Iterator[tuple[Queries, Clock]]:
    """A plant that the test may change, and its clock."""
    clock = Clock()
    found = filled_queries(tmp_path, clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def app(filled: Queries) -> FastAPI:
    return app_of(filled, version="1.2.3", live_interval_s=0.1)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()
