"""A history file (CSV or Parquet) as a stream of chunks, so that its size does not matter.

Knows where a row stands in its file, so that an error names the place; judges no row (see
`lineproof.history_import.rows`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError, NotFoundError
from lineproof.history_import.rows import OPTIONAL, REQUIRED

CHUNK_ROWS = 500_000
_COLUMNS = "time, machine, signal, value and perhaps quality"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """An opened file: `extra` are columns that are not used."""

    path: Path
    rows: pl.LazyFrame  # the columns that are used, and "row"
    extra: tuple[str, ...]
    is_csv: bool

    def chunks(self, chunk_rows: int = CHUNK_ROWS) -> Iterator[pl.DataFrame]:
        """Frames of about `chunk_rows`, in the file's order. Raises InputError when the file
        breaks off or is no file of its kind."""
        try:
            yield from self.rows.collect_batches(chunk_size=chunk_rows, maintain_order=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from None

    def place(self, row: int) -> str:
        """Where data row `row` (from 0) stands, for people."""
        return f"{self.path}, line {row + 2}" if self.is_csv else f"{self.path}, row {row + 1}"

    def _unreadable(self, error: Exception) -> InputError:
        line = _broken_line(self.path) if self.is_csv else None
        if line is None:
            return _unreadable(self.path, error)
        number, what = line
        return InputError(
            what,
            where=f"{self.path}, line {number}",
            todo=f"A row has {_COLUMNS}, in UTF-8. Nothing was changed.",
        )


def open_history(path: Path) -> HistoryFile:
    """Raises NotFoundError, or InputError when the file is of no known kind or lacks columns."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise InputError(
            "history comes as .csv or .parquet", where=str(path), todo="Convert the file."
        )
    if not path.is_file():
        raise NotFoundError("there is no such file", where=str(path), todo="Check the path.")
    is_csv = kind == ".csv"
    try:
        rows = (
            pl.scan_csv(path, infer_schema=False, row_index_name="row")
            if is_csv
            else pl.scan_parquet(path, row_index_name="row")
        )
        names = rows.collect_schema().names()
    except pl.exceptions.NoDataError:
        raise InputError(
            "the file is empty", where=str(path), todo=f"It needs the columns {_COLUMNS}."
        ) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, error) from None
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise InputError(
            f"the column '{missing[0]}' is missing; the file has {', '.join(names[1:])}",
            where=f"{path}, line 1" if is_csv else str(path),
            todo=f"Name the columns {_COLUMNS}, separated by commas. Nothing was changed.",
        )
    used = [name for name in ("row", *REQUIRED, *OPTIONAL) if name in names]
    extra = tuple(name for name in names if name not in used)
    return HistoryFile(path, rows.select(used), extra, is_csv)


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = str(error).strip().splitlines()[0]
    return InputError(
        f"the file cannot be read ({reason})",
        where=str(path),
        todo="Check that it is complete. Nothing was changed.",
    )


def _broken_line(path: Path) -> tuple[int, str] | None:
    """The first line of a CSV file that is not UTF-8 or has too many fields."""
    with path.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number, "the text is not UTF-8"
    with path.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        for fields in reader:
            if len(fields) > len(header):
                return reader.line_num, f"{len(fields)} values for {len(header)} columns"
    return None
