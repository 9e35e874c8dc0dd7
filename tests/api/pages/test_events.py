"""Server-Sent Events over a real server: they come, they change, they end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from browser import serving
from peers import PATIENCE_S, local_get
from recording_sink import until
from web_plant import NOW, Clock, app_of, confirm, registry_of, store_of, tell

from api.http.live_feed import LiveFeed
from api.queries.board import LineNow
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.prices import ComeAgainError
from domain.states import MachineState


def events(rows: Iterator[str], count: int) -> list[tuple[str, str]]:
    """The next events of a stream's lines: name and data."""
    found: list[tuple[str, str]] = []
    name = ""
    data: list[str] = []
    while len(found) < count:
        row = next(rows)
        if row.startswith("event:"):
            name = row.removeprefix("event:").strip()
        elif row.startswith("data:"):
            data.append(row.removeprefix("data:").removeprefix(" "))
        elif not row and data:
            found.append((name, "\n".join(data)))
            name, data = "", []
    return found


@contextlib.contextmanager
def stream(url: str) -> Iterator[Iterator[str]]:
    """The lines of an event stream."""
    with httpx.stream("GET", url, timeout=PATIENCE_S) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield response.iter_lines()


def test_live_events_come_about_every_interval(own_plant: tuple[Queries, Clock]) -> None:
    queries, _ = own_plant
    with serving(app_of(queries, version="1", live_interval_s=0.3)) as url:
        began = time.monotonic()
        with stream(f"{url}/api/v1/lines/filler-1/live") as rows:
            three = events(rows, 3)
        assert time.monotonic() - began >= 0.3, "faster than the interval"
        assert [name for name, _ in three] == ["live"] * 3
        assert json.loads(three[0][1]) == local_get(f"{url}/api/v1/lines/filler-1").json()


def test_a_change_of_state_reaches_an_open_stream(own_plant: tuple[Queries, Clock]) -> None:
    queries, clock = own_plant
    with (
        serving(app_of(queries, version="1", live_interval_s=0.1)) as url,
        stream(f"{url}/api/v1/lines/filler-1/live") as rows,
    ):
        assert json.loads(events(rows, 1)[0][1])["state"] == "producing"
        tell(queries, 1, (NOW + timedelta(seconds=5), MachineState.FAULT))
        confirm(queries, 2, NOW + timedelta(seconds=9))
        clock.now = NOW + timedelta(seconds=10)
        states = (json.loads(events(rows, 1)[0][1])["state"] for _ in range(20))
        assert "fault" in states


def test_the_board_sends_only_what_changed(own_plant: tuple[Queries, Clock]) -> None:
    """Every card at first; then, while the clock stands, only the line whose state changed."""
    queries, _ = own_plant
    with (
        serving(app_of(queries, version="1", live_interval_s=0.1)) as url,
        stream(f"{url}/floor/events?lang=zh-Hant") as rows,
    ):
        first: list[tuple[str, str]] = []
        while not first or first[-1][0] != "order":
            first += [it for it in events(rows, 1) if it[0] != "beat"]
        # Four cards, the summary and who is needed.
        assert [name for name, _ in first] == ["part"] * 6 + ["order"]
        assert first[6][1] == "filler-1 filler-2 packer-1 press-1"
        assert any("生產中" in part for _, part in first)
        time.sleep(0.5)  # some ticks without any change
        tell(queries, 1, (NOW - timedelta(minutes=1), MachineState.FAULT))
        told: list[str] = []
        # On a busy machine the board may see what came with a batch one after the other.
        while not (any("故障" in it for it in told) and any("floor-summary" in it for it in told)):
            told += [data for name, data in events(rows, 1) if name != "beat"]
            assert len(told) < 10
        parts = ("line-filler-1-", "floor-summary", "floor-needed")
        assert all(any(part in it for part in parts) for it in told)


def test_one_stream_for_pages_in_their_languages(own_plant: tuple[Queries, Clock]) -> None:
    queries, _ = own_plant
    wanted = ["/floor/events?lang=en", "/lines/filler-1/events?lang=zh-Hant", "/lines/no/events"]
    with (
        serving(app_of(queries, version="1", live_interval_s=0.1)) as url,
        stream(f"{url}/events?{urlencode([('of', it) for it in wanted])}") as rows,
    ):
        told: dict[int, str] = {}
        of = -1
        expected = {0: "Producing", 1: 'data-live="line-shift"', 2: "ended"}
        while not all(it in told.get(number, "") for number, it in expected.items()):
            [(name, data)] = events(rows, 1)
            of = int(data) if name == "of" else of
            if name != "beat":
                told[of] = told.get(of, "") + f"{name} {data}"
        assert "生產中" not in told[0]
        assert "生產中" in told[1]
        assert told[2] == "of 2ended sign in again, or load the page again"


@pytest.mark.parametrize("of", ["/grants/events", "https://example.org/floor", "", "x" * 9000])
async def test_what_is_no_stream_of_a_page_is_refused(client: httpx.AsyncClient, of: str) -> None:
    answer = await client.get("/events", params={"of": of})
    assert answer.status_code == 422
    assert "no page has the stream" in answer.text
    too_many = await client.get("/events", params={"of": ["/floor/events"] * 51})
    assert too_many.status_code == 422


def test_an_open_stream_does_not_hold_the_server(own_plant: tuple[Queries, Clock]) -> None:
    """`serving` fails by itself when the server does not stop."""
    queries, _ = own_plant
    with httpx.Client(timeout=PATIENCE_S) as client:
        with serving(app_of(queries, version="1", live_interval_s=3600)) as url:
            request = client.build_request("GET", f"{url}/api/v1/lines/filler-1/live")
            response = client.send(request, stream=True)
            rows = response.iter_lines()
            assert events(rows, 1)
        assert list(rows) == [], "the stream ends as a whole, not with an error"
        response.close()


async def test_a_closed_feed_reads_nothing_any_more(filled: Queries) -> None:
    """A store must not be closed under a reader; who asks afterwards is told."""
    feed = LiveFeed(filled, interval_s=60)
    watched = [live.state async for live in _until_closed(feed)]
    assert watched == ["producing"]
    with pytest.raises(ComeAgainError, match="shutting down"):
        await feed.live("filler-2")
    with pytest.raises(ComeAgainError):
        await feed.all()


async def _until_closed(feed: LiveFeed) -> AsyncIterator[Live]:
    async for live in feed.watch("filler-1"):
        yield live
        await feed.close()


async def test_many_viewers_cost_one_computation(filled: Queries) -> None:
    feed = LiveFeed(filled, interval_s=60)
    lives = await asyncio.gather(*(feed.live("filler-1") for _ in range(50)))
    assert len({id(live) for live in lives}) == 1
    await feed.close()


class _Slow(Queries):
    """The same answers, late."""

    begun = False
    over = False

    def line_now(self, line_id: str) -> LineNow:
        self.begun = True
        time.sleep(0.5)
        try:
            return super().line_now(line_id)
        finally:
            self.over = True


async def test_closing_waits_for_a_read_whose_viewer_is_gone(filled: Queries) -> None:
    slow = _Slow(store_of(filled), registry_of(filled), filled.now)
    feed = LiveFeed(slow, interval_s=60)
    viewer = asyncio.create_task(feed.live("filler-1"))
    await until(lambda: slow.begun, "the read to begin")
    viewer.cancel()
    await feed.close()
    assert slow.over
