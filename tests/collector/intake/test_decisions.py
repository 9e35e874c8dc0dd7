"""The intake's decisions, row by row of its table, and the order of its checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.intake.decisions import (
    ACKNOWLEDGED,
    Decision,
    Outcome,
    Position,
    authenticate,
    place,
)
from collector.intake.signatures import verify
from domain.batch_header import GENESIS
from domain.batches import SealedBatch
from domain.frames import REJECTIONS, SAMPLES
from edge.spool.sealing import seal

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
LAST = Position(4, "4" * 64)


def sealed(number: int = 5, previous: str = LAST.digest, sealed_at: int = 1) -> SealedBatch:
    return seal(
        KEY,
        agent="a",
        number=number,
        previous=previous,
        sealed_at=datetime(2026, 3, 2, 7, 0, sealed_at, tzinfo=UTC),
        samples=SAMPLES.to_frame(),
        rejections=REJECTIONS.to_frame(),
        spans=(),
        profiles={},
    )


def judged(
    batch: SealedBatch,
    *,
    key: bytes | None = PUBLIC,
    last: Position = LAST,
    known: str | None = None,
) -> Decision:
    """As the collector does it: first whether to believe the batch, then its place."""
    refused = authenticate(batch, [] if key is None else [key], verify)
    return Decision(refused) if refused else place(batch.header, last, known)


@pytest.mark.parametrize(
    ("number", "previous", "known", "expected"),
    [
        (5, LAST.digest, None, Decision(Outcome.ACCEPTED, 6)),
        (5, "x" * 64, None, Decision(Outcome.BROKEN_CHAIN, 5)),
        (6, LAST.digest, None, Decision(Outcome.GAP, 5)),
        (600, "x" * 64, None, Decision(Outcome.GAP, 5)),
        (4, "3" * 64, "same", Decision(Outcome.DUPLICATE, 5)),
        (1, GENESIS, "same", Decision(Outcome.DUPLICATE, 5)),
        (4, "3" * 64, LAST.digest, Decision(Outcome.CONFLICT, 5)),
        (2, "x" * 64, "2" * 64, Decision(Outcome.CONFLICT, 5)),
        (2, "x" * 64, None, Decision(Outcome.CONFLICT, 5)),
        (0, LAST.digest, None, Decision(Outcome.BROKEN_CHAIN, 5)),
        (-1, GENESIS, None, Decision(Outcome.BROKEN_CHAIN, 5)),
    ],
)
def test_every_place_in_the_chain(
    number: int, previous: str, known: str | None, expected: Decision
) -> None:
    batch = sealed(number, previous)
    assert judged(batch, known=batch.header.digest if known == "same" else known) == expected


def test_the_first_batch_follows_genesis_and_nothing_else() -> None:
    start = Position()
    assert judged(sealed(1, GENESIS), last=start) == Decision(Outcome.ACCEPTED, 2)
    assert judged(sealed(1, "1" * 64), last=start) == Decision(Outcome.BROKEN_CHAIN, 1)
    assert judged(sealed(2, "1" * 64), last=start) == Decision(Outcome.GAP, 1)


def test_a_batch_of_nobody_we_know_is_refused_before_anything_else() -> None:
    broken = replace(sealed(), signature=b"", payload=b"other")
    assert judged(broken, key=None) == Decision(Outcome.UNKNOWN_AGENT)


@pytest.mark.parametrize("change", ["number", "previous", "agent", "payload_digest", "sealed_at"])
def test_no_field_of_the_header_can_be_changed(change: str) -> None:
    values = {"number": 5, "sealed_at": 7}
    batch = sealed(number=6)
    header = replace(batch.header, **{change: values.get(change, "0" * 64)})
    assert judged(replace(batch, header=header)) == Decision(Outcome.BAD_SIGNATURE)


def test_the_signature_of_another_key_is_bad() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key().public_bytes_raw()
    assert judged(sealed(), key=other) == Decision(Outcome.BAD_SIGNATURE)


@pytest.mark.parametrize("signature", [b"", b"short", b"\0" * 64])
def test_a_signature_that_is_none_is_bad(signature: bytes) -> None:
    assert judged(replace(sealed(), signature=signature)) == Decision(Outcome.BAD_SIGNATURE)


def test_a_key_that_is_no_key_verifies_nothing() -> None:
    assert judged(sealed(), key=b"too short") == Decision(Outcome.BAD_SIGNATURE)


@pytest.mark.parametrize("number", [4, 5, 6])
def test_a_changed_payload_is_told_before_the_place_in_the_chain(number: int) -> None:
    """A changed payload under a known number is no harmless duplicate."""
    batch = sealed(number)
    changed = replace(batch, payload=batch.payload + b"\0")
    assert judged(changed, known=batch.header.digest) == Decision(Outcome.BAD_PAYLOAD)


def test_a_forged_header_learns_nothing_of_the_chain() -> None:
    """Who cannot sign is not told which number would be next."""
    for refused in (judged(sealed(), key=None), judged(replace(sealed(), signature=b"x"))):
        assert refused.expected is None


def test_only_what_lasts_is_acknowledged() -> None:
    assert {Outcome.ACCEPTED, Outcome.DUPLICATE} == ACKNOWLEDGED
