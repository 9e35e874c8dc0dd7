"""A store and what is unsealed over it answer as a store that has both."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from arriving import START, Item, content_of, instants, items, store_items
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.unsealed import Unsealed
from store.telemetry.with_unsealed import WithUnsealed

some_items = st.lists(items, max_size=4)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_items, some_items, st.integers(0, 4), instants, instants)
def test_it_answers_as_a_store_that_has_both(
    sealed: list[Item], told: list[Item], again: int, one: object, other: object
) -> None:
    """`again`: so many of what was told are sealed already."""
    start, end = sorted([one, other])
    with tempfile.TemporaryDirectory() as folder:
        store, whole = (
            DuckDBStore(Path(folder) / f"{name}.duckdb", memory_limit="100MB")
            for name in ("sealed", "whole")
        )
        store_items(store, sealed + told[:again])
        store_items(whole, sealed + told)
        unsealed = Unsealed()
        for sequence, item in enumerate(told):
            unsealed.add("t", 1, sequence, content_of([item]))
        found = WithUnsealed(store, unsealed)
        window = start, end + timedelta(seconds=1)
        left, right = found.history("l", *window), whole.history("l", *window)
        assert left.samples.equals(right.samples)
        assert left.spans.equals(right.spans)
        assert found.latest("l").equals(whole.latest("l"))
        assert found.last_span_end("l") == whole.last_span_end("l")
        assert found.extent("l") == whole.extent("l")
        for machine, signal in (("a", "state"), ("b", "total_count")):
            assert found.said("l", machine, signal, *window).equals(
                whole.said("l", machine, signal, *window)
            )
            assert found.neighbours("l", machine, signal, start, end) == whole.neighbours(
                "l", machine, signal, start, end
            )
        assert found.sample_count("l", *window) >= whole.sample_count("l", *window)
        assert found.changes().keys() == whole.changes().keys()
        store.close()
        whole.close()


def test_what_is_let_go_is_told_as_a_change(tmp_path: Path) -> None:
    """An agent that never comes back with what it told: its frames are taken off the board."""
    store, unsealed = DuckDBStore(tmp_path / "t.duckdb"), Unsealed()
    found = WithUnsealed(store, unsealed)
    row = ("a", "state", START, 1.0, "producing", 0)
    unsealed.add("t", 1, 0, content_of([((row,), ())]))
    told = found.changes()["l"]
    assert [it.start for it in found.marks_since("l", 0) or []] == [START]
    assert found.changes()["l"] == told, "nothing changed"
    unsealed.sealed("t", 1)
    assert found.changes()["l"].samples > told.samples
    assert [it.start for it in found.marks_since("l", told.samples) or []] == [START]
    assert found.latest("l").is_empty()
    store.close()
