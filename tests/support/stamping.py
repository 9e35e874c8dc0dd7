"""A real time stamp authority (`openssl ts`) behind HTTP on loopback, under a root of its own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from odd_server import OddServer, odd_server, response
from peers import PATIENCE_S, require

_CONFIG = """[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""  # no line 'certs': openssl would write them in an order that DER forbids


@dataclass(frozen=True)
class Stamping:
    """`root`: the certificate (PEM) that its own is under."""

    folder: Path
    root: Path

    def reply(self, query: bytes) -> bytes:
        """What it answers to a request (DER)."""
        (self.folder / "query.tsq").write_bytes(query)
        command = [
            require(program="openssl"), "ts", "-reply", "-config", self.folder / "tsa.cnf",
            "-queryfile", self.folder / "query.tsq",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def accepts(self, token: Path, data: Path) -> bool:
        """Whether `openssl ts -verify` takes the token for one of the data, by the root."""
        command = [
            require(program="openssl"), "ts", "-verify", "-in", token, "-data", data,
            "-CAfile", self.root,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        return done.returncode == 0


def stamping_authority(folder: Path, name: str = "Test TSA") -> Stamping:
    """Files of one, with an ECDSA key."""
    folder.mkdir(parents=True)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(f"Root of {name}", root_key, f"Root of {name}", root_key, is_root=True)
    own = _certificate(name, key, f"Root of {name}", root_key, is_root=False)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "tsa.pem").write_bytes(own.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    return Stamping(folder, folder / "root.pem")


@contextlib.contextmanager
def serving_stamps(authority: Stamping) -> Iterator[OddServer]:
    """Over HTTP, as RFC 3161, 3.4 has it."""

    def say(body: bytes, _to: socket.socket) -> bytes:
        return response(200, authority.reply(body), "application/timestamp-reply")

    with odd_server(say) as server:
        yield server


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    )
    if not is_root:
        made = made.add_extension(purposes, critical=True)
    return made.sign(issuer_key, hashes.SHA256())
