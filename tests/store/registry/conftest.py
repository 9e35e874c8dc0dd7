"""An empty registry: on a SQLite file, and where a module of tests says so on PostgreSQL, too.

LINEPROOF_POSTGRESQL=all takes PostgreSQL for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import PostgresServer

from store.registry.registry import Registry

BOTH = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "registry_place" in metafunc.fixturenames:
        is_all = os.environ.get("LINEPROOF_POSTGRESQL") == "all"
        on = getattr(metafunc.module, "REGISTRIES", BOTH[:1])
        metafunc.parametrize("registry_kind", BOTH[1:] if is_all else on, indirect=True)


@pytest.fixture
def registry_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def registry_place(
    registry_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Path | str:
    """Where a new registry is, as `Registry` takes it."""
    if registry_kind == "sqlite":
        return tmp_path / "registry.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.migrated(tmp_path / "documents")


@pytest.fixture
def registry(registry_place: Path | str, tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(registry_place, tmp_path / "documents")
    yield registry
    registry.close()
