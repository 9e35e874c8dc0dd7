"""The pages in a real chromium: offline, live, by keyboard, readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from axe import violations
from browser import Visit, chromium, screenshot, serving, visit
from peers import wait_until
from playwright.sync_api import Browser, ViewportSize, expect
from raised import acknowledged
from readable import CONTRAST, SMALL_TARGETS
from telemetry import batch
from web_plant import (
    NOW,
    Clock,
    app_of,
    confirm,
    count,
    filled_queries,
    on_board,
    registry_of,
    sample_frame,
    store_of,
    tell,
)

from api.queries.lines import Queries
from domain.signals import FAULTS
from domain.source_faults import FaultCode, SourceFault, to_text
from domain.states import MachineState

PAGES = (
    "/floor",
    "/wall",
    "/lines/filler-1",
    "/lines/filler-1/stops",
    "/lines/filler-2",
    "/lines/filler-1/handover",
    "/grants",
    "/audit",
    "/glossary",
    "/cut-off",
    "/sign-in",
    "/grants/NIFS-2025-017",
    "/grants/NIFS-2025-017/M3",
    "/changes/NIFS-2025-017",
    "/alerts",
    "/reminders",
    "/data-quality/filler-1?day=2026-03-10",
    "/connect",
    "/plants/tko-foods",
    "/profiles",
    "/profiles/packml/opcua",
)
FURTHER_PAGES = (
    "/wall?theme=light",
    "/lines/packer-1",
    "/lines/press-1",
    *(f"/lines/filler-1?tab={it}" for it in ("stops", "losses", "quality", "energy", "kpis")),
    "/lines/filler-1?tab=corrections",
    "/lines/filler-1/plan",
    "/lines/packer-1/handover",
    *(f"/grants/NIFS-2025-017/{it}" for it in ("M1", "M2", "M4")),
    "/portfolio",
    "/checks",
    "/approvals",
    "/users",
    "/data-quality",
    "/plants/tko-foods?version=1",
    "/plants/tko-foods/difference?old=1&new=1",
    "/profiles/kepware/iot-gateway-mqtt",
)
Look = tuple[str, Literal["light", "dark"]]
LOOKS: tuple[Look, ...] = (("en", "light"), ("zh-Hant", "dark"), ("zh-Hans", "light"))
if os.environ.get("LINEPROOF_AXE") == "all":  # make axe: every language by day and by night
    OTHERS: tuple[Look, ...] = (("en", "dark"), ("zh-Hant", "light"), ("zh-Hans", "dark"))
    PAGES += FURTHER_PAGES
    LOOKS += OTHERS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    queries = filled_queries(tmp_path_factory.mktemp("plant"), clock)
    acknowledged(registry_of(queries), "packer-1", "wong", NOW, "the belt slips")
    yield queries, clock
    store_of(queries).close()


@pytest.fixture(scope="module")
def url(plant: tuple[Queries, Clock]) -> Iterator[str]:
    with serving(app_of(on_board(plant[0]), version="1", live_interval_s=0.2)) as address:
        yield address


def nothing_left_the_host(seen: Visit, url: str) -> None:
    assert seen.hosts == {url.removeprefix("http://")}
    assert seen.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_in_three_languages_by_day_and_night_and_on_a_tablet(
    browser: Browser, url: str, path: str
) -> None:
    """Nothing comes from outside; axe-core finds nothing; texts have enough contrast, also on
    hatched grounds; targets are big, and nothing overflows (WCAG 2.2, 1.4.3, 2.5.8, 1.4.10)."""
    with visit(browser, has_touch=True) as seen:
        page = seen.page
        for tag, scheme in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_extra_http_headers({"Accept-Language": tag})
            page.goto(url + path)
            assert page.locator("html").get_attribute("lang") == tag
            for width in (800, 360):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(SMALL_TARGETS) == []
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{path} is {wide} px wide"
            page.set_viewport_size({"width": 1280, "height": 800})
            assert page.evaluate(CONTRAST) == []
            assert violations(page) == []
        nothing_left_the_host(seen, url)


def test_a_long_fault_stays_within_its_card(
    browser: Browser, own_plant: tuple[Queries, Clock]
) -> None:
    """Addresses have no spaces, and on the floor every line's card is narrow."""
    queries, clock = own_plant
    long = SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "/{http://example.org/}Counter" * 8)
    told = {"signal": FAULTS, "time": NOW + timedelta(seconds=1), "text": to_text([long])}
    frame = sample_frame("filler-1", "filler", [told])
    store_of(queries).append([batch(1, frame, agent="agent-source")])
    clock.now = NOW + timedelta(seconds=2)
    size: ViewportSize = {"width": 360, "height": 900}
    with serving(app_of(queries, version="1")) as url, visit(browser, viewport=size) as seen:
        for path in ("/floor", "/lines/filler-1"):
            seen.page.goto(url + path)
            notice = seen.page.get_by_text("filler does not serve")
            expect(notice).to_be_visible()
            assert notice.evaluate("it => it.scrollWidth - it.clientWidth") == 0
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_by_keyboard_from_the_skip_link_to_a_line(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        page = seen.page
        page.goto(f"{url}/floor")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        card = page.locator(".card[data-name=filler-1]")
        link = card.get_by_role("link", name="Filling line 1")
        for _ in range(page.locator("main a").count()):  # who is needed where stands before
            page.keyboard.press("Tab")
            if link.evaluate("it => it === document.activeElement"):
                break
        expect(link).to_be_focused()
        assert card.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        assert card.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)") >= 2
        page.keyboard.press("Enter")
        page.wait_for_url("**/lines/filler-1")
        expect(page.get_by_role("heading", level=1)).to_have_text("Filling line 1")


def test_the_language_links_work(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        seen.page.goto(f"{url}/floor")
        seen.page.get_by_role("link", name="繁體中文").click()
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("車間")
        seen.page.get_by_role("link", name="資助項目").click()
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("資助項目")


def test_the_day_of_a_verdict_is_picked(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        page = seen.page
        page.goto(f"{url}/grants/NIFS-2025-017")
        page.get_by_label("Data up to and including").fill("2026-03-08")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("As of 9 Mar 2026 00:00")).to_be_visible()
        row = page.get_by_role("group", name="Milestones").get_by_role("row", name="M3")
        assert row.get_by_text("Not provable").count() == 0
        page.get_by_role("link", name="Now").click()
        expect(row.get_by_text("Not provable")).to_be_visible()


def test_counts_and_states_change_without_a_reload(
    browser: Browser, own_plant: tuple[Queries, Clock]
) -> None:
    """The board moves by itself, keeps the keyboard's place, and says only changes of state."""
    queries, clock = own_plant
    with (
        serving(app_of(queries, version="1", live_interval_s=0.2)) as url,
        visit(browser) as seen,
    ):
        page = seen.page
        page.goto(f"{url}/floor")
        page.evaluate("window.sameDocument = true")
        card = page.locator(".card", has=page.get_by_role("link", name="Filling line 1"))
        counted = card.locator(".big")
        before = counted.inner_text()
        page.get_by_role("link", name="Filling line 1").focus()
        for step in (1, 2):
            clock.now = NOW + timedelta(seconds=20 * step)
            count(queries, step, clock.now, step * 60)
            confirm(queries, 100 + step, clock.now)
            expect(counted).not_to_have_text(before)
            before = counted.inner_text()
        announcer = page.locator("#announcer")
        expect(announcer).to_have_text("")
        tell(queries, 200, (clock.now, MachineState.STOPPED))
        clock.now += timedelta(seconds=1)
        expect(card.locator(".state")).to_have_text("Stopped")
        expect(announcer).to_have_text("Filling line 1: Stopped")
        expect(page.get_by_role("link", name="Filling line 1")).to_be_focused()
        assert page.evaluate("window.sameDocument") is True
        nothing_left_the_host(seen, url)


def test_an_error_page_for_a_person(browser: Browser, url: str) -> None:
    with visit(browser, locale="zh-HK") as seen:
        answer = seen.page.goto(f"{url}/lines/nope")
        assert answer is not None
        assert answer.status == 404
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("此頁不存在")
        seen.page.get_by_role("link", name="前往車間").click()
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("車間")


def test_a_screenshot_is_taken(browser: Browser, url: str, tmp_path: Path) -> None:
    where = tmp_path / "images" / "floor.png"
    picture = screenshot(f"{url}/floor", where, browser=browser, width=1000)
    assert picture.read_bytes().startswith(b"\x89PNG")
    wait_until(lambda: picture.stat().st_size > 20_000, "a picture of more than an empty page")
