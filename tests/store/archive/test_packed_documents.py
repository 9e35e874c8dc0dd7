"""Office documents: what is hidden in them is found, and what they become is counted."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zipfile

import pytest
from office_files import CONTENTS, office_xml, open_document, packed

from domain.errors import InputError
from store.archive import packed_documents
from store.archive.document_types import check_type

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
MACRO_TYPE = "application/vnd.ms-office.vbaProject"


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(InputError) as told:
        check_type(name, io.BytesIO(data))
    assert told.value.todo
    return str(told.value)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.xlsx", "xl/vbaProject.bin"), ("a.xlsx", "XL/VBAPROJECT.BIN"),
        ("a.docx", "word/vbaProject.bin"), ("a.docx", "word/vbaData.xml"),
        ("a.xlsx", "xl/macrosheets/sheet1.xml"), ("a.xlsx", "xl/activeX/activeX1.bin"),
        ("a.docx", "word/embeddings/book.xlsm"), ("a.odt", "Basic/Standard/Module1.xml"),
        ("a.ods", "Scripts/python/run.py"),
    ],
)  # fmt: skip
def test_macros_are_found_by_their_names(name: str, part: str) -> None:
    kind = name[2:]
    make = office_xml if kind in ("xlsx", "docx") else open_document
    assert f"it has macros ({part})" in refusal(name, make(kind, {part: b"x"}))


@pytest.mark.parametrize(
    "types",
    [
        f'<Override PartName="/xl/harmless.xml" ContentType="{MACRO_TYPE}"/>',
        '<Override PartName="/x" ContentType="application/vnd.ms-excel.macroEnabled+xml"/>',
        f'<Override PartName="/x" ContentType="{MACRO_TYPE.replace("v", "&#118;")}"/>',
        f'<Override PartName="/x" ContentType="{MACRO_TYPE.replace("V", "&#x56;")}"/>',
    ],
)
def test_macros_are_found_by_their_types_however_these_are_written(types: str) -> None:
    assert "it has macros" in refusal("a.xlsx", office_xml("xlsx", types=types))


def test_contents_that_would_have_to_be_parsed_are_refused_and_never_are() -> None:
    """Entities: one that would read a file, and a billion laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    entities = (
        f'<!DOCTYPE x [<!ENTITY l0 SYSTEM "file:///etc/passwd">{laughs}]><Types>&l11;</Types>'
    )
    for said in (entities.encode(), "<Types/>".encode("utf-16")):
        data = packed({CONTENTS: said, "xl/workbook.xml": "<x/>"})
        tracemalloc.start()
        assert "packed in an unusual way" in refusal("a.xlsx", data)
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
        tracemalloc.stop()


@pytest.mark.parametrize("head", [OLE, b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh"])
@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.odt"])
def test_code_is_found_under_every_name_and_in_a_document_within(name: str, head: bytes) -> None:
    kind = name[2:]
    make = office_xml if kind != "odt" else open_document
    assert "an object of another program" in refusal(name, make(kind, {"media/image1.png": head}))
    inner = office_xml("xlsx", {"xl/media/image1.png": head})
    assert "an object of another program" in refusal(name, make(kind, {"embeddings/1": inner}))


def test_a_document_with_a_workbook_of_its_chart_is_taken() -> None:
    chart = office_xml("xlsx", {"xl/printerSettings1.bin": b"settings"})
    data = office_xml(
        "docx", {"word/embeddings/Sheet1.xlsx": chart, "word/media/1.png": b"\x89PNG"}
    )
    check_type("a.docx", io.BytesIO(data))


def test_packed_within_packed_within_packed_is_refused() -> None:
    data = office_xml("docx", {"a.xlsx": office_xml("xlsx", {"b.xlsx": office_xml("xlsx")})})
    assert "becomes too large" in refusal("a.docx", data)


def test_a_zip_bomb_is_counted_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_documents, "UNPACKED_MAX", 50 << 20)
    data = bytearray(office_xml("xlsx", {"xl/worksheets/sheet1.xml": bytes(60 << 20)}))
    assert len(data) < 100_000
    tracemalloc.start()
    assert "becomes too large" in refusal("a.xlsx", bytes(data))
    # It says of itself that it is small.
    data = data.replace(struct.pack("<I", 60 << 20), struct.pack("<I", 1000))
    assert "becomes too large" in refusal("a.xlsx", bytes(data))
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_many_small_parts_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_documents, "UNPACKED_MAX", 10 << 20)
    inner = office_xml("xlsx", {"xl/1": bytes(4 << 20)})
    parts = {"word/1": bytes(4 << 20), "word/2.xlsx": inner, "word/3": bytes(4 << 20)}
    assert "becomes too large" in refusal("a.docx", office_xml("docx", parts))


@pytest.mark.parametrize("is_large", [False, True])
def test_a_list_of_parts_without_end_is_not_read(is_large: bool) -> None:
    """Whether the size of the list is told at the end, or in the record of large archives."""
    buffer = io.BytesIO(office_xml("xlsx"))
    with zipfile.ZipFile(buffer, "a") as file:
        for number in range(45_000):
            file.writestr(f"xl/{number}", b"")
    data = buffer.getvalue()
    if is_large:
        end = data[-22:]
        size, start = struct.unpack("<II", end[12:20])
        record = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 45_002, 45_002, size, start
        )
        place = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(data) - 22, 1)
        data = data[:-22] + record + place + end[:12] + struct.pack("<II", 100, start) + end[20:]
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            assert len(opened.namelist()) == 45_002
    tracemalloc.start()
    assert "packed in an unusual way" in refusal("a.xlsx", data)
    assert tracemalloc.get_traced_memory()[1] < 3 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["a.xlsx", "a.odt"])
def test_a_damaged_or_locked_one_is_refused(name: str) -> None:
    make = office_xml("xlsx", {"x": b"text" * 99}) if name == "a.xlsx" else open_document("odt")
    assert "what its name says" in refusal(name, make[:-30])
    assert "what its name says" in refusal(name, b"x" + make)
    assert "packed in an unusual way" in refusal(name, make + b"x")
    locked = bytearray(make)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = locked.find(mark)
        while place >= 0:
            locked[place + at] |= 1
            place = locked.find(mark, place + 1)
    assert "locked by a password" in refusal(name, bytes(locked))


def test_flipped_bytes_are_refused_or_change_nothing_that_counts() -> None:
    good = office_xml("xlsx", {"xl/worksheets/sheet1.xml": b"<row/>" * 500})
    for at in range(0, len(good), 3):
        spoilt = bytearray(good)
        spoilt[at] ^= 0xFF
        with contextlib.suppress(InputError):
            check_type("a.xlsx", io.BytesIO(bytes(spoilt)))
