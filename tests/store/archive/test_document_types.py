"""Which documents are taken: what an officer can open, and nothing that carries code."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from browser import chromium
from office_files import JPEG, PDF, PNG, TIFF, office_xml, open_document, packed
from workbooks import write_workbook

from domain.errors import InputError
from store.archive import document_types
from store.archive.document_types import TYPES, UNKNOWN_TYPE, check_type, media_type_of

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
GOOD = {
    "帳目 2026.pdf": PDF,
    "a.PDF": PDF,
    "a.png": PNG,
    "a.jpg": JPEG,
    "a.jpeg": JPEG,
    "a.tif": TIFF,
    "a.tiff": b"MM\0*" + bytes(9),
    "a.csv": "﻿日期,數量\r\n2026-03-01,<5\r\n".encode(),
    "utf-16.csv": "日期\t數量\r\n".encode("utf-16"),
    "gb.csv": "日期,数量\r\n1,2\r\n".encode("gb18030"),
    "big5.csv": "日期,數量,𨋢\r\n".encode("big5hkscs"),
    "a.txt": b"  <5 pieces a minute\n",
    "a.xlsx": office_xml("xlsx"),
    "a.docx": office_xml("docx"),
    "a.odt": open_document("odt"),
    "a.ods": open_document("ods"),
}


def check(name: str, data: bytes) -> None:
    check_type(name, io.BytesIO(data))


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(InputError) as told:
        check(name, data)
    assert str(told.value).isprintable()
    assert told.value.todo
    return str(told.value)


@pytest.mark.parametrize("name", GOOD)
def test_what_officers_open_is_taken(name: str) -> None:
    check(name, GOOD[name])
    assert media_type_of(name) != UNKNOWN_TYPE


def test_every_type_is_tried() -> None:
    assert {Path(it).suffix.lower() for it in GOOD} == set(TYPES)


def test_what_a_browser_and_a_spreadsheet_program_write_is_taken(tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content("<h1>帳目</h1>")
        made = {"a.pdf": page.pdf(), "a.png": page.screenshot()}
        made["a.jpg"] = page.screenshot(type="jpeg")
    made["a.xlsx"] = write_workbook(tmp_path / "a.xlsx", {"一": [["日期", 1.5]]}).read_bytes()
    for name, data in made.items():
        check(name, data)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("other", [".pdf", ".png", ".jpg", ".tif", ".csv", ".xlsx", ".ods"])
def test_a_name_that_says_something_else_is_refused(name: str, other: str) -> None:
    if TYPES[Path(name).suffix.lower()] is not TYPES[other] and Path(name).suffix[1:] != "txt":
        said = refusal(f"a{other}", GOOD[name])
        assert "name says" in said or "begins as HTML, XML, PDF or RTF" in said


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("a.html", "Print it as a PDF"), ("a.svg", "Print it as a PDF"),
        ("a.xml", "Print it as a PDF"), ("a.xlsm", "without macros"), ("a.DOCM", "without macros"),
        ("a.xls", "It may have macros"), ("a.heic", "as JPEG"), ("a.zip", "Unpack it"),
        ("a.eml", "what it carries"), ("a.exe", "Taken are: .pdf, .png"), ("a.pdf ", "Taken are"),
        ("a.pdf.js", "Taken are"), (".pdf", "Taken are"), ("a", "Taken are"), ("a.", "Taken are"),
    ],
)  # fmt: skip
def test_other_types_are_refused_and_told_what_to_do(name: str, todo: str) -> None:
    assert todo in refusal(name, PDF)


@pytest.mark.parametrize("head", [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe"])
@pytest.mark.parametrize("name", ["a.pdf", "a.csv", "a.exe"])
def test_a_program_is_refused_under_every_name(name: str, head: bytes) -> None:
    assert "is a program" in refusal(name, head + bytes(20))


def test_nothing_is_no_document() -> None:
    assert "it is empty" in refusal("a.pdf", b"")


@pytest.mark.parametrize("image", [PDF, PNG, JPEG, TIFF])
def test_two_files_in_one_are_refused(image: bytes) -> None:
    name = next(it for it, data in GOOD.items() if data == image)
    assert "packed folder in one" in refusal(name, image + packed({"a.class": b"x"}))


@pytest.mark.parametrize("action", [b"/S /JavaScript /JS (app.alert)", b"/S/Launch/F(cmd.exe)"])
@pytest.mark.parametrize("before", [0, document_types._PIECE - len(PDF) - 10])
def test_a_pdf_that_runs_something_is_refused(action: bytes, before: int) -> None:
    data = PDF + b" " * before + b"<<" + action + b">>"
    assert "the PDF runs something" in refusal("a.pdf", data)


@pytest.mark.parametrize("markup", [HTML, ENTITIES, b"<svg onload='x()'/>", b"</html>"])
@pytest.mark.parametrize("before", ["", "\n \t", "﻿", " " * document_types._PIECE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_markup_is_no_text(markup: bytes, before: str, encoding: str, name: str) -> None:
    if encoding == "gb18030" and before == "﻿":
        return
    text = before if encoding != "utf-16" else before.replace("﻿", "")
    assert "as HTML, XML, PDF or RTF does" in refusal(
        name, (text + markup.decode()).encode(encoding)
    )


def test_markup_is_found_where_it_lies_between_two_pieces() -> None:
    data = b" " * (document_types._PIECE - 1) + HTML
    assert "as HTML, XML, PDF or RTF does" in refusal("a.txt", data)


@pytest.mark.parametrize("data", [b"a\0b", b"a\x1b[2J", bytes(range(256)), b"\xff\xfe\x00\xd8"])
def test_what_is_not_written_for_people_is_no_text(data: bytes) -> None:
    assert "its name says text" in refusal("a.csv", data)


def test_a_wide_character_may_lie_between_two_pieces() -> None:
    check("a.txt", b"x" * (document_types._PIECE - 1) + "帳目".encode())
    check("a.csv", b"x" * (document_types._PIECE - 1) + "帳目".encode("gb18030"))


def test_a_document_of_before_has_the_type_of_whatever_it_is() -> None:
    assert media_type_of("a.svg") == UNKNOWN_TYPE
    assert media_type_of("a.pdf") == "application/pdf"
