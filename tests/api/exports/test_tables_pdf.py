"""PDFs of tables, read back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from export_tables import ARABIC, TEXTS, row, tables
from peers import require

from api.exports import tables_pdf as tables_pdf_module
from api.exports.tables_pdf import tables_pdf

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")


def said(pdf: bytes) -> str:
    """Without spaces: where a line breaks, one may be left out."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return "".join("".join(it.extract_text().split()) for it in pages)


def test_it_says_what_the_page_says_in_the_readers_language() -> None:
    require(path=CHINESE_FONT)
    pdf = tables_pdf(tables(row("一號灌裝線"), language="zh-Hant"))
    text = said(pdf)
    for shown in ("一號灌裝線", "2026年3月25日01:30", "34,486", "72.8%", "25分鐘", "第1頁，共1頁"):
        assert shown in text
    fonts = pypdf.PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]  # a page
    assert any("CJK" in it.get_object()["/BaseFont"] for it in fonts)


def test_it_can_be_read_out_and_kept() -> None:
    root = pypdf.PdfReader(BytesIO(tables_pdf(tables(row("Chan"))))).root_object
    metadata = root["/Metadata"].get_object().get_data().decode()  # type: ignore[union-attr]  # a stream
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert root["/Lang"] == "en-GB"


def test_no_text_changes_anything_but_itself() -> None:
    require(path=CHINESE_FONT)
    text = said(tables_pdf(tables(*map(row, TEXTS), language="en")))
    for shown in ("=1+1", "two", 'lines,"quoted";andmore', "x202e", "\\x1b[31m"):
        assert shown in text
    assert ARABIC[0] in text or ARABIC[-1] in text


def test_of_many_rows_it_prints_some_and_says_how_many_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables_pdf_module, "PRINTED_ROWS_MAX", 20)  # so many are quick
    text = said(tables_pdf(tables(*[row("Chan")] * 1_254)))
    assert text.count("Chan") == 20
    assert "1,234morerowsarenotprinted" in text
