"""The process that makes a new demo's history: what it says where it cannot, and that it ends."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peers import wait_until
from processes import family

from domain.errors import BusyError
from lineproof.demo.demo import write_files
from lineproof.demo.story import open_story
from lineproof.demo.told_history import telling_history
from store.node.opening import open_stores


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Plant and grants of a demo that is new in the folder."""
    story, _ = open_story(tmp_path, datetime.now(UTC))
    return write_files(tmp_path, story)


def test_the_error_of_the_other_process_is_this_ones(tmp_path: Path, files: list[Path]) -> None:
    before = family(os.getpid())  # other tests may have started processes that stay
    with (
        open_stores(tmp_path / "node"),
        telling_history(tmp_path, files) as telling,
        pytest.raises(BusyError, match="in use"),
    ):
        telling.until_us()
    assert set(family(os.getpid())) <= set(before)


def test_it_ends_with_the_block_though_it_is_not_through(tmp_path: Path, files: list[Path]) -> None:
    before = family(os.getpid())
    with telling_history(tmp_path, files):
        wait_until((tmp_path / "node").exists, "the other process to be at work")
    assert set(family(os.getpid())) <= set(before)
