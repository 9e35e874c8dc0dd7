"""Goes through a segment's records head by head, passing over what is damaged.

A damaged head costs its own record: what follows is found again by its marker and its check, which
nobody can imitate without the segment's salt. A record that a crash cut off, at the end, is no
damage: it was never acknowledged. Sealed bytes are not looked at here; whoever reads a batch
holds them against their digest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from store.archive.segment_format import (
    LINE_BYTES,
    MARKERS,
    RECORD_HEAD_BYTES,
    SEGMENT_HEAD_BYTES,
    RecordHead,
    later_segment_format,
    read_record_head,
    read_segment_head,
)

_WINDOW_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and where it begins in its file."""

    offset: int
    head: RecordHead


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of a segment that can be read as nothing."""

    offset: int
    size: int


class SegmentScan:
    """Of an open file, from a record's beginning on. To be iterated once; then `end` is where
    the next record belongs and `gaps` says what was passed over. `head` is None, and there are no
    records, where the file is no segment; `is_new` where a crash left it without a head;
    `later_format`: of a segment that a later version wrote, None of any other file."""

    def __init__(self, descriptor: int, start: int = SEGMENT_HEAD_BYTES) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self.end = min(start, self._size)
        self.gaps: list[Gap] = []
        self.is_new = self._size < SEGMENT_HEAD_BYTES
        written = os.pread(descriptor, SEGMENT_HEAD_BYTES, 0)
        self.head = None if self.is_new else read_segment_head(written)
        self.later_format = None if self.head is not None else later_segment_format(written)
        if self.head is not None:
            whole = self.head.to_bytes()
            self.gaps += [
                Gap(at, LINE_BYTES)
                for at in (0, LINE_BYTES)
                if written[at : at + LINE_BYTES] != whole[at : at + LINE_BYTES]
            ]
        elif not self.is_new:
            self.is_new = self._size == SEGMENT_HEAD_BYTES or self._is_cut_off(0)
            self.gaps += [] if self.is_new else [Gap(0, self._size)]

    def __iter__(self) -> Iterator[Placed]:
        while self.head is not None and self.end < self._size:
            head = self._head_at(self.end)
            if head is None:
                begin = self._next_head(self.end + 1)
                if begin is None:
                    if not self._is_cut_off(self.end):
                        self._pass_over(self._size)
                    return
                self._pass_over(begin)
                continue
            if self.end + head.size > self._size:  # a crash cut it off
                return
            offset, self.end = self.end, self.end + head.size
            yield Placed(offset, head)

    def _head_at(self, offset: int) -> RecordHead | None:
        assert self.head is not None
        data = os.pread(self._descriptor, RECORD_HEAD_BYTES, offset)
        return read_record_head(data, self.head.salt, offset)

    def _pass_over(self, until: int) -> None:
        self.gaps.append(Gap(self.end, until - self.end))
        self.end = until

    def _next_head(self, start: int) -> int | None:
        """Where the next whole head begins."""
        for at, window in self._windows(start):
            found = sorted(it for marker in MARKERS for it in _places(window, marker))
            for place in found:
                if self._head_at(at + place) is not None:
                    return at + place
        return None

    def _is_cut_off(self, start: int) -> bool:
        """Whether nothing but the beginning of a head, or room that was never written, is left."""
        if self._size - start < RECORD_HEAD_BYTES:
            return True
        return not any(window.strip(b"\0") for _, window in self._windows(start))

    def _windows(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The rest of the file in pieces that overlap by more than a marker."""
        overlap = len(MARKERS[0])
        for at in range(start, self._size, _WINDOW_BYTES):
            yield at, os.pread(self._descriptor, _WINDOW_BYTES + overlap, at)


def _places(window: bytes, marker: bytes) -> Iterator[int]:
    place = window.find(marker)
    while place >= 0:
        yield place
        place = window.find(marker, place + 1)
