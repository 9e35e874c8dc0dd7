"""Wrong readings of counters count nothing, in whatever order and batches they come."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from arriving import PLANT, START, Item, Plants, store_items

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from store.history import affected_windows
from store.telemetry.duckdb.store import DuckDBStore

WRONG = {3: 0.0, 7: 65535.0, 12: 0.0, 13: 0.0, 14: 9e9, 20: -1.0, 25: 120.0}


def far_future() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at_once", "gap", "late"),
    [
        (timedelta(days=30), timedelta(minutes=2), False),
        (timedelta(0), timedelta(minutes=50), False),
        (timedelta(0), timedelta(minutes=50), True),
    ],
)
def test_facts_are_those_of_all_that_came_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: timedelta, gap: timedelta, late: bool
) -> None:
    """One reading after the other, as a live line tells them, or late and out of order."""
    monkeypatch.setattr(affected_windows, "READ_AT_ONCE", at_once)
    counts: list[Item] = [
        ((("a", "total_count", START + n * gap, WRONG.get(n, 1200.0 + 2 * n), None, 0),), ())
        for n in range(30)
    ]
    running: Item = (
        (("a", "state", START, 1.0, "producing", 0),),
        (("a", START, START + 30 * gap),),
    )
    end = START + 31 * gap
    with tempfile.TemporaryDirectory() as folder:
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        store_items(once, [running, *counts])
        FactsKeeper(once, Plants(), far_future).refresh()
        keeper = FactsKeeper(often, Plants(), far_future)
        store_items(often, [running])
        if late:
            random.Random(1).shuffle(counts)
        for count in counts:
            store_items(often, [count])
            keeper.refresh()  # as often as something comes: that is what is tested
        expected, found = (
            store.facts("l", line_digest(PLANT, "l"), START - timedelta(days=1), end + gap * 30)
            for store in (once, often)
        )
        once.close()
        often.close()
    assert found.equals(expected)
    assert found["total_count"].sum() == 58
