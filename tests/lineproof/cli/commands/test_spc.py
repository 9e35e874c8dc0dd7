"""`lineproof spc`: from a plant file and an imported history; folder and node say the same."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean

import pytest
from command_line import answer, lineproof, node, refused
from spc_textbooks import PISTON_RINGS, PISTON_RINGS_AFTER

PLANT = """
plant: rings
timezone: Asia/Hong_Kong
company: {name: {en: Rings Ltd}, business_registration: "1"}
lines:
  forge:
    name: {en: Forge}
    machines:
      forge: {profile: import}
      gauge: {profile: import}
    roles: {state: forge}
    measurements:
      diameter:
        name: {en: Inside diameter}
        machine: gauge
        unit: mm
        lower_limit: 73.95
        upper_limit: 74.05
        subgroup_size: 5
"""
START = datetime.fromisoformat("2026-03-02T08:00:00+08:00")
CHANGED = START + timedelta(minutes=len(PISTON_RINGS))
SPC = ("spc", "--line", "forge", "--measurement", "diameter")
FIRST = ("--start", "2026-03-02T08:00", "--end", CHANGED.isoformat())
AFTER = ("--start", CHANGED.isoformat(), "--end", "2026-03-02T12:00")
BASELINE = ("--baseline-start", "2026-03-02T08:00", "--baseline-end", CHANGED.isoformat())


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rings") / "plant.yaml"
    path.write_text(PLANT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def data(plant: Path) -> Path:
    """The piston rings, one a minute."""
    history, folder = plant.with_name("history.csv"), plant.with_name("node")
    with history.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "machine", "signal", "value"))
        for at, value in enumerate([*PISTON_RINGS, *PISTON_RINGS_AFTER]):
            time = (START + timedelta(minutes=at)).isoformat()
            writer.writerow((time, "gauge", "measurement.diameter", value))
    lineproof("apply", "-f", plant, "--data", folder)
    lineproof("import", "--data", folder, "--line", "forge", history)
    return folder


def test_the_textbook_chart_from_an_imported_history(data: Path) -> None:
    document = answer(*SPC, *FIRST, "--data", data)
    assert document["limits"]["location"]["upper"] == pytest.approx(74.0143, abs=5e-5)
    assert document["capability"]["cp"] == pytest.approx(1.70, abs=0.005)
    assert len(document["subgroups"]) == 25
    assert document["violations"] == []


def test_a_baseline_shows_the_shift(data: Path) -> None:
    document = answer(*SPC, *AFTER, *BASELINE, "--data", data)
    beyond = [found["subgroup"] + 25 for found in document["violations"]
              if found["rule"] == "nelson-1"]  # fmt: skip
    assert beyond == [37, 38, 39]


def test_the_table_says_what_the_document_says(data: Path) -> None:
    printed = lineproof(*SPC, *AFTER, *BASELINE, "--data", data).output
    assert "nelson-1" in printed
    assert "A point lies beyond the control limits." in printed
    assert f"{fmean(PISTON_RINGS_AFTER[:5]):.5g}" in printed
    assert "Cpk" in printed
    assert "The process is out of control" in printed


def test_what_does_not_exist_is_one_sentence(data: Path) -> None:
    wrong = ("spc", "--line", "forge", "--measurement", "weight", *FIRST)
    assert "line 'forge' has no measurement 'weight'" in refused(*wrong, "--data", data)
    assert "individuals" in refused(*SPC, *FIRST, "--chart", "cusum", "--data", data)


def test_the_folder_and_the_node_say_the_same(data: Path, plant: Path) -> None:
    questions = (
        (*SPC, *FIRST),
        (*SPC, *FIRST, "--chart", "individuals", "--rules", "western-electric"),
        (*SPC, *AFTER, *BASELINE, "--lang", "zh-Hant"),
        (*SPC, *FIRST, "--interval-s", "600"),
    )
    wrong = ("spc", "--line", "forge", "--measurement", "weight", *FIRST)
    local = [answer(*question, "--data", data) for question in questions]
    refusal = refused(*wrong, "--data", data)
    with node(data, plant) as running:
        remote = [answer(*question, "--url", running.url) for question in questions]
        assert refused(*wrong, "--url", running.url) == refusal
    assert remote == local
    assert [document["chart"] for document in local] == [
        "xbar-r",
        "individuals",
        "xbar-r",
        "xbar-s",
    ]
