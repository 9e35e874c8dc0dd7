"""The agent's key: made once, private to the agent, never replaced silently."""

import stat
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.errors import InputError, StorageError
from edge.keys import KEY_FILE, agent_key, public_key


def test_first_use_makes_a_key_that_only_the_agent_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    key = agent_key(folder)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [it.name for it in folder.iterdir()] == [KEY_FILE]
    enrolled = Ed25519PublicKey.from_public_bytes(b64decode(public_key(key)))
    enrolled.verify(key.sign(b"x"), b"x")


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    assert public_key(agent_key(tmp_path)) == public_key(agent_key(tmp_path))


@pytest.mark.parametrize("damage", [b"", b"not a key", None])
def test_a_damaged_key_is_one_sentence_and_is_left_as_it_is(
    tmp_path: Path, damage: bytes | None
) -> None:
    path = tmp_path / KEY_FILE
    agent_key(tmp_path)
    damaged = path.read_bytes()[:60] if damage is None else damage
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"agent\.key: this is not the Ed25519 key.*backup"):
        agent_key(tmp_path)
    assert path.read_bytes() == damaged


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / KEY_FILE).write_bytes(pem)
    with pytest.raises(InputError, match="not the Ed25519 key"):
        agent_key(tmp_path)


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match=r"data/agent\.key: .*data folder that it may write"):
        agent_key(tmp_path / "data")
