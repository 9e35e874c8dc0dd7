"""What is made of a project for several who ask: once for all, and again after a change."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request
from web_plant import NOW, Clock, app_of, on_board, registry_of

from api.http.project_answers import portfolio_rows, project_answer
from api.queries import prices
from api.queries.lines import Queries
from api.queries.prices import Allowed
from api.records.milestone_steps import NewStep, take_step

REF = "NIFS-2025-017"


def a_request(app: FastAPI) -> Request:
    async def stays() -> dict[str, str]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "app": app, "headers": []}, stays)


async def test_it_is_made_once_for_all_who_ask(own_plant: tuple[Queries, Clock]) -> None:
    queries, _ = own_plant
    app = app_of(queries, version="1")
    services, project, made = app.state.services, queries.project(REF)[1], []

    def make(of: Queries) -> int:
        made.append(of)
        return len(made)

    async def ask() -> int:
        return await project_answer(a_request(app), services, project, "key", None, make)

    assert await asyncio.gather(ask(), ask(), ask()) == [1, 1, 1]
    registry = registry_of(queries)
    take_step(queries, registry.take, REF, "M4", NewStep("submit", "Lee"))
    assert await ask() == 2
    await services.close()


async def test_it_is_made_again_after_a_minute(own_plant: tuple[Queries, Clock]) -> None:
    """No day ends in between, and so no verdict changes."""
    queries, clock = own_plant
    app = app_of(on_board(queries), version="1")
    project, made = queries.project(REF)[1], []

    async def ask() -> int:
        services = app.state.services
        return await project_answer(
            a_request(app), services, project, "key", None, lambda of: made.append(of) or len(made)
        )

    assert (NOW.second, await ask()) == (0, 1)
    clock.now = NOW + timedelta(seconds=59)
    assert await ask() == 1
    clock.now = NOW + timedelta(minutes=2)
    assert await ask() == 2
    await app.state.services.close()


async def test_a_project_that_is_too_dear_is_named_and_the_others_are_told(
    client: httpx.AsyncClient, app: FastAPI, filled: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, project = app.state.services, filled.project(REF)[1]
    rows, too_dear = await portfolio_rows(a_request(app), services, [project])
    assert ([it.found.project for it in rows], too_dear) == ([project], [])
    limits = {**prices.LIMITS, "milestones": Allowed(quick_days=1, days=2)}
    monkeypatch.setattr(prices, "LIMITS", limits)
    rows, too_dear = await portfolio_rows(a_request(app), services, [project])
    assert (rows, too_dear) == ([], [project])
    assert REF in (await client.get("/api/v1/portfolio")).json()["not_computed"]
    assert (
        "looks at more days than one node answers at once" in (await client.get("/portfolio")).text
    )
