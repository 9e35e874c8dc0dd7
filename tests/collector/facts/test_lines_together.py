"""Live lines are brought up to date together: the same facts, for few questions to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from arriving import Plants
from living_lines import HOUR, LINES, PLANT, START, facts_of, keeper_of, tell
from polars.testing import assert_frame_equal
from telemetry import batch, samples

from analytics.facts.line_facts import line_facts
from collector.facts.keeper import FactsKeeper
from domain.errors import StorageError
from domain.frames import LineHistory
from domain.plant import Plant
from domain.time import Window
from store.history import affected_windows, batched_reads
from store.history.batched_reads import NearReader
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import LineFacts


class Watched(DuckDBStore):
    """A store that notes what it is asked."""

    asked: list[tuple[str, ...]]
    stored: list[int]

    def __init__(self, path: Path) -> None:
        self.asked, self.stored = [], []
        super().__init__(path)

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        self.asked.append(tuple(lines))
        return super().histories(lines, start, end, neighbours=neighbours)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        self.asked.append((line,))
        return super().neighbours(line, machine, signal, start, end)

    def replace_facts_of_lines(self, made: Sequence[LineFacts]) -> None:
        self.stored.append(len(made))
        super().replace_facts_of_lines(made)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Watched]:
    opened = Watched(tmp_path / "t.duckdb")
    yield opened
    opened.close()


def test_lines_that_are_live_together_have_the_facts_of_each(
    store: Watched, tmp_path: Path
) -> None:
    """Also where one of them is late by hours, and one by days."""
    keeper = keeper_of(store)
    stretches = []
    for hour in range(12):
        for number, line in enumerate(LINES):
            late = {3: 5, 4: 40}.get(number, 0) * (hour % 3 == 1)
            start = START + 48 * HOUR + hour * HOUR - late * HOUR
            stretches.append((line, start, timedelta(minutes=7 + 53 * (hour % 4 > 0)), hour % 10))
            tell(store, *stretches[-1])
        keeper.refresh()
    once = DuckDBStore(tmp_path / "once.duckdb")
    for stretch in Random(1).sample(stretches, len(stretches)):
        tell(once, *stretch)
    keeper_of(once).refresh()
    for line in LINES:
        assert facts_of(once, line).height > 10
        assert_frame_equal(facts_of(store, line), facts_of(once, line), check_exact=True)
    once.close()


def test_what_it_takes_does_not_grow_with_the_lines(store: Watched) -> None:
    keeper = keeper_of(store)
    for hour in range(4):
        for line in LINES:
            tell(store, line, START + hour * HOUR, HOUR, 0)
        store.asked.clear()
        store.stored.clear()
        # The hour before has its share of the count that goes over the border.
        assert keeper.refresh() == len(LINES) * (2 if hour else 1)
    assert store.asked == [tuple(LINES)]
    assert store.stored == [len(LINES)]


def test_nothing_is_read_where_nothing_is_new(store: Watched) -> None:
    keeper = keeper_of(store)
    tell(store, LINES[0], START, HOUR, 0)
    keeper.refresh()
    store.asked.clear()
    store.stored.clear()
    assert keeper.refresh() == 0
    assert (store.asked, store.stored) == ([], [])


def test_a_plant_that_changed_is_computed_anew(
    store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piece by piece, also of a line that is live."""
    for line in LINES[:2]:
        tell(store, line, START, 30 * HOUR, 0)
    registry = Plants(PLANT)
    keeper = FactsKeeper(store, registry, lambda: START + 48 * HOUR)
    assert keeper.refresh() == 60
    faster = replace(PLANT.lines["l0"], ideal_cycle_time_s=0.5)
    registry.now = replace(PLANT, lines={**PLANT.lines, "l0": faster})
    for line in LINES[:2]:
        tell(store, line, START + 30 * HOUR, HOUR, 0)
    store.stored.clear()
    monkeypatch.setattr("collector.facts.keeper.PIECE", 10 * HOUR)
    assert keeper.refresh() == 31 + 2
    assert store.stored == [1, 1, 1, 1, 1]
    assert facts_of(store, "l0").is_empty()
    assert facts_of(store, "l1")["end"].max() == START + 31 * HOUR


@pytest.mark.parametrize(
    ("late", "slices"),
    [([(2.2, "value"), (2.75, "good")], 1), ([(2.5, "value"), (6.5, "good")], 2)],
)
def test_a_slice_is_computed_once_however_many_changes_reach_it(
    store: Watched,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    late: list[tuple[float, str]],
    slices: int,
) -> None:
    monkeypatch.setattr(affected_windows, "READ_AT_ONCE", 24 * HOUR)
    line = LINES[0]
    signals = {"value": "total_count", "good": "good_count"}
    rows = [
        {"time": START + hour * HOUR, "signal": signals[name], "value": hour * 60 * 20 + 25}
        for hour, name in late
    ]
    new = batch(1, samples(*rows, line=line, machine="m"), agent="late")
    once = DuckDBStore(tmp_path / "once.duckdb")
    for one in (store, once):
        tell(one, line, START, 9 * HOUR, 0)
    keeper = keeper_of(store)
    keeper.refresh()
    for one in (store, once):
        one.append([new])
    before = facts_of(store, line)
    assert keeper.refresh() == slices
    assert not facts_of(store, line).equals(before)
    keeper_of(once).refresh()
    assert_frame_equal(facts_of(store, line), facts_of(once, line), check_exact=True)
    once.close()


def test_a_line_that_fails_takes_nothing_from_those_before_it(
    store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keeper_of(store)
    for hour in range(2):
        for line in LINES:
            tell(store, line, START + hour * HOUR, HOUR, 0)
        with monkeypatch.context() as patch:
            patch.setattr("collector.facts.keeper.line_facts", failing_for(LINES[3]))
            with pytest.raises(StorageError, match="the disk is gone"):
                keeper.refresh()
        if hour:
            assert store.stored[-1] == 3
        assert {mark.line for mark in store.dirty()} == set(LINES[3:])
        assert facts_of(store, LINES[2])["end"].max() == START + (hour + 1) * HOUR
        assert keeper.refresh() == 2 * (1 + (hour > 0))
        assert store.dirty() == []


def failing_for(broken: str) -> Callable[..., pl.DataFrame]:
    def made(plant: Plant, line: str, *arguments: Any) -> pl.DataFrame:
        if line == broken:
            raise StorageError("the disk is gone", todo="Look after it.")
        return line_facts(plant, line, *arguments)

    return made


# what is read at once


def windows(*hours: float) -> dict[str, Window]:
    starts = zip(LINES, hours, strict=False)
    return {line: Window(START + at * HOUR, START + (at + 1) * HOUR) for line, at in starts}


def test_what_lies_far_apart_is_read_apart(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in LINES:
        tell(store, line, START, 2 * HOUR, 0)
    reader = NearReader(store)
    monkeypatch.setattr(batched_reads, "_ROWS_UNKNOWN", batched_reads._ROWS_AT_ONCE // 2)
    reader.read(windows(0, 0, 0, 0, 0))
    assert store.asked == [("l0", "l1"), ("l2", "l3"), ("l4",)], "nobody knows how much they have"
    store.asked.clear()
    found = reader.read(windows(1, 90, 0, 93, 1))
    assert store.asked == [("l2", "l0", "l4"), ("l1", "l3")]
    for line, window in windows(1, 90, 0, 93, 1).items():
        assert found[line].start <= window.start
        assert found[line].end >= window.end
        alone = store.history(line, found[line].start, found[line].end)
        assert_frame_equal(found[line].samples, alone.samples)


def test_no_more_is_read_than_fits(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that grew from 1 to 6 GB: thingsboard-gateway#1445."""
    for line in LINES:
        tell(store, line, START, HOUR, 0)
    reader = NearReader(store)
    rows = sum(it.samples.height for it in reader.read(windows(0, 0, 0, 0, 0)).values())
    monkeypatch.setattr(batched_reads, "_ROWS_AT_ONCE", rows // 2)
    store.asked.clear()
    assert len(reader.read(windows(0, 0, 0, 0, 0))) == len(LINES)
    assert [len(asked) for asked in store.asked] == [2, 2, 1]
    monkeypatch.setattr(batched_reads, "ROWS_IN_ALL", rows // 2)
    assert 2 <= len(reader.read(windows(0, 0, 0, 0, 0))) < len(LINES)
    keeper = keeper_of(store)
    assert keeper.refresh() == len(LINES)
    for line in LINES:
        assert facts_of(store, line).height >= 1
