"""An integrator with a laptop beside a machine: from its address to a profile that its panel agrees
with, and on to the plant file and the first state of its line, in a real chromium, at a real OPC UA
server and a whole node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from browser import Visit, chromium, visit
from live_machine import LiveMachine, live_machine
from playwright.sync_api import Page, expect
from readable import CONTRAST, SMALL_TARGETS
from running_node import running_node
from signing_in import PASSWORD

from device_profiles.files.catalogue import read
from domain.access import Assignment
from lineproof.clock import utc_now
from lineproof.machine_networks import network
from lineproof.run.node import Node
from store.registry.audit import AuditFilter
from store.registry.plant_saves import PlantSave

MACHINE_PASSWORD = "s3cret-of-the-press"
PLANT = """\
# The hall at the back.
plant: small
company: {name: {en: Small Ltd}}
lines:
  old-1:  # without a live source
    ideal_cycle_time_s: 1
    machines: {old: {profile: import}}
    roles: {state: old}
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[LiveMachine]:
    with live_machine() as found:
        yield found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A plant with an integrator, run as by `lineproof up`."""
    with running_node(tmp_path_factory.mktemp("up"), PLANT, [network("127.0.0.0/8")]) as found:
        accounts = found.stores.registry.accounts
        accounts.add("boss", "Boss", [Assignment.parse("administrator")], utc_now())
        accounts.add("ines", "Ines", [Assignment.parse("integrator")], utc_now())
        accounts.set_password("ines", PASSWORD)
        yield found


@pytest.fixture(scope="module")
def laptop(node: Node) -> Iterator[Visit]:
    """Its browser, with the integrator signed in."""
    size = {"width": 1280, "height": 800}
    with chromium() as browser, visit(browser, viewport=size, base_url=node.url) as seen:
        seen.page.goto("/sign-in")
        seen.page.get_by_label("Name").fill("ines")
        seen.page.get_by_label("Password").fill(PASSWORD)
        seen.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(seen.page.get_by_role("link", name="Profiles", exact=True)).to_be_visible()
        yield seen


def look_with_a_password_and_without(page: Page, url: str) -> None:
    """The machine hides no password, so it is not told."""
    page.get_by_label("Address", exact=True).fill(url)
    page.get_by_text("Sign-in, security, a part of it").click()
    page.get_by_label("User name at the machine").fill("ann")
    page.get_by_label("Password at the machine").fill(MACHINE_PASSWORD)
    page.get_by_label("For how long").select_option("5")
    page.get_by_role("button", name="Look at the machine").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "wants the password as it is, for all to read"
    )
    assert MACHINE_PASSWORD not in page.content()
    page.get_by_label("User name at the machine").fill("")
    page.get_by_role("button", name="Look at the machine").click()


def compare_with_the_panel(page: Page) -> None:
    """One figure agrees, one differs."""
    counted = page.get_by_role("row", name=re.compile("^Total count")).locator("td").first
    page.get_by_label("Total count").fill(counted.inner_text().split()[0])
    page.get_by_label("State").fill("stopped")
    page.get_by_role("button", name="Compare with the panel").click()
    expect(page.get_by_text("agrees", exact=True)).to_have_count(1)
    expect(page.get_by_text("differs: decoded was producing")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(SMALL_TARGETS) == []


def test_from_an_address_to_the_first_state_of_its_line(
    laptop: Visit, machine: LiveMachine, node: Node
) -> None:
    page, registry = laptop.page, node.stores.registry
    profiles = node.stores.folder.path / "profiles"
    page.goto("/profiles")
    page.get_by_role("link", name="Connect a machine").click()

    look_with_a_password_and_without(page, machine.url)

    row = page.get_by_role("row", name=re.compile("^Total count"))
    expect(row).to_contain_text("Counters/Total")
    expect(row).to_contain_text("only rises")

    profile = page.get_by_label("The profile: write in")
    profile.fill(profile.input_value().replace('"6": unknown', '"6": producing'))
    page.locator("#try-seconds").select_option("5")
    page.get_by_role("button", name="Read the machine").click()
    expect(page.get_by_text("Every signal of the profile was told.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^State producing"))).to_be_visible()

    compare_with_the_panel(page)

    page.get_by_label("Vendor and model").fill("acme/press-7")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("Saved as a profile of this node's own")).to_be_visible()
    saved = profiles / "acme" / "press-7" / "profile.yaml"
    assert read(str(saved)).name == "acme/press-7"
    expect(page.locator("#entry-yaml")).to_contain_text(f'profile: "{saved}"')
    expect(page.locator("#entry-yaml")).to_contain_text(machine.url)

    page.get_by_label("Where it belongs").select_option("A new line of small")
    page.get_by_label("Name of the new line").fill("press-2")
    page.get_by_label("Name of the machine in its line").fill("press")
    page.get_by_role("button", name="Show the plant file with it").click()
    expect(page.get_by_text("New line: press-2")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=machine.url)).to_contain_text("added")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(SMALL_TARGETS) == []
    text = page.get_by_label("The plant's file")
    text.fill(text.input_value().replace("# ideal_cycle_time_s: 1 ", "ideal_cycle_time_s: 0.2 "))
    expect(page.get_by_role("row").filter(has_text="    ideal_cycle_time_s: 0.2")).to_be_visible()
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 is in force.")
    saves = [it.save for it in registry.plant_saves.versions("small")]
    assert saves == [PlantSave("ines", "press-2: press", 1), None]
    assert PLANT.splitlines() == registry.plant_saves.text("small", 2).splitlines()[:8]

    page.goto("/lines/press-2")  # the node's agent has begun to read it by itself
    expect(page.locator("[data-live=line-state] .state")).to_have_text("Producing")
    page.goto("/agents")
    expect(page.get_by_text("press-2.opcua").first).to_be_visible()
    expect(page.get_by_text(f"This node runs version {version('lineproof')}.")).to_be_visible()

    page.goto("/profiles")
    expect(page.get_by_role("row").filter(has_text="acme/press-7")).to_contain_text("Draft")
    told = registry.audit.page(AuditFilter(), limit=50)
    places = [it.event.place for it in told if it.event.who == "ines"]
    assert f"/connect: look {machine.url}" in places
    assert f"/connect: save {machine.url} acme/press-7" in places
    assert "/plants/small: save" in places
    assert MACHINE_PASSWORD not in repr(told)
    # The machine's refusal, which the browser tells as it does every such answer.
    assert [it for it in laptop.complaints if "502 (Bad Gateway)" not in it] == []


def test_an_address_outside_of_the_networks(laptop: Visit) -> None:
    page = laptop.page
    page.goto("/connect")
    page.get_by_label("Address", exact=True).fill("opc.tcp://169.254.169.254:80")
    page.get_by_role("button", name="Look at the machine").click()
    expect(page.get_by_role("alert")).to_contain_text("this node may not look at 169.254.169.254")
    expect(page.get_by_label("Address", exact=True)).to_have_value("opc.tcp://169.254.169.254:80")


def test_what_is_typed_outlives_reload_language_and_sign_out(laptop: Visit) -> None:
    page = laptop.page
    page.goto("/plants/small?lang=en")
    text = page.locator("#text")
    in_force = text.input_value()
    typed = f"{in_force}# typed at the machine\n"
    text.fill(typed)
    expect(page.get_by_text("No figure is computed anew.")).to_be_visible()
    page.reload()
    expect(text).to_have_value(typed)
    expect(page.get_by_text("What you had typed is back")).to_be_visible()
    page.get_by_role("link", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(text).to_have_value(typed)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in")
    page.get_by_label("Name").fill("ines")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Plant file")).to_be_visible()
    page.goto("/plants/small")
    expect(text).to_have_value(typed)

    text.press("Control+End")
    text.press_sequentially("lines: []\n")
    page.get_by_role("link", name=re.compile("^Line ")).press("Enter")  # to where it is wrong
    expect(text).to_be_focused()
    wrong = text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert wrong == "lines: []"
    page.get_by_role("button", name="Drop it").click()
    expect(text).to_have_value(in_force)
