"""Site visits by the command line: on a folder and on a node, with the same answers."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PROJECT = ("--project", "NIFS-2026-001")
ADD = ("visit", "add", *PROJECT, "--line", "press-1", "--kind", "unannounced",
       "--at", "2026-03-02T08:00", "--author", "Ho")  # fmt: skip


def test_a_visit_by_folder_and_node_alike(tmp_path: Path) -> None:
    data = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml",
              "--data", data)  # fmt: skip
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    of: tuple[str | Path, ...] = ("--data", data)
    readings = ("--reading", "press/total_count=30000@2026-03-02T08:30 glass is dirty",
                "--reading", "press/reject_count=0@2026-03-02T08:31")  # fmt: skip
    said = lineproof(*ADD, "--milestone", "M1", *readings, "--read-by", "Lee", *of).output
    assert said.startswith("Visit 1 to press-1 is entered for NIFS-2026-001.\npress/total_count ")
    assert "differs by +10729 (sealed: 0 to 19271)." in said
    assert "agrees (sealed: 0 to " in said
    rows = answer("visit", "list", *PROJECT, *of)
    assert [it["note"] for it in rows[0]["readings"]] == ["glass is dirty", ""]
    assert {it["read_by"] for it in rows[0]["readings"]} == {"Lee"}
    assert "is no reading" in refused(*ADD, "--reading", "press total_count 7", *of)
    assert "no kind of visit" in refused(*ADD, "--kind", "x", "--note", "y", *of)
    with node(data, EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml") as running:
        of = ("--url", running.url)
        assert answer("visit", "list", *PROJECT, *of) == rows
        answer(*ADD, "--note", "once more", *of)
        table = lineproof("visit", "list", *PROJECT, *of).output
        assert "once more" in table
        assert [it["number"] for it in answer("visit", "list", *PROJECT, *of)] == [1, 2]
        wrong = ("visit", "withdraw", *PROJECT, "--visit", "2", "--author", "Ho", "--reason")
        assert "a withdrawal says why" in refused(*wrong, " ", *of)
        said = answer(*wrong, "it was another line", *of)
        assert said["withdrawn"]["reason"] == "it was another line"
        assert "was withdrawn on" in refused(*wrong, "again", *of)
        mine = answer("visit", "list", *PROJECT, "--milestone", "M1", *of)
        assert [it["number"] for it in mine] == [1]
    table = lineproof("visit", "list", *PROJECT, "--data", data).output
    assert "WITHDRAWN by Ho: it was another line; once more" in table
    last = ("visit", "withdraw", *PROJECT, "--visit", "1", "--reason", "too", "--author", "Ho")
    assert "is withdrawn: too" in lineproof(*last, "--data", data).output
