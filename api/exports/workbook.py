"""Tables as an Excel workbook (ECMA-376), a sheet each; the last sheet says what it is about.

Numbers, shares and times are values of Excel, so that one can reckon with them. Times are those of
the plant's clocks, as Excel knows no zones; the heading names theirs. Texts are written as texts
alone: nothing in them becomes a formula or a link.

XlsxWriter is imported where a workbook is made: a node's start needs none of it.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from api.exports.tables import Column, ColumnKind, Table, Tables, Value, heading
from api.i18n import Language, language_named
from domain.texts import N_, harmless_lines

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS_MAX = 1_048_575  # of a sheet, below its heading
CELL_TEXT_MAX = 32_767  # characters of a cell
_SHEET_NAME_MAX = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_FIRST_YEAR = 1900  # of Excel's calendar
_NARROW, _WIDE = 9, 60  # characters
_LOOKED_AT = 200  # rows, for the width of a column
_ABOUT = N_("About this file")
_LEFT_OUT = N_("%(count)s more rows do not fit into a sheet; the CSV file has all of them.")


def workbook(tables: Tables) -> bytes:
    """The file."""
    import xlsxwriter

    language = language_named(tables.language)
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False})
    made.set_properties({"title": _text(tables.title)[:255]})
    formats = _Formats(made)
    names: set[str] = set()
    notes = [*tables.about]
    for table in tables.tables:
        sheet = made.add_worksheet(_sheet_name(table.title, names))
        _fill(sheet, table, tables.zone, language, formats)
        note = table.note
        if len(table.rows) > SHEET_ROWS_MAX:
            left_out = language.number(len(table.rows) - SHEET_ROWS_MAX)
            note = f"{note} {language.text(_LEFT_OUT, count=left_out)}".strip()
        if note:
            notes.append((table.title, note))
    about = made.add_worksheet(_sheet_name(language.text(_ABOUT), names))
    about.set_column(0, 0, 28)
    about.set_column(1, 1, 90)
    _write(about, 0, 0, tables.title, formats.head)
    for row, (label, text) in enumerate(notes, start=2):
        _write(about, row, 0, label, formats.head)
        _write(about, row, 1, text, formats.text)
    made.close()
    return file.getvalue()


class _Formats:
    """How cells are shown, by kind and decimals."""

    def __init__(self, made: Workbook) -> None:
        self._made = made
        self._of: dict[tuple[ColumnKind, int], Format] = {}
        self.head = made.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.text = made.add_format({"text_wrap": True, "valign": "top"})

    def of(self, column: Column) -> Format:
        key = (column.kind, column.digits)
        if key not in self._of:
            given = {"num_format": _number_format(column), "valign": "top"}
            self._of[key] = self._made.add_format(given)
        return self._of[key]


def _number_format(column: Column) -> str:
    decimals = "." + "0" * column.digits if column.digits else ""
    return {
        ColumnKind.TEXT: "@",
        ColumnKind.NUMBER: f"#,##0{decimals}",
        ColumnKind.SHARE: f"0{decimals}%",
        ColumnKind.COVERAGE: "0.0%",
        ColumnKind.DURATION: "#,##0",
        ColumnKind.TIME: "yyyy-mm-dd hh:mm:ss",
        ColumnKind.DAY: "yyyy-mm-dd",
    }[column.kind]


def _fill(
    sheet: Worksheet, table: Table, zone: ZoneInfo, language: Language, formats: _Formats
) -> None:
    rows = table.rows[:SHEET_ROWS_MAX]
    for at, column in enumerate(table.columns):
        head = heading(column, zone, language)
        sheet.set_column(at, at, _width(head, column, [it[at] for it in rows[:_LOOKED_AT]]))
        _write(sheet, 0, at, head, formats.head)
    shown = [formats.of(it) for it in table.columns]
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            _write(sheet, number, at, _of_excel(value, zone), shown[at])
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(table.columns) - 1)


def _of_excel(value: Value, zone: ZoneInfo) -> Value:
    """A time on the plant's clocks; nothing for what is no number."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        value = value.astimezone(zone).replace(tzinfo=None)
    if isinstance(value, date) and value.year < _FIRST_YEAR:
        return value.isoformat()
    return value


def _write(sheet: Worksheet, row: int, at: int, value: Value, format_: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, at, _text(value), format_)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, format_)
    else:
        sheet.write_number(row, at, value, format_)


def _text(text: str) -> str:
    """Without what Excel cannot hold; what is cut off says so."""
    harmless = harmless_lines(text)
    return harmless if len(harmless) <= CELL_TEXT_MAX else harmless[: CELL_TEXT_MAX - 1] + "…"


def _sheet_name(title: str, names: set[str]) -> str:
    """One that Excel takes, and that no other sheet has."""
    plain = _NOT_IN_NAMES.sub(" ", _text(title)).replace("\n", " ").strip() or "-"
    name, number = plain[:_SHEET_NAME_MAX], 2
    while name.lower() in names:
        end = f" {number}"
        name, number = plain[: _SHEET_NAME_MAX - len(end)] + end, number + 1
    names.add(name.lower())
    return name


def _width(head: str, column: Column, values: Sequence[Value]) -> int:
    """In characters; a Chinese one is as wide as two."""
    if column.kind is not ColumnKind.TEXT:
        return 20 if column.kind is ColumnKind.TIME else max(12, min(_columns(head), 18))
    longest = max([_columns(head), *(_columns(it) for it in values if isinstance(it, str))])
    return min(max(longest + 1, _NARROW), _WIDE)


def _columns(text: str) -> int:
    first = text.split("\n", 1)[0][: _WIDE + 1]
    return sum(1 + (it > "\u2e7f") for it in first)
