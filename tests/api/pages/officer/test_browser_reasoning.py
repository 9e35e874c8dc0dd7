"""The pages of a project and of a milestone in a real browser: at a desk, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium, serving, visit
from playwright.sync_api import Browser, expect
from readable import SMALL_TARGETS
from web_plant import app_of

from api.queries.lines import Queries

PROJECT = "/grants/NIFS-2025-017"


@pytest.fixture(scope="module")
def url(filled: Queries) -> Iterator[str]:
    with serving(app_of(filled, version="1")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


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
