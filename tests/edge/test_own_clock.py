"""Since when the agent's own clock may be wrong, over its restarts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.own_clock import OwnClock

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_it_is_unsure_since_the_first_start(tmp_path: Path) -> None:
    assert OwnClock(tmp_path, START).unsure_since == START
    assert OwnClock(tmp_path, START + 60 * MINUTE).unsure_since == START


def test_it_is_unsure_since_it_was_known_to_be_right(tmp_path: Path) -> None:
    first = OwnClock(tmp_path, START)
    first.was_right(START + 60 * MINUTE)
    first.was_right(START + 69 * MINUTE)  # a kill forgets no more than ten minutes
    assert first.unsure_since == START + 69 * MINUTE
    assert OwnClock(tmp_path, START + 90 * MINUTE).unsure_since == START + 60 * MINUTE


def test_a_clock_that_begins_anew_may_be_wrong_since_then(tmp_path: Path) -> None:
    OwnClock(tmp_path, START).was_right(START + 60 * MINUTE)
    reset = datetime(1970, 1, 1, tzinfo=UTC)
    assert OwnClock(tmp_path, reset).unsure_since == reset
    assert OwnClock(tmp_path, reset + MINUTE).unsure_since == reset


@pytest.mark.parametrize("rubbish", [b"", b"yesterday", b"\xff\xfe", b"2026-03-02T08:00:00"])
def test_a_file_that_says_nothing_is_none(tmp_path: Path, rubbish: bytes) -> None:
    OwnClock(tmp_path, START)
    (file,) = tmp_path.iterdir()
    file.write_bytes(rubbish)
    assert OwnClock(tmp_path, START + MINUTE).unsure_since == START + MINUTE


def test_a_folder_that_cannot_be_written_costs_no_more_than_that(tmp_path: Path) -> None:
    clock = OwnClock(tmp_path / "gone", START)
    clock.was_right(START + MINUTE)
    assert clock.unsure_since == START + MINUTE
