"""Excel workbooks, as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from import_plant import run, samples
from workbooks import Cell, Dated, write_workbook

from domain.errors import InputError
from lineproof.history_import.file_map import FileMap
from store.node.opening import Stores

HEADER: list[Cell] = ["time", "machine", "signal", "value"]
ROWS: list[list[Cell]] = [
    HEADER,
    [Dated(46083.2916666667), "filler", "state", "producing"],
    [],
    [Dated(46083.5), "filler", "total_count", 5100.25],
    ["2026-03-02T12:30", "filler", "state", "stopped"],
]


def test_dates_numbers_and_texts_of_cells(stores: Stores, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Data": ROWS})
    summary = run(stores, path)
    assert summary.files[0].start.isoformat() == "2026-03-01T23:00:00+00:00"
    assert sorted(samples(stores)["value"]) == [1.0, 6.0, 5100.25]
    assert run(stores, path).already_imported


def test_serial_numbers_of_days_are_read_when_they_are_named(
    stores: Stores, tmp_path: Path
) -> None:
    rows = [HEADER, [46083.2916666667, "filler", "state", "producing"]]
    path = write_workbook(tmp_path / "a.xlsx", {"Data": rows})
    with pytest.raises(InputError, match=r"sheet 'Data', row 2: column 'time'.*time: excel"):
        run(stores, path)
    summary = run(stores, path, file_map=FileMap(time_format="excel"))
    assert summary.files[0].start.isoformat() == "2026-03-01T23:00:00+00:00"


def test_another_sheet_with_lines_above_its_header(stores: Stores, tmp_path: Path) -> None:
    sheets = {"Info": [["no history"]], "Data": [["Line 1"], *ROWS]}
    path = write_workbook(tmp_path / "a.xlsx", sheets)
    with pytest.raises(InputError, match="sheet 'Info': the column 'time' is missing"):
        run(stores, path)
    with pytest.raises(InputError, match=r"no sheet 'data'. Did you mean 'Data'"):
        run(stores, path, file_map=FileMap(sheet="data"))
    assert run(stores, path, file_map=FileMap(sheet="Data", skip_lines=1)).files[0].rows == 3


def test_what_is_no_workbook_is_told(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK but not really")
    with pytest.raises(InputError, match="the workbook cannot be read"):
        run(stores, path)
    with pytest.raises(InputError, match="sheet 'Empty' is empty"):
        run(stores, write_workbook(path, {"Empty": []}))


def test_a_row_is_named_as_excel_names_it(stores: Stores, tmp_path: Path) -> None:
    rows: list[list[Cell]] = [[], [], [None, *HEADER], [None, "never", "filler", "state", "idle"]]
    with pytest.raises(InputError, match="row 4: column 'time'"):
        run(stores, write_workbook(tmp_path / "a.xlsx", {"Data": rows}))
