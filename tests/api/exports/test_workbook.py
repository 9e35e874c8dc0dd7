"""Workbooks, read back by another library, and their XML."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import fastexcel
import pytest
from export_tables import AT, TEXTS, ZONE, row, tables

from api.exports.tables import Column, Table, Value
from api.exports.workbook import CELL_TEXT_MAX, workbook

DAY = datetime.combine(date(2026, 3, 25), time())  # as Excel has it


def cells(file: bytes, sheet: int = 0) -> list[list[object]]:
    found = fastexcel.read_excel(file).load_sheet(sheet, header_row=None, dtypes=None)
    return [list(it) for it in found.to_polars().rows()]


def sheets(file: bytes) -> list[str]:
    return fastexcel.read_excel(file).sheet_names


def parts(file: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        return {it: packed.read(it).decode() for it in packed.namelist()}


def test_numbers_and_times_are_values_with_all_their_digits() -> None:
    frame = fastexcel.read_excel(workbook(tables(row("Chan")))).load_sheet(0).to_polars()
    assert frame.columns == [
        "Who", "Begin (Asia/Hong_Kong)", "Day", "Good", "OEE", "Time (s)", "Energy (kWh)",
    ]  # fmt: skip
    assert frame.row(0) == (
        "Chan", AT.astimezone(ZONE).replace(tzinfo=None), DAY, 34_486.0,
        0.728_412_345_678_9, 1_500.25, 165.6,
    )  # fmt: skip


def test_shares_and_times_are_shown_as_such() -> None:
    styles = parts(workbook(tables(row("Chan"))))["xl/styles.xml"]
    for shown in ("0.0%", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "#,##0.0"):
        assert f'formatCode="{shown}"' in styles


def test_no_text_becomes_a_formula_or_a_link() -> None:
    file = workbook(tables(*map(row, TEXTS)))
    sheet = parts(file)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    said = [it[0] for it in cells(file)[1:]]
    assert said[:4] == list(TEXTS[:4])  # as they were said: a cell of text needs no mark
    assert said[11] == "007"
    assert len(str(said[12])) == CELL_TEXT_MAX
    assert str(said[12]).endswith("…")


def test_the_last_sheet_says_what_it_is_about() -> None:
    file = workbook(tables(row("Chan")))
    assert sheets(file) == ["Who   did   it", "About this file"]
    about = cells(file, 1)
    assert about[0][0] == "Filling line 1"
    assert ["Line", "=Filling line 1"] in about
    assert ["Who: [did] *it*?", "A note."] in about


def test_sheets_of_one_title_have_names_of_their_own() -> None:
    found = tables()
    title = "一" * 40
    same = [Table(it, title, (Column("a"),), [("x",)]) for it in ("a", "b")]
    names = sheets(
        workbook(type(found)("t", (), (*same,), "zh-Hant", found.zone, found.made_at, "f"))
    )
    assert names == ["一" * 31, "一" * 29 + " 2", "關於本檔案"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_nothing(value: float | None) -> None:
    odd: tuple[Value, ...] = ("x", None, date(1066, 10, 14), value, 0.5, 1, 2)
    frame = fastexcel.read_excel(workbook(tables(odd, row("y")))).load_sheet(0).to_polars()
    assert frame["Good"].to_list() == [None, 34_486.0]
    assert frame["Day"].cast(str).to_list()[0] == "1066-10-14"
