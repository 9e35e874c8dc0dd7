"""An exception's times and kind change facts; who decided it, when and why does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from arriving import Plants
from plants import calendar, local, plant, shift
from telemetry import batch, samples, spans

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from domain.plant import CalendarException, Plant
from domain.states import MachineState
from store.telemetry.duckdb.store import DuckDBStore

START = local("2026-03-02 06:00")
END = START + timedelta(hours=8)
NOW = local("2026-03-05 12:00")
PRODUCING = MachineState.PRODUCING
ROWS = [
    {"time": START, "signal": "state", "value": float(PRODUCING.code), "text": PRODUCING.value},
    *({"time": START + n * timedelta(minutes=7), "signal": "total_count", "value": 11.0 * n}
      for n in range(60)),
]  # fmt: skip
# Two that adjoin, one of them over the break.
OVERHAUL = CalendarException(
    local("2026-03-02 08:30"), local("2026-03-02 10:15"), "planned_down", "overhaul", "Ann"
)
CLEANING = CalendarException(
    local("2026-03-02 10:15"), local("2026-03-02 11:30"), "planned_down", "cleaning", "Ann"
)


def plant_with(*exceptions: CalendarException) -> Plant:
    day = shift("A", "06:00", "14:00", ("11:00", "12:00"))
    return plant(calendar(day, exceptions=exceptions))


class Kept:
    """A store with a day of one line, and its facts as the plant is at present."""

    def __init__(self, file: Path) -> None:
        self.store = DuckDBStore(file)
        line = {"line": "l1", "machine": "m"}
        self.store.append([batch(1, samples(*ROWS, **line), spans((START, END), **line))])
        self.plants = Plants(plant_with(OVERHAUL, CLEANING))
        self.keeper = FactsKeeper(self.store, self.plants, lambda: NOW)

    def changed_to(self, *exceptions: CalendarException) -> int:
        """How many slices were computed for the plant with these exceptions."""
        self.plants.now = plant_with(*exceptions)
        return self.keeper.refresh()

    def facts(self) -> pl.DataFrame:
        return self.store.facts("l1", line_digest(self.plants.now, "l1"), START, END)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "telemetry.duckdb")
    assert kept.keeper.refresh() > 0
    yield kept
    kept.store.close()


@pytest.mark.parametrize(
    "words",
    [
        {"author": "Ben"},
        {"decided_on": date(2026, 3, 1)},
        {"reason": "inspection"},
        {"reason": "cleaning"},  # as the one that adjoins has
        {"reason": "break"},  # as the break has that it covers
    ],
)
def test_facts_are_kept_when_only_words_change(kept: Kept, words: dict[str, Any]) -> None:
    before = kept.facts()
    changed = replace(OVERHAUL, **words), replace(CLEANING, **words)
    assert kept.changed_to(*changed) == 0
    assert kept.facts().equals(before)
    assert before.height > 0


@pytest.mark.parametrize(
    "other",
    [
        {"start": OVERHAUL.start - timedelta(minutes=30)},
        {"end": OVERHAUL.end - timedelta(minutes=30)},
        {"kind": "closed"},
    ],
)
def test_facts_are_computed_anew_when_the_plan_changes(kept: Kept, other: dict[str, Any]) -> None:
    before = kept.facts()
    assert kept.changed_to(replace(OVERHAUL, **other), CLEANING) > 0
    assert not kept.facts().equals(before)


def test_the_same_facts_whatever_the_words_are(kept: Kept, tmp_path: Path) -> None:
    """Computed anew, they are those that were kept: words cut no time."""
    same = [replace(it, reason="break", author="", decided_on=None) for it in (OVERHAUL, CLEANING)]
    other = Kept(tmp_path / "other.duckdb")
    other.changed_to(*same)
    assert other.facts().equals(kept.facts())
    other.store.close()
