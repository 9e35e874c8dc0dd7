"""What the process that makes a new demo's history says, and what it leaves behind."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from processes import family

from domain.errors import BusyError
from domain.time import micros
from lineproof.demo.demo import write_files
from lineproof.demo.story import open_story
from lineproof.demo.texts import LINE
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


def test_the_error_of_the_other_process_is_this_ones(tmp_path: Path, files: list[Path]) -> None:
    before = family(os.getpid())  # other tests may have started processes that stay
    with open_stores(tmp_path / "node"), pytest.raises(BusyError, match="in use"):
        tell_history(tmp_path, files)
    assert set(family(os.getpid())) <= set(before)
