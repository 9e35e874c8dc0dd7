"""One leaf has one form: every other is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError
from domain.ledger.leaves import ChainHeadLeaf, RecordLeaf, leaf_bytes, parse_leaf
from domain.time import instant

AT = datetime(2026, 3, 2, tzinfo=UTC)
DIGEST = "0f" * 32
HEAD = ChainHeadLeaf(AT, "hall-2", 7, DIGEST)
WRITTEN = (
    b'{"agent":"hall-2","at":"2026-03-02T00:00:00.000000Z","digest":"' + DIGEST.encode()
) + b'","kind":"chain_head","number":7}'
ROW = RecordLeaf(AT, 3, "terms_versions", "ab" * 32, DIGEST)


def test_the_bytes_of_a_chain_head() -> None:
    assert leaf_bytes(HEAD) == WRITTEN


def test_the_bytes_of_a_row_of_the_record() -> None:
    assert leaf_bytes(ROW) == (
        b'{"at":"2026-03-02T00:00:00.000000Z","content":"%s","digest":"%s","kind":"record",'
        b'"number":3,"of":"terms_versions"}' % (b"ab" * 32, DIGEST.encode())
    )
    assert parse_leaf(leaf_bytes(ROW)) == ROW


@given(
    at=st.integers(0, 4_000_000_000_000_000).map(instant),
    agent=st.text(alphabet='abc.-_ 綫"é', min_size=1, max_size=20),
    number=st.integers(1, (1 << 53) - 1),
)
def test_a_leaf_comes_back(at: datetime, agent: str, number: int) -> None:
    leaf = ChainHeadLeaf(at, agent, number, DIGEST)
    assert parse_leaf(leaf_bytes(leaf)) == leaf


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        WRITTEN + b"\n",
        WRITTEN.replace(b",", b", "),
        WRITTEN.replace(b'"number":7', b'"number":7.0'),
        WRITTEN.replace(b'"number":7', b'"number":true'),
        WRITTEN.replace(b'"number":7', b'"number":9007199254740992'),
        WRITTEN.replace(b'"number":7', b'"number":0'),
        WRITTEN.replace(b'"number":7', b'"number":"7"'),
        WRITTEN.replace(b'"number":7', b'"number":7,"number":7'),
        WRITTEN.replace(b'"number":7', b'"number":7,"x":1'),
        WRITTEN.replace(b"hall-2", b"hall\\u002d2"),
        WRITTEN.replace(b"hall-2", b"hall\\n2"),
        WRITTEN.replace(b"hall-2", b"\\ud800"),
        WRITTEN.replace(b"chain_head", b"other"),
        WRITTEN.replace(b"0f0f", b"0F0F"),
        WRITTEN.replace(b"000000Z", b"000Z"),
        WRITTEN.replace(b"03-02", b"02-30"),
        WRITTEN.replace(b'"kind":"chain_head"', b'"kind":"record"'),
        WRITTEN.decode().encode("utf-16"),
        b"[" * 100_000,
        b'{"n":' + b"9" * 70_000 + b"}",
    ],
)
def test_what_is_not_exactly_a_leaf_is_none(data: bytes) -> None:
    with pytest.raises(InputError, match="no leaf"):
        parse_leaf(data)


def test_what_no_leaf_may_hold_is_not_written() -> None:
    with pytest.raises(InputError, match="no leaf"):
        leaf_bytes(ChainHeadLeaf(AT, "hall\n2", 7, DIGEST))
