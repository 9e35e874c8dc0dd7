"""The operator: the floor and the line's page tell state, reason and counts, and they move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from browser import Visit, chromium, visit
from command_line import Node, node
from live_machine import PRODUCING, STOPPED, LiveMachine, live_machine
from peers import wait_until
from playwright.sync_api import Browser, Locator, expect

PLANT = """
plant: workshop
company: {{name: {{en: Workshop Ltd, zh-Hant: 工場有限公司}}}}
lines:
  packer:
    name: {{en: Packing line, zh-Hant: 包裝線}}
    ideal_cycle_time_s: 0.2
    machines:
      packer: {machine}
    roles: {{state: packer, stop_reason: packer, total_count: packer, good_count: packer}}
"""


@dataclass(frozen=True)
class Floor:
    machine: LiveMachine
    running: Node


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("floor")
    plant = folder / "plant.yaml"
    with live_machine() as machine:
        plant.write_text(PLANT.format(machine=machine.in_plant))
        with node(folder / "data", plant) as running:
            wait_until(
                lambda: running.get("lines/packer")["state"] == "producing",
                "the node to hear the machine",
            )
            yield Floor(machine, running)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Visit]:
    with visit(browser, locale="en-GB", viewport={"width": 1024, "height": 768}) as seen:
        yield seen
        assert seen.complaints == []


def number_in(place: Locator) -> int:
    digits = place.inner_text().replace(",", "").strip()
    return int(digits) if digits.isdigit() else 0


def stop(floor: Floor, reason: str) -> int:
    """Stop the machine; the period's good items once the node knows every item."""
    floor.machine.turn(STOPPED, reason)
    made = floor.machine.made

    def settled() -> bool:
        live = floor.running.get("lines/packer")
        return live["state"] == "stopped" and live["total_counter"] == made

    wait_until(settled, "the node to know the last item")
    return int(floor.running.get("lines/packer")["kpis"]["good_count"])


def watch_it_run_and_stop(floor: Floor, band: Locator, good: Locator, why: Locator) -> None:
    """Without a reload: the count moves, a stop and its reason appear, and it goes on."""
    first, before = stop(floor, "changing film"), floor.machine.good
    floor.machine.turn(PRODUCING)
    expect(band).to_contain_text("Producing")
    expect(why).not_to_contain_text("changing film")
    wait_until(lambda: number_in(good) > first, "good items")
    second = number_in(good)
    wait_until(lambda: number_in(good) > second, "more good items")
    stop(floor, "film torn")
    expect(band).to_contain_text("Stopped")
    expect(why).to_contain_text("film torn")
    made = floor.machine.good - before
    wait_until(lambda: number_in(good) == first + made, "every good item")


def test_the_floor_moves(floor: Floor, tablet: Visit) -> None:
    page = tablet.page
    page.goto(f"{floor.running.url}/floor")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Packing line"))
    place = "[data-live=line-packer-{}]"
    watch_it_run_and_stop(
        floor,
        card.locator(place.format("state")),
        card.locator(f"{place.format('figures')} dd b").first,
        card.locator(place.format("why")),
    )
    page.get_by_role("link", name="Packing line").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Packing line")


def test_the_page_of_the_line_moves(floor: Floor, tablet: Visit) -> None:
    page = tablet.page
    page.goto(f"{floor.running.url}/lines/packer")
    facts = page.locator("[data-live=line-facts]")
    good = facts.locator(".counts > div", has=page.get_by_text("Good", exact=True)).locator("dd")
    state = page.locator("[data-live=line-state]")
    watch_it_run_and_stop(floor, state, good, state)


def test_the_floor_in_chinese_and_from_this_machine_alone(floor: Floor, browser: Browser) -> None:
    with visit(browser, locale="zh-HK") as seen:
        seen.page.goto(f"{floor.running.url}/floor")
        assert seen.page.locator("html").get_attribute("lang") == "zh-Hant"
        expect(seen.page.get_by_role("link", name="包裝線")).to_be_visible()
        assert seen.hosts == {urlsplit(floor.running.url).netloc}
