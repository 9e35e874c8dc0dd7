"""The sealed batch's bytes: what is written is read, and nothing else is taken for a batch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.batch_header import GENESIS, BatchHeader
from domain.batches import SealedBatch, parse_batch, payload_digest
from domain.errors import InputError

PAYLOAD = b"samples\nand more\nrejections"
HEADER = BatchHeader(
    agent="filler-edge",
    number=1,
    previous=GENESIS,
    payload_digest=payload_digest(PAYLOAD),
    samples=2,
    rejections=1,
    samples_size=16,
    sealed_at=1_772_406_000_000_000,
    spans=(("filler-1", "filler", 1, 2),),
    profiles={"filler": "一號"},
)
BATCH = SealedBatch(HEADER, b"\x00" * 64, PAYLOAD)


def test_what_is_written_is_read() -> None:
    parsed = parse_batch(BATCH.to_bytes())
    assert parsed == BATCH
    assert parsed.header.digest == HEADER.digest
    assert parsed.samples_bytes + parsed.rejections_bytes == PAYLOAD


def test_the_digest_covers_every_field() -> None:
    changed = [
        replace(HEADER, agent="other"),
        replace(HEADER, number=2),
        replace(HEADER, previous="1" * 64),
        replace(HEADER, payload_digest="1" * 64),
        replace(HEADER, samples=3),
        replace(HEADER, spans=()),
        replace(HEADER, profiles={}),
    ]
    assert len({header.digest for header in [HEADER, *changed]}) == len(changed) + 1


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"x" + data, "first line"),
        (lambda data: data.replace(b'"number":1', b'"number": 1'), "canonical"),
        (lambda data: data.replace(b'"number"', b'"nummer"'), "has no 'number'"),
        (lambda data: data[:40], "cannot be read"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(damage, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parse_batch(damage(BATCH.to_bytes()))


def test_a_batch_of_a_later_version_is_said_to_be_so() -> None:
    with pytest.raises(InputError, match=r"batch was written by a later version .*format 2;"):
        parse_batch(b"lineproof-batch/2\nsomething else")
