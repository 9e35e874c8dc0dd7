"""Live states are made once and together, and an error of one line is of that line alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import httpx
import pytest
from web_plant import Clock, registry_of, store_of

from api.app import create_app
from api.http import live_feed
from api.http.live_feed import LiveFeed
from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from api.queries.live import Live, lives
from domain.errors import NotFoundError, StorageError

LINES = ["filler-1", "filler-2"]


@pytest.fixture
async def feed(filled: Queries) -> AsyncIterator[LiveFeed]:
    made = LiveFeed(filled, interval_s=60)
    yield made
    await made.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The lines of each computation."""
    found: list[list[str]] = []

    def noted(queries: Queries, lines: Sequence[str]) -> list[Live]:
        found.append(list(lines))
        return lives(queries, lines)

    monkeypatch.setattr(live_feed, "lives", noted)
    return found


async def test_what_is_asked_at_once_is_made_in_one_go(
    feed: LiveFeed, asked: list[list[str]]
) -> None:
    states = await asyncio.gather(*(feed.live(line) for line in LINES * 10))
    assert [state.line for state in states] == LINES * 10
    assert asked == [LINES]
    assert await feed.live(LINES[0]) is states[0]


async def test_a_line_that_is_not_there_harms_no_other(feed: LiveFeed) -> None:
    good, bad = await asyncio.gather(
        feed.live("filler-1"), feed.live("nowhere"), return_exceptions=True
    )
    assert isinstance(good, Live)
    assert isinstance(bad, NotFoundError)


async def test_a_line_that_somebody_asks_for_comes_first_on_the_board(filled: Queries) -> None:
    board = Board()
    keeper = BoardKeeper(store_of(filled), registry_of(filled).facts_basis, board, filled.now)
    keeper.refresh()
    below = Board(below=board)
    looks = Queries(store_of(filled), registry_of(filled), filled.now, board=below)
    feed = LiveFeed(looks, interval_s=60)
    await feed.all()
    assert board.watched() == frozenset(), "who looks at all of them looks at none"
    await feed.live("filler-1")
    assert board.watched() == {"filler-1"}
    await feed.close()


async def test_so_does_a_line_whose_kpi_rows_somebody_asks_for(filled: Queries) -> None:
    board = Board()
    BoardKeeper(store_of(filled), registry_of(filled).facts_basis, board, filled.now).refresh()
    looks = Queries(store_of(filled), registry_of(filled), filled.now, board=board)
    app = create_app(looks, registry_of(filled), version="1")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        window = {"start": "2026-03-10", "end": "2026-03-11"}
        answer = await client.get("/api/v1/lines/filler-2/kpis", params=window)
    assert answer.status_code == 200
    assert board.watched() == {"filler-2"}
    await app.state.services.close()


async def test_whoever_waits_hears_of_an_error(
    feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> list[Live]:
        raise StorageError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(live_feed, "lives", fails)
        answers = await asyncio.gather(*(feed.live(line) for line in LINES), return_exceptions=True)
        assert [str(answer) for answer in answers] == ["the disk is gone"] * 2
        with pytest.raises(StorageError):
            await feed.all()
    assert (await feed.live("filler-1")).line == "filler-1", "and then it goes on"


async def test_all_lines_are_made_once_for_all_who_look(
    feed: LiveFeed, asked: list[list[str]]
) -> None:
    first, *others = await asyncio.gather(*(feed.all() for _ in range(20)))
    assert all(other is first for other in others)
    assert len(asked) == 1
    assert {*LINES} <= {live.line for live in first.lives}


async def test_what_is_recorded_shows_at_once(own_plant: tuple[Queries, Clock]) -> None:
    queries, clock = own_plant
    feed = LiveFeed(queries, interval_s=60)
    first, state = await feed.all(), await feed.live("filler-1")
    registry_of(queries).agents.enrol("other", bytes(32), clock.now, origin="a test")
    assert (await feed.all()).number != first.number
    assert await feed.live("filler-1") is not state
    await feed.close()


async def test_what_is_made_of_each_line_is_made_once_and_holds_nobody_up(feed: LiveFeed) -> None:
    every, made = await feed.all(), list[tuple[str, bool]]()

    def make(live: Live) -> str:
        made.append((live.line, threading.current_thread() is threading.main_thread()))
        return f"{live.line} {live.number}"

    first, *others = await asyncio.gather(
        *(feed.of_each(("card",), every, make) for _ in range(20))
    )
    assert first == {it.line: f"{it.line} {it.number}" for it in every.lives}
    assert all(it == first for it in others)
    assert made == [(it.line, False) for it in every.lives]
    new = replace(every.lives[0], number=-1)
    other = replace(every, number=-1, lives=(new, *every.lives[1:]))
    assert await feed.of_each(("card",), other, make) == first | {new.line: f"{new.line} -1"}
    assert len(made) == len(every.lives) + 1, "the others are as they were"
