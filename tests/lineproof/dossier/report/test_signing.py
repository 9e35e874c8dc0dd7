"""Reports are signed for real, and checked by pyHanko and by poppler's `pdfsig`."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from odd_server import odd_server, response
from peers import PATIENCE_S, require
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from report_certificates import office, root
from signed_reports import SIGNED_AT, report, signed, signing
from stamping import Stamping, serving_stamps, stamping_authority

from lineproof.dossier.report.signature import signature_in
from lineproof.dossier.report.signing import signed_report
from store.node.report_signing_settings import ReportSigning
from store.node.time_stamp_settings import Authority, read_certificates


def by_pyhanko(pdf: bytes, *more: Certificate) -> PdfSignatureStatus:
    (embedded,) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    own = Certificate.load(root().certificate.public_bytes(Encoding.DER))
    trusting = ValidationContext(trust_roots=[own, *more], allow_fetching=False)
    return validate_pdf_signature(embedded, trusting, trusting)


def by_pdfsig(pdf: bytes, folder: Path) -> str:
    (folder / "signed.pdf").write_bytes(pdf)
    command = [require(program="pdfsig"), "-nocert", folder / "signed.pdf"]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("of", ["rsa", "ecdsa"])
def test_foreign_readers_find_it_valid(tmp_path: Path, of: str) -> None:
    pdf = signed(tmp_path, office(of=of))
    assert pdf.startswith(report())
    status = by_pyhanko(pdf)
    assert status.bottom_line
    assert status.trusted
    said = by_pdfsig(pdf, tmp_path)
    for expected in (
        "Signer Certificate Common Name: Funding office",
        "Signature Type: ETSI.CAdES.detached",
        "Signing Hash Algorithm: SHA-256",
        "Total document signed",
        "Signature is Valid",
    ):
        assert expected in said


def test_an_edited_figure_is_seen_by_foreign_readers(tmp_path: Path) -> None:
    pdf = bytearray(signed(tmp_path))
    pdf[len(report()) // 2] ^= 1
    assert "Signature is Valid" not in by_pdfsig(bytes(pdf), tmp_path)


def test_the_signature_tells_when_it_was_made(tmp_path: Path) -> None:
    found = signature_in(signed(tmp_path))
    assert found is not None
    assert (found.at, found.stamped_at) == (SIGNED_AT, None)


def test_the_same_report_is_not_signed_twice(tmp_path: Path) -> None:
    """ECDSA takes a number by chance for each signature, so this shows that it was kept."""
    first, by = signed(tmp_path), signing(office())
    later = SIGNED_AT + timedelta(days=3)
    assert signed_report(report(), by, later, tmp_path).pdf == first
    elsewhere = signed_report(report(), by, later, tmp_path / "elsewhere").pdf
    assert elsewhere.startswith(report())
    assert elsewhere != first
    another = signed(tmp_path, office("Another office"))
    assert another != first
    assert signed(tmp_path) == first


@pytest.mark.parametrize("kept", [b"", b"{}", b"rubbish", b'{"at": "2026-01-01T00:00:00Z"}', None])
def test_a_kept_signature_that_does_not_hold_is_made_anew(
    tmp_path: Path, kept: bytes | None
) -> None:
    signed(tmp_path)
    (file,) = tmp_path.glob("*.json")
    text = file.read_bytes()
    file.write_bytes(text[:-9] + bytes([text[-9] ^ 1]) + text[-8:] if kept is None else kept)
    assert by_pyhanko(signed(tmp_path)).bottom_line
    assert file.read_bytes() not in (kept, text)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Stamping:
    return stamping_authority(tmp_path_factory.mktemp("tsa") / "one")


def stamped_by(authority: Stamping, address: str) -> ReportSigning:
    roots = tuple(read_certificates(authority.root))
    stamps = Authority("first", address, roots, timedelta(days=1))
    by = signing(office())
    return ReportSigning(by.certificate, by.chain, by.key, stamps)


def test_an_authority_stamps_the_signature_once(authority: Stamping, tmp_path: Path) -> None:
    with serving_stamps(authority) as server:
        by = stamped_by(authority, server.address)
        found = signed_report(report(), by, SIGNED_AT, tmp_path)
        assert not found.missing
        assert signed_report(report(), by, datetime.now(UTC), tmp_path) == found
        assert len(server.asked) == 1
    tsa = Certificate.load(read_certificates(authority.root)[0].public_bytes(Encoding.DER))
    stamp = by_pyhanko(found.pdf, tsa).timestamp_validity
    assert stamp is not None
    assert stamp.valid
    assert stamp.trusted
    assert "Signature is Valid" in by_pdfsig(found.pdf, tmp_path)
    read = signature_in(found.pdf)
    assert read is not None
    assert read.stamped_at is not None
    assert abs(read.stamped_at - datetime.now(UTC)) < timedelta(minutes=10)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (response(500), "answers with status 500"),
        (response(200, b"rubbish", "application/timestamp-reply"), "no time stamp"),
        (response(200, bytes(70_000), "application/timestamp-reply"), "longer than 64 KiB"),
    ],
)
def test_where_nobody_stamps_it_is_signed_without_and_told(
    authority: Stamping, tmp_path: Path, body: bytes, says: str
) -> None:
    with odd_server(lambda _body, _to: body) as server:
        by = stamped_by(authority, server.address)
        found = signed_report(report(), by, SIGNED_AT, tmp_path)
    assert says in found.missing
    assert by_pyhanko(found.pdf).bottom_line
    with serving_stamps(authority) as server:
        by = stamped_by(authority, server.address)
        assert not signed_report(report(), by, SIGNED_AT, tmp_path).missing


def test_a_stamp_of_somebody_else_is_not_taken(authority: Stamping, tmp_path: Path) -> None:
    other = stamping_authority(tmp_path / "tsa")
    with serving_stamps(other) as server:
        by = stamped_by(authority, server.address)
        found = signed_report(report(), by, SIGNED_AT, tmp_path)
    assert "not signed by an authority under the given roots" in found.missing
