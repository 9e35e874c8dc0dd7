"""A shared tablet in a real chromium: fingers on large digits, and a badge reader that types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import Visit, chromium, serving, visit
from playwright.sync_api import expect
from signing_in import with_accounts
from web_plant import Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from domain.access import Assignment


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """A plant with two people and a tablet."""
    found = filled_queries(tmp_path_factory.mktemp("tablet"), Clock())
    registry = with_accounts(found)
    role = [Assignment.parse("operator@line:filler-1")]
    registry.accounts.add("wong", "黃嘉欣", role, found.now())
    registry.accounts.add("tablet", "", role, found.now(), is_device=True)
    registry.pins_and_badges.set_pin("chan", "4711")
    registry.pins_and_badges.set_badge("wong", "0004712")
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture(scope="module")
def tablet(queries: Queries) -> Iterator[Visit]:
    """Its browser, signed in by its link."""
    size = {"width": 1180, "height": 820}
    with serving(app_of(queries, version="1")) as url, chromium() as browser:
        code = registry_of(queries).sign_in_codes.for_account("tablet", queries.now())
        with visit(browser, viewport=size, base_url=url, has_touch=True) as seen:
            seen.page.goto(f"/sign-in?code={code}")
            seen.page.get_by_role("button", name="Make this browser the shared tablet").tap()
            expect(seen.page.get_by_role("heading", name="Who works here now?")).to_be_visible()
            yield seen


def test_a_name_and_digits_are_tapped(tablet: Visit) -> None:
    page = tablet.page
    page.goto("/sign-on")
    page.get_by_role("link", name="Chan").tap()
    pin = page.get_by_label("PIN", exact=True)
    expect(pin).to_be_focused()
    expect(pin).to_have_attribute("inputmode", "none")  # the tablet's keyboard stays away
    for digit in "4711119999":
        page.get_by_role("button", name=digit, exact=True).tap()
    expect(pin).to_have_value("47111199")
    for _ in range(4):
        page.get_by_role("button", name="Delete the last digit").tap()
    expect(pin).to_have_value("4711")
    sizes = [it.bounding_box() for it in page.locator(".keypad button").all()]
    assert all(it and min(it["width"], it["height"]) >= 60 for it in sizes), "for gloved fingers"
    last = page.get_by_role("link", name="Somebody else").bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 820, "all of it is seen without scrolling"
    page.get_by_role("button", name="Sign on").tap()
    expect(page).to_have_url("/lines/filler-1")
    expect(page.get_by_text("at tablet")).to_be_visible()
    page.get_by_role("button", name="Sign off").tap()
    expect(page).to_have_url("/sign-on")
    page.goto("/lines/filler-1")
    expect(page).to_have_url("/sign-on?next=%2Flines%2Ffiller-1")


def test_a_badge_reader_types_into_the_page_as_it_stands(tablet: Visit) -> None:
    page = tablet.page
    page.goto("/sign-on?next=/floor")
    badge = page.get_by_label("Hold your badge before the reader")
    expect(badge).to_be_focused()
    page.keyboard.type("0004712")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/floor")
    expect(page.locator("header")).to_contain_text("wong")
    page.goto("/sign-on")
    expect(page.get_by_text("黃嘉欣")).to_be_visible()
    page.locator("main").get_by_role("button", name="Sign off").tap()
    expect(badge).to_be_focused()
    page.keyboard.type("0004799")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This badge is not known here.")
    assert [it for it in tablet.complaints if "401" not in it] == []


def test_without_scripts_a_pin_is_typed(tablet: Visit, queries: Queries) -> None:
    page = tablet.page
    browser, cookies = page.context.browser, page.context.cookies()
    assert browser is not None
    with visit(browser, java_script_enabled=False) as plain:
        plain.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were read
        plain.page.goto(page.url.partition("?")[0] + "?name=chan")
        expect(plain.page.locator("[data-digit]").first).to_be_hidden()
        plain.page.get_by_label("PIN", exact=True).fill("4711")
        plain.page.keyboard.press("Enter")
        expect(plain.page.locator("header")).to_contain_text("chan")
