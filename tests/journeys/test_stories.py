"""What each group does all day, in a real browser at a real node, told as stories.

The operator has a tablet and touches it, the officer a keyboard and nothing else, the integrator a
laptop beside a machine. Touches, keys and words on the way are counted, and each job leaves a
picture for a person to look at (docs/usability.md).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from browser import chromium, visit
from live_machine import PRODUCING, STOPPED
from peers import wait_until
from playwright.sync_api import Browser, Locator, expect
from story import Story, sign_in
from story_node import LINE, PROJECT, Workshop, workshop

HERE = f"/lines/{LINE}"
PLAIN = "Plain counters and states over OPC UA"
WITHOUT_NETWORK = "ERR_INTERNET_DISCONNECTED"  # one story is told without it
KEEPS_CUT_OFF_PAGE = "caches.match('/cut-off', {ignoreVary: true}).then(Boolean)"
REASON_MAX_S, WHY_MAX_S = 15, 30  # for somebody who has never seen it


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with workshop(tmp_path_factory.mktemp("workshop")) as found:
        yield found


@pytest.fixture(autouse=True)
def produces(place: Workshop) -> None:
    """Whatever the story before it left."""
    place.machine.turn(PRODUCING)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@contextlib.contextmanager
def told(browser: Browser, place: Workshop, group: str, name: str) -> Iterator[Story]:
    with visit(
        browser,
        viewport={"width": 1280, "height": 800},
        has_touch=group == "operator",
        locale="en-GB",
        base_url=place.node.url,
    ) as seen:
        sign_in(seen.page, name)
        yield Story(seen.page, group)
        assert [it for it in seen.complaints if WITHOUT_NETWORK not in it] == []
        assert seen.hosts == {urlsplit(place.node.url).netloc}, "something left this machine"


@pytest.fixture
def tablet(browser: Browser, place: Workshop) -> Iterator[Story]:
    with told(browser, place, "operator", "wong") as story:
        yield story


@pytest.fixture
def colleague(browser: Browser, place: Workshop) -> Iterator[Story]:
    """Of the next shift."""
    with told(browser, place, "operator", "ho") as story:
        yield story


@pytest.fixture
def desk(browser: Browser, place: Workshop) -> Iterator[Story]:
    with told(browser, place, "officer", "lee") as story:
        yield story


@pytest.fixture
def laptop(browser: Browser, place: Workshop) -> Iterator[Story]:
    with told(browser, place, "integrator", "ines") as story:
        yield story


def number_in(place: Locator) -> int:
    digits = place.inner_text().replace(",", "").strip()
    return int(digits) if digits.isdigit() else 0


def test_an_alert_is_taken_on_by_name(tablet: Story) -> None:
    page = tablet.page
    expect(page.get_by_role("link", name="Alert: OEE too low")).to_be_visible()
    page.goto("/floor")
    calls = page.get_by_role("link", name="Alerts 1")
    with tablet.job("take on an alert"):
        tablet.touch(calls)
        alert = page.locator("li.alert")
        expect(alert).to_contain_text("under 90.0%")
        tablet.read_to(alert, "main")
        tablet.touch(page.get_by_role("button", name="Acknowledge"))
        expect(page.get_by_text("Acknowledged: wong")).to_be_visible()
    expect(page.get_by_role("link", name="Alerts", exact=True)).to_be_visible()


def test_is_my_line_running_and_why_did_it_stop(tablet: Story, place: Workshop) -> None:
    """Without a reload: the count moves, a stop appears with what the machine says of it, and it
    goes on."""
    page, machine = tablet.page, place.machine
    card = page.get_by_role("link", name="Packing line").last
    state = page.locator("[data-live=line-state]")
    with tablet.job("is my line running"):
        tablet.read_to(card)
        tablet.touch(card)
        page.wait_for_url(f"**{HERE}")
        expect(state).to_contain_text("Producing")
        tablet.read_to(state.locator(".since"), "[data-live]")
    good = page.locator(".counts .big dd")
    before = number_in(good)
    wait_until(lambda: number_in(good) > before, "a good item more")
    machine.turn(STOPPED, "film torn")
    with tablet.job("why did it stop"):
        expect(state).to_contain_text("Stopped")
        expect(state).to_contain_text("film torn")
        tablet.read_to(state)
    wait_until(lambda: number_in(good) == machine.good, "every good item")
    machine.turn(PRODUCING)
    expect(state).to_contain_text("Producing")
    expect(state).not_to_contain_text("film torn")


def test_a_stop_gets_its_reason_in_two_touches(tablet: Story, place: Workshop) -> None:
    page, machine = tablet.page, place.machine
    page.goto(HERE)
    machine.turn(STOPPED)
    asks = page.locator(".next-step a")
    expect(asks).to_contain_text("It has stood still since")
    tablet.picture("a stop asks for its reason")
    with tablet.job("give a stop its reason") as counted:
        tablet.read_to(page.locator("[data-live=line-state]"))
        tablet.read_to(asks)
        tablet.touch(asks)
        reason = page.get_by_role("button", name="No film")
        tablet.read_to(reason, "#entry")
        tablet.picture("reasons to touch")
        tablet.touch(reason)
        said = page.get_by_role("status").filter(has_text="Recorded: No film")
        expect(said).to_be_visible()
        expect(page.locator(".stop.asks")).to_have_count(0)
    assert counted.touches == 2
    assert counted.seconds < REASON_MAX_S, counted
    page.goto(HERE)
    expect(page.locator("[data-live=line-state]")).to_contain_text("No film")
    machine.turn(PRODUCING)


def test_a_reason_that_is_given_without_network_waits_on_the_tablet(
    tablet: Story, place: Workshop
) -> None:
    page, machine = tablet.page, place.machine
    page.goto(HERE)
    machine.turn(STOPPED)
    page.locator(".next-step a").tap()
    reason = page.get_by_role("button", name="Carton jam")
    expect(reason).to_be_visible()
    page.wait_for_function(KEEPS_CUT_OFF_PAGE)  # or the browser complains that it cannot be fetched
    page.context.set_offline(True)
    with tablet.job("give a reason without network"):
        tablet.touch(reason)
        waits = page.locator("#waiting")
        expect(waits).to_contain_text("Waits for the network.")
        tablet.read_to(waits)
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="Recorded: Carton jam")).to_be_visible()
    expect(waits).to_be_hidden()
    machine.turn(PRODUCING)


def test_will_we_make_the_shift_and_what_does_the_next_one_have_to_know(
    tablet: Story, colleague: Story
) -> None:
    page = tablet.page
    page.goto(HERE)
    forecast = page.locator(".counts > div", has_text="Forecast at the end")
    with tablet.job("will we make the shift"):
        expect(forecast).to_contain_text("makes it")
        tablet.read_to(forecast, ".counts")
    with tablet.job("hand over the shift"):
        tab = page.get_by_role("link", name="Handover")
        tablet.read_to(tab)
        tablet.touch(tab)
        expect(page.locator(".stood")).to_contain_text("no bottles")
        tablet.read_to(page.locator(".stood li").first, "section")
        note = page.get_by_label("A note of wong")
        tablet.swipe_to(note)
        tablet.touch(note)
        note.fill("The film brake slips: look at it before the change of reels.")
        tablet.touch(page.get_by_role("button", name="Add the note"))
        expect(page.locator(".notes")).to_contain_text("The film brake slips")
        tablet.touch(page.get_by_role("button", name="I leave this shift"))
        expect(page.locator(".signatures")).to_contain_text("wong")
    page = colleague.page
    page.goto(f"{HERE}/handover")
    with colleague.job("take over the shift"):
        colleague.swipe_to(page.locator(".notes"))
        colleague.read_to(page.locator(".notes"))
        colleague.touch(page.get_by_role("button", name="I take over"))
        expect(page.get_by_text("Both have signed")).to_be_visible()


def test_which_project_waits_for_me_and_why_is_it_not_provable(desk: Story) -> None:
    page = desk.page
    page.goto("/portfolio")
    waits = page.locator(".waits tbody tr").first
    with desk.job("which project waits for me"):
        desk.press("Tab")
        desk.press("Enter")
        expect(waits).to_contain_text("Not provable")
        expect(waits).to_contain_text("Overdue")
        desk.read_to(waits)
    with desk.job("why is the milestone not provable") as counted:
        desk.tab_to(waits.get_by_role("link"), at_most=5)
        desk.press("Enter")
        page.wait_for_url(f"**/grants/{PROJECT}/M2")
        why = page.locator(".verdict-head p")
        expect(why).to_contain_text("the machine press")
        desk.read_to(page.locator("h1"))
        desk.read_to(why)
    assert counted.seconds < WHY_MAX_S, counted
    with desk.job("what would change the verdict"):
        desk.read_to(page.locator(".why-list").first, "section")
    desk.tab_to(page.get_by_role("link", name="Facts", exact=True), at_most=20)
    desk.press("Enter")
    expect(page.locator("h2#unknown")).to_be_focused()


def test_the_dossier_is_taken_home(desk: Story) -> None:
    page = desk.page
    page.goto(f"/grants/{PROJECT}")
    evidence = page.get_by_role("link", name="Take the evidence away")
    with desk.job("take the dossier home"):
        desk.press("Tab")
        desk.press("Enter")
        desk.read_to(evidence)
        desk.tab_to(evidence, at_most=6)
        with page.expect_download() as taken:
            desk.press("Enter")
    with ZipFile(taken.value.path()) as dossier:
        assert {"verdicts.json", "MANIFEST.sha256"} <= set(dossier.namelist())


def test_a_machine_is_connected_by_its_address(laptop: Story, place: Workshop) -> None:
    page = laptop.page
    page.goto("/profiles")
    with laptop.job("find a profile"):
        plain = page.get_by_role("row").filter(has=page.get_by_role("link", name=PLAIN))
        expect(plain).to_contain_text(f"{LINE} / packer")
        laptop.read_to(plain)
        laptop.click(plain.get_by_role("link", name=PLAIN))
        expect(page.get_by_role("heading", level=1)).to_contain_text(PLAIN)
    page.goto("/profiles")
    with laptop.job("connect a machine"):
        laptop.click(page.get_by_role("link", name="Connect a machine"))
        laptop.click(page.get_by_label("Address", exact=True))
        laptop.type(place.machine.url)
        page.get_by_label("For how long").select_option("5")
        laptop.click(page.get_by_role("button", name="Look at the machine"))
        total = page.get_by_role("row", name=re.compile("^Total count"))
        expect(total).to_contain_text("only rises")
        laptop.swipe_to(total)
    with laptop.job("see live values"):
        profile = page.get_by_label("The profile: write in")
        profile.fill(profile.input_value().replace('"6": unknown', '"6": producing'))
        page.locator("#try-seconds").select_option("5")
        laptop.click(page.get_by_role("button", name="Read the machine"))
        told = page.get_by_role("row", name=re.compile("^State producing"))
        laptop.swipe_to(told)
        laptop.read_to(told, "table")
    with laptop.job("save the profile"):
        laptop.click(page.get_by_label("Vendor and model"))
        laptop.type("acme/packer-7")
        laptop.click(page.get_by_role("button", name="Save the profile"))
        expect(page.get_by_text("Saved as a profile of this node's own")).to_be_visible()


def test_data_quality_and_the_plant_file(laptop: Story, place: Workshop) -> None:
    page = laptop.page
    page.goto(f"/data-quality/{LINE}")
    with laptop.job("look at the data quality"):
        expect(page.get_by_role("heading", level=1)).to_contain_text("Data quality")
        laptop.read_to(page.locator("dl.facts").first, "section")
    page.goto("/plants/workshop")
    with laptop.job("edit the plant file"):
        text = page.get_by_label("The plant's file")
        text.fill(text.input_value().replace("target_oee: 0.65", "target_oee: 0.66"))
        expect(page.get_by_role("row").filter(has_text="target_oee: 0.66")).to_be_visible()
        laptop.click(page.get_by_label("Why it is changed"))
        laptop.type("as agreed")
        laptop.click(page.get_by_role("button", name="Save as version 2"))
        expect(page.get_by_role("status")).to_contain_text("Version 2 is in force.")
