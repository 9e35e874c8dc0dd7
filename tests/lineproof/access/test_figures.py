"""A data folder and a running node give the same documents, and the same refusals."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, node, refused, run
from milestones_document import without_checkpoint
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
WINDOW = ("--line", "press-1", "--start", "2026-03-02", "--end", "2026-03-03")
PROJECT = ("--project", "NIFS-2026-001", "--as-of", "2026-04-01")
QUESTIONS = (
    ("kpi", *WINDOW),
    ("kpi", *WINDOW, "--by", "hour"),
    ("kpi", *WINDOW[2:], "--by", "month"),  # of all lines
    ("stops", *WINDOW),
    ("milestones", *PROJECT),
)


def test_the_folder_and_the_node_say_the_same(tmp_path: Path) -> None:
    data, plant, grant = tmp_path / "node", EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml"
    lineproof("apply", "-f", plant, "-f", grant, "--data", data)
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    local = [answer(*question, "--data", data) for question in QUESTIONS]
    wrong = ("kpi", "--line", "press-2", *WINDOW[2:])
    refusal = refused(*wrong, "--data", data)
    with node(data, plant, grant) as running:
        remote = [answer(*question, "--url", running.url) for question in QUESTIONS]
        assert refused(*wrong, "--url", running.url) == refusal
    assert without_checkpoint(remote) == without_checkpoint(local)
    assert len(local[1]) == 24
    assert local[0][0]["oee"] > 0.7


def test_fail_leaves_with_one_only_where_a_verdict_is_negative(tmp_path: Path) -> None:
    """M2 asks for twenty production days and there is one: not met once its due date passed."""
    data = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml", "--data", data)
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    early = ("milestones", "--project", "NIFS-2026-001", "--as-of", "2026-04-01", "--data", data)
    late = ("milestones", "--project", "NIFS-2026-001", "--as-of", "2026-08-01", "--data", data)
    assert run(*early, "--fail").status == 0
    assert run(*late).status == 0
    assert run(*late, "--fail").status == 1
