"""Certificates and their keys as files: read with a sentence for whatever is wrong, written whole.

A key is readable by its owner alone, from its first byte on. PEM throughout.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.errors import InputError
from store.archive.blobs import storage_errors


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate (with those that vouch for it behind it) and its private key."""

    certificate: Path
    key: Path


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate in that file. Raises InputError."""
    try:
        return x509.load_pem_x509_certificate(_bytes(path, "certificate"))
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(
            "this is no certificate in PEM",
            where=str(path),
            todo="Give the file that begins with -----BEGIN CERTIFICATE-----.",
        ) from None


def read_key(path: Path) -> PrivateKeyTypes:
    """The private key in that file. Raises InputError."""
    try:
        return load_pem_private_key(_bytes(path, "key"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InputError(
            "this is no private key in PEM, or it is locked by a password",
            where=str(path),
            todo="Give the unlocked key, in a file that only the node's user can read.",
        ) from None


def checked_certificate(files: CertificateFiles, now: datetime) -> x509.Certificate:
    """The certificate, which is in force and fits the key. Raises InputError."""
    found = read_certificate(files.certificate)
    if public_bytes(read_key(files.key).public_key()) != public_bytes(found.public_key()):
        raise InputError(
            f"this key does not belong to the certificate {files.certificate}",
            where=str(files.key),
            todo="Give the key that the certificate was made for.",
        )
    if now >= found.not_valid_after_utc:
        raise InputError(
            f"this certificate ended on {found.not_valid_after_utc:%Y-%m-%d}",
            where=str(files.certificate),
            todo="Give a new one.",
        )
    if now < found.not_valid_before_utc:
        raise InputError(
            f"this certificate is not in force before {found.not_valid_before_utc:%Y-%m-%d %H:%M} "
            "UTC",
            where=str(files.certificate),
            todo="Check the clock of this machine.",
        )
    return found


def names_of(certificate: x509.Certificate) -> list[str]:
    """The hosts and addresses that it stands for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    hosts = found.get_values_for_type(x509.DNSName)
    return [*hosts, *(str(it) for it in found.get_values_for_type(x509.IPAddress))]


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over its DER form, in hex, as browsers show it but for the colons."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def write_certificates(path: Path, *certificates: x509.Certificate) -> None:
    _write(path, "".join(pem_of(it) for it in certificates).encode(), 0o644)


def write_key(path: Path, key: PrivateKeyTypes) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(path, pem, 0o600)


def public_bytes(key: object) -> bytes:
    """A public key in a form that can be compared."""
    form: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every kind of key has it
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return form


def load_together(context: ssl.SSLContext, files: CertificateFiles) -> None:
    """Lets a context that serves answer with them from now on. Where they do not fit each other, as
    while somebody puts one after the other in its place, it stays as it was. Raises InputError,
    ssl.SSLError (an OSError)."""
    with TemporaryDirectory(prefix="lineproof-") as folder:  # its owner's alone
        read = CertificateFiles(Path(folder, "certificate.pem"), Path(folder, "key.pem"))
        read.certificate.write_bytes(_bytes(files.certificate, "certificate"))
        read.key.write_bytes(_bytes(files.key, "key"))
        for it in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), context):
            it.load_cert_chain(read.certificate, read.key)


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the {what} cannot be read ({error.strerror})",
            where=str(path),
            todo="Check the path in the settings, and who may read the file.",
        ) from None


def _write(path: Path, data: bytes, mode: int) -> None:
    """Aside, then renamed: never half a file. Raises StorageError."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            made = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(made, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
