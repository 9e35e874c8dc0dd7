"""Steps of milestones by the command line: on a folder and on a node, with the same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PROJECT = ("--project", "NIFS-2026-001")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml",
              "--data", folder)  # fmt: skip
    lineproof("import", "--data", folder, "--line", "press-1", EXAMPLES / "history.csv")
    return folder


def step(milestone: str, action: str, author: str, *more: str | Path) -> tuple[str | Path, ...]:
    said = ("--reason", f"{action}, as was seen", "--author", author)
    return ("decide", *PROJECT, "--milestone", milestone, "--action", action, *said, *more)


def milestone(name: str, *of: str | Path) -> Any:
    rows = answer("milestones", *PROJECT, *of)["milestones"]
    found = next(row for row in rows if row["id"] == name)
    return {key: value for key, value in found.items() if key != "as_of"}  # the present


def test_a_milestone_is_accepted_and_a_rebuild_keeps_what_was_decided(data: Path) -> None:
    of = ("--data", data)
    before = milestone("M1", *of)
    early = refused(*step("M1", "accept", "Ho", *of))
    assert "milestone M1 is 'draft', and 'accept' is no step from there" in early
    assert early.endswith("It allows: submit.")
    said = lineproof(*step("M1", "submit", "Lee", *of)).output
    assert said == "NIFS-2026-001 M1 is submitted. From there: take.\n"
    for action in ("take", "recommend"):
        lineproof(*step("M1", action, "Ho", *of))
    assert "'ho' recommended it, and here two persons decide" in refused(
        *step("M1", "accept", "ho", *of)
    )
    said = lineproof(*step("M1", "accept", "Wong", *of)).output
    assert said.startswith("NIFS-2026-001 M1 is accepted. From there: close.\npress-1 is frozen")
    after = milestone("M1", *of)
    assert after["state"] == "accepted"
    assert after["decision"]["verdict"]["status"] == before["status"] == after["status"]
    steps = answer("decisions", *PROJECT, "--milestone", "M1", *of)
    assert [it["author"] for it in steps] == ["Lee", "Ho", "Ho", "Wong"]
    lineproof("rebuild", *of)
    assert milestone("M1", *of) == after
    assert answer("decisions", *PROJECT, "--milestone", "M1", *of) == steps
    table = lineproof("decisions", *PROJECT, "--milestone", "M1", *of).output
    assert "recommend, as was seen" in table
    lineproof("doctor", *of)


def test_an_extension_and_a_conflict_of_interest_by_folder_and_node_alike(data: Path) -> None:
    """M2 was due long ago; the folder's clock is the present one."""
    of: tuple[str | Path, ...] = ("--data", data)
    said = ("conflict", *PROJECT, "--reason", "a cousin", "--author", "Mo")
    assert "Mo has declared a conflict of interest" in lineproof(*said, *of).output
    assert "already" in refused(*said, *of)
    lineproof(*step("M2", "submit", "Lee", *of))
    assert "'Mo' has declared a conflict" in refused(*step("M2", "take", "Mo", *of))
    with node(data, EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml") as running:
        of = ("--url", running.url)
        assert "'MO' has declared a conflict" in refused(*step("M2", "take", "MO", *of))
        assert [it["author"] for it in answer("conflicts", *PROJECT, *of)] == ["Mo"]
        assert "a cousin" in lineproof("conflicts", *PROJECT, *of).output
        for action in ("take", "recommend"):
            lineproof(*step("M2", action, "Ho", *of))
        assert "needs a new due day" in refused(*step("M2", "extend", "Wong", *of))
        done = answer(*step("M2", "extend", "Wong", "--due", "2099-06-30", *of))
        assert (done["state"], done["due"]) == ("extended", "2099-06-30")
        there = milestone("M2", *of)
        steps = answer("decisions", *PROJECT, "--milestone", "M2", *of)
    of = ("--data", data)
    here = milestone("M2", *of)
    assert answer("decisions", *PROJECT, "--milestone", "M2", *of) == steps
    for found in (there, here):
        assert (found["due"], found["agreed_due"]) == ("2099-06-30", "2026-06-30")
        assert (found["state"], found["decision"]) == ("extended", steps[-1])
    table = lineproof("milestones", *PROJECT, *of).output
    assert "M2 was due on 2026-06-30; it is extended." in table
    assert "overdue" not in here["flags"]
