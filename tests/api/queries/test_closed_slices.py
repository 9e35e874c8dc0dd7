"""Facts of closed slices: read once, and right where stored ones are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from arriving import PLANT, START, Plants, Row, store_items
from polars.testing import assert_frame_equal

from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from api.queries.closed_slices import ClosedPart, ClosedSlices
from api.queries.facts import changed_since
from collector.facts.keeper import FactsKeeper
from domain.corrections import LineCorrections
from domain.states import MachineState
from domain.time import Window
from store.history.line_history import line_history
from store.telemetry.duckdb.store import DuckDBStore

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
END = START + 4 * HOUR
SPEC = line_digest(PLANT, "l")


def state(minute: int, name: MachineState = MachineState.PRODUCING) -> Row:
    return "a", "state", START + minute * MINUTE, float(name.code), name.value, 0


def count(minute: int) -> Row:
    return "a", "total_count", START + minute * MINUTE, 3.0 * minute, None, 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """Four hours and a little, with facts of the closed ones."""
    opened = DuckDBStore(tmp_path / "t.duckdb")
    rows = (state(0), *(count(minute) for minute in range(0, 250, 5)))
    store_items(opened, [(rows, (("a", START, START + 245 * MINUTE),))])
    FactsKeeper(opened, Plants(), lambda: START + 245 * MINUTE).refresh()
    yield opened
    opened.close()


def part_of(store: DuckDBStore, until: timedelta = 4 * HOUR) -> ClosedPart:
    changes = store.changes()["l"]
    near = store.history("l", END - HOUR, END + HOUR)
    marks = store.dirty("l")
    return ClosedPart(
        PLANT,
        "l",
        SPEC,
        changes.facts,
        Window(START, START + until),
        START + 245 * MINUTE,
        LineCorrections(),
        changed_since(store, PLANT, "l", marks, LineCorrections(), near),
        near,
    )


def check(store: DuckDBStore, slices: ClosedSlices, part: ClosedPart) -> None:
    assert part.window is not None
    start, end = part.window.start, part.window.end
    expected = line_facts(PLANT, "l", line_history(store, "l", start, end), start, end)
    (found,) = slices.facts([part])
    assert_frame_equal(found, expected, check_exact=True)


def test_nothing_is_read_again_until_facts_are_replaced(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices = ClosedSlices(store)
    (first,) = slices.facts([part_of(store)])
    check(store, slices, part_of(store))
    with monkeypatch.context() as patch:
        patch.setattr(store, "facts_of_lines", None)
        (second,) = slices.facts([part_of(store)])
    assert second is first
    store_items(store, [((state(30, MachineState.FAULT),), ())])
    FactsKeeper(store, Plants(), lambda: START + 245 * MINUTE).refresh()
    check(store, slices, part_of(store))


def test_what_changed_is_computed_before_it_is_stored(store: DuckDBStore) -> None:
    slices = ClosedSlices(store)
    check(store, slices, part_of(store))
    store_items(store, [((state(90, MachineState.STOPPED), state(100)), ())])
    check(store, slices, part_of(store))
    store_items(store, [((count(236),), ())])
    check(store, slices, part_of(store))


def test_a_slice_that_is_not_stored_yet_is_computed(store: DuckDBStore) -> None:
    store_items(store, [((count(310),), (("a", START, START + 310 * MINUTE),))])
    slices = ClosedSlices(store)
    check(store, slices, replace(part_of(store, 5 * HOUR), at=START + 310 * MINUTE))


def test_a_line_without_closed_slices_has_no_facts_and_a_line_that_is_gone_is_forgotten(
    store: DuckDBStore,
) -> None:
    slices = ClosedSlices(store)
    assert slices.facts([replace(part_of(store), window=None)])[0].is_empty()
    (first,) = slices.facts([part_of(store)])
    slices.forget("l")
    (second,) = slices.facts([part_of(store)])
    assert second is not first
    assert second.equals(first)
