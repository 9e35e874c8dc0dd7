"""What the bytes of a segment mean: its head, and the head of each record in it.

A segment is a file of one agent and one day of arrival, to which records are only ever added:

    line     1,024 bytes: `lineproof-segment/1 `, JSON of agent, day and salt, a space, the SHA-256
             of all before in hex, spaces, a line feed
    line     the same once more: where one of the two is damaged, the other one holds
    records  one after the other: a head of 120 bytes, then the sealed bytes

The head of a record, numbers with the highest byte first:

    8   `LPbatch\\n`; `LPagain\\n` of a batch that came again and whose bytes lie here already
    8   running number of the record in the whole archive: the order of arrival
    8   how many sealed bytes follow (0 where it came again)
    32  the batch's digest
    32  SHA-256 of the bytes that follow
    8   when it arrived, in microseconds since 1970, signed
    8   up to which time its samples were taken, likewise; the least number: not noted
    16  the first of SHA-256 over the segment's salt, where the record begins in the file (8 bytes)
        and all of the head before

The salt is drawn when the file is made, so nobody can put into a batch what looks like a record.
Pure: knows bytes, no files.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from dataclasses import dataclass
from datetime import date, datetime

from domain.time import instant, micros

SEGMENT_MAGIC = b"lineproof-segment/1 "
SEGMENT_FORMAT = "1"  # as it stands there
_ANY_MAGIC = re.compile(rb"lineproof-segment/(\d{1,9}) ")
LINE_BYTES = 1024
SEGMENT_HEAD_BYTES = 2 * LINE_BYTES
SALT_BYTES = 16
MARKERS = (b"LPbatch\n", b"LPagain\n")
_FIELDS = struct.Struct(">8sQQ32s32sqq")
_OFFSET = struct.Struct(">Q")
_CHECK_BYTES = 16
RECORD_HEAD_BYTES = _FIELDS.size + _CHECK_BYTES
_NOT_NOTED = -(2**63)


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """Whose segment it is, and of which day (UTC)."""

    agent: str
    day: date
    salt: bytes

    def to_bytes(self) -> bytes:
        """Both lines."""
        fields = {"agent": self.agent, "day": self.day.isoformat(), "salt": self.salt.hex()}
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        said = SEGMENT_MAGIC + text.encode()
        line = said + b" " + hashlib.sha256(said).hexdigest().encode()
        return 2 * (line.ljust(LINE_BYTES - 1) + b"\n")


def read_segment_head(data: bytes) -> SegmentHead | None:
    """The head at the beginning of a file, by whichever of its lines is whole."""
    for start in (0, LINE_BYTES):
        line = data[start : start + LINE_BYTES]
        try:
            said = json.loads(line[len(SEGMENT_MAGIC) :].rpartition(b"}")[0] + b"}")
            head = SegmentHead(
                said["agent"], date.fromisoformat(said["day"]), bytes.fromhex(said["salt"])
            )
            if head.to_bytes()[:LINE_BYTES] == line:
                return head
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
    return None


def later_segment_format(data: bytes) -> str | None:
    """The format of a segment that a later version wrote, by the beginning of its file: of every
    format the first line begins and ends as above. So what is damaged counts as none."""
    said, _, digest = data[:LINE_BYTES].rstrip().rpartition(b" ")
    found = _ANY_MAGIC.match(said)
    if found is None or said.startswith(SEGMENT_MAGIC):
        return None
    return found[1].decode() if hashlib.sha256(said).hexdigest().encode() == digest else None


@dataclass(frozen=True, slots=True)
class RecordHead:
    """What stands before the sealed bytes. `latest` None: nobody noted when it arrived, and
    `received` is what was known of it."""

    sequence: int
    length: int
    digest: str
    content: str
    received: datetime
    latest: datetime | None
    is_again: bool = False

    @property
    def size(self) -> int:
        """Of the whole record."""
        return RECORD_HEAD_BYTES + self.length

    def to_bytes(self, salt: bytes, offset: int) -> bytes:
        said = _FIELDS.pack(
            MARKERS[self.is_again],
            self.sequence,
            self.length,
            bytes.fromhex(self.digest),
            bytes.fromhex(self.content),
            micros(self.received),
            _NOT_NOTED if self.latest is None else micros(self.latest),
        )
        return said + _check(said, salt, offset)


def read_record_head(data: bytes, salt: bytes, offset: int) -> RecordHead | None:
    """The head of the record that begins there; None where these bytes are none."""
    said = data[: _FIELDS.size]
    if len(data) < RECORD_HEAD_BYTES or said[:8] not in MARKERS:
        return None
    if data[_FIELDS.size : RECORD_HEAD_BYTES] != _check(said, salt, offset):
        return None
    return _parsed(said)


def read_unchecked_head(data: bytes) -> RecordHead | None:
    """The head as it is written, damaged or not: for one whose digests are held against the
    bytes."""
    if len(data) < RECORD_HEAD_BYTES or data[:8] not in MARKERS:
        return None
    return _parsed(data[: _FIELDS.size])


def _parsed(said: bytes) -> RecordHead | None:
    marker, sequence, length, digest, content, received, latest = _FIELDS.unpack(said)
    try:
        return RecordHead(
            sequence,
            length,
            digest.hex(),
            content.hex(),
            instant(received),
            None if latest == _NOT_NOTED else instant(latest),
            marker == MARKERS[True],
        )
    except OverflowError:
        return None


def _check(said: bytes, salt: bytes, offset: int) -> bytes:
    return hashlib.sha256(salt + _OFFSET.pack(offset) + said).digest()[:_CHECK_BYTES]
