"""A DuckDB file of another version or kind is refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from domain.errors import StorageError
from store.telemetry.duckdb.schema import SCHEMA_VERSION
from store.telemetry.duckdb.store import DuckDBStore


def test_a_file_of_another_version_or_kind_is_refused(tmp_path: Path) -> None:
    DuckDBStore(tmp_path / "t.duckdb").close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as raw:
        raw.execute("UPDATE version SET number = ?", [SCHEMA_VERSION + 1])
    with pytest.raises(StorageError, match=f"version {SCHEMA_VERSION + 1}"):
        DuckDBStore(tmp_path / "t.duckdb")
    with duckdb.connect(str(tmp_path / "old.duckdb")) as raw:
        raw.execute("CREATE TABLE version AS SELECT 2 AS number")
        raw.execute("CREATE TABLE samples (line VARCHAR)")  # a table then, a view now
    with pytest.raises(StorageError, match=r"version 2, .*'lineproof rebuild'"):
        DuckDBStore(tmp_path / "old.duckdb")
    (tmp_path / "x.duckdb").write_bytes(b"x" * 10_000)
    with pytest.raises(StorageError, match="could not be opened"):
        DuckDBStore(tmp_path / "x.duckdb")
