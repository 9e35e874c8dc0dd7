"""A CSV file as frames of text: header, separator, rows at their lines.

The separator is the one by which the header has the columns that are needed (comma, semicolon,
tab or bar), or the one of a line `sep=;` as Excel writes it, or the one of the map file. Rows
carry the number of their line, so that an error names the place; no row is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError, listed
from lineproof.history_import.formats.quotation import (
    Fault,
    MarkError,
    OpenTextError,
    fields,
    mended,
)
from lineproof.history_import.formats.text_files import Block, blocks, told_apart

SEPARATORS = (",", ";", "\t", "|")
COLUMNS_MAX = 16_384  # as many as a workbook has
_EMPTY_MAX = 100  # lines without text before the header
QUOTING = (
    "Where a text begins with a quotation mark or holds a separator, quote the whole field and "
    'double the marks in it ("cap 12"" jam"). Nothing was changed.'
)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An opened file. `names`: of its columns, as they stand in line `header_line`."""

    path: Path
    encoding: str
    separator: str
    names: tuple[str, ...]
    header_line: int

    def frames(self, block_bytes: int | None = None) -> Iterator[pl.DataFrame]:
        """All rows as text: one column a name, and "row", the number of its line.

        Raises InputError with the line that cannot be parted into fields.
        """
        rest, first = "", 0
        for block in _with_end(blocks(self.path, self.encoding, block_bytes)):
            text, line = (block.text, block.line) if block else ("", 0)
            if block and line <= self.header_line:
                text, line = _after(text, self.header_line + 1 - line), self.header_line + 1
            if rest:
                text, line = rest + text, first
            if not text:
                continue
            if '"' in text:
                found = mended(text, line, self.separator, len(self.names), is_end=block is None)
                if isinstance(found, Fault):
                    raise InputError(found.what, where=self.place(found.line), todo=QUOTING)
                text, rest = found
                first = line + text.count("\n")
            else:
                rest = ""
            if text:
                yield self._frame(text, line)

    def place(self, row: int) -> str:
        """Where a row stands, for people."""
        return f"{self.path}, line {row}"

    def _frame(self, text: str, line: int) -> pl.DataFrame:
        header = self.separator.join(str(index) for index in range(len(self.names)))
        try:
            rows = pl.read_csv(
                f"{header}\n{text}".encode(),
                infer_schema=False,
                separator=self.separator,
                quote_char='"' if '"' in text else None,
            )
        except pl.exceptions.PolarsError as error:
            raise self._unreadable(text, line, error) from None
        rows.columns = list(self.names)
        return rows.insert_column(
            0, pl.int_range(line, line + rows.height, eager=True).alias("row")
        )

    def _unreadable(self, text: str, line: int, error: Exception) -> InputError:
        begun = ""  # a row whose text goes on in the next line
        for number, part in enumerate(text.split("\n"), line):
            row = begun + part
            try:
                count = len(fields(row, self.separator)) if row else 0
            except OpenTextError:
                begun = f"{row}\n"
                continue
            first, begun = number - begun.count("\n"), ""
            if count > len(self.names):
                return InputError(
                    f"{count} values for {len(self.names)} columns",
                    where=self.place(first),
                    todo=f"The columns are {listed(self.names)}. A text that holds a "
                    f"'{self.separator}' must be in quotation marks; a number is written with a "
                    "point for decimals. Nothing was changed.",
                )
        return InputError(
            f"the file cannot be read ({str(error).strip().splitlines()[0]})",
            where=self.place(line),
            todo="Check that it is complete. Nothing was changed.",
        )


def open_csv(
    path: Path,
    encoding: str,
    has_all: Callable[[tuple[str, ...]], bool],
    separator: str | None = None,
    skip_lines: int = 0,
) -> CsvFile:
    """`has_all`: whether a header of these names has what is needed. Raises InputError when the
    file is empty or its header cannot be read."""
    head = next(blocks(path, encoding), None)
    lines = [] if head is None else head.text.split("\n")[: skip_lines + _EMPTY_MAX]
    at = skip_lines
    while at < len(lines) and not lines[at].strip():
        at += 1
    if skip_lines == 0 and lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        separator, at = separator or lines[0][4], 1
    if len(lines) <= at:
        raise InputError(
            "the file is empty",
            where=str(path),
            todo="It needs the columns time, machine, signal, value, or those of a map file.",
        )
    candidates = SEPARATORS if separator is None else (separator,)
    if any(lines[at].count(mark) >= COLUMNS_MAX for mark in candidates):
        raise InputError(
            f"the header has more than {COLUMNS_MAX:,} columns",
            where=f"{path}, line {at + 1}",
            todo="Check that it is a table, one row a line. Nothing was changed.",
        )
    headers = [(mark, names) for mark in candidates if (names := _names(lines[at], mark))]
    if not headers:
        raise InputError(
            "the quotation marks in the header do not pair",
            where=f"{path}, line {at + 1}",
            todo=QUOTING,
        )
    whole = next((header for header in headers if has_all(header[1])), None)
    mark, names = whole or max(headers, key=lambda header: len(header[1]))
    return CsvFile(path, encoding, mark, names, at + 1)


def _names(header: str, separator: str) -> tuple[str, ...]:
    """The names; nothing where the header cannot be parted so."""
    try:
        found = [name.strip() for name in fields(header, separator)]
    except (OpenTextError, MarkError):
        return ()
    return told_apart(found)


def _after(text: str, lines: int) -> str:
    at = 0
    for _ in range(lines):
        at = text.find("\n", at) + 1
        if not at:
            return ""
    return text[at:]


def _with_end(found: Iterator[Block]) -> Iterator[Block | None]:
    yield from found
    yield None
