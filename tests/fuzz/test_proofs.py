"""What others say of a ledger: proofs, checkpoints, leaves, policies, keys.

Changed in a few places, each is read as it is or refused with a sentence; and none proves what the
ledger does not hold.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from fuzzing import changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from small_ledger import begun, head, row

from domain.errors import CheckFailedError, InputError
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.leaves import parse_leaf
from domain.ledger.policies import parse_policy
from domain.ledger.signed_notes import VerifierKey, parse_note, parse_verifier_key
from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
from store.ledger.keys import verify_ed25519

WORDS = [b"\n\n", b"\n", b"-1", b"0", b"9" * 30, b"extra AAAA\n", b"index ", "— ".encode(), b"+"]
POLICY = b"""log KEY
witness a KEY
witness b KEY
group g any a b
quorum g
"""
Ledger = tuple[VerifierKey, list[bytes], list[bytes]]  # its key, its leaves, their proofs


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    made = begun(tmp_path_factory.mktemp("ledger"), row(1), row(2), head(7), row(3), row(4))
    try:
        leaves = [leaf for _, leaf in made.leaves(0, 100)]
        proofs = [str(made.proof(index)).encode() for index in range(len(leaves))]
        return made.verifier_key(), leaves, proofs
    finally:
        made.close()


@inputs(60)
@given(st.data())
def test_a_changed_proof_proves_nothing_else(ledger: Ledger, data: st.DataObject) -> None:
    key, leaves, proofs = ledger
    text = data.draw(changed(proofs, WORDS)).decode(errors="replace")
    leaf = data.draw(st.one_of(st.sampled_from(leaves), changed(leaves)))
    try:
        proof = parse_proof(text)
        size = verified_checkpoint(proof, leaf, [key], verify_ed25519).size
    except (InputError, CheckFailedError):
        return
    assert size == len(leaves)
    assert leaves[proof.index] == leaf


def _readers(ledger: Ledger) -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    key, leaves, proofs = ledger
    notes = [it.partition(b"\n\n")[2] for it in proofs]
    named = str(key).encode()
    return {
        "checkpoint": (
            lambda data: parse_checkpoint(_text(data)),
            [it.partition(b"\n\n")[0] + b"\n" for it in notes],
        ),
        "note": (lambda data: parse_note(_text(data)), notes),
        "leaf": (parse_leaf, leaves),
        "policy": (lambda data: parse_policy(_text(data)), [POLICY.replace(b"KEY", named)]),
        "key": (lambda data: parse_verifier_key(_text(data)), [named]),
    }


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


KINDS = ("checkpoint", "note", "leaf", "policy", "key")


@pytest.mark.parametrize("kind", KINDS)
@inputs(30, parts=len(KINDS))
@given(st.data())
def test_changed_parts(ledger: Ledger, kind: str, data: st.DataObject) -> None:
    read, seeds = _readers(ledger)[kind]
    with contextlib.suppress(InputError):
        read(data.draw(changed(seeds, WORDS)))
