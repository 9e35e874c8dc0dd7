"""The demo's files must be valid, and its story hold, on whatever day the demo is started."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics.calendar.planned_time import plan_segments
from device_profiles.files import catalogue
from domain.reasons import kind_of, reason_named
from domain.states import Plan, ReasonKind
from domain.time import Window
from lineproof.demo.model.behaviour import OVERHAUL, PRODUCT_CHANGE, RECIPES, STOP_KINDS
from lineproof.demo.model.days import DemoDays
from lineproof.demo.texts import LINE, Addresses, grant_yaml, plant_yaml, profile_yaml
from store.files.grant import read_grant
from store.files.plant import read_plant

DAYS = [
    DemoDays(date(2024, 2, 29)),
    DemoDays(date(2026, 1, 1)),
    DemoDays(date(2026, 11, 21)),
    DemoDays(date(2027, 12, 31)),
]
AT = Addresses("opc.tcp://127.0.0.1:1", "mqtt://127.0.0.1:2", "t", "checkweigher/profile.yaml")


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_plant_and_grant_are_read_by_the_real_readers(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, AT), "p")
    project = read_grant(grant_yaml(days), "g")
    assert project.plant == plant.id
    assert set(project.lines) <= set(plant.lines)
    assert project.approved_cost_hkd == 54_000_000
    for text in (plant.lines[LINE].name, *(m.title for m in project.milestones)):
        assert set(text) == {"en", "zh-Hant", "zh-Hans"}
    assert "$" not in plant_yaml(days, AT) + grant_yaml(days)


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_the_live_line_is_always_inside_planned_time(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, AT), "p")
    window = Window.of_days(
        days.today - timedelta(days=1), days.today + timedelta(days=2), plant.zone
    )
    plan = plan_segments(plant.lines[LINE].calendar, plant.zone, window.start, window.end)
    assert plan["plan"].unique().to_list() == [Plan.BUSY.value]


def test_the_gap_lies_inside_the_acceptance_run() -> None:
    for days in DAYS:
        assert days.gap_window[0] < days.gap[0] <= days.gap[1] < days.gap_window[1]
        assert not days.gap_window[0] <= days.overhaul <= days.gap_window[1]


def test_what_the_machines_say_is_in_the_reason_tree() -> None:
    """Every reason and product by name, in three languages, so that no page shows a raw text."""
    plant = read_plant(plant_yaml(DAYS[2], AT), "p")
    said = {kind.reason for kind in STOP_KINDS} | {kind.packer_reason for kind in STOP_KINDS}
    for text in (said - {""}) | {PRODUCT_CHANGE, OVERHAUL}:
        node = reason_named(plant, text)
        assert node is not None, text
        assert set(node.name) == {"en", "zh-Hant", "zh-Hans"}
        assert node.parent is not None
    assert kind_of(plant, "product-change") is ReasonKind.SETUP
    assert kind_of(plant, "doser") is ReasonKind.BREAKDOWN
    assert any(not kind.reason for kind in STOP_KINDS)


def test_products_are_those_of_the_machines_and_of_the_checkweighers_profile(
    tmp_path: Path,
) -> None:
    plant = read_plant(plant_yaml(DAYS[2], AT), "p")
    times = {key: item.ideal_cycle_time_s for key, item in plant.products.items()}
    assert times == {recipe.product: recipe.ideal_cycle_time_s for recipe in RECIPES}
    assert len(set(times.values())) == 2
    file = tmp_path / "profile.yaml"
    file.write_text(profile_yaml())
    model = catalogue.read(str(file))
    codes = model.signals["product"].codes
    assert codes == {str(recipe.number): recipe.product for recipe in RECIPES}
    assert "measurement.fill-weight" in model.signals
