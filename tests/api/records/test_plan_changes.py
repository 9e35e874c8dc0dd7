"""Exceptions of a calendar over HTTP, and the figures after them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from typing import Any

import httpx
import pytest
from web_plant import NOW, Clock, app_of, registry_of, store_of

from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper

LINE = "/api/v1/lines/filler-1"
EXCEPTIONS = f"{LINE}/exceptions"
DAY = {"start": "2026-03-24T00:00", "end": "2026-03-25T00:00"}
DOWN = {
    "start": "2026-03-24T08:00",
    "end": "2026-03-24T10:00",
    "class": "planned_down",
    "reason": "overhaul",
    "author": "Chan",
}


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    numbers = iter(range(1, 1000))
    app = app_of(own_plant[0], version="1", new_id=lambda: f"e{next(numbers)}")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found
    await app.state.services.close()


async def planned_h(client: httpx.AsyncClient, **known: str) -> float:
    answer = await client.get(f"{LINE}/kpis", params=DAY | known)
    assert answer.status_code == 200, answer.text
    return float(answer.json()[0]["planned_busy_time_s"]) / 3600


async def test_an_exception_changes_the_plan_and_its_withdrawal_gives_it_back(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    first = await planned_h(client)
    answer = await client.post(EXCEPTIONS, json=DOWN)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "id": "e1",
        "line": "filler-1",
        "start": "2026-03-24T08:00:00+08:00",
        "end": "2026-03-24T10:00:00+08:00",
        "class": "planned_down",
        "reason": "overhaul",
        "author": "Chan",
        "decided_on": None,
        "recorded_at": NOW.isoformat(),
        "in_force": True,
        "withdrawal": None,
    }
    assert await planned_h(client) == first - 2
    FactsKeeper(
        store_of(queries), registry_of(queries).facts_basis, lambda: clock.now.astimezone(UTC)
    ).refresh("filler-1")
    assert await planned_h(client) == first - 2, "stored facts say the same"
    clock.now = NOW + timedelta(minutes=10)
    gone = await client.post(
        f"{EXCEPTIONS}/e1/withdrawal", json={"author": "Ho", "comment": "another day"}
    )
    assert gone.status_code == 200, gone.text
    assert await planned_h(client) == first
    assert await planned_h(client, as_known_at=NOW.isoformat()) == first - 2
    (row,) = (await client.get(EXCEPTIONS)).json()
    assert row["in_force"] is False
    assert row["withdrawal"] == {
        "author": "Ho",
        "comment": "another day",
        "recorded_at": clock.now.isoformat(),
    }
    again = await client.post(f"{EXCEPTIONS}/e1/withdrawal", json={"author": "Ho"})
    assert "was withdrawn already" in again.json()["detail"]
    other = await client.get("/api/v1/lines/filler-2/exceptions")
    assert other.json() == [], "of the same calendar, but another line"


async def test_a_day_as_its_end_is_included(client: httpx.AsyncClient) -> None:
    whole = DOWN | {"start": "2026-03-24", "end": "2026-03-24", "class": "closed"}
    told = (await client.post(EXCEPTIONS, json=whole)).json()
    assert told["end"] == "2026-03-25T00:00:00+08:00"
    assert await planned_h(client) == 0


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"end": "2026-03-24T07:00"}, 422, "not after its start"),
        ({"end": "2027-04-01"}, 422, "at most 366 days"),
        ({"start": "soon"}, 422, "start: 'soon' is not a time"),
        ({"class": "closd"}, 422, "Did you mean 'closed'?"),
        ({"reason": " "}, 422, "reason: the reason is missing"),
        ({"reason": "x" * 1001}, 422, "has 1001 characters"),
        ({"author": ""}, 422, "nobody is named"),
        ({"colour": "red"}, 422, "colour: Extra inputs"),
    ],
    ids=str,
)
async def test_refusals_say_what_to_do(
    client: httpx.AsyncClient, change: dict[str, Any], status: int, said: str
) -> None:
    answer = await client.post(EXCEPTIONS, json=DOWN | change)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


async def test_twice_the_same_without_calendar_or_of_nobody_is_refused(
    client: httpx.AsyncClient,
) -> None:
    await client.post(EXCEPTIONS, json=DOWN)
    twice = await client.post(EXCEPTIONS, json=DOWN)
    assert "Chan entered the same exception already (e1)" in twice.json()["detail"]
    none = await client.post("/api/v1/lines/press-1/exceptions", json=DOWN)
    assert "has no calendar" in none.json()["detail"]
    gone = await client.post(f"{EXCEPTIONS}/e9/withdrawal", json={"author": "Ho"})
    assert gone.status_code == 404
