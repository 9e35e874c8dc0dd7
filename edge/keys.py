"""The agent's Ed25519 key: made on first use, kept in its data folder, readable by it alone.

The key file is PEM (PKCS 8, not encrypted: it must serve without a person present). It
appears whole or not at all. An agent that loses its key is a new agent to the collector,
so a damaged file is reported and never replaced.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.errors import InputError, StorageError
from edge.whole_file import folder_on_disk, write_whole

KEY_FILE = "agent.key"
NEXT_KEY_FILE = "agent.next.key"


def agent_key(folder: Path) -> Ed25519PrivateKey:
    """The key in that data folder; made if there is none, and the folder too.

    Raises InputError when the file is no such key, StorageError when it cannot be written.
    """
    return _key_in(folder, folder / KEY_FILE)


def next_key(folder: Path) -> Ed25519PrivateKey:
    """The key that is to follow; made if there is none. Raises as `agent_key`."""
    return _key_in(folder, folder / NEXT_KEY_FILE)


def take_next_key(folder: Path) -> None:
    """From now on it is the agent's key; the one before is gone. Raises StorageError."""
    path = folder / KEY_FILE
    try:
        (folder / NEXT_KEY_FILE).replace(path)
        folder_on_disk(folder)
    except OSError as error:
        raise _unusable(path, error) from None


def _key_in(folder: Path, path: Path) -> Ed25519PrivateKey:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole(path, _new_key())
        data = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from None
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _damaged(path)
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """The raw 32 bytes of the public key in base64: what a collector enrols."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the agent's key cannot be read or made ({error.strerror})",
        where=str(path),
        todo="Give the agent a data folder that it may write to.",
    )


def _damaged(path: Path) -> InputError:
    return InputError(
        "this is not the Ed25519 key of an agent",
        where=str(path),
        todo="Put the file back from a backup; or give the agent a new name and an empty data "
        "folder, and enrol it at the collector again.",
    )
