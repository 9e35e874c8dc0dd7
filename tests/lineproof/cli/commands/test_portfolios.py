"""Portfolio, reminders and checks by the command line: on a folder and on a node, with the same
answers."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, node, refused
from drawn_samples import draw_sample
from peers import ROOT

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from domain.audit_samples import SampleItem
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files
from store.node.opening import open_stores

EXAMPLES = ROOT / "docs" / "examples"
FILES = [EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml"]
REF = "NIFS-2026-001"
DRAWN = ("--sample", "1", "--project", REF, "--milestone", "M1", "--author", "Ho")
NOTE = ("--note", "the meter was another one")
ANNOUNCE = ("check", "announce", "--scheme", "NIFS", "--start", "2026-03-01", "--end", "2026-03-31",
            "--public-value", "an index", "--author", "Ho")  # fmt: skip


def kept(folder: Path) -> Path:
    """A node's folder in which a milestone was submitted and drawn."""
    with open_stores(folder) as stores:
        registry = stores.registry
        apply_files(registry, FILES, utc_now())
        queries = Queries(stores.telemetry, registry, utc_now)
        take_step(queries, registry.take, REF, "M1", NewStep("submit", "Lee", "it is done"))
        draw_sample(registry, SampleItem(REF, "M1"), "Ho", utc_now(), "")
    return folder


def test_they_are_the_same_by_folder_and_by_node(tmp_path: Path) -> None:
    data = kept(tmp_path / "node")
    of: tuple[str | Path, ...] = ("--data", data)
    asked = (("check", "risks"), ("check", "samples"), ("portfolio", "--open-data", "csv"))
    before = [lineproof(*it, *of).output for it in asked]
    assert f"{REF} M1: no error." in before[1]
    assert before[2].startswith("project,")
    found = answer("check", "result", *DRAWN, "--error", "--amount", "100.50", *NOTE, *of)
    assert found["error_rate"]["errors"] == 1
    assert "error of HK$ 100.50" in lineproof("check", "samples", *of).output
    standing = answer("reminders", *of)["standing"]
    assert [(it["milestone"], it["kind"]) for it in standing] == [("M2", "overdue_long")]
    table = lineproof("portfolio", *of).output
    assert "Projects: 1, lines: 1. Granted HK$ 15,000,000, disbursed HK$ 0" in table
    late = (*ANNOUNCE, "--known-on", "2026-05-04")
    said = refused(*late, *of)
    assert "may be known already" in said
    with node(data, *FILES) as running:
        of = ("--url", running.url)
        assert lineproof(*asked[0], *of).output == before[0]
        rows = lineproof(*asked[2], *of).output
        assert rows.rpartition(",")[0] == before[2].rpartition(",")[0], "all but what may come"
        assert answer("reminders", *of)["standing"] == standing
        assert lineproof("portfolio", *of).output == table
        assert refused(*late, *of) == said
        found = answer("check", "result", *DRAWN, "--no-error", *of)
        assert found["error_rate"]["errors"] == 0
