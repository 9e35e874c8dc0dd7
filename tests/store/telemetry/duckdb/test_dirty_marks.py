"""Dirty marks are the same whether they are in memory or in the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from telemetry import at, batch, samples, spans

from domain.frames import FACTS
from store.telemetry.duckdb import dirty_marks
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import DirtyMark

LINE = "filler-1"


def fill(store: DuckDBStore, numbers: range, line: str = LINE) -> None:
    """A mark for each number."""
    for number in numbers:
        row = samples({"time": at(number), "value": 1.0}, line=line)
        store.append([batch(number, row, agent=line)])


def clear(store: DuckDBStore, mark: DirtyMark) -> None:
    store.replace_facts(mark.line, "spec", [], FACTS.to_frame(), mark.id)


@pytest.mark.parametrize("kept", [0, 1, 4, 100])
def test_a_line_with_many_marks_is_asked_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(dirty_marks, "_KEPT", kept)
    store = DuckDBStore(tmp_path / "t.duckdb")
    fill(store, range(1, 4))
    fill(store, range(1, 4), "other")
    fill(store, range(4, 9))
    marks = store.dirty(LINE)
    assert [mark.start for mark in marks] == [at(number) for number in range(1, 9)]
    clear(store, marks[5])
    assert store.dirty(LINE) == marks[6:]
    assert [mark.line for mark in store.dirty()] == ["other"] * 3 + [LINE] * 2
    fill(store, range(9, 12))
    assert [mark.start for mark in store.dirty(LINE)] == [at(number) for number in range(7, 12)]
    clear(store, store.dirty(LINE)[-1])
    assert store.dirty(LINE) == []
    fill(store, range(12, 14))
    assert [mark.start for mark in store.dirty(LINE)] == [at(12), at(13)]
    store.close()


def test_marks_of_before_a_restart_and_after(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    fill(store, range(1, 6))
    fill(store, range(1, 3), "followed")
    marks = store.dirty(LINE)
    clear(store, marks[1])
    clear(store, store.dirty("followed")[-1])
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.dirty() == marks[2:]
    fill(store, range(6, 8))
    fill(store, range(3, 4), "followed")
    assert [mark.start for mark in store.dirty(LINE)] == [at(number) for number in range(3, 8)]
    assert [mark.start for mark in store.dirty("followed")] == [at(3)]
    clear(store, store.dirty(LINE)[-2])
    assert [mark.start for mark in store.dirty(LINE)] == [at(7)]
    store.close()


def test_that_a_machine_was_heard_is_told_apart_from_its_samples(tmp_path: Path) -> None:
    """Also of what was in the file when it was opened."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    fill(store, range(1, 3))
    first = store.changes()[LINE]
    store.append([batch(9, spans=spans((at(0), at(9)), line=LINE))])
    second = store.changes()[LINE]
    assert second == replace(first, spans=second.spans)
    assert second.spans > first.spans
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.changes()[LINE] == second
    store.close()


def test_marks_that_are_not_in_memory_any_more_are_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of before the file was opened, and of a line with very many."""
    monkeypatch.setattr(dirty_marks, "_RECENT", 4)
    store = DuckDBStore(tmp_path / "t.duckdb")
    fill(store, range(1, 8))
    last = store.changes()[LINE].samples
    found = store.marks_since(LINE, last - 4)
    assert found is not None
    assert [mark.id for mark in found] == [last - 3, last - 2, last - 1, last]
    assert store.marks_since(LINE, last - 5) is None
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.marks_since(LINE, last - 1) is None
    assert store.marks_since(LINE, last) == []
    fill(store, range(8, 9))
    assert [mark.start for mark in store.marks_since(LINE, last) or []] == [at(8)]
    store.close()
