"""Backups for who has a key: age's, or an SSH key; what was changed is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from domain.errors import InputError
from lineproof.backup.sealing import (
    AGE_BEGINS,
    AgeIdentity,
    decrypted,
    encrypted,
    new_key,
    read_identities,
    recipient,
)

CONTENT = bytes(range(256)) * 1000


def sealed(*recipients: str) -> bytes:
    into = io.BytesIO()
    with encrypted(into, [*map(recipient, recipients)]) as stream:
        stream.write(CONTENT)
    return into.getvalue()


def opened(data: bytes, identities: list[AgeIdentity]) -> bytes:
    with decrypted(io.BytesIO(data), identities, "x.age") as stream:
        return stream.read()


def ssh_key(folder: Path) -> str:
    key = Ed25519PrivateKey.generate()
    (folder / "id").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def test_each_of_several_keys_opens_it(tmp_path: Path) -> None:
    data = sealed(new_key(tmp_path / "key"), ssh_key(tmp_path))
    assert data.startswith(AGE_BEGINS)
    for file in ("key", "id"):
        assert opened(data, read_identities(tmp_path / file)) == CONTENT
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_without_recipients_it_is_as_it_is() -> None:
    assert sealed() == CONTENT
    assert opened(CONTENT, []) == CONTENT


def test_nobody_else_opens_it(tmp_path: Path) -> None:
    data = sealed(new_key(tmp_path / "key"))
    new_key(tmp_path / "other")
    with pytest.raises(InputError, match=r"x\.age: this backup is encrypted.*--identity"):
        opened(data, [])
    with pytest.raises(
        InputError, match=r"this backup cannot be decrypted .*one of those for whom"
    ):
        opened(data, read_identities(tmp_path / "other"))


def test_what_was_changed_or_cut_off_is_refused(tmp_path: Path) -> None:
    data = sealed(new_key(tmp_path / "key"))
    identities = read_identities(tmp_path / "key")
    for place in range(0, len(data), len(data) // 20):
        changed = bytearray(data)
        changed[place] ^= 1
        if changed.startswith(AGE_BEGINS):
            with pytest.raises(InputError, match="cannot be decrypted"):
                opened(bytes(changed), identities)
        if place >= len(AGE_BEGINS):
            with pytest.raises(InputError, match="cannot be decrypted"):
                opened(data[:place], identities)


def test_keys_that_are_none_are_one_sentence(tmp_path: Path) -> None:
    for text in ("", "age1qqqq", "ssh-ed25519 AAAA", "somebody"):
        with pytest.raises(InputError, match="is nobody for whom a backup can be encrypted"):
            recipient(text)
    for data in (b"", b"AGE-SECRET-KEY-1QQQ", bytes(range(256))):
        (tmp_path / "key").write_bytes(data)
        with pytest.raises(InputError, match="there is no secret key in this file"):
            read_identities(tmp_path / "key")
    with pytest.raises(InputError, match="is there already"):
        new_key(tmp_path / "key")


def test_what_goes_wrong_in_the_block_is_what_is_told(tmp_path: Path) -> None:
    key = recipient(new_key(tmp_path / "key"))
    with pytest.raises(KeyError, match="mine"), encrypted(io.BytesIO(), [key]):
        raise KeyError("mine")
    data = io.BytesIO(sealed())
    with pytest.raises(KeyError, match="mine"), decrypted(data, [], "x"):
        raise KeyError("mine")
