"""Change requests by the command line: on a folder and on a node, with the same answers."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PROJECT = ("--project", "NIFS-2026-001")
ASK = ("change", "ask", *PROJECT, "--reason", "late delivery", "--author", "Lee")
DECIDE = (*PROJECT, "--number", "1", "--author", "Ho")


def test_a_change_by_folder_and_node_alike(tmp_path: Path) -> None:
    data = tmp_path / "node"
    grant = EXAMPLES / "grant.yaml"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", grant, "--data", data)
    of: tuple[str | Path, ...] = ("--data", data)
    said = lineproof(*ASK, "--kind", "scope", "--old", "a", "--new", "b", *of).output
    assert said == "Change request 1 of NIFS-2026-001 is open: scope, a -> b.\n"
    assert "nobody decides their own" in refused(
        "change", "approve", *PROJECT, "--number", "1", "--author", "LEE", *of
    )
    said = lineproof("change", "approve", *DECIDE, *of).output
    assert "is approved" in said
    assert "change_requests: [1]" in said
    named = tmp_path / "grant.yaml"
    named.write_text(grant.read_text(encoding="utf-8") + "\nchange_requests: [1]\n", "utf-8")
    lineproof("apply", "-f", named, *of)
    rows = answer("change", "list", *PROJECT, *of)
    assert [it["carried_out"]["version"] for it in rows] == [2]
    assert "version 2" in lineproof("change", "list", *PROJECT, *of).output
    with node(data, EXAMPLES / "plant.yaml", named) as running:
        of = ("--url", running.url)
        assert answer("change", "list", *PROJECT, *of) == rows
        meter = ("--kind", "equipment", "--old", "a", "--new", "b", "--line", "press-1",
                 "--machine", "press", "--at", "2026-03-02T08:00")  # fmt: skip
        assert answer(*ASK, *meter, *of)["number"] == 2
        no = ("change", "refuse", *PROJECT, "--number", "2", "--reason", "no", "--author", "Ho")
        assert answer(*no, *of)["state"] == "refused"
        assert "was refused by Ho" in refused(*no, *of)
