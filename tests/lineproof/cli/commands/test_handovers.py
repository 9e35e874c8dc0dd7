"""The handover of a shift by the command line: of a folder and of a node, the same document."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
ASKED = ("handover", "--line", "press-1", "--shift", "2026-03-02T08:00")


def test_a_handover_by_folder_and_node_alike(tmp_path: Path) -> None:
    data = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml",
              "--data", data)  # fmt: skip
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    document = answer(*ASKED, "--data", data)
    said = lineproof(*ASKED, "--data", data).output
    assert f"press-1: shift {document['shift']}, 2026-03-02 " in said
    good = f"{document['figures']['made']['good_count']:,.0f}"
    for words in ("Good items", good, "What stood longest", "Nobody has signed it yet."):
        assert words in said
    assert "2999" in refused("handover", "--line", "press-1", "--shift", "2999-01-01T00:00",
                             "--data", data)  # fmt: skip
    with node(data, EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml") as running:
        assert answer(*ASKED, "--url", running.url) == document
        assert lineproof(*ASKED, "--url", running.url).output == said
