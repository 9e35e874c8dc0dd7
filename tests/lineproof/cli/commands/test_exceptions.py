"""Exceptions of a calendar by the command line."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
LINE = ("--line", "press-1")
DAY = (*LINE, "--start", "2026-03-02T00:00", "--end", "2026-03-03T00:00")
DOWN = (
    "exception", "add", *LINE, "--class", "planned_down", "--start", "2026-03-02T08:00",
    "--end", "2026-03-02T10:00", "--reason", "overhaul",
)  # fmt: skip


def test_an_exception_changes_the_plan_and_a_rebuild_gives_the_same(tmp_path: Path) -> None:
    of = ("--data", tmp_path / "node")
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", *of)
    lineproof("import", *of, *LINE, EXAMPLES / "history.csv")
    (first,) = answer("kpi", *DAY, *of)
    assert "author: the author is missing" in refused(*DOWN, *of)
    told = answer(*DOWN, "--author", "Chan", *of)
    (changed,) = answer("kpi", *DAY, *of)
    assert changed["planned_busy_time_s"] == first["planned_busy_time_s"] - 7200
    lineproof("rebuild", *of)
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", *of)
    assert answer("kpi", *DAY, *of) == [changed]
    assert "overhaul" in lineproof("exception", "list", *LINE, *of).output
    said = lineproof("exception", "withdraw", told["id"], *LINE, "--author", "Ho", *of).output
    assert said == f"press-1: the exception {told['id']} is withdrawn.\n"
    assert answer("kpi", *DAY, *of) == [first]
