"""A history file (CSV, Excel or Parquet) as a stream of chunks, so that its size does not matter.

Knows where a row stands in its file, so that an error names the place; judges no row (see
`lineproof.history_import.rows`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError, NotFoundError, listed
from domain.panics import LibraryPanicError, panics_as_errors
from lineproof.history_import.file_map import AS_DOCUMENTED, FileMap, mapped
from lineproof.history_import.formats.csv_files import open_csv
from lineproof.history_import.formats.parquet_files import open_parquet
from lineproof.history_import.formats.parquet_process import UnreadableError
from lineproof.history_import.formats.text_files import encoding_of
from lineproof.history_import.formats.workbook_files import open_workbook

_REASON_MAX = 300  # characters of what a library says
_COLUMNS = "time, machine, signal, value and perhaps quality"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """An opened file: `kind` says how it is read, `extra` are columns that are not used."""

    path: Path
    kind: str
    file_map: FileMap
    extra: tuple[str, ...]
    place: Callable[[int], str]  # where a row of that number stands, for people
    frames: Callable[[int | None], Iterator[pl.DataFrame]]

    def chunks(self, size: int | None = None) -> Iterator[pl.DataFrame]:
        """Frames of row, time, machine, signal, value and quality, in the file's order. `size`:
        about how much is read at a time (bytes of text, rows of Parquet). Raises InputError when
        the file breaks off or is no file of its kind."""
        for frame in self.frames(size):
            yield mapped(frame, self.file_map)


def open_history(path: Path, how: FileMap = AS_DOCUMENTED) -> HistoryFile:
    """Raises NotFoundError, or InputError when the file is of no known kind or lacks columns."""
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise InputError(
            "history comes as .csv or .parquet, or as .xlsx",
            where=str(path),
            todo="Convert the file.",
        )
    if not path.is_file():
        raise NotFoundError("there is no such file", where=str(path), todo="Check the path.")
    with readable(path):
        return _KINDS[kind](path, how)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Whatever the libraries that read a file stumble over in the block, as an InputError that
    names it: a file may hold anything."""
    try:
        with panics_as_errors():
            yield
    except (pl.exceptions.PolarsError, LibraryPanicError, UnreadableError, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:_REASON_MAX]
        raise InputError(
            f"the file cannot be read ({reason})",
            where=str(path),
            todo="Check that it is complete. Nothing was changed.",
        ) from None


def _csv(path: Path, how: FileMap) -> HistoryFile:
    def has_all(names: tuple[str, ...]) -> bool:
        return set(how.needed) <= set(names)

    encoding = encoding_of(path, how.encoding)
    file = open_csv(path, encoding, has_all, how.separator, how.skip_lines)
    where = f"{path}, line {file.header_line}"
    extra = _extra(file.names, how, where)
    mark = {"\t": "tabs"}.get(file.separator, f"'{file.separator}'")
    kind = f"CSV, {file.encoding}, columns parted by {mark}"
    return HistoryFile(path, kind, how, extra, file.place, file.frames)


def _workbook(path: Path, how: FileMap) -> HistoryFile:
    book = open_workbook(path, how.sheet, how.skip_lines)
    extra = _extra(tuple(book.rows.columns[1:]), how, f"{path}, sheet '{book.sheet}'")
    kind = f"Excel, sheet '{book.sheet}'"
    return HistoryFile(path, kind, how, extra, book.place, lambda _: iter([book.rows]))


def _parquet(path: Path, how: FileMap) -> HistoryFile:
    file = open_parquet(path, (*how.needed, how.quality))
    extra = _extra(file.names, how, str(path))
    return HistoryFile(path, "Parquet", how, extra, file.place, file.frames)


_KINDS: dict[str, Callable[[Path, FileMap], HistoryFile]] = {
    ".csv": _csv,
    ".xlsx": _workbook,
    ".parquet": _parquet,
}


def _extra(names: tuple[str, ...], how: FileMap, where: str) -> tuple[str, ...]:
    """The columns that are not used. Raises InputError when one that is needed is missing."""
    missing = [name for name in how.needed if name not in names]
    if missing:
        advice = (
            f"Name the columns {_COLUMNS}, separated by commas; or say in a map file how they "
            "are named and separated, and give it with --map."
            if how.needed == AS_DOCUMENTED.needed
            else f"The map file needs {', '.join(how.needed)}: mend its columns, separator, "
            "skip_lines or sheet."
        )
        raise InputError(
            f"the column '{missing[0]}' is missing; the file has {listed(names)}",
            where=where,
            todo=f"{advice} Nothing was changed.",
        )
    used = {*how.needed, how.quality}
    return tuple(name for name in names if name not in used and not name.startswith("(column "))
