"""The key is its owner's alone, and no other takes its place."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from domain.errors import StorageError
from domain.ledger.signed_notes import COSIGNATURE, ED25519, VerifierKey
from store.ledger.keys import make_ledger_key, read_ledger_key, verify_ed25519


def test_a_made_key_signs_and_is_its_owners_alone(tmp_path: Path) -> None:
    make_ledger_key(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert [it.name for it in tmp_path.iterdir()] == ["key.pem"]
    private = read_ledger_key(tmp_path / "key.pem")
    key = VerifierKey("a", ED25519, private.public_key().public_bytes_raw())
    signature = private.sign(b"text\n")
    assert verify_ed25519(key, "text\n", signature)
    assert not verify_ed25519(key, "text", signature)
    assert not verify_ed25519(key, "text\n", signature[:-1])
    assert not verify_ed25519(VerifierKey("a", ED25519, key.key[:-1]), "text\n", signature)
    assert not verify_ed25519(VerifierKey("a", COSIGNATURE, key.key), "text\n", signature)


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_key_is_reported_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(StorageError, match="not the key of a ledger") as refused:
        read_ledger_key(tmp_path / "key.pem")
    assert "backup" in refused.value.todo
    assert (tmp_path / "key.pem").read_bytes() == content


def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        read_ledger_key(tmp_path / "key.pem")
    assert not (tmp_path / "key.pem").exists()
