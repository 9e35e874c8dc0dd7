"""How a log asks a witness to cosign a checkpoint (C2SP tlog-witness, add-checkpoint).

The log says which of its checkpoints the witness saw last, proves that the new one goes on from it,
and shows the new one:

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    example.com/behind-the-sofa
    20852163
    …

The witness answers with its line for below the note; or with the size that it saw last (409).
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import InputError
from domain.ledger.base64_lines import from_decimal, to_base64
from domain.ledger.signed_notes import SignedNote, parse_note

SIZE_TYPE = "text/x.tlog.size"  # of an answer that tells a size


def add_checkpoint_body(old: int, proof: Sequence[bytes], note: SignedNote) -> str:
    """`proof`: that the tree of the note begins with that of `old` leaves; empty where `old` is 0
    or the note's own size."""
    lines = (f"old {old}", *map(to_base64, proof))
    return "".join(f"{it}\n" for it in lines) + f"\n{note}"


def parse_size(body: str) -> int | None:
    """The size in an answer: decimal digits and a newline; None where that is not what it is.

    >>> parse_size("12\\n"), parse_size("12"), parse_size("012\\n")
    (12, None, None)
    """
    return from_decimal(body[:-1]) if body.endswith("\n") else None


def answered_note(note: SignedNote, body: str) -> SignedNote | None:
    """The note's text with the lines of the answer below; None where these are no signatures."""
    try:
        answered = parse_note(f"{note.text}\n{body}")
    except InputError:
        return None
    return answered if answered.text == note.text else None
