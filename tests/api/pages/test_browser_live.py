"""Live pages in a real chromium: over networks that are cut, in many tabs, of who signs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from bad_network import BadNetwork, bad_network
from browser import chromium, serving, visit
from playwright.sync_api import Browser, Locator, Page, expect
from signing_in import with_accounts
from web_plant import NOW, Clock, app_of, confirm, filled_queries, store_of, tell

from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.states import MachineState

TABS = 7  # one more than a browser's connections to a host over HTTP/1.1
WATCH_SHIFTS = """() => { window.shifted = []; new PerformanceObserver((list) => {
    for (const it of list.getEntries()) {
        window.shifted.push([it.value, ...it.sources.map((at) => at.node?.className)]);
    }
}).observe({ type: "layout-shift" }); }"""
NEW_YORK = "America/New_York"


class Line:
    """What filling line 1 does from now on: a state a minute."""

    def __init__(self, queries: Queries, clock: Clock) -> None:
        self._queries, self._clock, self._number = queries, clock, 0

    def is_now(self, state: MachineState) -> None:
        self._number += 1
        self._clock.now += timedelta(minutes=1)
        tell(self._queries, 1000 + 2 * self._number, (self._clock.now, state))
        confirm(self._queries, 1001 + 2 * self._number, self._clock.now)
        self._clock.now += timedelta(seconds=1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    queries = filled_queries(tmp_path_factory.mktemp("plant"), clock)
    yield queries, clock
    store_of(queries).close()


@pytest.fixture(scope="module")
def line(plant: tuple[Queries, Clock]) -> Line:
    return Line(*plant)


@pytest.fixture(scope="module")
def mended(plant: tuple[Queries, Clock]) -> Iterator[BadNetwork]:
    with (
        serving(app_of(plant[0], version="1", live_interval_s=0.2)) as url,
        bad_network(url) as found,
    ):
        yield found


@pytest.fixture
def network(mended: BadNetwork) -> Iterator[BadNetwork]:
    yield mended
    mended.mend()


def state(page: Page) -> Locator:
    """Of filling line 1, on the floor or on its own page."""
    return page.locator(".card[data-name=filler-1] .state, .band .state").first


@pytest.mark.parametrize(("path", "how"), [("/floor", "cut"), ("/lines/filler-1", "hold")])
def test_a_page_that_is_cut_off_says_so_and_catches_up(
    browser: Browser, network: BadNetwork, line: Line, path: str, how: str
) -> None:
    """Within 5 s also where no connection breaks; with the time of the plant, wherever one is."""
    line.is_now(MachineState.PRODUCING)
    with visit(browser, timezone_id=NEW_YORK, locale="en-GB") as seen:
        page = seen.page
        page.clock.install()
        page.goto(network.url + path)
        line.is_now(MachineState.IDLE)
        expect(state(page)).to_have_text("Idle")
        offline = page.locator("#offline")
        expect(offline).to_be_hidden()

        getattr(network, how)()
        line.is_now(MachineState.FAULT)
        page.clock.fast_forward(4900)
        expect(offline).to_be_visible()
        told = offline.locator("time").inner_text()
        assert told.startswith(f"{NOW:%-d %b %Y}, {NOW:%H}:"), told
        expect(state(page)).to_have_text("Idle")
        assert "grayscale" in state(page).evaluate(
            "e => getComputedStyle(e.closest('[data-live]')).filter"
        )
        expect(state(page)).to_have_css("text-decoration-line", "line-through")

        network.mend()
        expect(offline).to_be_hidden()
        expect(state(page)).to_have_text("Fault")
        expect(state(page)).not_to_have_css("text-decoration-line", "line-through")
        line.is_now(MachineState.STOPPED)
        expect(state(page)).to_have_text("Stopped")


def test_nothing_moves_when_a_line_needs_someone(
    browser: Browser, network: BadNetwork, line: Line
) -> None:
    """Layout shifts as the browser itself counts them (https://wicg.github.io/layout-instability)."""
    line.is_now(MachineState.PRODUCING)
    with visit(browser, viewport={"width": 1280, "height": 1600}) as seen:
        page = seen.page
        page.goto(f"{network.url}/floor?lang=en")
        page.evaluate(WATCH_SHIFTS)
        for now, needed in ((MachineState.FAULT, 1), (MachineState.PRODUCING, 0)):
            line.is_now(now)
            expect(page.locator(".needed a[href='/lines/filler-1']")).to_have_count(needed)
        assert page.evaluate("window.shifted") == []


@pytest.mark.parametrize("tab", ["", "?tab=day"])
def test_nothing_moves_on_the_page_of_a_line(
    browser: Browser, network: BadNetwork, line: Line, tab: str
) -> None:
    line.is_now(MachineState.PRODUCING)
    with visit(browser, locale="en-GB", viewport={"width": 1280, "height": 800}) as seen:
        page = seen.page
        page.goto(f"{network.url}/lines/filler-1{tab}")
        page.evaluate(WATCH_SHIFTS)
        for now, word in ((MachineState.FAULT, "Fault"), (MachineState.PRODUCING, "Producing")):
            line.is_now(now)
            expect(state(page)).to_have_text(word)
            page.wait_for_function(
                "document.fonts.ready.then(() => new Promise(requestAnimationFrame))"
            )
        assert page.evaluate("window.shifted") == []


def test_more_tabs_than_connections_are_all_live(
    browser: Browser, network: BadNetwork, line: Line
) -> None:
    line.is_now(MachineState.PRODUCING)
    with visit(browser) as seen:
        tabs = [seen.page, *(seen.page.context.new_page() for _ in range(TABS - 1))]
        for number, page in enumerate(tabs):
            page.goto(network.url + ("/floor?lang=en", "/lines/filler-1?lang=zh-Hant")[number % 2])
        for now in (MachineState.FAULT, MachineState.SETUP):
            line.is_now(now)
            for number, page in enumerate(tabs):
                word = {"fault": ("Fault", "故障"), "setup": ("Setup", "換線調機")}[now]
                expect(state(page)).to_have_text(word[number % 2])


def test_the_tabs_of_a_session_end_with_it(
    browser: Browser, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    registry = with_accounts(queries)
    secret = registry.sessions.begin("chan", clock())
    with (
        serving(app_of(queries, version="1", live_interval_s=0.2)) as url,
        visit(browser) as seen,
    ):
        seen.page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": url}])
        tabs = [seen.page, seen.page.context.new_page()]
        for page in tabs:
            page.goto(f"{url}/lines/filler-1")
            expect(state(page)).to_be_visible()
        registry.sessions.end(secret)
        for page in tabs:
            page.wait_for_url("**/sign-in*")
