"""Cosignatures of witnesses, made here from the words of C2SP tlog-cosignature alone."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ledger.cosignatures import cosigned_text, cosigners
from domain.ledger.signed_notes import (
    COSIGNATURE,
    ED25519,
    NoteSignature,
    SignedNote,
    VerifierKey,
)
from store.ledger.keys import verify_ed25519

TEXT = "lineproof/x/1\n2\nbylOwyp5UUZHKaFbZIa08HdcE2A8Ok+lJ2DcX486tIQ=\n"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = VerifierKey("witness.example", COSIGNATURE, PRIVATE.public_key().public_bytes_raw())
TIME = 1_772_409_600


def line(time: int = TIME, signed_time: int = TIME, text: str = TEXT) -> NoteSignature:
    signature = PRIVATE.sign(f"cosignature/v1\ntime {signed_time}\n{text}".encode())
    return NoteSignature(WITNESS.name, WITNESS.id, time.to_bytes(8, "big") + signature)


def found(*lines: NoteSignature, key: VerifierKey = WITNESS) -> list[tuple[VerifierKey, int]]:
    return list(cosigners(SignedNote(TEXT, lines), [key], verify_ed25519))


def test_what_is_signed() -> None:
    assert cosigned_text(7, "a\n") == "cosignature/v1\ntime 7\na\n"


def test_a_witness_that_signed_is_found_with_its_time() -> None:
    assert found(line()) == [(WITNESS, TIME)]
    assert found(line(text="other\n"), line()) == [(WITNESS, TIME)]


@pytest.mark.parametrize(
    "wrong",
    [
        line(time=TIME + 1),
        line(text="lineproof/x/1\n3\n"),
        NoteSignature("another", WITNESS.id, line().signature),
        NoteSignature(WITNESS.name, b"abcd", line().signature),
        NoteSignature(WITNESS.name, WITNESS.id, line().signature[:-1]),
        NoteSignature(WITNESS.name, WITNESS.id, line().signature + b"x"),
        NoteSignature(WITNESS.name, WITNESS.id, PRIVATE.sign(TEXT.encode())),
    ],
)
def test_what_is_no_cosignature_of_it_counts_nothing(wrong: NoteSignature) -> None:
    assert found(wrong) == []


def test_a_key_of_another_kind_is_no_witness() -> None:
    plain = VerifierKey(WITNESS.name, ED25519, WITNESS.key)
    signed = NoteSignature(plain.name, plain.id, line().signature)
    assert found(signed, key=plain) == []
