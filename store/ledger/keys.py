"""The ledger's own Ed25519 key, and whether a signature is a key's.

The file is PEM (PKCS 8, not encrypted: the node must sign without a person present), readable by
its owner alone. It appears whole or not at all, and a damaged one is reported, never replaced:
another key would be another ledger.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.errors import StorageError
from domain.ledger.signed_notes import ED25519, VerifierKey
from store.archive.blobs import storage_errors, sync_folder

_BACK = "Put the file back from a backup; without it nothing more can be signed under this origin."


def make_ledger_key(path: Path) -> None:
    """A new key in that file, on disk when this returns. Raises StorageError."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    aside = path.with_suffix(f".{os.getpid()}.new")
    with storage_errors(path):
        try:
            opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opened, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(opened)
            aside.rename(path)
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(path.parent)


def read_ledger_key(path: Path) -> Ed25519PrivateKey:
    """The key in that file. Raises StorageError where there is none."""
    try:
        with storage_errors(path):
            key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StorageError("this is not the key of a ledger", where=str(path), todo=_BACK)
    return key


def verify_ed25519(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Whether the signature of the text is that key's: a `domain.ledger.signed_notes.Verify`."""
    if key.kind != ED25519:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
