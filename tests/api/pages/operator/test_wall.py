"""The wall: sheets that are evenly full, in both themes, with nothing to press."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest

from api.pages.operator.wall import SHEET_MAX, sheets
from api.queries.lines import Queries
from api.queries.live import live


@pytest.mark.parametrize(
    ("lines", "sizes"),
    [(0, []), (1, [1]), (6, [6]), (7, [4, 3]), (12, [6, 6]), (13, [5, 5, 3])],
)
def test_sheets_are_few_and_evenly_full(filled: Queries, lines: int, sizes: list[int]) -> None:
    one = live(filled, "filler-1")
    found = sheets([replace(one, line=f"line-{number}") for number in range(lines)])
    assert [len(it.lives) for it in found] == sizes
    assert {it.size for it in found} == {max(sizes)} if sizes else not found
    assert max(sizes, default=0) <= SHEET_MAX
    shown = [live.line for it in found for live in it.lives]
    assert shown == [f"line-{number}" for number in range(lines)]


class _Names(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)


@pytest.mark.parametrize(
    ("query", "theme"), [("", "dark"), ("?theme=light", "light"), ("?theme=dark", "dark")]
)
async def test_a_wall_shows_states_and_has_no_controls(
    client: httpx.AsyncClient, query: str, theme: str
) -> None:
    text = (await client.get(f"/wall{query}")).text
    assert f'data-theme="{theme}"' in text
    for words in ("Filling line 1", "Producing", "Glue nozzle blocked", "need someone now"):
        assert words in text
    assert not _Names(text).names & {"a", "button", "input", "select", "form", "details"}


async def test_another_theme_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/wall?theme=neon")).status_code == 422
