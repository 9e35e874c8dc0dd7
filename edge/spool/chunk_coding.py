"""How a chunk's rows and spans lie in the spool: few bytes for few rows. Pure.

An Arrow stream says more of its columns than a handful of rows has to say, so few rows are JSON:
`[[column, …], …]`, a column after the other, times in microseconds. A frame without rows is nothing
at all: a machine that stands still has them all day.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import polars as pl

from domain.samples import Span
from domain.time import instant, micros
from edge.spool.sealing import encode, merge_spans

JSON_ROWS_MAX = 30
_JSON_BEGINS = b"["  # as no Arrow stream does
_OVERHEAD_BYTES = 256  # of a chunk beside its parts, roughly
_LENGTHS = struct.Struct(">IIII")


class StoredChunk(NamedTuple):
    """A chunk as it lies in the spool. `rows`: samples and rejections; `size`: bytes that it takes,
    roughly; `profiles`: what its set of profiles is called there; `kept`: see edge.spool.kept."""

    id: int
    rows: int
    size: int
    samples: bytes
    rejections: bytes
    spans: str
    profiles: str
    kept: str = ""

    def to_bytes(self) -> bytes:
        """All but its id: rows and three lengths (32 bits each, the highest byte first), samples,
        rejections, spans, the name of the profiles, and behind a line break what is kept."""
        spans = self.spans.encode()
        lengths = len(self.samples), len(self.rejections), len(spans)
        head = _LENGTHS.pack(self.rows, *lengths)
        rest = f"{self.profiles}\n{self.kept}" if self.kept else self.profiles
        return head + self.samples + self.rejections + spans + rest.encode()


def stored_chunk(
    number: int,
    rows: int,
    samples: bytes,
    rejections: bytes,
    spans: str,
    profiles: str,
    kept: str = "",
) -> StoredChunk:
    """With its size."""
    texts = len(spans) + len(profiles) + len(kept)
    size = len(samples) + len(rejections) + texts + _OVERHEAD_BYTES
    return StoredChunk(number, rows, size, samples, rejections, spans, profiles, kept)


def chunk_of_bytes(number: int, data: bytes) -> StoredChunk:
    """The chunk of that id, from `StoredChunk.to_bytes`."""
    rows, *lengths = _LENGTHS.unpack_from(data)
    offset, parts = _LENGTHS.size, []
    for length in lengths:
        parts.append(data[offset : offset + length])
        offset += length
    samples, rejections, spans = parts
    profiles, _, kept = data[offset:].decode().partition("\n")
    return stored_chunk(number, rows, samples, rejections, spans.decode(), profiles, kept)


def encoded_frame(frame: pl.DataFrame) -> bytes:
    """The frame's rows."""
    if not frame.height:
        return b""
    if frame.height > JSON_ROWS_MAX:
        return encode(frame)
    columns = [column.to_physical().to_list() for column in frame.get_columns()]
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()


def decoded_frames(schema: pl.Schema, blobs: Sequence[bytes]) -> pl.DataFrame:
    """The rows of all of them, with the columns of `schema`."""
    return pl.concat([schema.to_frame(), *(_decoded(schema, it) for it in blobs if it)])


def encoded_spans(spans: Sequence[Span]) -> str:
    """Spans of a machine that touch as one."""
    return json.dumps(
        [(it.line, it.machine, micros(it.start), micros(it.end)) for it in merge_spans(spans)],
        separators=(",", ":"),
    )


def decoded_spans(text: str) -> list[Span]:
    return [
        Span(line, machine, instant(start), instant(end))
        for line, machine, start, end in json.loads(text)
    ]


def _decoded(schema: pl.Schema, blob: bytes) -> pl.DataFrame:
    if not blob.startswith(_JSON_BEGINS):
        return pl.read_ipc_stream(BytesIO(blob))
    columns = json.loads(blob)
    return pl.DataFrame(
        [
            pl.Series(name, column, dtype=_physical(kind)).cast(kind)
            for (name, kind), column in zip(schema.items(), columns, strict=True)
        ]
    )


def _physical(kind: pl.DataType) -> pl.DataType:
    return pl.Int64() if kind.is_temporal() else kind
