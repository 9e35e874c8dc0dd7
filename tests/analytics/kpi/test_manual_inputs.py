"""Figures that people tell: whole inside the window they count, cut they say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from plants import history, local, plant

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import KPIS, evaluate, sums_from_amounts
from analytics.kpi.formulas.inputs import MANUAL_INPUTS
from analytics.kpi.manual_inputs import manual_inputs_in
from analytics.kpi.rows import kpi_rows
from domain.corrections import Correction, CorrectionKind
from domain.plant import Plant
from domain.time import Window

START, END = local("2026-03-02 07:00"), local("2026-03-02 15:00")
NOON = local("2026-03-02 12:00")
PLANT: Plant = plant()


def figure(
    element: str, amount: float, start: datetime = START, end: datetime = END, line: str = "l1"
) -> Correction:
    return Correction(
        id=f"{element}-{start:%H}",
        line=line,
        kind=CorrectionKind.FIGURE,
        start=start,
        end=end,
        author="operator",
        recorded_at=datetime(2026, 3, 3, tzinfo=UTC),
        element=element,
        amount=amount,
    )


def facts(start: datetime = START, end: datetime = END) -> pl.DataFrame:
    rows = [("state", start, "producing")]
    rows += [("total_count", start, 0.0), ("total_count", end, 1000.0)]
    rows += [("reject_count", start, 0.0), ("reject_count", end, 20.0)]
    return line_facts(PLANT, "l1", history(rows, start, end), start, end)


def row(*figures: Correction, window: Window | None = None) -> dict[str, Any]:
    return kpi_rows(PLANT, "l1", facts(), window or Window(START, END), None, "iso22400", figures)[
        0
    ]


def test_without_figures_a_kpi_says_what_it_needs() -> None:
    found = row()["not_computable"]
    assert isinstance(found, dict)
    assert found["first_pass_yield"] == "needs inspected_part_count"
    assert found["worker_efficiency"] == (
        "needs personnel_work_time_s, personnel_attendance_time_s"
    )
    assert found["process_capability_index"] == "needs measurement"
    assert found["allocation_ratio"] == "needs order"
    assert "availability" not in found


def test_figures_inside_the_window_add_up() -> None:
    found = row(
        figure("inspected_part_count", 400, START, NOON),
        figure("inspected_part_count", 600, NOON, END),
        figure("good_part_count", 970),
        figure("planned_scrap_count", 25),
    )
    assert found["first_pass_yield"] == 0.97
    assert found["actual_to_planned_scrap_ratio"] == 0.8
    assert found["bounds"]["first_pass_yield"] == [0.97, 0.97]
    assert found["further"] == {
        "inspected_part_count": 1000, "good_part_count": 970, "planned_scrap_count": 25
    }  # fmt: skip


def test_good_parts_are_those_of_the_counters_unless_somebody_says_so() -> None:
    assert row(figure("inspected_part_count", 1000))["first_pass_yield"] == 0.98


def test_good_parts_that_were_reworked_did_not_pass_at_first() -> None:
    of = sums_from_amounts(good_count=980.0, rework_count=30.0, inspected_part_count=1000.0)
    assert evaluate("first_pass_yield", of).value == 0.95


def test_the_four_shares_of_the_material_make_one() -> None:
    """ISO 22400-2, KPIs 26 to 29."""
    told = {
        "consumed_material": 1000.0,
        "integrated_good_quantity": 930.0,
        "production_loss": 40.0,
        "storage_and_transport_loss": 20.0,
        "other_loss": 10.0,
    }
    found = row(*(figure(name, amount) for name, amount in told.items()))
    names = ("integrated_goods_ratio", "production_loss_ratio")
    names += ("storage_and_transport_loss_ratio", "other_loss_ratio")
    assert sum(found[name] for name in names) == pytest.approx(1.0)
    assert found["finished_goods_ratio"] == 0.98


def test_a_level_is_averaged_by_its_duration() -> None:
    """Two inventories of 300 and 100 over five and three hours are 225 together, not 400."""
    found = row(
        figure("average_inventory", 300, START, NOON), figure("average_inventory", 100, NOON, END)
    )
    assert found["inventory_turns"] == 1000 / 225


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START - timedelta(hours=1), END),
        (START, END + timedelta(seconds=1)),
        (START - timedelta(days=1), END + timedelta(days=1)),
    ],
)
def test_a_figure_that_the_window_cuts_is_named(start: datetime, end: datetime) -> None:
    """united-manufacturing-hub#106: what is not cut at the border counts wrongly on one side."""
    found = row(
        figure("inspected_part_count", 1000, start, end), figure("inspected_part_count", 10)
    )
    assert found["first_pass_yield"] is None
    reason = found["not_computable"]["first_pass_yield"]
    local_start = start.astimezone(PLANT.zone).isoformat(timespec="minutes")
    assert f"the inspected_part_count of {local_start} to " in reason
    assert reason.endswith("reaches beyond the window")
    assert "inspected_part_count" not in found["further"]


def test_figures_beside_the_window_or_of_another_line_do_not_touch_it() -> None:
    earlier = figure("inspected_part_count", 7, START - timedelta(hours=1), START)
    later = figure("inspected_part_count", 7, END, END + timedelta(hours=1))
    other = figure("inspected_part_count", 7, line="l2")
    told, cut = manual_inputs_in((earlier, later, other), "l1", Window(START, END), PLANT.zone)
    assert (told, cut) == ({}, {})


def test_no_product_has_a_share_of_a_figure() -> None:
    (found,) = kpi_rows(
        PLANT, "l1", facts(), Window(START, END), "product", "iso22400",
        [figure("inspected_part_count", 1000)],
    )  # fmt: skip
    reason = found["not_computable"]["first_pass_yield"]
    assert reason == "inspected_part_count is not entered by product"


def test_an_hour_has_the_figures_of_that_hour() -> None:
    told = [figure("inspected_part_count", 50, START, START + timedelta(hours=1))]
    rows = kpi_rows(PLANT, "l1", facts(), Window(START, END), "hour", "iso22400", told)
    assert [found["first_pass_yield"] is None for found in rows] == [False] + [True] * 7


def test_maintenance_times_may_be_told_instead() -> None:
    """CMT / (CMT + PMT): 1 h of 4 h; by the states alone there was none."""
    assert row()["corrective_maintenance_ratio"] is None
    found = row(
        figure("corrective_maintenance_time_s", 3600),
        figure("preventive_maintenance_time_s", 10800),
    )
    assert found["corrective_maintenance_ratio"] == 0.25


def test_every_figure_is_used_by_a_kpi() -> None:
    used = {name for kpi in KPIS.values() for name in kpi.inputs}
    assert set(MANUAL_INPUTS) <= used
