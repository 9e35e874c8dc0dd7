"""The wall in a real chromium: large, turned, moved by pixels, and no fatter after a day."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from browser import chromium, serving, visit
from peers import PATIENCE_S, local_get
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.routing import Route
from web_plant import NOW, PLANT, Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from store.files.plant import read_plant

SCREEN: ViewportSize = {"width": 1920, "height": 1080}
SMALL: ViewportSize = {"width": 640, "height": 360}  # is drawn in less time
# Of a word, so that its capitals are 47 mm high on a screen of 55 inches: read at ten metres.
WORD_PX = 100
TIMES = 400  # that each of eight tiles changes: as often as a line changes its state in a day
WARM = 100  # of them, after which a browser keeps what it always keeps
GROWTH_MAX_KB = 300
MORE = "".join(
    f"  line-{number}: {{machines: {{it: {{profile: import}}}}, roles: {{state: it}}}}\n"
    for number in range(4)
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """Eight lines, which are two sheets."""
    found = filled_queries(tmp_path_factory.mktemp("plant"), Clock())
    registry_of(found).apply.plant(PLANT + MORE, read_plant(PLANT + MORE, "plant.yaml"), NOW)
    yield found
    store_of(found).close()


def test_it_is_large_and_turns_and_moves_by_some_pixels(browser: Browser, queries: Queries) -> None:
    with (
        serving(app_of(queries, version="1", live_interval_s=0.2)) as url,
        visit(browser, viewport=SCREEN) as seen,
    ):
        page = seen.page
        page.clock.install()
        page.goto(f"{url}/wall?lang=en")
        first, second = page.locator("[data-sheet]").all()
        expect(first).to_be_visible()
        expect(second).to_be_hidden()
        for word in first.locator(".state").all():
            assert word.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= WORD_PX
            assert word.evaluate("e => e.scrollWidth - e.clientWidth") == 0, "it is cut short"
        page.clock.fast_forward(15_500)
        expect(second).to_be_visible()
        expect(first).to_be_hidden()
        page.keyboard.press("ArrowLeft")
        expect(first).to_be_visible()
        page.clock.fast_forward(61_000)
        expect(page.locator("#main")).to_have_css("translate", "3px 1px")
        box = page.locator(".top-line").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= SCREEN["width"], "nothing is cut off"
        assert seen.complaints == []


class Day:
    """All that the wall is sent in a day, as fast as a browser takes it, in place of `/events`:
    every tile by turns in two languages, as the application itself makes them."""

    def __init__(self, turns: tuple[bytes, bytes]) -> None:
        self._turns = turns
        self.is_warm = threading.Event()

    async def events(self, request: Request) -> EventSourceResponse:
        return EventSourceResponse(self._all(), ping=0)

    async def _all(self) -> AsyncIterator[bytes]:
        for time in range(TIMES):
            if time == WARM:
                yield _said("warm")
                while not self.is_warm.is_set():
                    await asyncio.sleep(0.05)
            yield self._turns[time % 2]
        while True:
            yield _said("over")
            await asyncio.sleep(0.2)


def _said(word: str) -> bytes:
    html = f'<p class="top-line" data-live="wall-top">{word}</p>'
    return ServerSentEvent(html, event="part").encode()


def first_parts(url: str, tag: str) -> bytes:
    """The parts of a wall that has just been opened."""
    parts = local_get(f"{url}/wall?lang={tag}").text.split("<section ")[1:]
    return b"".join(
        ServerSentEvent(f"<section {it.split('</section>')[0]}</section>", event="part").encode()
        for it in parts
    )


def kept(page: Page) -> tuple[float, float]:
    """KB of its heap, and nodes of its document, without what is only waiting to be cleared."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    told = {it["name"]: it["value"] for it in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return told["JSHeapUsedSize"] / 1e3, told["Nodes"]


def test_after_a_day_it_keeps_no_more_than_at_first(browser: Browser, queries: Queries) -> None:
    app = app_of(queries, version="1", live_interval_s=0.2)
    with serving(app) as url, visit(browser, viewport=SMALL) as seen:
        day = Day((first_parts(url, "en"), first_parts(url, "zh-Hant")))
        app.router.routes.insert(0, Route("/events", day.events))
        page = seen.page
        page.goto(f"{url}/wall?lang=en")
        top = page.locator(".top-line")
        expect(top).to_have_text("warm", timeout=PATIENCE_S * 1000)
        before_kb, nodes_before = kept(page)
        day.is_warm.set()
        expect(top).to_have_text("over", timeout=PATIENCE_S * 1000)
        after_kb, nodes_after = kept(page)
        assert nodes_after <= nodes_before + 50, (nodes_before, nodes_after)
        assert after_kb - before_kb < GROWTH_MAX_KB, (before_kb, after_kb)
        assert seen.complaints == []
