"""Decides what becomes of a sealed batch: pure, no clock, no store, no socket.

What is known comes in (the agent's key, where its chain stands, what was accepted under that
number), one decision goes out. The order of the checks matters: nothing in a header is believed
before its signature is checked, and nothing in the payload before its digest is. The agent's name
is the one unsigned word that is used, and only to look up the key that then has to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.batch_header import GENESIS
from domain.batches import SealedBatch, payload_digest

Verify = Callable[[bytes, bytes, bytes], bool]  # key, signature, signed bytes


class Outcome(StrEnum):
    """What became of a batch. The names are stored, counted and sent: keep them."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same batch again: harmless
    MALFORMED = "malformed"  # no sealed batch at all
    UNKNOWN_AGENT = "unknown_agent"
    BAD_SIGNATURE = "bad_signature"
    REVOKED_AGENT = "revoked_agent"  # its keys are believed no more
    BAD_PAYLOAD = "bad_payload"  # not what the header signed, or no frames in it
    CONFLICT = "conflict"  # another batch was accepted under this number
    GAP = "gap"  # batches before it are missing
    BROKEN_CHAIN = "broken_chain"  # the right number, but it follows another batch


ACKNOWLEDGED = frozenset({Outcome.ACCEPTED, Outcome.DUPLICATE})
AUTHENTICATED = ACKNOWLEDGED | {Outcome.CONFLICT, Outcome.GAP, Outcome.BROKEN_CHAIN}


@dataclass(frozen=True, slots=True)
class Position:
    """Where an agent's chain stands: the last accepted number and its digest."""

    number: int = 0
    digest: str = GENESIS

    @property
    def expected(self) -> int:
        return self.number + 1


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    expected: int | None = None  # the number that would be accepted next; None: not told


def authenticate(
    batch: SealedBatch, keys: Sequence[bytes], verify: Verify, signed: bytes | None = None
) -> Outcome | None:
    """Why the batch cannot be believed, or None when it can.

    `keys` are the raw Ed25519 public keys by which the agent of that name sealed at that time, none
    where it is not enrolled; `signed`: what was signed, where it is not a sealed batch's header.
    """
    if not keys:
        return Outcome.UNKNOWN_AGENT
    signed = batch.header.signed_bytes if signed is None else signed
    if not any(verify(key, batch.signature, signed) for key in keys):
        return Outcome.BAD_SIGNATURE
    if payload_digest(batch.payload) != batch.header.payload_digest:
        return Outcome.BAD_PAYLOAD
    return None


class InChain(Protocol):
    """What of a batch says where it belongs: its header, or whoever knows as much of it."""

    @property
    def agent(self) -> str: ...

    @property
    def number(self) -> int: ...

    @property
    def previous(self) -> str: ...

    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A batch that can be believed, against what was accepted before it."""

    header: InChain
    last: Position
    known: str | None


# The first row that holds decides; the last one always does.
_PLACES: tuple[tuple[Outcome, Callable[[_Place], bool]], ...] = (
    (Outcome.BROKEN_CHAIN, lambda at: at.header.number < 1),
    (Outcome.DUPLICATE, lambda at: at.known is not None and at.known == at.header.digest),
    (Outcome.CONFLICT, lambda at: at.header.number <= at.last.number),
    (Outcome.GAP, lambda at: at.header.number > at.last.expected),
    (Outcome.BROKEN_CHAIN, lambda at: at.header.previous != at.last.digest),
    (Outcome.ACCEPTED, lambda at: True),
)


def place(header: InChain, last: Position, known: str | None) -> Decision:
    """Where a believed batch belongs in its agent's chain.

    `known` is the digest accepted under the header's number, None when there is none.
    """
    at = _Place(header, last, known)
    outcome = next(outcome for outcome, holds in _PLACES if holds(at))
    if outcome is Outcome.ACCEPTED:
        return Decision(outcome, header.number + 1)
    return Decision(outcome, last.expected)
