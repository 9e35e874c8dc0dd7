"""`lineproof stops`: from a plant file and an imported history to tables and a document."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import answer, lineproof, refused

PLANT = """
plant: cans
timezone: Asia/Hong_Kong
company: {name: {en: Cans Ltd}, business_registration: "1"}
reasons:
  mechanical:
    name: {en: Mechanical, zh-Hant: 機械}
    kind: breakdown
    reasons:
      jam: {name: {en: Jam, zh-Hant: 卡料}, codes: ["17"]}
  clean: {name: {en: Cleaning}, kind: planned}
lines:
  seamer:
    name: {en: Seamer}
    minor_stop_s: 60
    machines:
      depalletiser: {profile: import}
      seamer: {profile: import}
    roles: {state: seamer}
    sequence: [depalletiser, seamer]
"""
HISTORY = """time,machine,signal,value
2026-03-02T08:00:00+08:00,depalletiser,state,producing
2026-03-02T08:00:00+08:00,seamer,state,producing
2026-03-02T08:10:00+08:00,seamer,state,stopped
2026-03-02T08:10:00+08:00,seamer,stop_reason,17
2026-03-02T08:15:00+08:00,seamer,state,producing
2026-03-02T08:15:00.5+08:00,seamer,state,stopped
2026-03-02T08:20:00.5+08:00,seamer,state,producing
2026-03-02T08:30:00+08:00,depalletiser,state,fault
2026-03-02T08:30:10+08:00,seamer,state,starved
2026-03-02T08:30:50+08:00,seamer,state,producing
2026-03-02T08:30:50+08:00,depalletiser,state,producing
2026-03-02T08:40:00+08:00,seamer,state,stopped
2026-03-02T08:40:00+08:00,seamer,stop_reason,clean
2026-03-02T08:50:00+08:00,seamer,state,producing
2026-03-02T09:00:00+08:00,seamer,state,producing
2026-03-02T09:00:00+08:00,depalletiser,state,producing
"""
HOUR = ("stops", "--line", "seamer", "--start", "2026-03-02T08:00", "--end", "2026-03-02T09:00")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cans")
    plant, history = folder / "plant.yaml", folder / "history.csv"
    plant.write_text(PLANT, encoding="utf-8")
    history.write_text(HISTORY, encoding="utf-8")
    lineproof("apply", "-f", plant, "--data", folder / "node")
    lineproof("import", "--data", folder / "node", "--line", "seamer", history)
    return folder / "node"


def test_chatter_is_no_second_stop_and_the_sums_are_the_hour(data: Path) -> None:
    document = answer(*HOUR, "--data", data)
    rows = [(row["duration_s"], row["category"], row["reason"]) for row in document["stops"]]
    assert rows == [(600.0, "major", "jam"), (40.0, "minor", None), (600.0, "major", "clean")]
    assert document["stops"][0]["flickers"] == 1
    stopped_s = sum(row["duration_s"] for row in document["stops"])
    assert sum(row["duration_s"] for row in document["pareto"]) == stopped_s
    (row,) = answer("kpi", *HOUR[1:], "--data", data)
    assert row["production_time_s"] + stopped_s == row["planned_busy_time_s"] == 3600


def test_the_tables_say_it_in_words(data: Path) -> None:
    printed = lineproof(*HOUR, "--level", "1", "--lang", "zh-Hant", "--data", data).output
    for words in (
        "卡料",
        "機械",
        "Cleaning",
        "Stops 3, failures 1.",
        "MTTR 600.0 s (denominator: 1 failure event (FE))",
        "│ depalletiser │    50.0 │               40.0 │",
    ):
        assert words in printed, printed


def test_without_a_failure_no_mean_is_invented(data: Path) -> None:
    """An ideal time and counts are missing too: what cannot be told says what it needs."""
    late = (*HOUR[:4], "2026-03-02T08:30", *HOUR[5:])
    printed = lineproof(*late, "--data", data).output
    assert "Stops 2, failures 0.\nMTBF – (no failure)\n" in printed
    assert "needs ideal_time_s, good_count, total_count" in printed


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--level", "0", "greater than or equal to 1"),
        ("--lang", "fr", "Use one of en, zh-Hant, zh-Hans."),
        ("--lag-s", "-1", "Give seconds from 0 to 3600."),
        ("--start-up-s", "nan", "Give seconds from 0 to 3600."),
        ("--method", "guessed", "Use one of iso22400"),
        ("--end", "2026-03-02T07:00", "Give an end later than the start."),
    ],
)
def test_a_question_that_means_nothing_is_refused(
    data: Path, option: str, value: str, says: str
) -> None:
    assert says in refused(*HOUR, option, value, "--data", data)
