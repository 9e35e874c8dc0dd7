"""An integrator with a laptop beside a machine: from its address to a profile that its panel agrees
with, in a real chromium, at a real OPC UA server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Visit, chromium, serving, visit
from live_machine import LiveMachine, live_machine
from playwright.sync_api import expect
from readable import CONTRAST, SMALL_TARGETS
from signing_in import PASSWORD, with_accounts
from web_plant import NOW, Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from device_profiles.files.catalogue import read
from domain.access import Assignment
from lineproof.machine_networks import network
from lineproof.node_looker import NodeLooker
from store.registry.audit import AuditFilter

MACHINE_PASSWORD = "s3cret-of-the-press"


@pytest.fixture(scope="module")
def machine() -> Iterator[LiveMachine]:
    with live_machine() as found:
        yield found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Path]]:
    """A plant with an integrator, and the folder of the node's own profiles."""
    folder = tmp_path_factory.mktemp("node")
    queries = filled_queries(folder, Clock())
    registry = with_accounts(queries)
    registry.accounts.add("ines", "Ines", [Assignment.parse("integrator")], NOW)
    registry.accounts.set_password("ines", PASSWORD)
    yield queries, folder / "profiles"
    store_of(queries).close()
    registry.close()


@pytest.fixture(scope="module")
def laptop(node: tuple[Queries, Path]) -> Iterator[Visit]:
    """Its browser, with the integrator signed in."""
    queries, profiles = node
    looker = NodeLooker(profiles.parent / "looking", [network("127.0.0.0/8")])
    app = app_of(queries, version="1", own_profiles=profiles, looker=looker)
    size = {"width": 1280, "height": 800}
    with (
        serving(app) as url,
        chromium() as browser,
        visit(browser, viewport=size, base_url=url) as seen,
    ):
        seen.page.goto("/sign-in")
        seen.page.get_by_label("Name").fill("ines")
        seen.page.get_by_label("Password").fill(PASSWORD)
        seen.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(seen.page.get_by_role("link", name="Profiles", exact=True)).to_be_visible()
        yield seen


def test_from_an_address_to_a_profile_of_ones_own(
    laptop: Visit, machine: LiveMachine, node: tuple[Queries, Path]
) -> None:
    page, (queries, profiles) = laptop.page, node
    page.goto("/profiles")
    page.get_by_role("link", name="Connect a machine").click()

    page.get_by_label("Address", exact=True).fill(machine.url)
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

    row = page.get_by_role("row", name=re.compile("^Total count"))
    expect(row).to_contain_text("Counters/Total")
    expect(row).to_contain_text("only rises")

    profile = page.get_by_label("The profile: write in")
    profile.fill(profile.input_value().replace('"6": unknown', '"6": producing'))
    page.locator("#try-seconds").select_option("5")
    page.get_by_role("button", name="Read the machine").click()
    expect(page.get_by_text("Every signal of the profile was told.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^State producing"))).to_be_visible()

    counted = page.get_by_role("row", name=re.compile("^Total count")).locator("td").first
    page.get_by_label("Total count").fill(counted.inner_text().split()[0])
    page.get_by_label("State").fill("stopped")
    page.get_by_role("button", name="Compare with the panel").click()
    expect(page.get_by_text("agrees", exact=True)).to_have_count(1)
    expect(page.get_by_text("differs: decoded was producing")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(SMALL_TARGETS) == []

    page.get_by_label("Vendor and model").fill("acme/press-7")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("Saved as a profile of this node's own")).to_be_visible()
    saved = profiles / "acme" / "press-7" / "profile.yaml"
    assert read(str(saved)).name == "acme/press-7"
    expect(page.locator("#entry-yaml")).to_contain_text(f'profile: "{saved}"')
    expect(page.locator("#entry-yaml")).to_contain_text(machine.url)

    page.goto("/profiles")
    expect(page.get_by_role("row").filter(has_text="acme/press-7")).to_contain_text("Draft")
    told = registry_of(queries).audit.page(AuditFilter(), limit=50)
    places = [it.event.place for it in told if it.event.who == "ines"]
    assert f"/connect: look {machine.url}" in places
    assert f"/connect: save {machine.url} acme/press-7" in places
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
