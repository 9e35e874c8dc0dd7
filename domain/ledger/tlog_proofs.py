"""Proofs as files (C2SP tlog-proof): a leaf's index, its path, and the checkpoint that it leads to.

    c2sp.org/tlog-proof@v1
    index 3
    lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=

    example.com/hall-2
    4
    …

With the leaf and the keys of whom one trusts, such a file is checked offline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import CheckFailedError, InputError
from domain.ledger.base64_lines import from_base64, from_decimal, to_base64
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.signed_notes import (
    SignedNote,
    VerifierKey,
    Verify,
    parse_note,
    verified_keys,
)
from domain.ledger.tree import HASH_BYTES, is_included, leaf_hash

SUFFIX = ".tlog-proof"
_FIRST = "c2sp.org/tlog-proof@v1"
_PATH_MAX = 63  # hashes: a path through more leaves than there can be


@dataclass(frozen=True, slots=True)
class TlogProof:
    """`extra`: bytes beside it that nothing vouches for."""

    index: int
    path: tuple[bytes, ...]
    note: SignedNote
    extra: bytes = b""

    def __str__(self) -> str:
        extra = [f"extra {to_base64(self.extra)}"] if self.extra else []
        lines = [_FIRST, *extra, f"index {self.index}", *map(to_base64, self.path)]
        return "".join(f"{it}\n" for it in lines) + f"\n{self.note}"


def parse_proof(text: str) -> TlogProof:
    """The file's parts; nothing is verified yet. Raises InputError where it is no such file."""
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not blank or first != _FIRST:
        raise _no_proof(f"it does not begin with {_FIRST} and go on, after an empty line, with a "
                        "checkpoint")  # fmt: skip
    extra = b""
    if lines and lines[0].startswith("extra "):
        decoded = from_base64(lines.pop(0).removeprefix("extra "))
        if not decoded:
            raise _no_proof("what follows 'extra' is not in base64")
        extra = decoded
    said = lines.pop(0) if lines else ""
    index = from_decimal(said.removeprefix("index ")) if said.startswith("index ") else None
    if index is None:
        raise _no_proof(f"'{said[:40]}' is no line with the leaf's index")
    if len(lines) > _PATH_MAX:
        raise _no_proof(f"its path has more than {_PATH_MAX} hashes")
    path = [from_base64(it) for it in lines]
    hashes = tuple(it for it in path if it is not None and len(it) == HASH_BYTES)
    if len(hashes) != len(path):
        raise _no_proof("its path holds a line that is no SHA-256 hash in base64")
    return TlogProof(index, hashes, parse_note(note), extra)


def verified_checkpoint(
    proof: TlogProof, leaf: bytes, known: Sequence[VerifierKey], verify: Verify
) -> Checkpoint:
    """The checkpoint that the proof leads to, once it is sure that its own key signed it and that
    the leaf is in its tree.

    Raises CheckFailedError where one of the two is not so, InputError where it is no checkpoint.
    """
    checkpoint = parse_checkpoint(proof.note.text)
    # The key's name is the origin: another log's key says nothing of this one.
    verified_keys(proof.note, [it for it in known if it.name == checkpoint.origin], verify)
    hashed = leaf_hash(leaf)
    if not is_included(hashed, proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise CheckFailedError(
            f"the leaf is not number {proof.index} of the {checkpoint.size} leaves of "
            f"'{checkpoint.origin}': leaf or proof was changed, or they do not belong together",
            todo="Get both again from the ledger.",
        )
    return checkpoint


def _no_proof(why: str) -> InputError:
    return InputError(
        f"this is no proof of a leaf: {why}", todo="Get it again with 'lineproof ledger prove'."
    )
