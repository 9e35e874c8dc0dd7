"""The audit over HTTP: page by page, by who, what and day, and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from signing_in import asking
from web_plant import NOW, Clock, app_of, registry_of

from api.queries.lines import Queries
from store.registry.audit import Done, Event

PATH = "/api/v1/audit"


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    """Of an open node whose audit has five rows, the last of them of the day after."""
    audit = registry_of(own_plant[0]).audit
    for number in range(4):
        audit.add(Event(Done.CHANGE, f"person-{number % 2}", place=f"=1+{number}"), NOW)
    audit.add(Event(Done.SIGN_IN, "person-0"), NOW + timedelta(days=1))
    async with asking(app_of(own_plant[0], version="1")) as found:
        yield found


async def numbers(client: httpx.AsyncClient, **asked: str) -> list[int]:
    answer = await client.get(PATH, params=asked)
    assert answer.status_code == 200, answer.text
    return [it["number"] for it in answer.json()]


async def test_rows_come_newest_first_and_page_by_page(client: httpx.AsyncClient) -> None:
    found, url = [], f"{PATH}?limit=2"
    while url:
        answer = await client.get(url)
        found.append([it["number"] for it in answer.json()])
        url = answer.links.get("next", {}).get("url", "")
    assert found == [[5, 4], [3, 2], [1]]


async def test_rows_are_found_by_who_what_and_day(client: httpx.AsyncClient) -> None:
    assert await numbers(client, who="person-1") == [4, 2]
    assert await numbers(client, what="sign-in") == [5]
    assert await numbers(client, day="2026-03-25", who="person-0") == [3, 1]
    assert await numbers(client, day="2026-03-26") == [5]


@pytest.mark.parametrize(
    "asked",
    [{"what": "nonsense"}, {"day": "x"}, {"day": "9999-12-31"}, {"cursor": "W10"}, {"format": "x"}],
)
async def test_what_cannot_be_asked_is_told(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await client.get(PATH, params=asked)).status_code == 422


async def test_all_of_it_as_a_file_which_is_told_too(client: httpx.AsyncClient) -> None:
    lines = (await client.get(PATH, params={"format": "ndjson"})).text.splitlines()
    assert [json.loads(it)["number"] for it in lines][-5:] == [5, 4, 3, 2, 1]
    answer = await client.get(PATH, params={"format": "csv", "what": "change"})
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [it["place"] for it in rows] == [f"'=1+{number}" for number in (3, 2, 1, 0)]
    exports = (await client.get(PATH, params={"what": "export"})).json()
    assert [it["place"] for it in exports] == [f"GET {PATH}"] * 2
