"""Room for a signature: what was made stays, what comes behind it follows from it, and the file is
still PDF/A-3a and PDF/UA-1, as far as their clauses on annotations and tags go."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from signed_reports import SIGNED_AT, report

from lineproof.dossier.report.pdf import VERDICTS_NAME, attached_verdicts, laid_over, words
from lineproof.dossier.report.signed_form import READ_OUT, SignatureForm, signature_form

ROOM = 2_000


@pytest.fixture(scope="module")
def form() -> SignatureForm:
    return signature_form(report(), SIGNED_AT, ROOM)


def opened(pdf: bytes) -> Any:
    return pypdf.PdfReader(BytesIO(pdf), strict=True)


def test_the_report_stays_and_the_rest_follows_from_it(form: SignatureForm) -> None:
    assert form.pdf.startswith(report())
    assert form == signature_form(report(), SIGNED_AT, ROOM)
    assert form.room == ROOM
    assert form.pdf != signature_form(report(), SIGNED_AT + timedelta(seconds=1), ROOM).pdf


def test_a_signature_fills_its_place_and_nothing_else(form: SignatureForm) -> None:
    filled = form.filled(b"\x30\x03abc")
    assert filled[form.start : form.end].startswith(b"<3003616263000")
    assert (filled[: form.start], filled[form.end :]) == (
        form.pdf[: form.start],
        form.pdf[form.end :],
    )
    with pytest.raises(ValueError, match="room"):
        form.filled(bytes(ROOM + 1))


def test_it_says_and_carries_the_same(form: SignatureForm) -> None:
    assert words(form.pdf) == words(report())
    assert laid_over(form.pdf) == laid_over(report()) == frozenset()
    assert attached_verdicts(form.pdf) == attached_verdicts(report())
    assert list(opened(form.pdf).attachments) == [VERDICTS_NAME]


def test_its_metadata_are_those_of_the_report(form: SignatureForm) -> None:
    before, after = opened(report()), opened(form.pdf)
    assert after.metadata == before.metadata
    assert after.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()
    assert after.trailer["/ID"][0] == before.trailer["/ID"][0]
    assert after.trailer["/ID"][1] != before.trailer["/ID"][1]
    kept = set(before.root_object)
    assert set(after.root_object) == kept | {"/AcroForm"}


def test_the_field_is_what_the_standards_ask_of_one(form: SignatureForm) -> None:
    """ISO 19005-3, 6.3.2: it prints and is not hidden; 6.3.3: without area it needs no appearance;
    6.4.1: no appearance is to be made by the reader. ISO 14289-1, 7.18.1: it has words; 7.18.3:
    its page is read in the order of tags."""
    root = opened(form.pdf).root_object
    assert "/NeedAppearances" not in root["/AcroForm"]
    assert "/XFA" not in root["/AcroForm"]
    (field,) = root["/AcroForm"]["/Fields"]
    field = field.get_object()
    printed, hidden_in_some_way = 4, 1 | 2 | 32 | 256
    assert field["/F"] & printed
    assert not field["/F"] & hidden_in_some_way
    assert [float(it) for it in field["/Rect"]] == [0, 0, 0, 0]
    assert not {"/A", "/AA", "/AP"} & set(field)
    assert field["/TU"] == READ_OUT
    page = field["/P"].get_object()
    assert page["/Tabs"] == "/S"
    assert field in [it.get_object() for it in page["/Annots"]]


def test_the_field_stands_within_a_form_tag(form: SignatureForm) -> None:
    """ISO 14289-1, 7.18.4; ISO 32000-1, 14.7.4.4: the tree of numbers leads to the tag."""
    root = opened(form.pdf).root_object
    field = root["/AcroForm"]["/Fields"][0]
    tree = root["/StructTreeRoot"]
    (document,) = tree["/K"]
    tag = document.get_object()["/K"][-1].get_object()
    assert (tag["/S"], tag["/Alt"]) == ("/Form", READ_OUT)
    assert tag["/P"] == document.get_object()
    assert tag["/K"]["/Type"] == "/OBJR"
    assert tag["/K"].raw_get("/Obj") == field
    numbers = tree["/ParentTree"]["/Nums"]
    by_number = dict(zip(numbers[::2], numbers[1::2], strict=True))
    assert by_number[field.get_object()["/StructParent"]].get_object() == tag
    assert sorted(by_number) == list(numbers[::2])
    assert tree["/ParentTreeNextKey"] == max(by_number) + 1
