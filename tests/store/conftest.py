"""A fresh store of each kind for every test that asks for `store`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.duckdb_store import DuckDBStore
from store.protocol import TelemetryStore

StoreFactory = Callable[[], TelemetryStore]


@pytest.fixture(params=["duckdb"])
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreFactory]:
    """A function that gives a new, empty store each time it is called."""
    opened: list[TelemetryStore] = []

    def fresh() -> TelemetryStore:
        opened.append(DuckDBStore(tmp_path / f"{len(opened)}.duckdb"))
        return opened[-1]

    yield fresh
    for store in opened:
        store.close()


@pytest.fixture
def store(fresh_store: StoreFactory) -> TelemetryStore:
    return fresh_store()
