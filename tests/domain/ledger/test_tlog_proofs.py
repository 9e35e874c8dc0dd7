"""A proof's file is read, verified offline, and refused where anything of it was changed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import CheckFailedError, InputError, LineproofError
from domain.ledger.checkpoints import Checkpoint
from domain.ledger.signed_notes import ED25519, NoteSignature, SignedNote, VerifierKey
from domain.ledger.tlog_proofs import TlogProof, parse_proof, verified_checkpoint
from domain.ledger.tree import hashes_of_leaf, inclusion_proof, leaf_hash, root_hash
from store.ledger.keys import verify_ed25519

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey("example.com/a", ED25519, PRIVATE.public_key().public_bytes_raw())
LEAVES = [f"leaf {number}".encode() for number in range(11)]


def signed(text: str, name: str = KEY.name) -> SignedNote:
    key = VerifierKey(name, ED25519, KEY.key)
    return SignedNote(text, (NoteSignature(name, key.id, PRIVATE.sign(text.encode())),))


def proof(index: int, origin: str = KEY.name) -> TlogProof:
    hashes: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int) -> bytes:
        return hashes[level, number]

    for number, leaf in enumerate(LEAVES):
        for level, at, it in hashes_of_leaf(number, leaf_hash(leaf), read):
            hashes[level, at] = it
    root = root_hash(len(LEAVES), read)
    path = tuple(inclusion_proof(index, len(LEAVES), read))
    return TlogProof(index, path, signed(Checkpoint(origin, len(LEAVES), root).text))


@pytest.mark.parametrize("index", range(len(LEAVES)))
def test_a_file_proves_its_leaf(index: int) -> None:
    made = proof(index)
    read = parse_proof(str(made))
    assert read == made
    assert verified_checkpoint(read, LEAVES[index], [KEY], verify_ed25519).size == len(LEAVES)


def test_it_proves_no_other_leaf() -> None:
    for leaf in (*LEAVES[:3], *LEAVES[4:], b""):
        with pytest.raises(CheckFailedError, match="leaf is not number 3"):
            verified_checkpoint(proof(3), leaf, [KEY], verify_ed25519)


def test_a_trusted_key_signs_for_its_own_origin_alone() -> None:
    other = VerifierKey("example.com/b", ED25519, KEY.key)
    made = proof(3, origin="example.com/b")  # signed in the name of a
    with pytest.raises(CheckFailedError, match="nobody who is trusted"):
        verified_checkpoint(made, LEAVES[3], [KEY, other], verify_ed25519)


def test_every_byte_of_the_file_counts() -> None:
    text = str(proof(3))
    for at, old in enumerate(text):
        changed = text[:at] + ("x" if old != "x" else "y") + text[at + 1 :]
        for it in (changed, text[:at] + text[at + 1 :]):
            with pytest.raises(LineproofError):
                verified_checkpoint(parse_proof(it), LEAVES[3], [KEY], verify_ed25519)


def test_extra_bytes_come_along_and_prove_nothing() -> None:
    made = proof(3)
    with_extra = TlogProof(made.index, made.path, made.note, b"more")
    assert parse_proof(str(with_extra)) == with_extra
    assert verified_checkpoint(with_extra, LEAVES[3], [KEY], verify_ed25519)


TEXT = str(proof(3))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 3\n", ""),
        TEXT.replace("index 3", "index 03"),
        TEXT.replace("index 3", "index -3"),
        TEXT.replace("index 3", "Index 3"),
        TEXT.replace("index 3\n", "extra AAE\nindex 3\n"),
        TEXT.replace("index 3\n", "extra \nindex 3\n"),
        TEXT.replace("index 3\n", "index 3\nAAE=\n"),
        TEXT.replace("index 3\n", "index 3\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 64),
        TEXT.replace("\n", "\r\n"),
        TEXT.partition("\n\n")[0] + "\n\n",
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"no proof of a leaf|no signed note"):
        parse_proof(text)
