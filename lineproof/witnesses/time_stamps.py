"""Time stamps (RFC 3161) of checkpoints: what is asked for, and whether an answer is one.

What is stamped is the SHA-256 of the checkpoint's text, as the ledger signs it: up to the empty
line, with the last line break. An answer is kept as it came (TimeStampResp, DER), with the
certificate of the authority in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)

from domain.errors import CheckFailedError, shortened
from domain.panics import panics_as_errors

STAMP_MAX_BYTES = 64 * 1024
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_GRANTED = (0, 1)  # PKIStatus granted, grantedWithMods: RFC 3161, 2.4.2
_ASK = "Ask the authority's operator."


@dataclass(frozen=True, slots=True)
class Stamp:
    """Until when the checkpoint was there, by whose word; `is_rooted`: that word was checked."""

    time: datetime
    authority: str
    is_rooted: bool


def stamp_request(text: str) -> TimeStampRequest:
    """For the checkpoint with that text; its `nonce` must come back."""
    asked = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return asked.nonce(nonce=True).cert_request(cert_request=True).build()


def verified_stamp(
    answer: bytes, text: str, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> Stamp:
    """What the answer says of the checkpoint with that text. Without `roots` its signature is not
    checked, and whoever says it may be anybody. Raises CheckFailedError where it is no stamp of
    it, or not by one under the roots."""
    response, stamp, is_of_it = _stamp_of(answer, _digest(text))
    if not is_of_it:
        raise CheckFailedError("the time stamp is not of this checkpoint", todo=_ASK)
    if roots:
        _check_signature(response, _digest(text), roots, nonce)
    return replace(stamp, is_rooted=bool(roots))


def verified_signature_stamp(
    answer: bytes, digest: bytes, roots: Sequence[x509.Certificate], nonce: int
) -> Stamp:
    """The same of a signature with that SHA-256."""
    response, stamp, is_of_it = _stamp_of(answer, digest)
    if not is_of_it:
        raise CheckFailedError("the time stamp is not of this signature", todo=_ASK)
    _check_signature(response, digest, roots, nonce)
    return replace(stamp, is_rooted=True)


def _stamp_of(answer: bytes, digest: bytes) -> tuple[TimeStampResponse, Stamp, bool]:
    """The answer, what it says, and whether that is of the digest."""
    response = _read(answer)
    try:
        with panics_as_errors():
            info = response.tst_info
            imprint, time = info.message_imprint, info.gen_time
            is_of_it = imprint.hash_algorithm == _SHA256 and imprint.message == digest
            stamp = Stamp(time.astimezone(UTC), _signer(response), False)
    except Exception as error:  # whatever a stranger wrote into it
        raise _none(str(error)) from None
    return response, stamp, is_of_it


def _check_signature(
    response: TimeStampResponse,
    digest: bytes,
    roots: Sequence[x509.Certificate],
    nonce: int | None,
) -> None:
    """By one root after the other: OpenSSL takes the first of several with the same name alone."""
    why = ""
    for root in roots:
        try:
            with panics_as_errors():
                VerifierBuilder(roots=[root], nonce=nonce).build().verify(response, digest)
            return
        except Exception as error:  # whatever a stranger wrote into it
            why = _reason(error)
    raise CheckFailedError(
        f"the time stamp is not signed by an authority under the given roots ({why})",
        todo="Give the authority's own root certificate, or ask its operator.",
    )


def _read(answer: bytes) -> TimeStampResponse:
    if len(answer) > STAMP_MAX_BYTES:
        raise _none(f"it is longer than {STAMP_MAX_BYTES // 1024} KiB")
    try:
        with panics_as_errors():
            response = decode_timestamp_response(answer)
            status, said = response.status, response.status_string
    except Exception as error:  # whatever a stranger wrote into it
        raise _none(str(error)) from None
    if status not in _GRANTED:
        why = f": {shortened('; '.join(said))}" if said else ""
        raise CheckFailedError(f"the authority grants no stamp (status {status}{why})", todo=_ASK)
    return response


def _signer(response: TimeStampResponse) -> str:
    """The common name in the certificate that signed it; "" where it brings none."""
    (signed_by,) = response.signed_data.signer_infos
    for data in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(data)
        if (certificate.issuer, certificate.serial_number) == (
            signed_by.issuer,
            signed_by.serial_number,
        ):
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return shortened(str(names[0].value)) if names else ""
    return ""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _reason(error: BaseException) -> str:
    said = " ".join(str(error).split())
    inner = said.rpartition("Verify error: ")[2].partition('"')[0]
    return shortened(inner or said)


def _none(why: str) -> CheckFailedError:
    said = shortened(" ".join(why.split()))
    return CheckFailedError(f"this is no time stamp ({said})", todo=_ASK)
