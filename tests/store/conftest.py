"""A fresh store of each kind for every test that asks for `store`, and one server of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from influx import InfluxServer, influx_server
from postgres import PostgresServer, postgres_server

from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.influxdb.store import InfluxStore
from store.telemetry.postgresql.store import PostgresStore
from store.telemetry.protocol import TelemetryStore

StoreFactory = Callable[[], TelemetryStore]


@pytest.fixture(scope="session")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["duckdb", "influxdb", "postgresql"])
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreFactory]:
    """A function that gives a new, empty store each time it is called."""
    opened: list[TelemetryStore] = []

    def fresh() -> TelemetryStore:
        if request.param == "duckdb":
            opened.append(DuckDBStore(tmp_path / f"{len(opened)}.duckdb"))
        elif request.param == "postgresql":
            postgres: PostgresServer = request.getfixturevalue("postgres")
            opened.append(PostgresStore(postgres.empty()))
        else:
            server: InfluxServer = request.getfixturevalue("influx")
            opened.append(InfluxStore(server.url, server.org, server.new_bucket(), server.token))
        return opened[-1]

    yield fresh
    for store in opened:
        store.close()


@pytest.fixture
def store(fresh_store: StoreFactory) -> TelemetryStore:
    return fresh_store()
