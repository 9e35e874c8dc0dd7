"""The application instance certificate of an agent: made on first use, the same ever after.

OPC 10000-6, 6.2.2: X.509 v3 with one application URI, RSA 2048 bits, SHA-256, self-signed. Servers
know an agent by it, so it is made once and never replaced by itself. It holds from 2020 to 2049:
what ends it is its removal from a server's trust list, not a day on which a line goes dark, and an
agent whose clock was never set makes a usable one too.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.errors import StorageError
from domain.source_faults import Cause
from edge.sources.base import MisconfiguredError
from edge.whole_file import write_whole

CERTIFICATE_FILE, OWN_KEY_FILE = "own.pem", "own.key.pem"
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """PEM files that belong together."""

    certificate: Path
    key: Path


def own_certificate(folder: Path, agent: str) -> OwnCertificate:
    """That in the folder; made if there is none, for an agent of that name.

    Raises StorageError where it cannot be written or read, MisconfiguredError where the key in the
    folder is none.
    """
    made = OwnCertificate(folder / CERTIFICATE_FILE, folder / OWN_KEY_FILE)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not made.key.exists():
            write_whole(made.key, _pem(generate_private_key(65537, _KEY_BITS)))
        if not made.certificate.exists():
            certificate = _self_signed(_key(made.key), agent)
            write_whole(made.certificate, certificate.public_bytes(Encoding.PEM))
    except OSError as error:
        raise StorageError(
            f"the agent's OPC UA certificate cannot be made ({error.strerror})",
            where=str(folder),
            todo="Give the agent a data folder that it may write to.",
        ) from None
    return made


def _key(file: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise MisconfiguredError(
            "this is no key of an OPC UA certificate",
            Cause.CERTIFICATE_UNREADABLE,
            where=str(file),
            todo=f"Put it back from a backup, or remove it and {CERTIFICATE_FILE}: both are made "
            "anew, and servers must then trust the new certificate.",
        )
    return key


def _pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _self_signed(key: RSAPrivateKey, agent: str) -> x509.Certificate:
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"
    uri = f"urn:{host}:lineproof:{agent}"
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Lineproof agent {agent}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lineproof"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,  # it is its own issuer
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    names = [x509.UniformResourceIdentifier(uri), x509.DNSName(host)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    for extension, is_critical in (
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (purposes, False),
        (identifier, False),
        (authority, False),
    ):
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(key, hashes.SHA256())
