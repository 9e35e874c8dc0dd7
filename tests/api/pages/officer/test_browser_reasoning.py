"""An officer at the desk, with a keyboard alone: from the portfolio to why a milestone is not
provable.

The keys and the words on the way are counted and written into `why-not-provable.txt` beside the
picture, where LINEPROOF_SCREENSHOTS names a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium, serving, visit
from playwright.sync_api import Browser, Page, expect
from readable import SMALL_TARGETS
from web_plant import app_of

from api.queries.lines import Queries

# A slow typist, who reads silently at the mean speed of adults (Brysbaert 2019: 238 a minute).
KEY_S, WORDS_A_S, WANTED_S = 1.0, 238 / 60, 30.0
SHOTS = os.environ.get("LINEPROOF_SCREENSHOTS")
PROJECT = "/grants/NIFS-2025-017"


@pytest.fixture(scope="module")
def url(filled: Queries) -> Iterator[str]:
    with serving(app_of(filled, version="1")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Keyboard:
    """Whoever sits at it: counts the keys, and reads what has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    @property
    def focused(self) -> str:
        """The text of the link that has it; of what only scrolls, nothing."""
        link = "document.activeElement.closest('a')?.textContent.trim() ?? ''"
        return str(self.page.evaluate(link))

    def tab_to(self, words: str, at_most: int) -> None:
        for _ in range(at_most):
            self.press("Tab")
            if words in self.focused:
                return
        raise AssertionError(f"'{words}' is not within {at_most} tabs, but '{self.focused}'")


def test_from_the_portfolio_to_why_it_is_not_provable(browser: Browser, url: str) -> None:
    with visit(browser, viewport={"width": 1280, "height": 800}) as seen:
        page, hands = seen.page, Keyboard(seen.page)
        page.goto(f"{url}/portfolio?lang=en")
        hands.press("Tab")
        assert hands.focused == "Skip to the content"
        hands.press("Enter")
        # Who is waited for longest stands first; its verdict and that it is overdue beside it.
        first = page.locator(".waits tbody tr").first
        expect(first).to_contain_text("Not provable")
        expect(first).to_contain_text("Overdue")
        read = first.inner_text()
        hands.tab_to("NIFS-2025-017 · M3", at_most=5)
        hands.press("Enter")
        page.wait_for_url(f"**{PROJECT}/M3")
        why = page.locator(".verdict-head p")
        expect(why).to_contain_text("10 Mar 2026 13:00 to 11 Mar 2026 10:00: the machine filler")
        place = why.bounding_box()
        assert place is not None
        assert place["y"] + place["height"] < 800, "it is read without scrolling"
        read += f" {page.locator('h1').inner_text()} {why.inner_text()}"
        words = len(read.split())
        seconds = hands.keys * KEY_S + words / WORDS_A_S
        assert seconds < WANTED_S, f"{hands.keys} keys, {words} words"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / "officer-why-not-provable.png", full_page=True)
            told = f"{hands.keys} keys, {words} words read, {seconds:.0f} s\n"
            (Path(SHOTS) / "officer-why-not-provable.txt").write_text(told, encoding="utf-8")
        # And on, from the step to what bears it out, and to what would change it.
        hands.tab_to("Facts", at_most=20)
        hands.press("Enter")
        expect(page.locator("h2#unknown")).to_be_focused()
        assert seen.complaints == []


def test_nothing_overflows_and_targets_are_large(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        for place in (f"{PROJECT}/M2", PROJECT):
            seen.page.goto(f"{url}{place}?lang=en")
            for width in (1280, 390):
                seen.page.set_viewport_size({"width": width, "height": 900})
                wide = seen.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{place} is {wide} px wide"
                assert seen.page.evaluate(SMALL_TARGETS) == [], (place, width)


def test_paper_has_the_layout_of_a_desk_and_says_when_it_was_printed(
    browser: Browser, url: str
) -> None:
    with visit(browser, viewport={"width": 690, "height": 900}) as seen:  # A4 within its margins
        page = seen.page
        page.goto(f"{url}{PROJECT}?lang=en")
        page.emulate_media(media="print")
        expect(page.locator(".printed")).to_contain_text("Printed on 25 Mar 2026")
        assert page.locator(".milestones").evaluate("e => getComputedStyle(e).display") == "table"
        expect(page.locator("header.top")).to_be_hidden()
        pdf = page.pdf(prefer_css_page_size=True)
        assert pdf.count(b"/MediaBox [0 0 594.95996 841.91998]") >= 1, "A4"
        expect(page.locator(".printed time")).not_to_have_text("25 Mar 2026 14:05")
