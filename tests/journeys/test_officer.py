"""The officer: the same figures on the command line, over HTTP and on the pages.

Line l1 ran the shift of oee.com within the last day; line l2 ran it every working day of two
weeks in 2025 but one, of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from browser import chromium, visit
from command_line import Node, answer, lineproof, node, run
from milestones_document import without_checkpoint
from playwright.sync_api import Browser
from textbook_shift import (
    FIGURES,
    GOOD,
    REJECTED,
    SHIFT,
    TOTAL,
    plant_text,
    shift_rows,
    write_history,
)

ZONE = ZoneInfo("Asia/Hong_Kong")
EVERY_DAY, WORKING_DAYS = "mon, tue, wed, thu, fri, sat, sun", "mon, tue, wed, thu, fri"
MONDAY = datetime(2025, 3, 3, 7, tzinfo=ZONE)
SILENT_DAY = 7  # Monday of the second week: nothing is known of it
GRANT = f"""
project: NIFS-2025-001
scheme: NIFS
plant: textbook
lines: [l2]
approved_cost_hkd: 54000000
approved_on: 2025-01-15
start: 2025-03-01
end: 2025-12-31
milestones:
  - id: run
    clause: "1"
    due: 2025-03-31
    title: {{en: Line commissioned}}
    terms: {{kind: commissioned, good_units: {2 * GOOD}, within_days: 2}}
  - id: sustained
    clause: "2"
    due: 2025-03-31
    title: {{en: OEE sustained}}
    terms:
      {{kind: kpi, metric: oee, op: ">=", target: 0.74, window: {{production_days: 5}}}}
  - id: missed
    clause: "3"
    due: 2025-03-31
    title: {{en: Availability}}
    terms:
      kind: kpi
      metric: availability
      op: ">="
      target: 0.89
      window: {{start: 2025-03-03, end: 2025-03-07}}
  - id: unclear
    clause: "4"
    due: 2025-03-31
    title: {{en: OEE of the second week}}
    terms:
      kind: kpi
      metric: oee
      op: ">="
      target: 0.65
      window: {{start: 2025-03-10, end: 2025-03-14}}
      min_coverage: 0.75
  - id: units
    clause: "5"
    due: 2025-03-31
    title: {{en: Output}}
    terms: {{kind: output, good_units: {9 * GOOD}, start: 2025-03-01, end: 2025-03-31}}
  - id: accounts
    clause: "6"
    due: 2025-03-31
    title: {{en: Audited accounts}}
    terms: {{kind: document, document: audited_accounts}}
"""


@dataclass(frozen=True)
class Plant:
    data: Path
    plant: Path
    grant: Path
    start: datetime  # of l1's shift

    @property
    def window(self) -> dict[str, str]:
        return {"start": self.start.isoformat(), "end": (self.start + SHIFT).isoformat()}

    def kpi(self, *source: str | Path) -> Any:
        window = [f"--{name}={time}" for name, time in self.window.items()]
        return answer("kpi", *source, "--line", "l1", *window)

    def milestones(self, *source: str | Path, as_of: str | None = None) -> Any:
        when = ["--as-of", as_of] if as_of else []
        return answer("milestones", *source, "--project", "NIFS-2025-001", *when)


def weeks() -> list[list[tuple[datetime, str, str, str]]]:
    """The rows of l2's two weeks, each as complete as a file is from its first to its last row."""
    days = [day for day in (*range(5), *range(7, 12)) if day != SILENT_DAY]
    shifts = [
        (day, shift_rows(MONDAY + timedelta(days=day), "press-l2", before))
        for before, day in enumerate(days)
    ]
    return [
        [row for day, rows in shifts if day in week for row in rows]
        for week in (range(5), range(7, 12))
    ]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    folder = tmp_path_factory.mktemp("officer")
    hour = datetime.now(ZONE).replace(minute=0, second=0, microsecond=0)
    start = hour - SHIFT - timedelta(hours=1)
    found = Plant(folder / "data", folder / "plant.yaml", folder / "grant.yaml", start)
    found.plant.write_text(plant_text({"l1": (start, EVERY_DAY), "l2": (MONDAY, WORKING_DAYS)}))
    found.grant.write_text(GRANT)
    shift = write_history(folder / "shift.csv", shift_rows(start, "press-l1"))
    first, second = (
        write_history(folder / f"week-{number}.csv", rows) for number, rows in enumerate(weeks(), 1)
    )
    lineproof("apply", "-f", found.plant, "-f", found.grant, "--data", found.data)
    lineproof("import", "--data", found.data, "--line", "l1", shift)
    lineproof("import", "--data", found.data, "--line", "l2", first, second)
    accounts = folder / "accounts.pdf"
    accounts.write_bytes(b"%PDF-1.7 audited accounts")
    where = ("--data", found.data, "--project", "NIFS-2025-001", "--milestone", "accounts")
    lineproof("document", "add", *where, accounts)
    return found


@pytest.fixture(scope="module")
def offline(plant: Plant) -> dict[str, Any]:
    """What the data folder says before a node owns it."""
    return {
        "kpi": plant.kpi("--data", plant.data),
        "milestones": plant.milestones("--data", plant.data, as_of="2025-06-01"),
    }


@pytest.fixture(scope="module")
def running(plant: Plant, offline: dict[str, Any]) -> Iterator[Node]:
    with node(plant.data, plant.plant, plant.grant) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_the_textbook_example_on_the_command_line(offline: dict[str, Any]) -> None:
    [row] = offline["kpi"]
    assert {name: round(row[name], 4) for name in FIGURES} == FIGURES
    assert (row["total_count"], row["good_count"], row["reject_count"]) == (TOTAL, GOOD, REJECTED)
    assert row["planned_busy_time_s"] == 420 * 60
    assert row["production_time_s"] == 373 * 60
    assert row["planned_down_time_s"] == 60 * 60
    assert row["coverage"] == 1
    assert row["oee_low"] == row["oee_high"] == row["oee"]


def test_a_running_node_gives_the_same_row(
    plant: Plant, offline: dict[str, Any], running: Node
) -> None:
    assert running.get("lines/l1/kpis", **plant.window) == offline["kpi"]
    assert plant.kpi("--url", running.url) == offline["kpi"]


def test_the_page_shows_the_same_figures(plant: Plant, running: Node, browser: Browser) -> None:
    with visit(browser, locale="en-GB") as seen:
        days = f"start={plant.start:%Y-%m-%d}&end={plant.start + SHIFT:%Y-%m-%d}"
        seen.page.goto(f"{running.url}/lines/l1?tab=kpis&by=shift&{days}")
        shift = f"S · {plant.start.day} {plant.start:%b %H:%M}"
        [row] = seen.page.get_by_role("row").filter(has_text=shift).all()
        cells = row.get_by_role("cell").all_inner_texts()
        assert not seen.complaints
    shown = [f"{FIGURES[name] * 100:.1f}" for name in FIGURES]
    assert [float(cell.strip("% \u00a0\u202f")) for cell in cells[2:6]] == [*map(float, shown)]
    assert [int(cell.replace(",", "")) for cell in cells[:2]] == [GOOD, REJECTED]


def test_verdicts_of_every_computed_kind(offline: dict[str, Any]) -> None:
    document = offline["milestones"]
    found = {row["id"]: row for row in document["milestones"]}
    assert {name: row["status"] for name, row in found.items()} == {
        "run": "met",
        "sustained": "met",
        "missed": "not_met",
        "unclear": "not_provable",
        "units": "met",
        "accounts": "not_met",
    }
    assert document["grant"]["grant_hkd"] == 15_000_000
    assert found["run"]["met_on"] == "2025-03-04"
    assert found["run"]["value"] == 2 * GOOD
    assert found["sustained"]["met_on"] == "2025-03-07"
    assert found["sustained"]["value"] == pytest.approx(GOOD / 25_200, abs=1e-12)
    assert found["missed"]["high"] == pytest.approx(373 / 420, abs=1e-12)
    assert found["units"]["met_on"] == "2025-03-14"
    assert found["units"]["value"] == 9 * GOOD
    unclear = found["unclear"]
    assert unclear["coverage"] == pytest.approx(0.8)
    assert unclear["value"] == pytest.approx(GOOD / 25_200, abs=1e-12)
    assert unclear["low"] == pytest.approx(0.8 * GOOD / 25_200, abs=1e-12)
    assert unclear["high"] == pytest.approx(0.8 * GOOD / 25_200 + 0.2, abs=1e-12)


def test_verdicts_as_they_stood_in_the_past(plant: Plant, running: Node) -> None:
    """On Thursday of the first week only the first run was made."""
    document = plant.milestones("--url", running.url, as_of="2025-03-06")
    assert document["as_of"] == "2025-03-06T00:00:00+08:00"
    found = {row["id"]: row for row in document["milestones"]}
    assert found["run"]["status"] == "met"
    assert found["units"]["value"] == 3 * GOOD
    assert found["accounts"]["status"] == "on_track"
    assert found["unclear"]["status"] == "pending"
    assert not {"met", "not_met"} & {found[name]["status"] for name in ("sustained", "missed")}


def test_a_document_counts_from_the_day_it_was_attached(plant: Plant, running: Node) -> None:
    document = plant.milestones("--url", running.url)
    accounts = next(row for row in document["milestones"] if row["id"] == "accounts")
    assert accounts["status"] == "met"
    assert accounts["met_on"] >= plant.start.date().isoformat()
    assert any("after the due date, 2025-03-31" in reason for reason in accounts["reasons"])


def test_a_running_node_gives_the_same_verdicts(
    plant: Plant, offline: dict[str, Any], running: Node
) -> None:
    path, as_of = "projects/NIFS-2025-001/milestones", "2025-06-01"
    known = without_checkpoint(offline["milestones"])
    assert without_checkpoint(running.get(path, as_of=as_of)) == known
    asked = plant.milestones("--url", running.url, as_of=as_of)
    assert without_checkpoint(asked) == known


def test_the_page_of_the_grant_shows_the_same_verdicts(
    offline: dict[str, Any], running: Node, browser: Browser
) -> None:
    with visit(browser, locale="en-GB") as seen:
        seen.page.goto(f"{running.url}/grants/NIFS-2025-001?until=2025-05-31")
        rows = {
            row["id"]: seen.page.get_by_role("row").filter(
                has=seen.page.get_by_role("link", name=f"{row['id']} ·")
            )
            for row in offline["milestones"]["milestones"]
        }
        texts = {name: row.inner_text() for name, row in rows.items()}
        assert not seen.complaints
    words = {"met": "Met", "not_met": "Not met", "not_provable": "Not provable"}
    for row in offline["milestones"]["milestones"]:
        assert words[row["status"]].lower() in texts[row["id"]].lower()
    assert "74.79" in texts["sustained"]
    assert "88.81" in texts["missed"]
    assert f"{9 * GOOD:,}" in texts["units"]
    assert f"{2 * GOOD:,}" in texts["run"]
    assert "59.83" in texts["unclear"]  # the low bound
    assert "79.83" in texts["unclear"]  # the high bound


def test_fail_tells_negative_verdicts_by_the_exit_status(plant: Plant, running: Node) -> None:
    common = ("milestones", "--url", running.url, "--project", "NIFS-2025-001", "--as-of")
    assert run(*common, "2025-06-01").status == 0
    assert run(*common, "2025-06-01", "--fail").status == 1
    assert run(*common, "2025-03-06", "--fail").status == 0
