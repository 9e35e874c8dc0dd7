"""A Parquet file as chunks of plain columns: texts, numbers, truth values, times.

Its columns have types of their own, which may be anything. What is no plain value (a list, a
structure, a length of time) is refused when the file is opened, with the column. A time that no
calendar has is passed on as a text that says so, for the row to be judged as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError

CHUNK_ROWS = 500_000
_PLAIN = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null, pl.Binary, pl.Time)
# Days since 1970 of the years 1 and 9999: what lies beyond cannot be written as a date.
_DAYS = (-719_162, 2_932_896)
_UNITS_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """An opened file. `rows`: its columns, and "row", which counts from 1."""

    path: Path
    names: tuple[str, ...]
    used: tuple[str, ...]
    rows: pl.LazyFrame

    def place(self, row: int) -> str:
        """Where a row stands, for people."""
        return f"{self.path}, row {row}"

    def frames(self, size: int | None) -> Iterator[pl.DataFrame]:
        """Chunks of about `size` rows, in the file's order, of columns that can be written as
        text."""
        batches = self.rows.collect_batches(chunk_size=size or CHUNK_ROWS, maintain_order=True)
        for frame in batches:
            yield frame.with_columns(_writable(frame[name]) for name in self.used)


def open_parquet(path: Path, used: Sequence[str]) -> ParquetFile:
    """The file; `used` are columns that are read if they are there. Raises InputError for one of
    them that holds no plain values, PolarsError where the file is no Parquet."""
    rows = pl.scan_parquet(path, row_index_name="row", row_index_offset=1)
    schema = rows.collect_schema()
    there = tuple(name for name in used if name in schema and name != "row")
    for name in there:
        kind = schema[name]
        if not (kind.is_numeric() or kind in _PLAIN or isinstance(kind, (pl.Datetime, pl.Date))):
            raise InputError(
                f"the column '{name}' holds values of the type {kind}, which are no plain values",
                where=str(path),
                todo="Write one number, text or time in each row of it. Nothing was changed.",
            )
    return ParquetFile(path, tuple(schema.names()[1:]), there, rows)


def _writable(column: pl.Series) -> pl.Series:
    """The column, or what is the same to a reader of texts where a value of it has none."""
    kind = column.dtype
    if isinstance(kind, pl.Binary):
        return column.cast(pl.String, strict=False)
    if not isinstance(kind, (pl.Datetime, pl.Date)):
        return column
    count = column.to_physical().cast(pl.Int64)
    units = _UNITS_A_DAY[kind.time_unit] if isinstance(kind, pl.Datetime) else 1
    is_far = (~(count // units).is_between(*_DAYS)).fill_null(False)
    if not is_far.any():
        return column
    near = column.set(is_far, None).cast(pl.String)
    said = pl.select(pl.format("{} (a time that no calendar has)", count)).to_series()
    return near.zip_with(~is_far, said).alias(column.name)
