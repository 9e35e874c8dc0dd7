"""What the process that makes a new demo's history says, and what it leaves behind."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import answer
from processes import family

from domain.errors import BusyError
from domain.time import Window, micros
from lineproof.demo.demo import write_files
from lineproof.demo.story import open_story, read_story
from lineproof.demo.texts import LINE, PROJECT
from lineproof.demo.told_history import tell_history
from store.node.opening import open_stores


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Plant and grant of a demo that is new in the folder."""
    story, _ = open_story(tmp_path, datetime.now(UTC))
    return write_files(tmp_path, story)


def test_history_is_there_up_to_the_moment_that_is_told(tmp_path: Path, files: list[Path]) -> None:
    begun = datetime.now(UTC)
    told_us = tell_history(tmp_path, files)
    assert told_us >= micros(begun)
    with open_stores(tmp_path / "node", must_exist=True) as stores:
        extent = stores.telemetry.extent(LINE)
        assert extent is not None
        assert extent.end - extent.start >= timedelta(days=89)
        assert micros(extent.end) == told_us
        assert len(stores.registry.facts_basis.line_corrections(LINE).in_force) == 3
    assert flagged_days(tmp_path / "node", extent) == lost_days(tmp_path)
    told = answer("milestones", "--project", PROJECT, "--data", tmp_path / "node")
    states = {it["id"]: it["state"] for it in told["milestones"]}
    assert states == dict.fromkeys(("M2", "M3", "M4", "M5"), "draft") | {"M1": "submitted"}
    flags = {it["id"]: it["flags"] for it in told["milestones"] if it["flags"]}
    assert flags == {"M2": ["gap", "overdue"], "M4": ["gap"]}
    assert [finding for it in told["milestones"] for finding in it["findings"]] == []


def flagged_days(data: Path, told: Window) -> dict[str, list[str]]:
    """Production days with flags, and which."""
    window = ("--start", told.start.isoformat(), "--end", told.end.isoformat())
    rows = answer("kpi", "--data", data, "--line", LINE, *window, "--by", "day")
    return {row["key"]: row["flags"] for row in rows if row["flags"]}


def lost_days(folder: Path) -> dict[str, list[str]]:
    """The days that the old system did not keep: a gap, and nothing else is flagged."""
    first, last = read_story(folder).days.gap
    return {
        (first + timedelta(days=number)).isoformat(): ["gap"]
        for number in range((last - first).days + 1)
    }


def test_the_error_of_the_other_process_is_this_ones(tmp_path: Path, files: list[Path]) -> None:
    before = family(os.getpid())  # other tests may have started processes that stay
    with open_stores(tmp_path / "node"), pytest.raises(BusyError, match="in use"):
        tell_history(tmp_path, files)
    assert set(family(os.getpid())) <= set(before)
