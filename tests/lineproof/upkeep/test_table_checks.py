"""The doctor says which versions the tables have, and that it brought older ones on."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from import_plant import apply
from sqlalchemy import create_engine

from lineproof.clock import utc_now
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.folder import examine_folder
from store.node.opening import open_stores
from store.registry.database import alembic_config, newest_tables_version, tables_version_in
from store.telemetry.duckdb.schema import SCHEMA_VERSION

NEWEST = newest_tables_version()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "node"
    with open_stores(folder) as stores:
        apply(stores)
    return folder


@pytest.fixture
def node(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "node"))


def tables(folder: Path) -> list[Finding]:
    return [it for it in examine_folder(folder, utc_now()) if it.subject == "tables"]


def test_both_versions_are_said(node: Path) -> None:
    said = [(it.status, it.detail) for it in tables(node)]
    assert said == [
        ("ok", f"the registry's tables have version {NEWEST}, the newest that this program knows"),
        ("ok", f"telemetry.duckdb has version {SCHEMA_VERSION}, as this program writes"),
    ]


def test_older_tables_are_brought_on_and_that_is_said(node: Path) -> None:
    file = node / "registry.sqlite"
    file.unlink()
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0027")
    engine.dispose()
    assert tables_version_in(file) == "0027"
    brought, *rest = tables(node)
    assert brought.status == "warning"
    assert f"version 0027; to look at them they were brought to {NEWEST}" in brought.detail
    assert "restore a backup" in brought.todo
    assert [it.status for it in rest] == ["ok", "ok"]
    assert len(tables(node)) == 2


def test_tables_that_changed_under_a_running_node_are_told(node: Path) -> None:
    from lineproof.upkeep.table_checks import tables as of_stores

    with open_stores(node) as stores:
        with contextlib.closing(sqlite3.connect(node / "registry.sqlite")) as other, other:
            other.execute("UPDATE alembic_version SET version_num = '9999'")
        first, _ = of_stores(stores)
    assert first.status == "warning"
    assert f"version 9999, this program knows {NEWEST}" in first.detail


def test_what_is_no_registry_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no database")
    assert [tables_version_in(tmp_path / it) for it in ("a", "gone")] == ["", ""]
    assert not (tmp_path / "gone").exists()
