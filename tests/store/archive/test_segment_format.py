"""The heads of segments and records: what was written comes back, and nothing else is taken."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from store.archive.segment_format import (
    LINE_BYTES,
    RECORD_HEAD_BYTES,
    SEGMENT_HEAD_BYTES,
    RecordHead,
    SegmentHead,
    later_segment_format,
    read_record_head,
    read_segment_head,
    read_unchecked_head,
)

SALT = bytes(range(16))
CAME = datetime(2026, 3, 2, 8, 0, 0, 7, UTC)
DIGEST, CONTENT = hashlib.sha256(b"header").hexdigest(), hashlib.sha256(b"bytes").hexdigest()
HEADS = [
    RecordHead(1, 300, DIGEST, CONTENT, CAME, CAME + timedelta(days=1)),
    RecordHead(2**63, 2**40, DIGEST, CONTENT, CAME, None),
    RecordHead(3, 0, DIGEST, CONTENT, datetime(1969, 1, 1, tzinfo=UTC), CAME, True),
]


@pytest.mark.parametrize("agent", ["hall-2", "瓶" * 200, '"' * 200, "\U0001f600" * 200, "}} x"])
def test_a_segments_head_comes_back_from_either_line(agent: str) -> None:
    head = SegmentHead(agent, date(2026, 3, 2), SALT)
    data = head.to_bytes()
    assert len(data) == SEGMENT_HEAD_BYTES
    assert data[:LINE_BYTES] == data[LINE_BYTES:]
    assert read_segment_head(data) == head
    assert read_segment_head(bytes(LINE_BYTES) + data[LINE_BYTES:]) == head
    assert read_segment_head(data[:LINE_BYTES]) == head


def test_a_line_with_any_bit_changed_is_none() -> None:
    line = bytearray(SegmentHead("hall-2", date(2026, 3, 2), SALT).to_bytes()[:LINE_BYTES])
    for place in range(LINE_BYTES):
        line[place] ^= 1
        assert read_segment_head(bytes(line)) is None, place
        line[place] ^= 1


@pytest.mark.parametrize(
    "data", [b"", b"lineproof-segment/1 {}", b"lineproof-segment/1 " + b"[" * 5000, b"\xff" * 2048]
)
def test_rubbish_is_no_segment(data: bytes) -> None:
    assert read_segment_head(data) is None


@pytest.mark.parametrize("head", HEADS)
def test_a_records_head_comes_back_at_its_place_alone(head: RecordHead) -> None:
    data = head.to_bytes(SALT, 2048)
    assert len(data) == RECORD_HEAD_BYTES
    assert read_record_head(data + b"more", SALT, 2048) == head
    assert read_unchecked_head(data) == head
    assert read_record_head(data, SALT, 2049) is None
    assert read_record_head(data, bytes(16), 2048) is None
    assert read_record_head(data[:-1], SALT, 2048) is None
    for place in range(RECORD_HEAD_BYTES):
        changed = bytearray(data)
        changed[place] ^= 1
        assert read_record_head(bytes(changed), SALT, 2048) is None, place


def test_an_unchecked_head_of_an_impossible_time_is_none() -> None:
    data = bytearray(HEADS[0].to_bytes(SALT, 2048))
    data[88] = 0x7F
    assert read_unchecked_head(bytes(data)) is None


def later_line(number: str = "2") -> bytes:
    said = f'lineproof-segment/{number} {{"packed":"zstd"}}'.encode()
    line = said + b" " + hashlib.sha256(said).hexdigest().encode()
    return line.ljust(LINE_BYTES - 1) + b"\n"


def test_a_segment_of_a_later_format_says_which() -> None:
    assert later_segment_format(later_line() + b"anything" * 9) == "2"
    assert read_segment_head(later_line() * 2) is None


def test_what_is_damaged_is_of_no_later_format() -> None:
    ours = SegmentHead("hall-2", date(2026, 3, 2), SALT).to_bytes()
    broken = later_line().replace(b"zstd", b"zsud")
    for data in (ours, ours.replace(b"/1", b"/2"), broken, later_line("x"), b"", b"\xff" * 9):
        assert later_segment_format(data) is None
