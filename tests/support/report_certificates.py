"""Certificates under a root of their own, and folders that say reports are signed with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PASSPHRASE = "swordfish"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: PrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, passphrase: str = "") -> bytes:
        kept = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept)

    def p12(self, passphrase: str = PASSPHRASE) -> bytes:
        kept = BestAvailableEncryption(passphrase.encode())
        return pkcs12.serialize_key_and_certificates(
            b"report", self.key, self.certificate, [root().certificate], kept
        )


@cache
def root() -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    return _made("Root of the offices", key, "Root of the offices", key, is_root=True)


@cache
def office(name: str = "Funding office", *, of: str = "ecdsa") -> Pair:
    """Under the root; `of`: `rsa`, `ecdsa`, `rsa1024` or `ed25519`."""
    return issued(name, _key(of))


def issued(
    name: str, key: PrivateKey, *, from_day: int = -1, to_day: int = 30, may_sign: bool = True
) -> Pair:
    return _made(
        name, key, "Root of the offices", root().key, days=(from_day, to_day), may_sign=may_sign
    )


def says_signed(folder: Path, by: Pair, more: str = "") -> None:
    """The folder's node signs reports with that pair, from files of PEM."""
    (folder / "report.pem").write_bytes(by.pem() + root().pem())
    (folder / "report-key.pem").write_bytes(by.key_pem())
    (folder / "report-key.pem").chmod(0o600)
    (folder / "report-signing.yaml").write_text(
        f"certificate: report.pem\nkey: report-key.pem\n{more}"
    )


def _key(of: str) -> PrivateKey:
    if of == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if of == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    size = 1024 if of == "rsa1024" else 2048
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def _made(
    name: str,
    key: PrivateKey,
    issuer: str,
    issuer_key: PrivateKey,
    *,
    is_root: bool = False,
    days: tuple[int, int] = (-1, 30),
    may_sign: bool = True,
) -> Pair:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=may_sign and not is_root, content_commitment=may_sign and not is_root,
        key_encipherment=not is_root, data_encipherment=False, key_agreement=False,
        key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * _DAY)
        .not_valid_after(now + days[1] * _DAY)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return Pair(made.sign(issuer_key, hashes.SHA256()), key)
