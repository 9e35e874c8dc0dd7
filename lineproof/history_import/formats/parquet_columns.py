"""A Parquet file's columns as plain ones, as the process that unpacks it sees them.

A time that no calendar has becomes a text that says so, for the row to be judged as any other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import polars as pl

_PLAIN = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null, pl.Binary, pl.Time)
_NUMBER = "(row)"
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
ROWS_MAX = 100_000_000  # of a file: as many may lie in a few kilobytes
# Days since 1970 of the years 1 and 9999: what lies beyond cannot be written as a date.
_DAYS = (-719_162, 2_932_896)
_UNITS_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def schema_of(path: str) -> list[tuple[str, str, bool]]:
    """Names of the columns, their types, and whether their values are plain: texts, numbers, truth
    values, times. Raises PolarsError where the file is no Parquet, ValueError for one of too many
    rows."""
    rows = pl.scan_parquet(path)
    schema = rows.collect_schema()
    count = rows.select(pl.len()).collect().item()
    if count > ROWS_MAX:
        raise ValueError(f"it has {count:,} rows; {ROWS_MAX:,} are the most of one file")
    return [(name, str(kind), _is_plain(kind)) for name, kind in schema.items()]


def frames_of(
    path: str, used: Sequence[str], chunk_rows: int, text_bytes_max: int
) -> Iterator[bytes]:
    """Arrow IPC streams of these columns and of "row", which counts from 1. Raises PolarsError,
    ValueError for texts that are too long."""
    numbered = pl.scan_parquet(path, row_index_name=_NUMBER, row_index_offset=1)
    rows = numbered.select(pl.col(_NUMBER).alias("row"), *used)
    for frame in rows.collect_batches(chunk_size=chunk_rows, maintain_order=True):
        plain = frame.with_columns(_writable(frame[name]) for name in used)
        texts = [name for name in used if isinstance(plain.schema[name], _TEXTS)]
        size = sum(int(plain[name].cast(pl.String).str.len_bytes().sum()) for name in texts)
        if size > text_bytes_max:
            raise ValueError(
                f"the texts of its {plain.height:,} rows from row {plain['row'][0]:,} on take "
                f"{size >> 20:,} MB; {text_bytes_max >> 20} MB are the most"
            )
        stream = io.BytesIO()
        plain.write_ipc_stream(stream)
        yield stream.getvalue()


def _is_plain(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in _PLAIN or isinstance(kind, (pl.Datetime, pl.Date))


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
