"""Days of real machines, imported: seconds per state are those of the truth, to the millisecond.

The truth was derived apart from this program; a state holds until the next row, the last one
until the truth's end.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import answer, lineproof, node
from peers import require_shared_data

FILES = {
    "umh_week": "umh_week/states.csv",
    "nist_gfagie01_20161107": "nist/gfagie01_20161107.csv",
    "nist_mazak01_20161129": "nist/mazak01_20161129.csv",
    "nist_hurco01_20170518": "nist/hurco01_20170518.csv",
}
TIME_CLASSES = (
    "production_time_s",
    "setup_time_s",
    "delay_time_s",
    "down_time_s",
    "maintenance_time_s",
    "unknown_time_s",
    "planned_down_time_s",
    "not_planned_time_s",
)
# The week's shifts: Monday to Friday round the clock but for half an hour before each; the
# Sunday evening was overtime, the Saturday is planned every week but was closed in this one.
CALENDAR = """
calendars:
  three-shift:
    holidays: none
    shifts:
      - {name: night, days: [mon, tue, wed, thu, fri, sat], start: "00:30", end: "07:30"}
      - {name: early, days: [mon, tue, wed, thu, fri, sat], start: "08:00", end: "16:00"}
      - {name: late, days: [mon, tue, wed, thu, fri, sat], start: "16:30", end: "00:00"}
    exceptions:
      - {start: "2020-09-20T20:00", end: "2020-09-21T00:00", class: overtime, reason: rush order}
      - {start: "2020-09-26", end: "2020-09-26", class: closed, reason: stocktaking}
"""
LINE = """
  {line}:
    machines: {{{machine}: {{profile: import}}}}
    roles: {{state: {machine}}}
    {calendar}
"""


@dataclass(frozen=True)
class Days:
    """A line with its history, what it should be, and what the program says of it."""

    line: str
    truth: dict[str, Any]
    kpi: dict[str, Any]
    hours: list[dict[str, Any]]
    states: list[dict[str, Any]]

    def seconds(self, plan: str | None = None) -> dict[str, float]:
        """Seconds per state over the intervals, or over those with that plan."""
        found: Counter[str] = Counter()
        for row in self.states:
            if plan in (None, row["plan"]):
                found[row["state"]] += _micros(row["start"], row["end"])
        return {state: us / 1e6 for state, us in found.items()}


def _micros(start: str, end: str) -> int:
    return round(
        (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1e6
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Days]:
    """All four histories in one data folder, asked through the command line and one node."""
    truth = json.loads(require_shared_data("truth.json").read_text())
    folder = tmp_path_factory.mktemp("real-days")
    plant, data = folder / "plant.yaml", folder / "data"
    head = f"plant: real\ntimezone: UTC\ncompany: {{name: {{en: Real Ltd}}}}\n{CALENDAR}lines:"
    lines = [
        LINE.format(
            line=name,
            machine="line" if name == "umh_week" else name.split("_")[1],
            calendar="calendar: three-shift" if "shifts" in truth[name] else "",
        )
        for name in FILES
    ]
    plant.write_text(head + "".join(lines))
    lineproof("apply", "-f", plant, "--data", data)
    rows = {}
    for name, file in FILES.items():
        first, end = truth[name]["first"], truth[name]["end"]
        given = require_shared_data(file)
        lineproof("import", "--data", data, "--line", name, "--until", end, given)
        [rows[name]] = answer("kpi", "--data", data, "--line", name, "--start", first, "--end", end)
    states: dict[str, list[dict[str, Any]]] = {}
    hours: dict[str, list[dict[str, Any]]] = {}
    with node(data, plant) as running:
        for name in FILES:
            window = {"start": truth[name]["first"], "end": truth[name]["end"]}
            [row] = running.get(f"lines/{name}/kpis", **window)
            assert row == rows[name]
            hours[name] = running.rows(f"lines/{name}/kpis", by="hour", **window)
            states[name] = running.rows(f"lines/{name}/states", **window)
    return {name: Days(name, truth[name], rows[name], hours[name], states[name]) for name in FILES}


@pytest.fixture(params=FILES)
def days(request: pytest.FixtureRequest, found: dict[str, Days]) -> Days:
    return found[request.param]


def test_seconds_per_state(days: Days) -> None:
    assert days.seconds() == pytest.approx(days.truth["seconds_by_state"], abs=1e-3)


def test_intervals_and_time_classes_sum_to_the_window(days: Days) -> None:
    window_us = _micros(days.truth["first"], days.truth["end"])
    ends = [row["end"] for row in days.states]
    assert ends[:-1] == [row["start"] for row in days.states[1:]]
    assert sum(_micros(row["start"], row["end"]) for row in days.states) == window_us
    assert sum(round(days.kpi[name] * 1e6) for name in TIME_CLASSES) == window_us


def test_seconds_per_state_inside_the_shifts(found: dict[str, Days]) -> None:
    week = found["umh_week"]
    wanted = week.truth["seconds_by_state_in_shift"]
    assert week.seconds("busy") == pytest.approx(wanted, abs=1e-3)
    kpi = week.kpi
    assert kpi["planned_busy_time_s"] == week.truth["shift_seconds"]
    assert kpi["production_time_s"] == pytest.approx(wanted["producing"], abs=1e-3)
    assert kpi["setup_time_s"] == pytest.approx(wanted["setup"], abs=1e-3)
    assert kpi["maintenance_time_s"] == pytest.approx(wanted["maintenance"], abs=1e-3)
    stopped = sum(wanted[state] for state in ("stopped", "fault", "idle", "blocked"))
    assert kpi["delay_time_s"] + kpi["down_time_s"] == pytest.approx(stopped, abs=1e-3)


def test_shifts_and_overtime_lie_where_they_were_worked(found: dict[str, Days]) -> None:
    week = found["umh_week"]
    busy: list[list[str]] = []
    for row in week.states:
        if row["plan"] == "busy":
            if busy and busy[-1][1] == row["start"]:
                busy[-1][1] = row["end"]
            else:
                busy.append([row["start"], row["end"]])
    assert [[datetime.fromisoformat(time) for time in shift] for shift in busy] == [
        [datetime.fromisoformat(shift[name]) for name in ("start", "end")]
        for shift in week.truth["shifts"]
    ]


def test_unavailable_time_of_a_machine_tool_is_unknown(found: dict[str, Days]) -> None:
    for name, days in found.items():
        unknown = days.truth["seconds_by_state"].get("unknown", 0)
        if name != "umh_week":
            assert days.kpi["unknown_time_s"] == pytest.approx(unknown, abs=1e-3)
            assert days.kpi["coverage"] < 1


def test_no_day_is_flagged_but_for_the_time_that_is_unknown(found: dict[str, Days]) -> None:
    """Machine tools were unavailable; nothing else is wrong with these days."""
    flags = {name: days.kpi["flags"] for name, days in found.items()}
    assert flags == {name: [] if name == "umh_week" else ["gap"] for name in FILES}
    for days in found.values():
        for hour in days.hours:
            has_gap = hour["unknown_time_s"] > 0.001 * hour["planned_busy_time_s"]
            assert hour["flags"] == (["gap"] if has_gap else []), hour["key"]


def test_the_files_extra_column_is_named(tmp_path: Path) -> None:
    plant = tmp_path / "plant.yaml"
    line = LINE.format(line="l1", machine="hurco01", calendar="")
    plant.write_text(
        f"plant: real\ntimezone: UTC\ncompany: {{name: {{en: Real Ltd}}}}\nlines:{line}"
    )
    lineproof("apply", "-f", plant, "--data", tmp_path / "data")
    file = require_shared_data(FILES["nist_hurco01_20170518"])
    outcome = lineproof("import", "--data", tmp_path / "data", "--line", "l1", file)
    assert "'raw_state'" in outcome.errors
