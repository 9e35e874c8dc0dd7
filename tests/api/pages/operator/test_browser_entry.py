"""An operator at a tablet: two touches for a reason, whatever the network does meanwhile.

Real chromium with touches loses its network itself; of a lost answer the server had the request.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import pytest
from browser import Visit, chromium, serving, visit
from playwright.sync_api import Browser, Error, Page, Route, expect
from readable import CONTRAST, SMALL_TARGETS
from stopped_line import FIRST, LINE, RUNNING, SECOND, stopped_line, take_back, with_orders
from story import sign_in
from web_plant import Clock, app_of, registry_of, store_of

from api.queries.lines import Queries

HERE = f"/lines/{LINE}/stops"
UNREACHABLE = "() => fetch('/static/icon.svg', { cache: 'no-store' }).then(() => false, () => true)"


@dataclass
class Tablet:
    """Two people's browsers at one line; `touches` counts those of the one."""

    queries: Queries
    mine: Visit
    theirs: Visit
    touches: int = 0
    before: int = 0  # corrections of earlier stories

    @property
    def page(self) -> Page:
        return self.mine.page

    def stop(self, since: Any, page: Page | None = None) -> Any:
        return (page or self.page).locator(f'a[data-stop="{since.isoformat()}"]')

    def touch(self, what: Any) -> None:
        self.touches += 1
        what.tap()

    def give(self, since: Any, reason: str) -> None:
        """A reason, by touches."""
        self.touch(self.stop(since))
        self.touch(self.page.get_by_role("button", name=reason).first)

    def network(self, *, away: bool) -> None:
        self.page.context.set_offline(away)
        if away:  # the browser's own network process hears of it a moment later
            self.page.wait_for_function(UNREACHABLE)

    def holding(self) -> list[tuple[str, str | None]]:
        """Who gave which reason that holds."""
        found = registry_of(self.queries).facts_basis.line_corrections(LINE).in_force
        return [(it.author, it.reason) for it in found]

    def said(self) -> list[str]:
        """Every reason that was recorded in this story."""
        every = registry_of(self.queries).records.corrections(LINE)
        return [it.reason for it in every[self.before :] if it.reason]

    def take_back(self) -> None:
        """Whatever holds."""
        take_back(self.queries)
        self.before = len(registry_of(self.queries).records.corrections(LINE))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, str]]:
    queries = stopped_line(tmp_path_factory.mktemp("stopped"), Clock())
    with_orders(queries)
    with serving(app_of(queries, version="1", live_interval_s=0.2)) as url:
        yield queries, url
    store_of(queries).close()
    registry_of(queries).close()


@pytest.fixture(scope="module")
def tablet(browser: Browser, place: tuple[Queries, str]) -> Iterator[Tablet]:
    queries, url = place
    size = {"width": 1180, "height": 820}
    asked: dict[str, Any] = {"viewport": size, "has_touch": True, "base_url": url}
    asked["service_workers"] = "block"  # playwright waits for ever for one whose tab was killed
    with visit(browser, **asked) as mine, visit(browser, **asked) as theirs:
        for name, it in (("wong", mine), ("chan", theirs)):
            sign_in(it.page, name)
        yield Tablet(queries, mine, theirs)


@pytest.fixture(autouse=True)
def nothing_said(tablet: Tablet) -> None:
    """Every story begins with nothing recorded that holds, and nothing waiting."""
    tablet.take_back()
    tablet.network(away=False)
    tablet.page.unroute_all()
    tablet.page.goto("/static/icon.svg")  # where nothing is sent
    tablet.page.evaluate("localStorage.clear()")
    tablet.page.goto(HERE)
    tablet.touches = 0


def test_a_reason_takes_two_touches_and_one_takes_it_back(tablet: Tablet) -> None:
    page = tablet.page
    asks = page.locator(".stop.asks", has=tablet.stop(RUNNING))
    expect(asks).to_contain_text("No reason: touch to give it")
    tablet.give(RUNNING, "Bottle jam")
    expect(page.get_by_role("status").filter(has_text="Recorded: Bottle jam")).to_be_visible()
    assert tablet.touches == 2
    assert tablet.holding() == [("wong", "jam")]
    expect(tablet.stop(RUNNING)).to_contain_text("Bottle jam")
    expect(asks).to_have_count(0)
    page.get_by_role("button", name="Undo").tap()
    expect(asks).to_be_visible()
    assert tablet.holding() == []


def test_reasons_are_large_and_show_that_they_are_pressed(tablet: Tablet) -> None:
    page = tablet.page
    tablet.touch(tablet.stop(FIRST))
    boxes = [it.bounding_box() for it in page.locator("#entry .reason").all()]
    assert len(boxes) == 5
    assert all(it and it["height"] >= 56 and it["width"] >= 56 for it in boxes)
    reason = page.locator("#entry .reason").first
    before = reason.evaluate("it => getComputedStyle(it).backgroundColor")
    reason.hover()
    page.mouse.down()
    pressed = reason.evaluate("it => getComputedStyle(it).backgroundColor")
    page.mouse.move(1, 1)
    page.mouse.up()  # elsewhere: nothing is given
    assert pressed != before
    assert tablet.holding() == []


def test_without_network_it_waits_through_a_killed_tab_and_is_sent_once(tablet: Tablet) -> None:
    page = tablet.page
    tablet.network(away=True)
    tablet.give(FIRST, "Bottle jam")
    tablet.give(SECOND, "Valve leaks")
    assert tablet.touches == 4
    waiting = page.locator("#waiting")
    expect(waiting.get_by_role("heading")).to_have_text("Waiting on this tablet: 2")
    expect(waiting).to_contain_text("Waits for the network.")
    expect(tablet.stop(FIRST)).to_contain_text("Bottle jam: Waits for the network.")
    assert tablet.holding() == []
    killed(tablet)
    page = tablet.page
    expect(page.locator("#waiting")).to_be_hidden()
    assert tablet.holding() == [("wong", "jam"), ("wong", "valve")]
    assert tablet.said() == ["jam", "valve"]
    assert page.evaluate("localStorage.getItem('lineproof.entries')") == "[]"


def test_who_changes_an_own_entry_without_network_is_no_somebody_else(tablet: Tablet) -> None:
    waiting = tablet.page.locator("#waiting")
    tablet.network(away=True)
    for reason in ("Bottle jam", "Cleaning", "Bottle jam", "Cleaning"):
        tablet.give(FIRST, reason)
    tablet.network(away=False)
    expect(waiting).to_be_hidden()
    assert tablet.said() == ["jam", "cleaning", "jam", "cleaning"]
    assert tablet.holding() == [("wong", "cleaning")]


def test_an_answer_that_is_lost_doubles_nothing(tablet: Tablet) -> None:
    page = tablet.page
    arrived: list[int] = []

    def swallow(route: Route) -> None:
        if route.request.method != "POST" or arrived:
            route.fallback()
            return
        arrived.append(route.fetch().status)
        route.abort()

    page.route("**/stops", swallow)
    with page.expect_event("requestfailed"):
        tablet.give(FIRST, "Bottle jam")
    expect(page.locator("#waiting")).to_contain_text("Waits for the network.")
    assert arrived == [201]
    expect(page.get_by_role("button", name="Throw mine away")).to_be_hidden()
    expect(page.locator("#waiting")).to_be_hidden()  # it tries again by itself
    assert tablet.holding() == [("wong", "jam")]
    assert tablet.said() == ["jam"]


def test_two_who_say_different_things_see_both_and_one_decides(tablet: Tablet) -> None:
    page, waiting = tablet.page, tablet.page.locator("#waiting")
    for choice, holds in (
        ("Throw mine away", ("chan", "valve")), ("Record mine instead", ("wong", "jam")),
    ):  # fmt: skip
        tablet.take_back()
        page.goto(HERE)
        tablet.network(away=True)
        tablet.give(FIRST, "Bottle jam")
        expect(waiting).to_contain_text("Waits for the network.")
        other = tablet.theirs.page
        other.goto(HERE)
        tablet.stop(FIRST, other).tap()
        other.get_by_role("button", name="Valve leaks").first.tap()
        expect(other.get_by_text("Recorded: Valve leaks")).to_be_visible()
        tablet.network(away=False)
        expect(waiting).to_contain_text("Somebody else has given this stop a reason meanwhile.")
        expect(waiting).to_contain_text("Bottle jam · 14:06:00–14:10:00")
        expect(waiting).to_contain_text("Now there stands: Valve leaks · chan")
        assert tablet.holding() == [("chan", "valve")]
        page.get_by_role("button", name=choice).tap()
        expect(waiting).to_be_hidden()
        assert tablet.holding() == [holds]


def test_what_one_entered_is_never_sent_under_anothers_name(tablet: Tablet) -> None:
    page = tablet.page
    tablet.network(away=True)
    tablet.give(FIRST, "Bottle jam")
    expect(page.locator("#waiting")).to_be_visible()
    page.goto("about:blank")
    tablet.network(away=False)
    sign_in(page, "chan")
    page.goto(HERE)
    expect(page.locator("#waiting")).to_contain_text("wong")
    expect(page.locator("#waiting")).to_contain_text(
        "Is sent when this person is signed on here again."
    )
    expect(page.get_by_role("button", name="Throw mine away")).to_be_hidden()
    tablet.give(SECOND, "Cleaning")
    expect(page.get_by_text("Recorded: Cleaning")).to_be_visible()
    assert tablet.holding() == [("chan", "cleaning")]
    sign_in(page, "wong")
    page.goto(HERE)
    expect(page.locator("#waiting")).to_be_hidden()
    assert sorted(tablet.holding()) == [("chan", "cleaning"), ("wong", "jam")]


def test_a_session_that_ended_keeps_what_was_entered(
    browser: Browser, place: tuple[Queries, str], tablet: Tablet
) -> None:
    with visit(browser, has_touch=True, base_url=place[1], service_workers="block") as mine:
        page = mine.page
        page.add_init_script("delete window.SharedWorker")  # its stream may hear of the end
        page.route("**/events?*", lambda route: route.abort())  # first, and go to sign-in
        sign_in(page, "wong")
        page.goto(HERE)
        page.context.clear_cookies(name="lineproof_session")
        Tablet(tablet.queries, mine, tablet.theirs).give(FIRST, "Bottle jam")
        waiting = page.locator("#waiting")
        expect(waiting).to_contain_text("Nobody is signed on: it waits.")
        assert tablet.holding() == []
        page.goto("/sign-in")
        expect(waiting).to_contain_text("Bottle jam · 14:06:00–14:10:00")
        sign_in(page, "wong")
        page.goto(HERE)
        expect(waiting).to_be_hidden()
        assert tablet.holding() == [("wong", "jam")]


def test_the_order_that_runs_takes_two_touches_also_without_network(tablet: Tablet) -> None:
    page = tablet.page
    choose = page.get_by_text("Another order or product runs")
    tablet.touch(choose)
    tablet.touch(page.get_by_role("button", name="4712 Tea 500 ml"))
    expect(page.get_by_role("status").filter(has_text="Recorded: 4712")).to_be_visible()
    assert tablet.touches == 2
    expect(page.locator(".made-now")).to_contain_text("4712 · Tea 500 ml since")
    tablet.network(away=True)
    choose.tap()
    page.get_by_role("button", name="No order").tap()
    expect(page.locator("#waiting")).to_contain_text("No order")
    page.evaluate("""() => localStorage.setItem('lineproof.entries', JSON.stringify(
        JSON.parse(localStorage.getItem('lineproof.entries'))
            .map((it) => ({ ...it, at: it.at - 60000 }))))""")
    tablet.network(away=False)
    expect(page.locator("#waiting")).to_be_hidden()
    *_, said = registry_of(tablet.queries).records.corrections(LINE)
    assert (said.order, said.product) == ("", None)
    assert timedelta(seconds=60) <= tablet.queries.now() - said.start < timedelta(minutes=30)
    page.goto(HERE)
    choose.tap()
    page.locator(".made").get_by_role("button", name="Withdraw").first.tap()
    expect(page.get_by_text("Recorded: Withdraw")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_can_be_read_and_touched(
    tablet: Tablet, scheme: Literal["light", "dark"]
) -> None:
    page = tablet.page
    tablet.network(away=True)
    tablet.give(FIRST, "Bottle jam")
    tablet.touch(tablet.stop(SECOND))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.get_by_text("Comment, a part of it").tap()
    page.get_by_text("Another order or product runs").tap()
    expect(page.locator("#waiting")).to_be_visible()
    try:
        for width in (1180, 390):
            page.set_viewport_size({"width": width, "height": 820})
            assert page.evaluate(CONTRAST) == []
            assert page.evaluate(SMALL_TARGETS) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.set_viewport_size({"width": 1180, "height": 820})
        page.emulate_media(color_scheme=None, reduced_motion=None)


def test_reloaded_without_network_it_says_so_and_what_waits_and_comes_back(
    browser: Browser, place: tuple[Queries, str], tablet: Tablet
) -> None:
    with visit(browser, has_touch=True, base_url=place[1]) as mine:
        sign_in(mine.page, "wong")
        mine.page.goto(HERE)
        reloaded_without_network(Tablet(tablet.queries, mine, tablet.theirs))


def reloaded_without_network(tablet: Tablet) -> None:
    page = tablet.page
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_function("() => caches.match('/cut-off', { ignoreVary: true })")
    tablet.network(away=True)
    tablet.give(FIRST, "Bottle jam")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("No connection to the server.")
    expect(page.locator("#waiting h2")).to_have_text("Waiting on this tablet: 1")
    expect(page.locator("#waiting")).to_contain_text("Bottle jam · 14:06:00–14:10:00")
    assert "stands now" not in page.content(), "nothing old is shown"
    assert page.evaluate(CONTRAST) == []
    tablet.network(away=False)
    expect(tablet.stop(FIRST)).to_be_visible()  # by itself
    expect(page.locator("#waiting")).to_be_hidden()
    assert tablet.holding() == [("wong", "jam")]


def test_a_note_is_of_the_stop_or_the_shift_and_stands_in_its_handover(tablet: Tablet) -> None:
    page = tablet.page
    tablet.network(away=True)
    tablet.touch(tablet.stop(FIRST))
    page.get_by_text("Comment, a part of it").tap()
    page.get_by_label("Note for the next shift").fill("the star wheel is worn")
    page.locator("#entry").get_by_role("button", name="Add the note").tap()
    page.get_by_label("They stand in the handover").fill("bottles come late")
    page.get_by_role("button", name="Add the note").last.tap()
    waiting = page.locator("#waiting")
    expect(waiting.get_by_role("heading")).to_have_text("Waiting on this tablet: 2")
    expect(waiting).to_contain_text("Add the note · bottles come late")
    tablet.network(away=False)
    expect(waiting).to_be_hidden()
    expect(page.locator(".shift-notes li")).to_have_count(2)
    page.goto(f"/lines/{LINE}/handover")
    expect(page.locator(".notes .said")).to_have_text(
        ["Stop of 14:06: the star wheel is worn", "bottles come late"]
    )


def killed(tablet: Tablet) -> None:
    """The tab crashes; when the network is back, the page is opened in another one."""
    context = tablet.page.context
    with contextlib.suppress(Error):  # that is what it says of a crash
        tablet.page.goto("chrome://crash")
    tablet.page.close()
    tablet.mine.page = context.new_page()
    tablet.network(away=False)
    tablet.page.goto(HERE)


def test_a_switch_of_language_keeps_what_is_being_entered(tablet: Tablet) -> None:
    """And no secret: the words of passwords are gone."""
    page = tablet.page
    tablet.touch(tablet.stop(FIRST))
    page.get_by_text("Comment, a part of it").tap()
    page.get_by_label("Comment (it goes with the reason)").fill("at the star wheel")
    page.get_by_role("link", name="繁體中文").tap()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("#comment")).to_have_value("at the star wheel")
    expect(page.locator("#comment")).to_be_visible()
    expect(page.locator("[name=stop]")).to_have_value(FIRST.isoformat())
    page.get_by_role("link", name="English").tap()
    expect(page.locator("#comment")).to_have_value("at the star wheel")
    page.reload()
    expect(page.locator("#comment")).to_have_value("")
    page.goto("/sign-in")
    page.locator("[name=name]").fill("somebody")
    page.locator("[type=password]").fill("plover plinth")
    page.get_by_role("link", name="简体中文").tap()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("[name=name]")).to_have_value("somebody")
    expect(page.locator("[type=password]")).to_have_value("")
    page.get_by_role("link", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
