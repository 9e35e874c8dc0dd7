"""The demo's files must be valid, and its story hold, on whatever day the demo is started."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics.calendar.planned_time import plan_segments
from device_profiles.files import catalogue
from domain.reasons import kind_of, reason_named
from domain.states import Plan, ReasonKind
from domain.time import HOUR_US, Window, micros, midnight
from lineproof.demo.model.behaviour import OVERHAUL, PRODUCT_CHANGE, RECIPES
from lineproof.demo.model.days import DemoDays
from lineproof.demo.model.lines import CRACKER, NOODLE_1, NOODLE_2, SAUCE, demo_lines
from lineproof.demo.texts import PROJECTS, Addresses, grant_yamls, plant_yaml, profile_yaml
from store.files.grant import read_grant
from store.files.plant import read_plant

DAYS = [
    DemoDays(date(2024, 2, 29)),
    DemoDays(date(2026, 1, 1)),
    DemoDays(date(2026, 11, 21)),
    DemoDays(date(2027, 12, 31)),
]
LINES = demo_lines(1_795_000_000_000_000, 0)
AT = Addresses("opc.tcp://127.0.0.1:1", "mqtt://127.0.0.1:2", "checkweigher/profile.yaml")


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_plant_and_grants_are_read_by_the_real_readers(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, AT), "p")
    assert list(plant.lines) == [NOODLE_1, NOODLE_2, SAUCE, CRACKER] == list(LINES)
    texts = grant_yamls(days)
    projects = [read_grant(text, "g") for text in texts.values()]
    assert [it.reference for it in projects] == list(texts) == list(PROJECTS)
    assert {it.plant for it in projects} == {plant.id}
    assert {line for it in projects for line in it.lines} == set(plant.lines)
    titles = [m.title for it in projects for m in it.milestones]
    for text in (*titles, *(name for it in plant.lines.values() for name in (it.name, it.hall))):
        assert set(text) == {"en", "zh-Hant", "zh-Hans"}
    assert "$" not in plant_yaml(days, AT) + "".join(texts.values())


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_live_lines_are_always_inside_planned_time_and_have_a_target(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, AT), "p")
    window = Window.of_days(
        days.today - timedelta(days=1), days.today + timedelta(days=2), plant.zone
    )
    for line in plant.lines.values():
        plan = plan_segments(line.calendar, plant.zone, window.start, window.end)
        assert plan["plan"].unique().to_list() == [Plan.BUSY.value]
        ordered = [it for it in plant.orders.values() if it.line == line.id]
        assert line.target_oee or any(
            it.window.start <= window.start and window.end <= it.window.end for it in ordered
        )


def test_machines_that_tell_the_history_have_the_roles_for_it() -> None:
    plant = read_plant(plant_yaml(DAYS[2], AT), "p")
    for line in LINES.values():
        file = plant.lines[line.id]
        assert file.roles["state"] == file.roles["total_count"] == line.main
        assert set(line.machines) <= set(file.machines)
        assert (file.roles.get("product", ""), file.roles.get("energy", "")) == (
            line.product_machine,
            line.meter,
        )


def test_the_lost_hours_lie_inside_the_acceptance_run_of_the_sauce_line() -> None:
    for days in DAYS:
        zone = read_plant(plant_yaml(days, AT), "p").zone
        run = Window.of_days(*days.sauce_acceptance, zone)
        opened_us = micros(midnight(days.today, zone))
        for opened in (opened_us, opened_us + 86_399_000_000):
            lost = demo_lines(opened, 0)[SAUCE].lost_us
            inside = [it for it in lost if micros(run.start) <= it[0] and it[1] <= micros(run.end)]
            assert sum(end - start for start, end in inside) > 90 * HOUR_US
        assert not days.acceptance[0] <= days.overhaul <= days.acceptance[1]


def test_what_the_machines_say_is_in_the_reason_tree() -> None:
    """Every reason and product by name, in three languages, so that no page shows a raw text."""
    plant = read_plant(plant_yaml(DAYS[2], AT), "p")
    kinds = [kind for line in LINES.values() for kind in line.model.behaviour.stops]
    said = {kind.reason for kind in kinds} | {kind.packer_reason for kind in kinds}
    for text in (said - {""}) | {PRODUCT_CHANGE, OVERHAUL}:
        node = reason_named(plant, text)
        assert node is not None, text
        assert set(node.name) == {"en", "zh-Hant", "zh-Hans"}
        assert node.parent is not None
    assert kind_of(plant, "product-change") is ReasonKind.SETUP
    assert kind_of(plant, "doser") is ReasonKind.BREAKDOWN
    for line in LINES.values():
        assert any(not kind.reason for kind in line.model.behaviour.stops)


def test_products_are_those_of_the_machines_and_of_the_checkweighers_profile(
    tmp_path: Path,
) -> None:
    plant = read_plant(plant_yaml(DAYS[2], AT), "p")
    times = {key: item.ideal_cycle_time_s for key, item in plant.products.items()}
    made = {*RECIPES}
    for line in LINES.values():
        made |= {recipe for _, recipe in line.model.schedule} or {line.model.behaviour.recipe}
    assert times == {recipe.product: recipe.ideal_cycle_time_s for recipe in made}
    file = tmp_path / "profile.yaml"
    file.write_text(profile_yaml())
    model = catalogue.read(str(file))
    codes = model.signals["product"].codes
    assert codes == {str(recipe.number): recipe.product for recipe in RECIPES}
    assert "measurement.fill-weight" in model.signals
