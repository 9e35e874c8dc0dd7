"""A reason that a person gives: it goes before the machine's and decides the class of the time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_plant import GRANT, NOW, PLANT, Clock, app_of, fill

from api.queries.lines import Queries
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

LINE = "/api/v1/lines/filler-1"
DAY = {"start": "2026-03-24T00:00", "end": "2026-03-25T00:00"}
FAULT = {"start": "2026-03-24T09:10", "end": "2026-03-24T09:35"}  # 25 min "Jam at the infeed"
REASONS = """\
reasons:
  mechanical:
    name: {en: Mechanical}
    kind: breakdown
    reasons:
      jam: {name: {en: Jam}}
  format: {name: {en: Change of format}, kind: setup}
lines:
"""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = DuckDBStore(tmp_path / "telemetry.duckdb", memory_limit="200MB")
    fill(store)
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    text = PLANT.replace("lines:\n", REASONS, 1)
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    registry.apply.project(GRANT, read_grant(GRANT, "grant.yaml"), NOW)
    app = app_of(Queries(store, registry, Clock()), version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()
    store.close()
    registry.close()


async def row(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(f"{LINE}/kpis", params=DAY)
    assert answer.status_code == 200, answer.text
    return answer.json()[0]


async def say(client: httpx.AsyncClient, reason: str, **times: str) -> httpx.Response:
    given = {"kind": "reason", "reason": reason, "author": "Ann"} | FAULT | times
    return await client.post(f"{LINE}/corrections", json=given)


async def test_a_changeover_is_setup_time_and_no_longer_a_loss_of_delay(
    client: httpx.AsyncClient,
) -> None:
    before = await row(client)
    assert (await say(client, "format")).status_code == 201
    after = await row(client)
    assert after["setup_time_s"] == before["setup_time_s"] + 25 * 60
    assert after["delay_time_s"] == before["delay_time_s"] - 25 * 60
    assert after["planned_busy_time_s"] == before["planned_busy_time_s"]


async def test_a_reason_of_a_part_of_a_stop_holds_for_that_part(client: httpx.AsyncClient) -> None:
    before = await row(client)
    assert (await say(client, "format", end="2026-03-24T09:20")).status_code == 201
    after = await row(client)
    assert after["setup_time_s"] == before["setup_time_s"] + 10 * 60


async def test_a_reason_makes_no_stop_where_the_line_produced(client: httpx.AsyncClient) -> None:
    before = await row(client)
    answer = await say(client, "format", start="2026-03-24T08:00", end="2026-03-24T09:00")
    assert answer.status_code == 201
    assert await row(client) == before


async def test_the_reason_is_in_the_stop_list_and_the_states(client: httpx.AsyncClient) -> None:
    assert (await say(client, "jam")).status_code == 201
    stops = (await client.get(f"{LINE}/stops", params=DAY)).json()["stops"]
    (fault,) = [stop for stop in stops if stop["state"] == "fault"]
    assert fault["reason"] == "jam"
    states = (await client.get(f"{LINE}/states", params=DAY)).json()
    told = {state["reason"] for state in states if state["state"] == "fault"}
    assert told == {"jam"}


PACKER = "/api/v1/lines/packer-1"  # in fault since 13:58: "Glue nozzle blocked"


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-03-25T13:58", "2026-03-25T14:00", "jam"),  # it goes on until 14:05
        ("2026-03-25T09:10", "2026-03-25T09:35", "Glue nozzle blocked"),  # of another stop
    ],
)
async def test_the_live_line_shows_what_people_said_of_the_stop_that_goes_on(
    client: httpx.AsyncClient, start: str, end: str, shown: str
) -> None:
    given = {"kind": "reason", "reason": "jam", "author": "Ann", "start": start, "end": end}
    assert (await client.post(f"{PACKER}/corrections", json=given)).status_code == 201
    assert (await client.get(PACKER)).json()["reason"] == shown
    page = (await client.get("/lines/packer-1?lang=en")).text
    because = page.split('<span class="because">')[1].split("</span>")[0]
    assert ("Jam" in because) == (shown == "jam")


async def test_an_unknown_reason_is_refused_with_what_was_meant(
    client: httpx.AsyncClient,
) -> None:
    answer = await say(client, "jams")
    assert answer.status_code == 422
    assert "there is no reason 'jams'. Did you mean 'jam'?" in answer.json()["detail"]
