"""A DuckDB file: which ones are refused, and that it lets go of what is over."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from domain.errors import StorageError
from store.telemetry.duckdb.file import DuckDBFile
from store.telemetry.duckdb.schema import SCHEMA_VERSION
from store.telemetry.duckdb.store import DuckDBStore


def test_a_file_of_another_version_or_kind_is_refused(tmp_path: Path) -> None:
    DuckDBStore(tmp_path / "t.duckdb").close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as raw:
        raw.execute("UPDATE version SET number = ?", [SCHEMA_VERSION + 1])
    with pytest.raises(StorageError, match=rf"later version .*format {SCHEMA_VERSION + 1};"):
        DuckDBStore(tmp_path / "t.duckdb")
    with duckdb.connect(str(tmp_path / "old.duckdb")) as raw:
        raw.execute("CREATE TABLE version AS SELECT 2 AS number")
        raw.execute("CREATE TABLE samples (line VARCHAR)")  # a table then, a view now
    with pytest.raises(StorageError, match=r"version 2, .*'lineproof rebuild"):
        DuckDBStore(tmp_path / "old.duckdb")
    (tmp_path / "x.duckdb").write_bytes(b"x" * 10_000)
    with pytest.raises(StorageError, match="could not be opened"):
        DuckDBStore(tmp_path / "x.duckdb")


def test_nothing_is_held_of_transactions_that_are_over(tmp_path: Path) -> None:
    """One that stays open, a result that nobody reads to its end, say, would hold a quarter of a
    megabyte of every later one: of a node that takes in a batch each second, all memory in an
    hour or two."""
    DuckDBFile(tmp_path / "t.duckdb", memory_limit="1GB").close()
    file = DuckDBFile(tmp_path / "t.duckdb", memory_limit="1GB")  # one that was there already
    for _ in range(40):
        with file.transaction() as cursor:
            cursor.execute("UPDATE version SET number = number + 1")
        file.frame("SELECT * FROM version LIMIT 1")
    ((held,),) = file.rows(
        "SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'TRANSACTION'"
    )
    assert held < 1_000_000
    file.close()
