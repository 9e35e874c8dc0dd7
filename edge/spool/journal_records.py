"""What the bytes of a spool's journal mean. Pure.

A record, numbers with the highest byte first:

    4   `LPC\\n`: a chunk; `LPA\\n`: a sealed batch that was acknowledged
    8   its number, one more than that of the record before
    4   the checksum of the record before it; of the first one in the file the spool's own number
    4   how many bytes of content follow
    4   its checksum: CRC-32 over the head before this and the content
    …   the content, deflated (RFC 1951): what it repeats of the last 2 KiB of contents before it is
        not written again, so a sample that looks like the one before takes some 50 bytes

Records stand one behind the other from the beginning of the file. Once all of them are done with,
the next one begins at the beginning again, over the old ones. So behind the last record lies what
is left of a round before: its records name none that stands before them now, and their numbers are
those of records that are done.

Each record is written together with an end mark behind it, `LPe\\n` and its own checksum, where the
next one begins; so is the file, before its first record. Where neither a record nor the end mark
stands, something stood that cannot be read. (Agents before wrote `LPc\\n` and `LPa\\n`, and no end
marks: behind their records a spoilt marker looks like what is left of a round before.)
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

_HEAD = struct.Struct(">4sQII")
_CHECKSUM = struct.Struct(">I")
RECORD_HEAD_BYTES = _HEAD.size + _CHECKSUM.size
_END = struct.Struct(">4sI")
_END_MARKER = b"LPe\n"
_MARKER_BYTES = 4
_NUMBER_ENDS = _MARKER_BYTES + 8  # of a head
_RAW_DEFLATE = -15
_WINDOW_BYTES = 2 << 10


class Kind(Enum):
    """What a record tells; its value is the marker."""

    CHUNK = b"LPC\n"
    ACKNOWLEDGED = b"LPA\n"


@dataclass(frozen=True, slots=True)
class Record:
    """`follows`: the checksum of the record before; `packed`: its content as it is written;
    `has_end`: an end mark was written behind it."""

    kind: Kind
    number: int
    follows: int
    packed: bytes
    has_end: bool = True

    @property
    def size(self) -> int:
        return RECORD_HEAD_BYTES + len(self.packed)

    @property
    def checksum(self) -> int:
        return zlib.crc32(self._head() + self.packed)

    def to_bytes(self) -> bytes:
        return self._head() + _CHECKSUM.pack(self.checksum) + self.packed

    def _head(self) -> bytes:
        marker = self.kind.value if self.has_end else _MARKERS_BEFORE[self.kind]
        return _HEAD.pack(marker, self.number, self.follows, len(self.packed))


class Told(NamedTuple):
    """What a record tells."""

    kind: Kind
    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next record begins: `follows` is the checksum of the one before, `window` the last
    bytes of all contents before."""

    offset: int
    follows: int
    window: bytes = b""

    def record(self, kind: Kind, number: int, content: bytes) -> Record:
        """The record of that content here."""
        packing = zlib.compressobj(wbits=_RAW_DEFLATE, zdict=self.window)
        packed = packing.compress(content) + packing.flush()
        return Record(kind, number, self.follows, packed)

    def content(self, record: Record) -> bytes:
        """Of the record that stands here. Raises zlib.error."""
        return zlib.decompressobj(_RAW_DEFLATE, self.window).decompress(record.packed)

    @property
    def end_mark(self) -> bytes:
        """What stands here while no record does."""
        return _END.pack(_END_MARKER, self.follows)

    def behind(self, record: Record, content: bytes) -> Place:
        window = (self.window + content)[-_WINDOW_BYTES:]
        return Place(self.offset + record.size, record.checksum, window)


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """`told` by records that are not done with, oldest first; `next`: where the next one begins.
    `lost_to`: up to which number something was written that cannot be believed; 0: nothing."""

    told: tuple[Told, ...]
    next: Place
    lost_to: int


def read_journal(data: bytes, begin: int, done: int) -> ReadJournal:
    """What a file holds whose first record follows `begin`. All records up to the number `done` are
    done with."""
    told: list[Told] = []
    place, has_end = Place(0, begin), True
    while (record := _record_at(data, place.offset)) is not None:
        is_next = not told or record.number == told[-1].number + 1
        if record.follows != place.follows or not is_next:
            break
        try:
            content = place.content(record)
        except zlib.error:
            break
        told.append(Told(record.kind, record.number, content))
        place, has_end = place.behind(record, content), record.has_end
    last = max(done, told[-1].number if told else 0)
    live = tuple(it for it in told if it.number > done)
    lost_to = max(_begun_behind(data, place.offset, last), default=0)
    is_end_needed = bool(live) if told else bool(data)
    if is_end_needed and has_end and not data.startswith(place.end_mark, place.offset):
        lost_to = max(lost_to, last + 1)
    return ReadJournal(live, place if live else Place(0, begin), lost_to)


def _record_at(data: bytes, offset: int) -> Record | None:
    """The whole record that begins there."""
    content_begins = offset + RECORD_HEAD_BYTES
    if content_begins > len(data):
        return None
    marker, number, follows, length = _HEAD.unpack_from(data, offset)
    packed = data[content_begins : content_begins + length]
    if marker not in _KINDS or len(packed) < length:
        return None
    kind = _KINDS[marker]
    record = Record(kind, number, follows, packed, has_end=marker == kind.value)
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
    elif _is_cut_off(data[end:], last + 1):
        yield last + 1
    for marker in _KINDS:
        place = data.find(marker, end)
        while place >= 0:
            record = _record_at(data, place)
            if record is not None and last < record.number <= most:
                yield record.number
            place = data.find(marker, place + _MARKER_BYTES)


def _is_cut_off(left: bytes, number: int) -> bool:
    """Whether a file ends within the head of the record of that number."""
    heads = (_HEAD.pack(it, number, 0, 0)[:_NUMBER_ENDS] for it in _KINDS)
    return bool(left) and any(head.startswith(left[:_NUMBER_ENDS]) for head in heads)


_MARKERS_BEFORE = {Kind.CHUNK: b"LPc\n", Kind.ACKNOWLEDGED: b"LPa\n"}
_KINDS = {it.value: it for it in Kind} | {old: it for it, old in _MARKERS_BEFORE.items()}
