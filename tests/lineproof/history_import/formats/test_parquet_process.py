"""Small Parquet files that would fill the memory, or end who reads them, are one sentence."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Generator
from pathlib import Path

import polars as pl
import pytest
from import_plant import run

from domain.errors import InputError
from lineproof.history_import.formats import parquet_files
from lineproof.history_import.formats.parquet_process import (
    FRAME,
    SCHEMA,
    ParquetProcess,
    Question,
    UnreadableError,
)
from store.node.opening import Stores

USED = ["time", "value"]


def written(path: Path, rows: int) -> Path:
    """So many rows, all alike, in one group."""
    usual = {"machine": pl.lit("filler"), "signal": pl.lit("total_count")}
    alike = pl.select(time=pl.lit("x"), value=pl.lit(1.0), **usual)
    frame = alike.select(pl.all().repeat_by(rows).explode())
    frame.write_parquet(path, row_group_size=rows)
    return path


def frames(process: ParquetProcess, path: Path) -> list[int]:
    question = Question(str(path), USED, 1_000_000, 1 << 30)
    return [len(data) for kind, data in process.ask(question) if kind == FRAME]


def test_one_process_reads_one_file_after_the_other(tmp_path: Path) -> None:
    path, process = written(tmp_path / "a.parquet", 10), ParquetProcess()
    assert [kind for kind, _ in process.ask(Question(str(path)))] == [SCHEMA]
    first = process._idle
    assert len(frames(process, path)) == 1
    assert process._idle is first
    process.end()


@pytest.mark.parametrize("rows_a_part", [10, 2])
def test_who_leaves_parts_behind_ends_the_process(tmp_path: Path, rows_a_part: int) -> None:
    """Who stops at the last part leaves none: small files that are refused share a process."""
    path, process = written(tmp_path / "a.parquet", 10), ParquetProcess()
    list(process.ask(Question(str(path))))
    first = process._idle
    assert first is not None
    answer = process.ask(Question(str(path), USED, rows_a_part, 1 << 20))
    next(answer)
    assert isinstance(first.stdout, io.BufferedReader)
    first.stdout.peek(1)  # waits for what comes next
    assert isinstance(answer, Generator)
    answer.close()
    assert process._idle is (first if rows_a_part == 10 else None)
    assert len(frames(process, path)) == 1
    process.end()


def test_two_questions_at_a_time_have_a_process_each(tmp_path: Path) -> None:
    path, process = written(tmp_path / "a.parquet", 10), ParquetProcess()
    question = Question(str(path), USED, 2, 1 << 20)
    both = list(zip(process.ask(question), process.ask(question), strict=True))
    assert [one == other for one, other in both] == [True] * len(both)
    process.end()


def test_what_would_fill_the_memory_is_refused_and_the_next_file_is_read(tmp_path: Path) -> None:
    bomb = written(tmp_path / "a.parquet", 8_000_000)
    assert bomb.stat().st_size < 100_000
    process = ParquetProcess(memory_max=150 << 20)
    with pytest.raises(UnreadableError, match="it is damaged, or to unpack a part of it takes mo"):
        frames(process, bomb)
    assert len(frames(process, written(tmp_path / "b.parquet", 10))) == 1
    process.end()


def test_an_import_outlives_the_process(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = written(tmp_path / "a.parquet", 8_000_000).rename(tmp_path / "history.parquet")
    process = ParquetProcess(memory_max=150 << 20)
    monkeypatch.setattr(parquet_files, "_PROCESS", process)
    with pytest.raises(InputError, match=r"history\.parquet: the file .* Nothing was changed"):
        run(stores, bomb)
    process.end()


def test_a_process_that_was_ended_is_begun_again(tmp_path: Path) -> None:
    path, process = written(tmp_path / "a.parquet", 10), ParquetProcess()
    assert len(frames(process, path)) == 1
    assert process._idle is not None
    os.kill(process._idle.pid, signal.SIGKILL)
    process._idle.wait()
    assert len(frames(process, path)) == 1
    process.end()
