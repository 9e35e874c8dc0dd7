"""With what a dossier's reports are signed: `report-signing.yaml` in the data folder.

    certificate: report.p12                # PKCS#12, with its key
    passphrase_file: report-passphrase     # or passphrase_env: NAME of a variable
    time_stamp: first                      # an authority of timestamps.yaml

or two files of PEM, the certificate with those above it, and its key:

    certificate: report.pem
    key: report-key.pem

Paths are relative to the file. Nobody but the node's own user may read a key without a passphrase,
or the file of a passphrase. Without `report-signing.yaml` reports are not signed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.errors import InputError
from domain.yaml_text import validate
from store.archive.blobs import storage_errors
from store.node.time_stamp_settings import Authority, read_authorities

RSA_BITS_MIN = 2048
_MAX_BYTES = 1_000_000

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class ReportSigningSettings(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path
    key: Path | None = None
    passphrase_file: Path | None = None
    passphrase_env: _Name | None = None
    time_stamp: _Name | None = None

    @model_validator(mode="after")
    def _one_passphrase(self) -> Self:
        if self.passphrase_file is not None and self.passphrase_env is not None:
            raise ValueError("'passphrase_file' and 'passphrase_env' are two ways: give one")
        return self


@dataclass(frozen=True, slots=True)
class ReportSigning:
    """`chain`: the certificates above `certificate`, as they were given; `authority`: whose time
    stamp goes into the signature, if any."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: Key
    authority: Authority | None = None

    def __repr__(self) -> str:
        """Never the key."""
        return f"ReportSigning({self.certificate.subject.rfc4514_string()})"


def read_report_signing(path: Path, timestamps: Path, now: datetime) -> ReportSigning | None:
    """What the file names; None where there is no file. `timestamps`: the file of authorities.

    Raises InputError for what cannot be meant so, and for a certificate that is not valid `now`;
    StorageError.
    """
    if not path.exists():
        return None
    written = _read(path)
    try:
        settings = validate(ReportSigningSettings, written.decode(), str(path))
    except UnicodeDecodeError:
        raise InputError(
            "this is no text in UTF-8", where=str(path), todo="Write it in a text editor."
        ) from None
    passphrase = _passphrase(settings, path)
    file = path.parent / settings.certificate
    found, certificate, chain = (
        _from_pkcs12(file, passphrase)
        if settings.key is None
        else _from_pem(file, path.parent / settings.key, passphrase)
    )
    key = _checked_key(found, certificate, file)
    _check_certificate(certificate, now, file)
    return ReportSigning(certificate, chain, key, _authority(settings, path, timestamps))


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), todo="Check the path.")
    with storage_errors(path), path.open("rb") as file:
        return file.read(_MAX_BYTES)


def _read_secret(path: Path) -> bytes:
    """Of a file that is nobody else's to read."""
    read = _read(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            "others on this machine may read this secret",
            where=str(path),
            todo=f"Run 'chmod 600 {path}'.",
        )
    return read


def _passphrase(settings: ReportSigningSettings, path: Path) -> bytes | None:
    if settings.passphrase_file is not None:
        return _read_secret(path.parent / settings.passphrase_file).rstrip(b"\r\n")
    if settings.passphrase_env is not None:
        found = os.environ.get(settings.passphrase_env)
        if found is None:
            raise InputError(
                f"there is no environment variable '{settings.passphrase_env}'",
                where=str(path),
                todo="Set it for the program, or give 'passphrase_file'.",
            )
        return found.encode()
    return None


def _from_pkcs12(
    file: Path, passphrase: bytes | None
) -> tuple[object, x509.Certificate, tuple[x509.Certificate, ...]]:
    written = _read(file) if passphrase else _read_secret(file)
    try:
        key, certificate, more = pkcs12.load_key_and_certificates(written, passphrase)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(
            "this is no PKCS#12 file that the passphrase opens",
            where=str(file),
            todo="Check the passphrase; give PEM files as 'certificate' and 'key'.",
        ) from None
    if key is None or certificate is None:
        raise InputError(
            "this file has no certificate with its key",
            where=str(file),
            todo="Make it anew, as 'openssl pkcs12 -export' does.",
        )
    return key, certificate, tuple(more)


def _from_pem(
    file: Path, key_file: Path, passphrase: bytes | None
) -> tuple[object, x509.Certificate, tuple[x509.Certificate, ...]]:
    try:
        certificate, *chain = x509.load_pem_x509_certificates(_read(file))
    except ValueError:
        raise InputError(
            "this is no file of certificates",
            where=str(file),
            todo="Give them as PEM (-----BEGIN CERTIFICATE-----), the signer's own first.",
        ) from None
    written = _read(key_file) if passphrase else _read_secret(key_file)
    try:
        key = load_pem_private_key(written, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InputError(
            "this is no key that can be read with the passphrase that was given, or without one",
            where=str(key_file),
            todo="Give a private key as PEM, and its passphrase where it has one.",
        ) from None
    return key, certificate, tuple(chain)


def _checked_key(key: object, certificate: x509.Certificate, file: Path) -> Key:
    where = str(file)
    if not isinstance(key, Key) or (
        isinstance(key, rsa.RSAPrivateKey) and key.key_size < RSA_BITS_MIN
    ):
        raise InputError(
            f"its key is neither RSA of {RSA_BITS_MIN} bits or more nor ECDSA: readers of PDF "
            "check no other",
            where=where,
            todo="Take a certificate with such a key.",
        )
    if certificate.public_key() != key.public_key():
        raise InputError(
            "the key is not the one of the certificate", where=where, todo="Give both of one pair."
        )
    return key


def _check_certificate(certificate: x509.Certificate, now: datetime, file: Path) -> None:
    where = str(file)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise InputError(
            f"the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}, not now",
            where=where,
            todo="Get a new one, or take report-signing.yaml away: then reports are not signed.",
        )
    if not _may_sign(certificate):
        raise InputError(
            "the certificate is not for signatures (its key usage names neither digitalSignature "
            "nor contentCommitment)",
            where=where,
            todo="Take one that is for signing documents.",
        )


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _authority(settings: ReportSigningSettings, path: Path, timestamps: Path) -> Authority | None:
    if settings.time_stamp is None:
        return None
    for it in read_authorities(timestamps):
        if it.name == settings.time_stamp:
            return it
    raise InputError(
        f"there is no authority '{settings.time_stamp}' in {timestamps.name}",
        where=str(path),
        todo=f"Name it in {timestamps.name}, or leave 'time_stamp' away.",
    )
