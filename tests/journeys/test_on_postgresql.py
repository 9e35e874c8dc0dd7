"""A node on PostgreSQL knows its stores again. What they say: test_set_ups.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import node, run
from peers import ROOT
from postgres import PostgresServer, postgres_server

EXAMPLES = ROOT / "docs" / "examples"
LINE = "press-1"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.mark.parametrize("store", ["", "store: postgresql\n"])
def test_a_node_remembers_where_its_stores_are(
    postgres: PostgresServer, tmp_path: Path, store: str
) -> None:
    url, data = postgres.empty(), tmp_path / "node"
    with node(data, EXAMPLES / "plant.yaml", settings=f"{store}registry: {url}\n") as running:
        assert [it["line"] for it in running.get("lines")] == [LINE]
    assert (data / "store.yaml").stat().st_mode & 0o777 == 0o600
    found = json.loads(run("doctor", "--data", data, "--json").output)
    wrong = [it for it in found["findings"] if it["status"] == "problem"]
    assert wrong == []
    assert not (data / "registry.sqlite").exists()
    assert (data / "telemetry.duckdb").exists() is not bool(store)
