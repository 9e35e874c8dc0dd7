"""Checkpoints of the ledger (C2SP tlog-checkpoint): origin, number of leaves, root.

The text of a signed note: who signs it says that the origin's tree had this root at this size.

    example.com/hall-2
    7
    q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import InputError
from domain.ledger.base64_lines import from_base64, from_decimal, to_base64
from domain.ledger.tree import EMPTY_ROOT, HASH_BYTES


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`extensions`: further lines, which this program never writes and reads without a meaning."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{it}\n" for it in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """The text of a checkpoint's note. Raises InputError where it is none."""
    *lines, end = text.split("\n")
    if end or len(lines) < 3 or not all(lines):
        raise _no_checkpoint("it has not at least three lines that are not empty")
    size, root = from_decimal(lines[1]), from_base64(lines[2])
    if size is None:
        raise _no_checkpoint(f"'{lines[1][:40]}' is no number of leaves")
    if root is None or len(root) != HASH_BYTES:
        raise _no_checkpoint(f"'{lines[2][:80]}' is no SHA-256 hash in base64")
    if (size == 0) != (root == EMPTY_ROOT):
        raise _no_checkpoint(f"a tree of {size} leaves does not have this root")
    return Checkpoint(lines[0], size, root, tuple(lines[3:]))


def _no_checkpoint(why: str) -> InputError:
    return InputError(
        f"this is no checkpoint: {why}",
        todo="Its lines are origin, number of leaves and root; get it again from the ledger.",
    )
