"""An Excel workbook (.xlsx) as a frame of text: one sheet, rows at their places.

A sheet has at most 1,048,576 rows, so it is read whole. Dates in cells become ISO 8601 text; a
number stays the number it is, also where it is a day's serial number. The library that reads
workbooks is loaded only when there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import InputError, did_you_mean, listed
from lineproof.history_import.formats.text_files import told_apart
from lineproof.history_import.formats.workbook_size import check_size, unreadable


@dataclass(frozen=True, slots=True)
class Workbook:
    """A sheet that was read. `rows`: its columns as text, and "row", the row's number in Excel."""

    path: Path
    sheet: str
    rows: pl.DataFrame

    def place(self, row: int) -> str:
        """Where a row stands, for people."""
        return f"{self.path}, sheet '{self.sheet}', row {row}"


def open_workbook(path: Path, sheet: str | None, skip_lines: int = 0) -> Workbook:
    """The sheet of that name (None: the first one), its header after `skip_lines` rows.

    Raises InputError when there is no such sheet, or the file is no workbook or too large a one.
    """
    import fastexcel

    check_size(path)
    try:
        book = fastexcel.read_excel(path)
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise InputError(
                f"there is no sheet '{sheet}'", where=str(path), todo=did_you_mean(sheet, names)
            )
        chosen = names[0] if sheet is None else sheet
        cells = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise unreadable(path, error) from None
    rows = cells.with_row_index("row", offset=1)[skip_lines:]
    filled = rows.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    if not cells.width or filled.is_empty():
        raise InputError(
            f"sheet '{chosen}' is empty",
            where=str(path),
            todo=f"The workbook has the sheets {listed(names)}: name one in a map file "
            "(`sheet: …`) and give it with --map.",
        )
    header, body = filled.row(0), filled[1:]
    body.columns = ["row", *told_apart([(name or "").strip() for name in header[1:]])]
    return Workbook(path, chosen, body)
