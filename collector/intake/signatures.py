"""Ed25519 (RFC 8032) checks of what agents signed, by the `cryptography` library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class AgentKeys(Protocol):
    """What the intake asks of the registry."""

    def keys_of(self, agent: str, sealed_us: int) -> Sequence[bytes]: ...
    def is_revoked(self, agent: str) -> bool: ...


def verify(key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether `signature` over `signed` was made with the private half of the raw `key`."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
