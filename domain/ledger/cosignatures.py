"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): who saw a checkpoint, and when.

A witness signs the checkpoint with its own time in front:

    cosignature/v1
    time 1772409600
    lineproof/tko-foods/21fe31df
    2
    bylOwyp5UUZHKaFbZIa08HdcE2A8Ok+lJ2DcX486tIQ=

and its line below the note holds 8 bytes of that time (the highest first), then the signature.
Cryptography is the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from domain.ledger.signed_notes import (
    COSIGNATURE,
    ED25519,
    NoteSignature,
    SignedNote,
    VerifierKey,
    Verify,
)

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


def cosigned_text(time: int, checkpoint: str) -> str:
    """What a witness signs at that second since 1970."""
    return f"cosignature/v1\ntime {time}\n{checkpoint}"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """The witness's line below a note, and its own time in seconds since 1970."""

    witness: VerifierKey
    line: NoteSignature
    time: int


def cosignature_of(note: SignedNote, witness: VerifierKey, verify: Verify) -> Cosignature | None:
    """The first that is the witness's over the note's text; None where there is none. `verify` is
    given the witness's key as one of Ed25519."""
    if witness.kind != COSIGNATURE:
        return None
    as_plain = VerifierKey(witness.name, ED25519, witness.key)
    for line in note.signatures:
        signed = line.signature
        is_named = (line.name, line.key_id) == (witness.name, witness.id)
        if not is_named or len(signed) != _TIME_BYTES + _SIGNATURE_BYTES:
            continue
        time = int.from_bytes(signed[:_TIME_BYTES], "big")
        if verify(as_plain, cosigned_text(time, note.text), signed[_TIME_BYTES:]):
            return Cosignature(witness, line, time)
    return None


def cosigners(
    note: SignedNote, witnesses: Collection[VerifierKey], verify: Verify
) -> Iterator[tuple[VerifierKey, int]]:
    """Those of the witnesses that cosigned the checkpoint, each with its time."""
    for key in witnesses:
        if found := cosignature_of(note, key, verify):
            yield key, found.time
