"""The node's own certificate authority, made on first need in its data folder.

    <data>/tls/authority.pem, authority.key     ten years; browsers and agents are given the first
    <data>/tls/node.pem, node.key               what the node answers with; 397 days at most

The authority stays: whoever trusts it need not be asked again when the node's own certificate is
renewed, which happens by itself a month before its end, or when the node gets another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.errors import InputError
from lineproof.tls.certificates import (
    CertificateFiles,
    checked_certificate,
    names_of,
    pem_of,
    read_certificate,
    read_key,
    write_certificates,
    write_key,
)

TLS_FOLDER = "tls"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_AUTHORITY_LASTS = timedelta(days=3652)
_CERTIFICATE_LASTS = timedelta(days=396)  # browsers take no more than 398, from first to last
_RENEWED_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)  # in force at once, also where a clock is behind ours


@dataclass(frozen=True, slots=True)
class Issued:
    """`files`: what the node answers with; `authority_file`: what others are to trust."""

    files: CertificateFiles
    authority_file: Path
    authority: x509.Certificate
    certificate: x509.Certificate


def names_for(hosts: Iterable[str]) -> list[str]:
    """Those that the node answers for: loopback and the settings' `hosts`, but for "*"."""
    return sorted({*LOOPBACK_NAMES, *(it.strip("[]").lower() for it in hosts if it != "*")})


def issued(
    data: Path, names: Sequence[str] | None, now: datetime, *, renew: bool = False
) -> Issued:
    """Authority and certificate of that data folder for those names (None: as before): as they are,
    or made, or (the certificate) renewed. Raises InputError for damaged files or names,
    StorageError."""
    folder = data / TLS_FOLDER
    mine = CertificateFiles(folder / "authority.pem", folder / "authority.key")
    files = CertificateFiles(folder / "node.pem", folder / "node.key")
    authority = _authority(mine, now)
    if names is None:
        known = files.certificate.exists()
        names = names_of(read_certificate(files.certificate)) if known else LOOPBACK_NAMES
    certificate = None if renew else _still_good(files, authority, names, now)
    if certificate is None:
        key, certificate = _new_certificate(authority, _signing_key(mine), names, now)
        write_key(files.key, key)
        write_certificates(files.certificate, certificate, authority)
    return Issued(files, mine.certificate, authority, certificate)


def authority_pem(data: Path) -> str | None:
    """The authority of that folder; None where none was made. Raises InputError."""
    path = data / TLS_FOLDER / "authority.pem"
    return pem_of(read_certificate(path)) if path.exists() else None


def _authority(files: CertificateFiles, now: datetime) -> x509.Certificate:
    if files.certificate.exists() or files.key.exists():
        return checked_certificate(files, now)
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Lineproof {gethostname()}"[:64])])
    made = (
        _builder(name, name, key, now, now + _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_key(files.key, key)
    write_certificates(files.certificate, made)
    return made


def _still_good(
    files: CertificateFiles, authority: x509.Certificate, names: Sequence[str], now: datetime
) -> x509.Certificate | None:
    """The certificate that is there, where it may stay."""
    try:
        found = checked_certificate(files, now + _RENEWED_BEFORE)
        found.verify_directly_issued_by(authority)
    except (InputError, InvalidSignature, ValueError, TypeError):  # it is made anew
        return None
    return found if sorted(names_of(found)) == sorted(names) else None


def _new_certificate(
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    names: Sequence[str],
    now: datetime,
) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lineproof node")])
    ends = min(now + _CERTIFICATE_LASTS, authority.not_valid_after_utc)
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return key, (
        _builder(subject, authority.subject, key, now, ends)
        .add_extension(x509.SubjectAlternativeName([_name(it) for it in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(server, critical=False)
        .add_extension(signer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    now: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError:
        raise InputError(
            f"'{name}' is no name that a certificate can have",
            where="hosts",
            todo="Write international names in their ASCII form (xn--…).",
        ) from None


def _signing_key(files: CertificateFiles) -> EllipticCurvePrivateKey:
    key = read_key(files.key)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise InputError(
            "this is not the key of a node's authority",
            where=str(files.key),
            todo="Put the folder back from a backup.",
        )
    return key
