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

from domain.ledger.signed_notes import COSIGNATURE, ED25519, SignedNote, VerifierKey, Verify

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


def cosigned_text(time: int, checkpoint: str) -> str:
    """What a witness signs at that second since 1970."""
    return f"cosignature/v1\ntime {time}\n{checkpoint}"


def cosigners(
    note: SignedNote, witnesses: Collection[VerifierKey], verify: Verify
) -> Iterator[tuple[VerifierKey, int]]:
    """Those of the witnesses that cosigned the checkpoint, each with its time. `verify` is given
    the witness's key as one of Ed25519."""
    for key in witnesses:
        for line in note.signatures:
            if key.kind != COSIGNATURE or (line.name, line.key_id) != (key.name, key.id):
                continue
            signed = line.signature
            if len(signed) != _TIME_BYTES + _SIGNATURE_BYTES:
                continue
            time = int.from_bytes(signed[:_TIME_BYTES], "big")
            as_plain = VerifierKey(key.name, ED25519, key.key)
            if verify(as_plain, cosigned_text(time, note.text), signed[_TIME_BYTES:]):
                yield key, time
                break
