"""`lineproof kpi --method A --method B`: side by side, and in words what is counted elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
WINDOW = ("--line", "press-1", "--start", "2026-03-02T07:00", "--end", "2026-03-02T15:00")
BOTH = ("--method", "iso22400", "--method", "planned-changeover-excluded")
# Half an hour of changeover in the shift of the example, and two minutes and a half of overhaul.
HISTORY = """time,machine,signal,value
2026-03-02T07:00:00,press,state,producing
2026-03-02T07:00:00,press,total_count,0
2026-03-02T07:00:00,press,reject_count,0
2026-03-02T09:00:00,press,state,setup
2026-03-02T09:30:00,press,state,producing
2026-03-02T10:00:00,press,state,maintenance
2026-03-02T10:02:30.500,press,state,producing
2026-03-02T15:00:00,press,total_count,19271
2026-03-02T15:00:00,press,reject_count,423
2026-03-02T15:00:00,press,state,stopped
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kpi")
    history, where = folder / "history.csv", folder / "node"
    history.write_text(HISTORY, encoding="utf-8")
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "--data", where)
    lineproof("import", "--data", where, "--line", "press-1", history)
    return where


def test_the_table_shows_both_and_the_sentences_say_what_moved(data: Path) -> None:
    printed = lineproof("kpi", *WINDOW, *BOTH, "--data", data).output
    assert "press-1: iso22400 beside planned-changeover-excluded" in printed
    period = "2026-03-02 07:00 to 2026-03-02 15:00: "
    assert (
        f"{period}setup 1 800 s: loss by iso22400, not planned by planned-changeover-excluded"
        in printed.splitlines()
    )
    assert f"{period}maintenance 150.5 s: loss by iso22400, not planned by" in printed
    first, second = answer("kpi", *WINDOW, *BOTH, "--data", data)
    for row in (first, second):
        assert f"{row['oee'] * 100:.1f}" in printed
    assert first["oee"] < second["oee"]


def test_by_hour_every_hour_says_its_own(data: Path) -> None:
    printed = lineproof("kpi", *WINDOW, *BOTH, "--by", "hour", "--data", data).output
    lines = printed.splitlines()
    assert sum(line.endswith("puts every second where iso22400 does.") for line in lines) == 6
    assert sum(": loss by iso22400, not planned by" in line for line in lines) == 2
    assert lines.count(lines[-1]) == 1


def test_losses_of_another_kind_are_told_by_their_class(data: Path) -> None:
    printed = lineproof(
        "kpi", *WINDOW, "--method", "planned-changeover-excluded", "--method", "iso22400",
        "--data", data,
    ).output  # fmt: skip
    assert (
        "planned_down 1 800 s: not planned by planned-changeover-excluded, loss by iso" in printed
    )


def test_the_states_of_semi_e10_have_a_table_of_their_own(data: Path) -> None:
    printed = lineproof("kpi", *WINDOW, "--method", "semi-e10", "--data", data).output
    assert "press-1: time by semi-e10" in printed
    words = printed.split()
    for seconds in ("23,249.5", "1,800.0", "3,750.5", "28,800.0"):  # PRD, ENG, SDT, total
        assert seconds in words, printed


def test_one_method_prints_one_table_and_the_folder_and_the_node_say_the_same(data: Path) -> None:
    printed = lineproof("kpi", *WINDOW, "--method", "oee-com", "--data", data).output
    assert "press-1 (oee-com)" in printed
    assert "beside" not in printed
    (row,) = answer("kpi", *WINDOW, "--data", data)
    assert row["method"] == "iso22400"
    assert "differs_from" not in row
    wrong = ("kpi", *WINDOW, "--method", "iso22400", "--method", "isp22400")
    sentence = refused(*wrong, "--data", data)
    assert "unknown method 'isp22400'" in sentence
    local = answer("kpi", *WINDOW, *BOTH, "--data", data)
    with node(data, EXAMPLES / "plant.yaml") as running:
        assert answer("kpi", *WINDOW, *BOTH, "--url", running.url) == local
        assert refused(*wrong, "--url", running.url) == sentence
