"""Corrections that wait, by the command line: on a folder and on a node."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import answer, lineproof, node, refused
from peers import ROOT

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from lineproof.clock import utc_now
from store.node.opening import open_stores

EXAMPLES = ROOT / "docs" / "examples"
DAY = ("--line", "press-1", "--start", "2026-03-02T00:00", "--end", "2026-03-03T00:00")
LATE = Draft(
    kind="quantity", author="Wong", start="2026-03-02T08:00", end="2026-03-02T10:00",
    element="reject_count", amount=50,
)  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A node on which an operator's correction waits."""
    folder = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "--data", folder)
    lineproof("import", "--data", folder, "--line", "press-1", EXAMPLES / "history.csv")
    with open_stores(folder, must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        record(queries, stores.registry.record, "press-1", LATE, "c1", may_approve=False)
    return folder


def test_it_waits_is_approved_and_a_rebuild_gives_the_same(data: Path) -> None:
    of = ("--data", data)
    before = answer("kpi", *DAY, *of)
    assert [row["id"] for row in answer("waiting", *of)] == ["c1"]
    assert "waits" in lineproof("corrections", "--line", "press-1", *of).output
    assert "reject_count = 50" in lineproof("waiting", *of).output
    lineproof("rebuild", *of)
    assert answer("kpi", *DAY, *of) == before, "it waits still"
    own = refused("approve", "c1", "--author", "WONG", *of)
    assert "'WONG' made the correction c1 and cannot decide" in own
    assert "nobody is named" in refused("approve", "c1", *of)
    said = lineproof("approve", "c1", "--author", "Chan", *of).output
    assert said == "press-1: quantity c1 is approved: it holds.\n"
    after = answer("kpi", *DAY, *of)
    assert after[0]["reject_count"] != before[0]["reject_count"]
    lineproof("rebuild", *of)
    assert answer("kpi", *DAY, *of) == after
    assert answer("waiting", *of) == []


def test_a_running_node_refuses_it_with_a_reason(data: Path) -> None:
    before = answer("kpi", *DAY, "--data", data)
    with node(data, EXAMPLES / "plant.yaml") as running:
        of = ("--url", running.url)
        told = answer("refuse", "c1", "--author", "Chan", "--comment", "the sheet says 40", *of)
        assert told["decision"]["comment"] == "the sheet says 40"
        assert answer("waiting", *of) == []
        assert answer("kpi", *DAY, *of) == before
        assert "refused" in lineproof("corrections", "--line", "press-1", *of).output
