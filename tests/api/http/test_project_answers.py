"""What is made of a project for several who ask: once for all, and again after a change."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI, Request
from web_plant import Clock, app_of, registry_of

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
