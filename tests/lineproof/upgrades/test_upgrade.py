"""Data folders of former versions: this one opens them, and gives the figures that they gave.

`make.sh` beside this says how each was made, and of which version it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from old_folders import STAGES, TO_REBUILD, unpacked

OF_BOTH_DAYS = (
    "--line",
    "press",
    "--start",
    "2026-03-02",
    "--end",
    "2026-03-04",
    "--by",
    "day",
    "--json",
)
# Its bounds did not enclose yet what gaps between a counter's samples may hide (decision 9): they
# are wider now.
BOUNDS_GREW = ("corrected",)
_ROUNDED = 1e-12


def figures(data: Path) -> list[dict[str, Any]]:
    outcome = run("kpi", "--data", data, *OF_BOTH_DAYS)
    assert outcome.status == 0, outcome.errors
    found: list[dict[str, Any]] = outcome.json
    return found


def assert_as_then(kept: Path, stage: str) -> None:
    """Every figure that the former version gave, to the last digit; there are more by now."""
    then = json.loads((kept / "kpi.json").read_text())
    for was, now in zip(then, figures(kept / "data"), strict=True):
        if stage in BOUNDS_GREW:
            for name, (low, high) in was.pop("bounds").items():
                assert now["bounds"][name][0] <= low + _ROUNDED, name
                assert now["bounds"][name][1] >= high - _ROUNDED, name
        assert of_those_names(was, now) == was


def of_those_names(was: Any, now: Any) -> Any:
    if not isinstance(was, dict):
        return now
    return {name: of_those_names(it, now[name]) for name, it in was.items()}


def problems(data: Path) -> list[str]:
    found = run("doctor", "--data", data, "--json").json["findings"]
    assert {it["subject"] for it in found} >= {"chain import", "record", "registry", "ledger"}
    return [f"{it['subject']}: {it['detail']}" for it in found if it["status"] == "problem"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_folder_of_a_former_version_gives_its_figures(stage: str, tmp_path: Path) -> None:
    kept = unpacked(stage, tmp_path)
    if stage in TO_REBUILD:
        refused = run("kpi", "--data", kept / "data", *OF_BOTH_DAYS)
        assert refused.status == 2
        assert "as an earlier version of Lineproof made them" in refused.errors
        assert "Run 'lineproof rebuild --data DIR'" in refused.errors
        assert run("rebuild", "--data", kept / "data").status == 0
    assert_as_then(kept, stage)
    found = problems(kept / "data")
    if stage == "first":  # it did not note when batches arrived, and nobody can say so later
        assert found == ["arrivals: of 2 batches it is not noted in the archive when they arrived"]
    else:
        assert found == []


@pytest.mark.parametrize("stage", ["ledgered", "segmented"])
def test_a_rebuild_of_it_gives_the_same_figures(stage: str, tmp_path: Path) -> None:
    kept = unpacked(stage, tmp_path)
    assert run("rebuild", "--data", kept / "data").status == 0
    assert_as_then(kept, stage)


def test_its_correction_its_accepted_period_and_its_leaves_are_there(tmp_path: Path) -> None:
    data = unpacked("ledgered", tmp_path) / "data"
    (correction,) = run("corrections", "--data", data, "--line", "press", "--json").json
    assert (correction["author"], correction["reason"]) == ("Chan", "jam")
    (accepted,) = run("frozen", "--data", data, "--line", "press", "--json").json
    assert accepted["start"] == "2026-03-02T00:00:00+08:00"
    checkpoint = run("ledger", "show", "--data", data)
    assert checkpoint.output.splitlines()[1] == "9"  # leaves, the last of them of a dossier
