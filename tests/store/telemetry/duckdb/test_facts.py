"""Where facts of the DuckDB file were replaced is known, of what was replaced last."""

from __future__ import annotations

from pathlib import Path

import pytest
from telemetry import at, facts

from domain.time import Window
from store.telemetry.duckdb import facts as duckdb_facts
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import LineFacts

LINE = "filler-1"
HOURS = [Window(at(3600 * n), at(3600 * (n + 1))) for n in range(8)]


def replace(store: DuckDBStore, *hours: int, line: str = LINE) -> None:
    windows = [HOURS[it] for it in hours]
    made = facts([(it.start, it.end) for it in windows], line=line)
    store.replace_facts_of_lines([LineFacts(line, "spec", windows, made, 0)])


def test_replaced_windows_that_are_not_in_memory_any_more_are_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a replacement some of whose windows are gone none is told."""
    monkeypatch.setattr(duckdb_facts, "_RECENT", 4)
    store = DuckDBStore(tmp_path / "t.duckdb")
    replace(store, *range(8))
    replace(store, 0, line="other")
    replace(store, 1, 2)
    replace(store, 3)
    assert store.facts_replaced_since(LINE, 1) == [HOURS[1], HOURS[2], HOURS[3]]
    assert store.facts_replaced_since(LINE, 0) is None
    replace(store, 4, 5)
    assert store.facts_replaced_since(LINE, 1) is None
    assert store.facts_replaced_since(LINE, 2) == [HOURS[3], HOURS[4], HOURS[5]]
    replace(store, *range(8))
    assert store.facts_replaced_since(LINE, 4) is None
    assert store.facts_replaced_since(LINE, 5) == []
    store.close()


def test_of_a_file_that_was_opened_again_nothing_was_replaced_yet(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    replace(store, 0)
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.facts_replaced_since(LINE, 0) == []
    replace(store, 1)
    assert store.facts_replaced_since(LINE, 0) == [HOURS[1]]
    store.close()
