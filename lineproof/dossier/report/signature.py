"""The signature of a report, read and checked: whose it is, and that nothing was changed since.

It must be the only one of the file, cover all of it, and be an advanced electronic signature as
PAdES has it (ETSI EN 319 142-1). Certificates are not looked for and revocation is not asked
anywhere: a report is checked without a network, also in twenty years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from domain.errors import InputError, shortened

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus
    from pyhanko_certvalidator import ValidationContext

_WHERE = "report"
_PADES = "/ETSI.CAdES.detached"


@dataclass(frozen=True, slots=True)
class ReportSignature:
    """`certificate`: of who signed; `at`: when, as the signature says; `stamped_at`: when an
    authority says that the signature was there, by a time stamp that is of it. `start`, `end`:
    offsets of the signature's hexadecimal digits, with their brackets. `is_rooted`: the
    certificate is under one of the given roots and was valid then."""

    certificate: x509.Certificate
    at: datetime
    stamped_at: datetime | None
    start: int
    end: int
    is_rooted: bool

    @property
    def room(self) -> int:
        return (self.end - self.start - 2) // 2

    @property
    def signer(self) -> str:
        return shortened(self.certificate.subject.rfc4514_string())


def certificate_digest(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), as hexadecimal digits."""
    return certificate.fingerprint(SHA256()).hex()


def signature_in(pdf: bytes, roots: Sequence[x509.Certificate] = ()) -> ReportSignature | None:
    """The signature of a report; None where it is not signed. `roots`: certificates that the
    reader trusts. Raises InputError where it is no PDF, or where a signature does not hold."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        found = list(PdfFileReader(BytesIO(pdf), strict=True).embedded_signatures)
        if not found:
            return None
        status = _status(found[0], roots)
    except Exception as error:  # whatever a stranger wrote into it
        said = shortened(" ".join(str(error).split()) or type(error).__name__)
        raise InputError(f"its signature cannot be read ({said})", where=_WHERE) from None
    if len(found) > 1:
        raise InputError(f"it has {len(found)} signatures, not one", where=_WHERE)
    return _held(found[0], status, bool(roots))


def without_signature(pdf: bytes, signature: ReportSignature) -> bytes:
    """The same with noughts in place of the signature."""
    digits = b"0" * (signature.end - signature.start - 2)
    return pdf[: signature.start + 1] + digits + pdf[signature.end - 1 :]


def _status(
    embedded: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]
) -> PdfSignatureStatus:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    usage = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    at = _said_at(embedded)
    return validate_pdf_signature(
        embedded,
        signer_validation_context=_context(roots, at),
        ts_validation_context=_context((), at),
        key_usage_settings=usage,
    )


def _context(roots: Sequence[x509.Certificate], at: datetime) -> ValidationContext:
    from asn1crypto.x509 import Certificate
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[Certificate.load(it.public_bytes(Encoding.DER)) for it in roots],
        allow_fetching=False,
        moment=at,
        best_signature_time=at,
    )


def _said_at(embedded: EmbeddedPdfSignature) -> datetime:
    said = embedded.self_reported_timestamp
    if said is None:
        raise ValueError("it does not say when it was made")
    return said.astimezone(UTC)


def _held(
    embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, is_asked: bool
) -> ReportSignature:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    dictionary: Any = embedded.sig_object
    if not (status.intact and status.valid):
        raise InputError("it was changed after it was signed", where=_WHERE)
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise InputError("something was added after it was signed", where=_WHERE)
    if str(dictionary.get("/SubFilter")) != _PADES:
        raise InputError("its signature is not one of PAdES", where=_WHERE)
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.intact and stamp.valid):
        raise InputError("the time stamp in its signature is not of it", where=_WHERE)
    _, start, second, _ = (int(it) for it in embedded.byte_range)
    return ReportSignature(
        x509.load_der_x509_certificate(status.signing_cert.dump()),
        _said_at(embedded),
        None if stamp is None else stamp.timestamp.astimezone(UTC),
        start,
        second,
        is_asked and bool(status.trusted),
    )
