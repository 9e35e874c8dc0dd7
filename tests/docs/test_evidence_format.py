"""The examples of docs/evidence-format.md are what the program hashes, signs and writes."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from peers import ROOT

from domain.ledger.checkpoints import Checkpoint
from domain.ledger.leaves import leaf_bytes, parse_leaf
from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import ED25519, NoteSignature, SignedNote, VerifierKey
from domain.ledger.tlog_proofs import TlogProof, parse_proof, verified_checkpoint
from domain.ledger.tree import leaf_hash, node_hash
from store.ledger.keys import verify_ed25519

PAGE = (ROOT / "docs" / "evidence-format.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (.+?) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
LEAVES = [EXAMPLES[name].rstrip("\n").encode() for name in ("record", "chain_head")]
# RFC 8032, section 7.1, test 1.
PRIVATE = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
KEY = VerifierKey("lineproof/tko-foods/21fe31df", ED25519, PRIVATE.public_key().public_bytes_raw())


def expected() -> dict[str, str]:
    hashes = [leaf_hash(it) for it in LEAVES]
    root = node_hash(*hashes)
    text = Checkpoint(KEY.name, 2, root).text
    note = SignedNote(text, (NoteSignature(KEY.name, KEY.id, PRIVATE.sign(text.encode())),))
    return {
        "leaf hashes": "".join(f"{it.hex()}\n" for it in hashes),
        "root": f"{root.hex()}\n",
        "verifier key": f"{KEY}\n",
        "checkpoint": str(note),
        "proof": str(TlogProof(0, (hashes[1],), note)),
        "policy": str(TrustPolicy((KEY,))),
    }


@pytest.mark.parametrize("name", expected())
def test_an_example_is_what_the_program_makes(name: str) -> None:
    assert EXAMPLES[name] == expected()[name]


def test_every_example_is_held() -> None:
    assert set(EXAMPLES) == {"record", "chain_head", *expected()}


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_leaves_are_leaves(leaf: bytes) -> None:
    assert leaf_bytes(parse_leaf(leaf)) == leaf


def test_a_reader_who_has_the_page_can_check_the_proof() -> None:
    known = parse_policy(EXAMPLES["policy"]).logs
    checkpoint = verified_checkpoint(
        parse_proof(EXAMPLES["proof"]), LEAVES[0], known, verify_ed25519
    )
    assert checkpoint.root.hex() == EXAMPLES["root"].strip()
