"""The demo's files must be valid, and its story hold, on whatever day the demo is started."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analytics.calendar import plan_segments
from domain.states import Plan
from domain.time import Window
from lineproof.demo.texts import LINE, DemoDays, grant_yaml, plant_yaml
from store.documents.grant import read_grant
from store.documents.plant import read_plant

DAYS = [
    DemoDays(date(2024, 2, 29)),
    DemoDays(date(2026, 1, 1)),
    DemoDays(date(2026, 11, 21)),
    DemoDays(date(2027, 12, 31)),
]


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_plant_and_grant_are_read_by_the_real_readers(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, "opc.tcp://127.0.0.1:1", "mqtt://127.0.0.1:2", "t"), "p")
    project = read_grant(grant_yaml(days), "g")
    assert project.plant == plant.id
    assert set(project.lines) <= set(plant.lines)
    assert project.approved_cost_hkd == 54_000_000
    for text in (plant.lines[LINE].name, *(m.title for m in project.milestones)):
        assert set(text) == {"en", "zh-Hant", "zh-Hans"}
    assert "$" not in plant_yaml(days, "a", "b", "c") + grant_yaml(days)


@pytest.mark.parametrize("days", DAYS, ids=lambda days: str(days.today))
def test_the_live_line_is_always_inside_planned_time(days: DemoDays) -> None:
    plant = read_plant(plant_yaml(days, "opc.tcp://127.0.0.1:1", "mqtt://127.0.0.1:2", "t"), "p")
    window = Window.of_days(
        days.today - timedelta(days=1), days.today + timedelta(days=2), plant.zone
    )
    plan = plan_segments(plant.lines[LINE].calendar, plant.zone, window.start, window.end)
    assert plan["plan"].unique().to_list() == [Plan.BUSY.value]


def test_the_gap_lies_inside_the_acceptance_run() -> None:
    for days in DAYS:
        assert days.gap_window[0] < days.gap[0] <= days.gap[1] < days.gap_window[1]
        assert not days.gap_window[0] <= days.overhaul <= days.gap_window[1]
