"""A report's signature holds of the whole report, or a sentence says why it does not."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from report_certificates import issued, office, root
from signed_reports import SIGNED_AT, report, signed

from domain.errors import InputError
from lineproof.dossier.report.signature import (
    certificate_digest,
    signature_in,
    without_signature,
)
from lineproof.dossier.report.signed_form import signature_form


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return signed(tmp_path_factory.mktemp("kept"))


def refused(pdf: bytes) -> str:
    with pytest.raises(InputError) as said:
        signature_in(pdf)
    return said.value.what


def test_an_unsigned_report_has_none() -> None:
    assert signature_in(report()) is None


def test_whose_it_is(pdf: bytes) -> None:
    found = signature_in(pdf)
    assert found is not None
    assert found.certificate == office().certificate
    assert certificate_digest(found.certificate) == certificate_digest(office().certificate)
    assert found.signer == "CN=Funding office"


def test_all_but_the_signature_is_the_form(pdf: bytes) -> None:
    found = signature_in(pdf)
    assert found is not None
    form = signature_form(report(), SIGNED_AT, found.room)
    assert without_signature(pdf, found) == form.pdf


def test_roots_say_whether_the_certificate_is_one_to_be_trusted(pdf: bytes) -> None:
    def is_rooted(*roots: Certificate) -> bool:
        found = signature_in(pdf, roots)
        assert found is not None
        return found.is_rooted

    stranger = issued("stranger", office("stranger").key).certificate
    assert is_rooted(root().certificate)
    assert is_rooted(stranger, root().certificate)
    assert is_rooted(office().certificate)
    assert not is_rooted()
    assert not is_rooted(stranger)


def test_a_changed_byte_anywhere_is_seen(pdf: bytes) -> None:
    """But for those within the signature's room that its length leaves over, where noughts are."""
    found = signature_in(pdf)
    assert found is not None
    places = [*range(0, found.start, 20_011), found.start + 9, found.start + 800, found.end + 9]
    for at in places:
        changed = bytearray(pdf)
        changed[at] ^= 1
        assert refused(bytes(changed))


def test_something_added_behind_is_seen(pdf: bytes) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert "something was added after" in refused(out.getvalue())
    assert refused(pdf + b"\n% more\n")


def test_written_anew_it_is_none(pdf: bytes) -> None:
    """The pages are the same, the file is not."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf))
    out = BytesIO()
    writer.write(out)
    assert refused(out.getvalue())


def test_the_signature_of_another_report_is_none(pdf: bytes, tmp_path: Path) -> None:
    found = signature_in(pdf)
    assert found is not None
    told = bytes.fromhex(pdf[found.start + 1 : found.end - 1].decode())
    later = replace(found, at=SIGNED_AT.replace(year=2020))
    form = signature_form(report(), later.at, found.room)
    assert "changed after it was signed" in refused(form.filled(told))


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"%PDF-1.7\n"])
def test_what_is_no_pdf_is_refused(rubbish: bytes) -> None:
    assert "cannot be read" in refused(rubbish)


def test_of_one_cut_or_spoilt_anywhere_a_sentence_comes_or_none(pdf: bytes) -> None:
    for at in range(0, len(pdf), 9_001):
        for spoilt in (pdf[:at], pdf[:at] + b"\x00\xff<<[(" + pdf[at + 6 :]):
            try:
                assert signature_in(spoilt) is None
            except InputError:
                continue
