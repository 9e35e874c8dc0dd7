"""`GET portfolio`: asked over HTTP, by who may see what."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in
from web_plant import NOW, SMALL_GRANT, Clock, app_of, registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from store.files.grant import read_grant

PATH = "/api/v1/portfolio"


async def test_all_projects_side_by_side(client: httpx.AsyncClient) -> None:
    told = (await client.get(PATH)).json()
    (project,) = told["projects"]
    of_project = (await client.get("/api/v1/projects/NIFS-2025-017/milestones")).json()
    statuses = [it["status"] for it in of_project["milestones"]]
    assert project["verdicts"] == {it: statuses.count(it) for it in statuses}
    assert told["totals"]["grant_hkd"] == of_project["grant"]["grant_hkd"]


async def test_open_data_in_three_forms(client: httpx.AsyncClient) -> None:
    rows = (await client.get(f"{PATH}/open-data")).json()
    table = await client.get(f"{PATH}/open-data?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(table.text, newline=""))
    assert row["project"] == rows[0]["project"] == "NIFS-2025-017"
    iati = await client.get(f"{PATH}/open-data?format=iati&organisation=XI-1&name=Some%20Office")
    assert "<iati-identifier>XI-1-NIFS-2025-017<" in iati.text


@pytest.mark.parametrize(
    "asked", ["format=xls", "organisation=%20", "name=a%00b", "organisation=" + "a" * 201]
)
async def test_what_cannot_be_is_refused(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get(f"{PATH}/open-data?{asked}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
async def two_schemes(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    queries = own_plant[0]
    registry = registry_of(queries)
    registry.apply.project(SMALL_GRANT, read_grant(SMALL_GRANT, "grant.yaml"), NOW)
    for name, role in (("boss", "administrator"), ("chan", "officer@scheme:NIFS")):
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], queries.now())
        registry.accounts.set_password(name, PASSWORD)
    async with asking(app_of(queries, version="1")) as client:
        yield client


async def test_an_officer_of_one_scheme_sees_that_alone(two_schemes: httpx.AsyncClient) -> None:
    await sign_in(two_schemes, "chan")
    told = (await two_schemes.get(PATH)).json()
    assert [it["project"] for it in told["projects"]] == ["NIFS-2025-017"]
    assert (told["totals"]["projects"], len(told["schemes"])) == (1, 1)
    rows = (await two_schemes.get(f"{PATH}/open-data")).json()
    assert [it["project"] for it in rows] == ["NIFS-2025-017"]
    page = (await two_schemes.get("/portfolio")).text
    assert "NIFS-2025-017" in page
    assert "MPUPS-2026-001" not in page


async def test_projects_come_in_pages_and_totals_are_of_all(
    two_schemes: httpx.AsyncClient,
) -> None:
    await sign_in(two_schemes, "boss")
    first = await two_schemes.get(f"{PATH}?limit=1")
    second = await two_schemes.get(first.links["next"]["url"])
    assert "next" not in second.links
    for answer, ref in ((first, "NIFS-2025-017"), (second, "MPUPS-2026-001")):
        told = answer.json()
        assert [it["project"] for it in told["projects"]] == [ref]
        assert told["totals"]["projects"] == 2
