"""A Parquet file as chunks of plain columns: texts, numbers, truth values, times.

Its columns have types of their own, which may be anything. What is no plain value (a list, a
structure, a length of time) is refused when the file is opened, with the column. Another process
unpacks it (`lineproof.history_import.formats.parquet_process`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError
from lineproof.history_import.formats.parquet_process import ParquetProcess, Question

CHUNK_ROWS = 500_000
TEXT_BYTES_MAX = 512 << 20  # of a chunk: a thousand for each row
_PROCESS = ParquetProcess()


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """An opened file with these columns, some of them used."""

    path: Path
    names: tuple[str, ...]
    used: tuple[str, ...]

    def place(self, row: int) -> str:
        """Where a row stands, for people."""
        return f"{self.path}, row {row}"

    def frames(self, size: int | None) -> Iterator[pl.DataFrame]:
        """Chunks of about `size` rows, in the file's order: the columns that are used, as what can
        be written as text, and "row", which counts from 1. Raises UnreadableError."""
        question = Question(
            str(self.path.resolve()), list(self.used), size or CHUNK_ROWS, TEXT_BYTES_MAX
        )
        for _, data in _PROCESS.ask(question):
            yield pl.read_ipc_stream(io.BytesIO(data))


def open_parquet(path: Path, used: Sequence[str]) -> ParquetFile:
    """The file; `used` are columns that are read if they are there. Raises InputError for one of
    them that holds no plain values, UnreadableError where the file is no Parquet."""
    ((_, data),) = _PROCESS.ask(Question(str(path.resolve())))
    kinds = {name: (kind, is_plain) for name, kind, is_plain in json.loads(data)}
    there = tuple(name for name in used if name in kinds)
    for name in there:
        kind, is_plain = kinds[name]
        if not is_plain:
            raise InputError(
                f"the column '{name}' holds values of the type {kind}, which are no plain values",
                where=str(path),
                todo="Write one number, text or time in each row of it. Nothing was changed.",
            )
    return ParquetFile(path, tuple(kinds), there)
