"""`--check`: what would be done with the first rows, and nothing done."""

from __future__ import annotations

from pathlib import Path

from command_line import lineproof, run
from import_plant import GOOD, HEADER, NOW, Write, ledger
from peers import ROOT

from lineproof.history_import.preview import preview_files
from store.node.opening import Stores


def test_the_first_rows_as_they_would_be_taken(stores: Stores, write: Write) -> None:
    plant = stores.registry.plants.of_line("filler-1")
    path = write(GOOD + "never,filler,state,idle\n")
    (found,) = preview_files(plant, "filler-1", [path], now=NOW)
    assert (found.read, found.bad) == (7, 1)
    assert found.kind == "CSV, utf-8, columns parted by ','"
    assert found.rows[0].time == "2026-03-02T07:00:00+08:00"
    assert [fault.where for fault in found.faults] == [f"{path}, line 8"]
    assert ledger(stores) == []


def test_it_leaves_with_1_where_a_row_cannot_be_used(tmp_path: Path) -> None:
    node = ("--data", tmp_path / "node")
    lineproof("apply", "-f", ROOT / "docs" / "examples" / "plant.yaml", *node)
    history = tmp_path / "history.csv"
    history.write_text(HEADER + "2026-03-02,press,state,idle\n2026-03-02,press,state,x\n")
    outcome = run("import", "--line", "press-1", "--check", history, *node)
    assert outcome.status == 1
    assert "line 3: column 'value' cannot be used: 'x'" in outcome.output
    assert "1 of the first 2 values cannot be used" in outcome.errors
    history.write_text(HEADER + "2026-03-02,press,state,idle\n")
    assert (
        "Nothing was changed"
        in lineproof("import", "--line", "press-1", "--check", history, *node).output
    )
