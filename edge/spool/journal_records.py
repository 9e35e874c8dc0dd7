"""What the bytes of a spool's journal mean. Pure.

A record, numbers with the highest byte first:

    4   `LPc\\n`: a chunk; `LPa\\n`: a sealed batch that was acknowledged
    8   its number, one more than that of the record before
    4   the checksum of the record before it; of the first one in the file the spool's own number
    4   how many bytes of content follow
    4   its checksum: CRC-32 over the head before this and the content
    …   the content

Records stand one behind the other from the beginning of the file. Once all of them are done with,
the next one begins at the beginning again, over the old ones. So behind the last record lies what
is left of a round before: its records name none that stands before them now, and their numbers are
those of records that are done.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_HEAD = struct.Struct(">4sQII")
_CHECKSUM = struct.Struct(">I")
RECORD_HEAD_BYTES = _HEAD.size + _CHECKSUM.size
_MARKER_BYTES = 4


class Kind(Enum):
    """What a record tells; its value is the marker."""

    CHUNK = b"LPc\n"
    ACKNOWLEDGED = b"LPa\n"


@dataclass(frozen=True, slots=True)
class Record:
    """`follows`: the checksum of the record before."""

    kind: Kind
    number: int
    follows: int
    content: bytes

    @property
    def size(self) -> int:
        return RECORD_HEAD_BYTES + len(self.content)

    @property
    def checksum(self) -> int:
        return zlib.crc32(self._head() + self.content)

    def to_bytes(self) -> bytes:
        return self._head() + _CHECKSUM.pack(self.checksum) + self.content

    def _head(self) -> bytes:
        return _HEAD.pack(self.kind.value, self.number, self.follows, len(self.content))


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """`records` that are not done with, oldest first; the next one begins at `end`, behind
    `checksum`. `lost_to`: up to which number records were begun that cannot be believed; 0: none.
    """

    records: tuple[Record, ...]
    end: int
    checksum: int
    lost_to: int


def read_journal(data: bytes, begin: int, done: int) -> ReadJournal:
    """What a file holds whose first record follows `begin`. All records up to the number `done` are
    done with."""
    records: list[Record] = []
    offset, checksum = 0, begin
    while (record := _record_at(data, offset)) is not None:
        if record.follows != checksum or (records and record.number != records[-1].number + 1):
            break
        records.append(record)
        offset, checksum = offset + record.size, record.checksum
    last = max(done, records[-1].number if records else 0)
    live = tuple(it for it in records if it.number > done)
    lost_to = max((it for it in _begun_behind(data, offset, last)), default=0)
    if not live:
        offset, checksum = 0, begin
    return ReadJournal(live, offset, checksum, lost_to)


def _record_at(data: bytes, offset: int) -> Record | None:
    """The whole record that begins there."""
    content_begins = offset + RECORD_HEAD_BYTES
    if content_begins > len(data):
        return None
    marker, number, follows, length = _HEAD.unpack_from(data, offset)
    content = data[content_begins : content_begins + length]
    if marker not in _KINDS or len(content) < length:
        return None
    record = Record(_KINDS[marker], number, follows, content)
    (said,) = _CHECKSUM.unpack_from(data, offset + _HEAD.size)
    return record if record.checksum == said else None


def _begun_behind(data: bytes, end: int, last: int) -> Iterator[int]:
    """Numbers of records that were begun after `last`: one that is not whole where the next one
    had to begin, and whole ones behind that. What a machine says may look like a record, so no
    more are believed to be there than the file has room for."""
    most = last + len(data) // RECORD_HEAD_BYTES
    if end + RECORD_HEAD_BYTES <= len(data):
        marker, number, _, _ = _HEAD.unpack_from(data, end)
        if marker in _KINDS and number == last + 1:
            yield number
    for marker in _KINDS:
        place = data.find(marker, end)
        while place >= 0:
            record = _record_at(data, place)
            if record is not None and last < record.number <= most:
                yield record.number
            place = data.find(marker, place + _MARKER_BYTES)


_KINDS = {it.value: it for it in Kind}
