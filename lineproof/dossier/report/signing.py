"""Signs a report as PAdES (ETSI EN 319 142-1): baseline B-B, or B-T with a time stamp.

The signature tells the time at which it was made, and an authority's time stamp or ECDSA's chance
are never the same twice. So a signature is kept in the data folder, with its time: the same report
and the same certificate give the same bytes again, without asking an authority again.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.errors import CheckFailedError, InputError
from lineproof.dossier.report.signature import certificate_digest, signature_in
from lineproof.dossier.report.signed_form import DIGEST, signature_form
from lineproof.witnesses.posting import NoAnswerError, client_for, post
from lineproof.witnesses.time_stamps import verified_signature_stamp
from store.archive.blobs import storage_errors
from store.node.report_signing_settings import ReportSigning
from store.node.time_stamp_settings import Authority

if TYPE_CHECKING:
    from asn1crypto.tsp import TimeStampReq, TimeStampResp
    from pyhanko.sign.timestamps.api import TimeStamper

_ROOM = 4 * 1024  # bytes, beside certificates and time stamp
_ROOM_OF_STAMP = 12 * 1024


@dataclass(frozen=True, slots=True)
class SignedReport:
    """`missing`: why its signature has no time stamp although it should have one ("": it has)."""

    pdf: bytes
    missing: str = ""


def signed_report(pdf: bytes, signing: ReportSigning, now: datetime, kept: Path) -> SignedReport:
    """A report as `report_pdf` gives it, signed. `kept`: the folder of signatures that were made.

    Raises StorageError.
    """
    path = kept / f"{_name(pdf, signing)}.json"
    found = _from_kept(path, pdf, signing)
    if found is not None:
        return SignedReport(found)
    form = signature_form(pdf, now.astimezone(UTC).replace(microsecond=0), _room(signing))
    missing = ""
    try:
        signature = _signature(form.digest, signing, signing.authority)
    except NoAnswerError as error:
        missing = str(error)
        signature = _signature(form.digest, signing, None)
    if not missing:
        _keep(path, now, signature)
    return SignedReport(form.filled(signature), missing)


def _name(pdf: bytes, signing: ReportSigning) -> str:
    """Under which a signature is kept: of what, by whom, stamped by whom."""
    stamped = "" if signing.authority is None else signing.authority.address
    told = f"{hashlib.sha256(pdf).hexdigest()} {certificate_digest(signing.certificate)} {stamped}"
    return hashlib.sha256(told.encode()).hexdigest()


def _room(signing: ReportSigning) -> int:
    """Bytes for the signature, the same for the same certificates."""
    certificates = (signing.certificate, *signing.chain)
    stamp = 0 if signing.authority is None else _ROOM_OF_STAMP
    return _ROOM + stamp + sum(len(it.public_bytes(Encoding.DER)) for it in certificates)


def _from_kept(path: Path, pdf: bytes, signing: ReportSigning) -> bytes | None:
    """With the signature that was kept; None where there is none that holds."""
    if not path.exists():
        return None
    with storage_errors(path):
        written = path.read_bytes()
    try:
        said = orjson.loads(written)
        at, signature = datetime.fromisoformat(said["at"]), bytes.fromhex(said["signature"])
        signed = signature_form(pdf, at, _room(signing)).filled(signature)
        return signed if signature_in(signed) is not None else None
    except (ValueError, KeyError, TypeError, InputError):
        return None


def _keep(path: Path, now: datetime, signature: bytes) -> None:
    at = now.astimezone(UTC).replace(microsecond=0).isoformat()
    aside = path.with_suffix(".tmp")
    with storage_errors(path):
        path.parent.mkdir(exist_ok=True)
        aside.write_bytes(orjson.dumps({"at": at, "signature": signature.hex()}))
        aside.replace(path)


def _signature(digest: bytes, signing: ReportSigning, authority: Authority | None) -> bytes:
    """CMS (DER) over a file with that digest. Raises NoAnswerError of the authority."""
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    certificates = [
        Certificate.load(it.public_bytes(Encoding.DER))
        for it in (signing.certificate, *signing.chain)
    ]
    above = SimpleCertificateStore()
    above.register_multiple(certificates[1:])
    key = signing.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(certificates[0], PrivateKeyInfo.load(key), above)
    stamper = None if authority is None else _stamper(authority)
    made = signer.async_sign(digest, DIGEST, use_pades=True, timestamper=stamper)
    return bytes(asyncio.run(made).dump())


def _stamper(authority: Authority) -> TimeStamper:
    from asn1crypto.tsp import TimeStampResp
    from pyhanko.sign.timestamps.api import TimeStamper

    class Stamper(TimeStamper):
        async def async_request_tsa_response(self, req: TimeStampReq) -> TimeStampResp:
            return TimeStampResp.load(await _stamped(authority, req))

    return Stamper()  # type: ignore[no-untyped-call]  # the library's own


async def _stamped(authority: Authority, request: TimeStampReq) -> bytes:
    """The authority's answer, checked by its roots. Raises NoAnswerError."""
    async with client_for([authority.address]) as client:
        kind = "application/timestamp-query"  # RFC 3161, 3.4
        answer = await post(client, authority.address, kind, request.dump())
    if answer.status != 200:
        raise NoAnswerError(
            f"{authority.address} answers with status {answer.status}", todo="Check the address."
        )
    asked: Any = request
    digest, nonce = asked["message_imprint"]["hashed_message"].native, asked["nonce"].native
    try:
        verified_signature_stamp(answer.body, digest, authority.roots, nonce)
    except CheckFailedError as error:
        raise NoAnswerError(error.what, todo=error.todo) from None
    if len(answer.body) > _ROOM_OF_STAMP:
        raise NoAnswerError(
            "its answer is longer than a signature has room for", todo="Take another authority."
        )
    return answer.body
