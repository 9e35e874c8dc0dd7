"""Counters as they are in the field: public cases of other systems, and what is right for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import answer, lineproof
from peers import require_shared_data

TWO_HOURS = ("--start", "2026-03-02T08:00", "--end", "2026-03-02T10:00")


def imported(name: str, tmp_path: Path) -> tuple[str | Path, ...]:
    """The case's history in a node of its own: the options that name it."""
    folder = require_shared_data(f"field/{name}")
    node = ("--data", tmp_path / "node")
    lineproof("apply", "-f", folder / "plant.yaml", *node)
    lineproof("import", "--line", "line-1", *node, folder / "history.csv")
    return ("--line", "line-1", *node)


def test_what_was_used_while_a_meter_came_back_is_in_its_upper_bound(tmp_path: Path) -> None:
    line = imported("energy-restored-older", tmp_path)
    (row,) = answer("kpi", *line, "--start", "2026-03-02T08:00", "--end", "2026-03-02T09:50")
    bounds = row["bounds"]["energy_kwh"]
    assert bounds[0] == pytest.approx(4.3)
    assert 4.7 <= bounds[1] <= 6.0  # one interval's use, and no whole reading


@pytest.mark.parametrize(
    ("case", "energy_kwh", "flag"),
    [
        ("energy-zero-reading", 5.4, "counter_out_of_line"),
        ("energy-restored-older", 4.3, "counter_reset"),
        ("energy-decimal-rollover", 4.2, None),
        ("energy-restart-rounding", 2.0, "counter_jitter"),
    ],
)
def test_energy_of_a_meter_that_did_not_simply_grow(
    tmp_path: Path, case: str, energy_kwh: float, flag: str | None
) -> None:
    line = imported(case, tmp_path)
    (row,) = answer("kpi", *line, *TWO_HOURS)
    assert row["energy_kwh"] == pytest.approx(energy_kwh, abs=0.0006)
    odd = {name for name in row["flags"] if name.startswith("counter_")}
    assert odd == ({flag} if flag else set())
    # Hour by hour no less; one of the meters is silent in the second hour.
    hours = answer("kpi", *line, *TWO_HOURS, "--by", "hour")
    by_hour = sum(hour["energy_kwh"] or 0.0 for hour in hours)
    assert by_hour == pytest.approx(energy_kwh, abs=0.0006)


def test_mean_times_of_a_week_round_the_clock(tmp_path: Path) -> None:
    line = imported("mtbf-round-the-clock", tmp_path)
    (row,) = answer("kpi", *line, "--start", "2026-03-02", "--end", "2026-03-07")
    assert row["mean_time_between_failures_s"] == 133200.0
    assert row["mean_time_to_repair_s"] == 10800.0
    assert row["availability"] == 0.925


def test_two_products_of_different_speed(tmp_path: Path) -> None:
    line = imported("mixed-output", tmp_path)
    days = answer("kpi", *line, "--start", "2026-03-02", "--end", "2026-03-04", "--by", "day")
    assert [row["total_count"] for row in days] == [2340.0, 1260.0]
    for row in days:
        assert (row["effectiveness"], row["oee"]) == (pytest.approx(0.75), pytest.approx(0.75))


def test_individuals_and_moving_ranges(tmp_path: Path) -> None:
    line = imported("spc-flow-rate", tmp_path)
    chart = answer("spc", *line, "--measurement", "flow", *TWO_HOURS)
    limits = chart["limits"]
    assert limits["location"]["center"] == pytest.approx(50.81)
    assert limits["dispersion"]["center"] == pytest.approx(1.8778, abs=1e-4)
    assert limits["location"]["lower"] == pytest.approx(45.8176, abs=1e-4)
    assert limits["location"]["upper"] == pytest.approx(55.8024, abs=1e-4)
    assert limits["dispersion"]["upper"] == pytest.approx(6.1338, abs=1e-4)
    assert chart["violations"] == []
