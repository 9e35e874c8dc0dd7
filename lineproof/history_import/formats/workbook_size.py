"""Whether a workbook can be read at all: how much it unpacks to, and how far its cells reach.

A workbook is a zip file of XML, and what a few kilobytes of it become may fill any memory: texts
that repeat themselves, or one cell in the last row and column, because a sheet is read as one
rectangle. Neither is believed from what the file says of itself. Entities of XML are not looked
for: the reader knows none but those of XML itself.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from domain.errors import InputError

UNPACKED_MAX = 512 << 20  # bytes, of all parts; a million rows of five columns have half of it
CELLS_MAX = 20_000_000  # of the rectangle that holds all cells
_REASON_MAX = 300  # characters of what a library says
_PIECE = 1 << 20
_OVERLAP = 40  # bytes: no reference is longer
_NARROW = 16  # columns, of which even the most rows that there are give not too many cells
_FAR_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([Q-Zq-z]|[A-Za-z]{2,3})[0-9]")
_ROW = re.compile(rb"\sr\s*=\s*[\"'][A-Za-z]{0,3}([0-9]{1,7})[\"']")


def check_size(path: Path) -> None:
    """Raises InputError for a workbook that would fill the memory, and for one that cannot be
    looked through (damaged, encrypted, packed in an unusual way): the reader might be able to. What
    is no zip file passes: the reader says so."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as file:
            _check(file, path)
    except InputError:
        raise
    except Exception as error:  # whatever zipfile makes of foreign bytes
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> InputError:
    """What is said of a file that is no good workbook."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:_REASON_MAX]
    return InputError(
        f"the workbook cannot be read ({reason})",
        where=str(path),
        todo="Save it again as .xlsx without a password, or export it as CSV. Nothing was changed.",
    )


def _check(file: zipfile.ZipFile, path: Path) -> None:
    unpacked = 0
    for part in file.infolist():
        columns = 0
        for piece in _pieces(file, part):
            unpacked += len(piece)
            if unpacked > UNPACKED_MAX:
                raise _too_large(path, f"it unpacks to more than {UNPACKED_MAX >> 20} MB")
            columns = max(columns, *map(_number, _FAR_COLUMN.findall(piece)), 0)
        if columns > _NARROW:
            rows = max(
                (int(row) for piece in _pieces(file, part) for row in set(_ROW.findall(piece))),
                default=0,
            )
            if rows * columns > CELLS_MAX:
                raise _too_large(
                    path, f"a sheet of it has cells up to row {rows:,} and column {columns:,}"
                )


def _pieces(file: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that the part unpacks to, whatever length it says, with an overlap."""
    said, part.file_size = part.file_size, UNPACKED_MAX + 1
    end = b""
    try:
        with file.open(part) as stream:
            while data := stream.read(_PIECE):
                yield end + data
                end = data[-_OVERLAP:]
    finally:
        part.file_size = said


def _number(column: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    return reduce(lambda number, letter: number * 26 + letter - 64, column.upper(), 0)


def _too_large(path: Path, why: str) -> InputError:
    return InputError(
        f"the workbook is too large to be read: {why}",
        where=str(path),
        todo="Export the sheet as CSV. Nothing was changed.",
    )
