"""What reaches no closed slice is known without reading, and nothing is overlooked by that."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from arriving import PACKML_PLANT, PLANT, START, Item, Plants, Row, Stretch, store_items
from polars.testing import assert_frame_equal

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from collector.facts.plan import Planner
from domain.plant import Plant
from domain.states import MachineState
from store.telemetry.duckdb.store import DuckDBStore

MINUTE = timedelta(minutes=1)
COUNTS = ("total_count", "good_count", "reject_count")


def far_future() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "t.duckdb")
    yield opened
    opened.close()


def count(minute: float, value: float, quality: int = 0) -> Row:
    return "a", "total_count", START + minute * MINUTE, value, None, quality


def state(minute: float, name: str = "producing") -> Row:
    at = START + minute * MINUTE
    return "a", "state", at, float(MachineState(name).code), name, 0


def told(*rows: Row) -> list[Item]:
    return [(rows, ())]


def is_settled(planner: Planner) -> bool:
    (line,) = planner.changed_lines(None)
    return line.is_settled


def settle(keeper: FactsKeeper, store: DuckDBStore) -> None:
    """Two slices are over; the counts and states of 02:10 were looked up."""
    store_items(store, told(state(0), *(count(minute, minute) for minute in range(0, 125, 5))))
    # In the open hour so often that what a counter is judged by lies in that hour.
    often = (count(120 + quarter / 4, 120 + quarter / 4) for quarter in range(1, 45))
    store_items(store, told(state(130), *often))
    keeper.refresh()
    store_items(store, told(state(135, "fault"), count(135, 135), count(136, 136)))
    keeper.refresh()


def test_a_live_line_is_not_read_again_until_a_slice_closes(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = FactsKeeper(store, Plants(), far_future)
    settle(keeper, store)

    def read(*_: object) -> None:
        raise AssertionError("read")

    store_items(store, told(state(140), count(140, 140), count(150, 150)))
    with monkeypatch.context() as patch:
        for question in ("history", "histories", "neighbours", "facts"):
            patch.setattr(store, question, read)
        assert keeper.refresh() == 0
    assert store.dirty("l") == []
    store_items(store, told(count(181, 181)))
    assert keeper.refresh() == 1


def test_a_slice_of_a_live_line_is_computed_once(store: DuckDBStore) -> None:
    """What follows its end reaches back to it for a minute: with each batch, if it were stored."""
    seconds = 0.0
    keeper = FactsKeeper(store, Plants(), lambda: START + timedelta(seconds=seconds))
    made = []
    while seconds < 70 * 60:
        before, seconds = START + timedelta(seconds=seconds), seconds + 10
        now = START + timedelta(seconds=seconds)
        producing = "producing" if seconds % 300 else "stopped"
        rows = (count(seconds / 60, seconds), state(seconds / 60, producing))
        store_items(store, [(rows, (("a", before, now),))])
        if seconds > 59 * 60:
            made.append(keeper.refresh())
    assert sum(made) == 1, "the slice from 00:00 to 01:00"


@pytest.mark.parametrize("starts_anew", [True, False])
def test_what_is_stored_stays_true_whatever_the_clock_says(
    store: DuckDBStore, starts_anew: bool
) -> None:
    """It was set back, so that the slice would not be stored yet."""
    now = START + 80 * MINUTE
    keeper = FactsKeeper(store, Plants(), lambda: now)
    rows = tuple(count(minute, minute) for minute in range(62))
    store_items(store, [(rows, (("a", START, START + 61 * MINUTE),))])
    assert keeper.refresh() == 1
    now = START + 61 * MINUTE
    if starts_anew:
        keeper = FactsKeeper(store, Plants(), lambda: now)
    store_items(store, told(count(30.5, 99)))
    assert keeper.refresh() == 1
    facts = _facts(store, PLANT)
    once = FactsKeeper(store, Plants(), far_future)
    store_items(store, told(count(30.5, 99)))
    once.refresh()
    assert_frame_equal(facts, _facts(store, PLANT), check_exact=True)


def test_a_slice_of_a_line_that_falls_silent_is_stored_too(store: DuckDBStore) -> None:
    now = START + 61 * MINUTE
    keeper = FactsKeeper(store, Plants(), lambda: now)
    rows = tuple(count(minute, minute) for minute in range(62))
    store_items(store, [(rows, (("a", START, now),))])
    assert keeper.refresh() == 0
    now = START + 69 * MINUTE
    assert keeper.refresh() == 0
    now = START + 70 * MINUTE
    assert keeper.refresh() == 1, "nothing came in"
    assert keeper.refresh() == 0


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(count(133, 133), id="before what was looked up"),
        pytest.param(("b", "good_count", START + 140 * MINUTE, 1.0, None, 0), id="a new series"),
        pytest.param(("a", "mode", START + 140 * MINUTE, 1.0, "manual", 0), id="another signal"),
    ],
)
def test_what_was_not_looked_up_yet_is(store: DuckDBStore, late: Row) -> None:
    keeper = FactsKeeper(store, Plants(), far_future)
    settle(keeper, store)
    planner = keeper._planner
    store_items(store, told(count(140, 140)))
    assert is_settled(planner)
    store_items(store, told(late))
    assert not is_settled(planner)


@pytest.mark.parametrize("seed", range(4))
def test_facts_of_a_live_line_are_those_of_its_whole_history(seed: int) -> None:
    """Refreshed after everything that comes in: mostly in order, some late, changed or bad."""
    chance = Random(seed)
    plant = chance.choice([PLANT, PACKML_PLANT])
    arriving = list(_live(chance))
    with tempfile.TemporaryDirectory() as folder:
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        store_items(once, arriving)
        FactsKeeper(once, Plants(plant), far_future).refresh()
        keeper = FactsKeeper(often, Plants(plant), far_future)
        for item in arriving:
            store_items(often, [item])
            keeper.refresh()
        assert_frame_equal(_facts(often, plant), _facts(once, plant), check_exact=True)
        once.close()
        often.close()


def _live(chance: Random) -> Iterator[Item]:
    """Two hours and a little, something every few minutes."""
    minute = 0.0
    while minute < 130:
        minute += chance.choice([0.5, 3, 5, 9])
        rows: list[Row] = []
        for _ in range(chance.randrange(1, 4)):
            late = chance.choice([0, 0, 0, 0, 0, 0, 0, 2, 15, 70])
            at = START + (minute - late + chance.choice([0, 0, 0.25])) * MINUTE
            machine = chance.choice("aab")
            kind = chance.choice(["state", "state", *COUNTS, *COUNTS, "stop_reason", "product"])
            quality = chance.choice([0] * 8 + [2])
            if kind == "state":
                name = chance.choice(list(MachineState))
                rows.append((machine, kind, at, float(name.code), name.value, quality))
            elif kind in COUNTS:
                rows.append((machine, kind, at, round(minute * 10), None, quality))
            else:
                rows.append((machine, kind, at, None, chance.choice("xy"), quality))
        spans: tuple[Stretch, ...] = ()
        if chance.random() < 0.5:
            end = START + minute * MINUTE
            spans = ((chance.choice("ab"), end - chance.choice([1, 5, 30]) * MINUTE, end),)
        yield tuple(rows), spans


def _facts(store: DuckDBStore, plant: Plant) -> pl.DataFrame:
    day = timedelta(days=1)
    return store.facts("l", line_digest(plant, "l"), START - day, START + day)
