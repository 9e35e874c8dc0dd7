"""Small workbooks that would fill any memory are refused with a sentence; large ones are read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from import_plant import run
from workbooks import Cell, write_workbook

from domain.errors import InputError
from lineproof.history_import.formats import workbook_size
from lineproof.history_import.formats.workbook_files import open_workbook
from store.node.opening import Stores

ROWS: list[list[Cell]] = [
    ["time", "machine", "signal", "value"],
    ["2026-03-02T07:00", "filler", "state", "idle"],
]
SHEET = "xl/worksheets/sheet1.xml"


def changed(path: Path, change: Callable[[bytes], bytes], part: str = SHEET) -> Path:
    """A workbook of two rows, one part of it changed, and compressed."""
    plain = write_workbook(path.with_name("plain.xlsx"), {"Data": ROWS})
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name == part else data)
    return path


def with_rows(rows: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>")


LONG = b"x" * (1 << 20)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row><c  r = "XFD1048576" ><v>1</v></c></row>',
        b"<row><c r='xfd1048576'><v>1</v></c></row>",
        b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="9"><c r="A1048576"><v>1</v></c></row>',
    ],
    ids=["far", "spaced", "other quotes", "two corners"],
)  # fmt: skip
def test_a_cell_far_away_is_refused(tmp_path: Path, rows: bytes) -> None:
    path = changed(tmp_path / "a.xlsx", with_rows(rows))
    assert path.stat().st_size < 5_000
    with pytest.raises(InputError, match="too large to be read: a sheet of it has cells up to row"):
        open_workbook(path, None)


@pytest.mark.parametrize("behind", range(1, 12))
def test_a_cell_is_seen_wherever_the_file_is_read_in_two(
    tmp_path: Path, behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = changed(tmp_path / "a.xlsx", with_rows(place))
    with zipfile.ZipFile(path) as file:
        monkeypatch.setattr(workbook_size, "_PIECE", file.read(SHEET).index(b"XFD") - 5 + behind)
    with pytest.raises(InputError, match="too large to be read"):
        open_workbook(path, None)


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "xl/workbook.xml"])
def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_size, "UNPACKED_MAX", 3 << 20)
    path = changed(tmp_path / "a.xlsx", lambda data: data + LONG * 4, part)
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match=r"it unpacks to more than 3 MB\. Export the sheet as CSV"):
        open_workbook(path, None)


def test_a_length_that_is_a_lie_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_size, "UNPACKED_MAX", 3 << 20)
    path = changed(tmp_path / "a.xlsx", lambda data: data + LONG * 4)
    with zipfile.ZipFile(path) as file:
        size = file.getinfo(SHEET).file_size
    lie = path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 100))
    path.write_bytes(lie)
    with zipfile.ZipFile(path) as file:
        assert file.getinfo(SHEET).file_size == 100
    with pytest.raises(InputError, match="it unpacks to more than 3 MB"):
        open_workbook(path, None)


def central(path: Path, offset: int, data: bytes) -> Path:
    """Changed there in what the file says of its first part."""
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x01\x02") + offset
    whole[at : at + len(data)] = data
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize(
    ("offset", "data"),
    [(10, b"\x09\x00"), (8, b"\x01\x00"), (8, b"\x00\x08\x08\x00\x00\x00" + b"\xff" * 60)],
    ids=["packed in an unusual way", "encrypted", "nonsense"],
)
def test_what_cannot_be_looked_through_is_not_left_to_the_reader(
    tmp_path: Path, offset: int, data: bytes
) -> None:
    path = central(changed(tmp_path / "a.xlsx", lambda it: it), offset, data)
    with pytest.raises(InputError, match="the workbook cannot be read") as told:
        workbook_size.check_size(path)
    assert len(str(told.value)) < 600


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.xlsx", lambda it: it)
    whole = bytearray(central(path, 8, b"\x00\x08").read_bytes())  # names are in UTF-8
    at = whole.index(b"PK\x01\x02") + 46
    whole[at : at + 3] = b"\xff\xfe\xfd"
    path.write_bytes(whole)
    with pytest.raises(InputError, match="the workbook cannot be read"):
        open_workbook(path, None)


def test_a_wide_sheet_of_few_rows_is_read(tmp_path: Path) -> None:
    wide = with_rows(b'<row r="3"><c r="AMZ3" t="inlineStr"><is><t>x</t></is></c></row>')
    rows = open_workbook(changed(tmp_path / "a.xlsx", wide), None).rows
    assert rows.width == 1041
    assert rows.row(1)[-1] == "x"


ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize("entity", [b"&c;", b"&f;"], ids=["of entities", "of a file"])
def test_entities_become_nothing(stores: Stores, tmp_path: Path, entity: bytes) -> None:
    """Neither what they stand for nor what is in a file of this machine gets in."""
    bomb = changed(
        tmp_path / "a.xlsx", lambda data: ENTITIES + data.replace(b"<t>idle", b"<t>" + entity)
    )
    with pytest.raises(InputError) as told:
        run(stores, bomb)
    assert "aaaaaaaaaa" not in str(told.value)
    assert "root:" not in str(told.value)
    assert len(str(told.value)) < 500
