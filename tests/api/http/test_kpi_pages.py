"""Pages of KPI rows are the rows of the whole answer, and each costs what it shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from api.http.paging import encode_cursor

PATH = "/api/v1/lines/filler-1/kpis"
WINDOW = {"start": "2026-03-03T10:20", "end": "2026-03-25T14:05"}  # cuts periods of every kind
BOTH = ["iso22400", "planned-changeover-excluded"]


async def _pages(client: httpx.AsyncClient, **query: Any) -> list[list[Any]]:
    """The pages, each behind the link of the one before."""
    pages = []
    answer = await client.get(PATH, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        following = answer.links.get("next", {}).get("url")
        if following is None:
            return pages
        answer = await client.get(urljoin(PATH, following))


@pytest.mark.parametrize("by", ["shift", "day", "week", "month", "product", None])
async def test_pages_are_the_whole_answer(client: httpx.AsyncClient, by: str | None) -> None:
    query: dict[str, Any] = {**WINDOW, "method": BOTH} | ({"by": by} if by else {})
    whole = (await client.get(PATH, params=query)).json()
    for limit in (1, 3, 1_000):
        pages = await _pages(client, **query, limit=limit)
        assert [row for page in pages for row in page] == whole
        assert max(map(len, pages)) <= limit
    assert "limit" not in query, "the whole answer is what is given without"


async def test_hours_too_and_lines_without_shifts(client: httpx.AsyncClient) -> None:
    query = {**WINDOW, "by": "hour"}
    whole = (await client.get(PATH, params=query)).json()
    pages = await _pages(client, **query, limit=100)
    assert [row for page in pages for row in page] == whole
    unplanned = "/api/v1/lines/press-1/kpis"
    answer = await client.get(unplanned, params={**WINDOW, "by": "shift", "limit": 5})
    assert answer.json() == (await client.get(unplanned, params={**WINDOW, "by": "shift"})).json()


@pytest.mark.parametrize(
    ("start", "end", "by"),
    [
        ("2016-03-25", "2026-03-25", "hour"),
        ("1926-01-01", "2026-03-25", "hour"),
        ("1926-01-01", "2999-03-25", "month"),
        ("1926-01-01", "2026-03-25", "shift"),
        ("1926-01-01", "2026-03-25", "day"),
    ],
)
async def test_what_is_too_dear_as_a_whole_comes_in_the_pages_that_the_refusal_names(
    client: httpx.AsyncClient, start: str, end: str, by: str
) -> None:
    query = {"start": start, "end": end, "by": by}
    refused = await client.get(PATH, params=query)
    assert refused.status_code == 422
    assert "limit=1000" in refused.json()["detail"]
    answer = await client.get(PATH, params={**query, "limit": "1000"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) <= 1_000
    assert "next" in answer.links


async def test_more_than_an_answer_s_months_end_and_lack_none(client: httpx.AsyncClient) -> None:
    query = {"start": "2016-01-01", "end": "2999-01-01", "by": "month"}
    rows = [row for page in await _pages(client, **query, limit=1_000) for row in page]
    assert len(rows) == 10 * 12 + 3
    assert rows[0]["start"].startswith("2016-01-01")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]


async def test_a_cursor_may_lie_before_1970(client: httpx.AsyncClient) -> None:
    query = {"start": "1965-01-01", "end": "1965-03-15", "by": "month"}
    pages = await _pages(client, **query, limit=1)
    assert [page[0]["start"][:10] for page in pages] == ["1965-01-01", "1965-02-01", "1965-03-01"]


@pytest.mark.parametrize(
    "key", [[], [1], [0, 1], [9, 1774000000000000], ["0", 1], [0, -1], [0, 1.5], [True, 1]]
)
async def test_a_cursor_of_another_list_is_refused(
    client: httpx.AsyncClient, key: list[Any]
) -> None:
    query = {**WINDOW, "by": "day", "cursor": encode_cursor(key)}
    answer = await client.get(PATH, params=query)
    assert answer.status_code == 422
    assert "cursor" in answer.json()["detail"]
