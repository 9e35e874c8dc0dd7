"""How large a stream would become: as large as it does, and refused where that cannot be said."""

from __future__ import annotations

import contextlib
import io
import struct

import polars as pl
import pytest
from bad_batches import bomb
from hypothesis import given, settings
from hypothesis import strategies as st
from polars._typing import IpcCompression
from sender import counts

from collector.intake.arrow_stream import UNPACKED_MAX_BYTES, StreamError, announced
from edge.spool.sealing import encode

STREAM = encode(counts(1))


@pytest.mark.parametrize("rows", [0, 1, 7, 5_000])
def test_what_agents_seal_says_how_large_it_is(rows: int) -> None:
    frame = counts(1, rows=rows)
    found = announced(encode(frame))
    assert found.rows == rows
    # Texts are counted with 8 bytes for each place where one begins, and buffers are padded.
    assert found.unpacked_bytes <= frame.estimated_size() + 9 * 8 * rows + 2_000
    assert found.unpacked_bytes >= 3 * 8 * rows


@pytest.mark.parametrize("compression", ["zstd", "lz4", "uncompressed"])
def test_streams_of_several_batches_and_without_compression(compression: IpcCompression) -> None:
    frame = counts(1, rows=300_000)
    stream = io.BytesIO()
    level = pl.CompatLevel.oldest()
    frame.write_ipc_stream(stream, compression=compression, compat_level=level)
    assert announced(stream.getvalue()).rows == frame.height


def test_a_bomb_is_seen_by_its_description() -> None:
    with pytest.raises(StreamError, match=f"more than {UNPACKED_MAX_BYTES} bytes"):
        announced(bomb(200))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "does not go on"),
        (b"rubbish " * 20, "does not go on"),
        (STREAM[:200], "cannot be read|breaks off"),
        (STREAM[:-100], "breaks off"),
        (STREAM + b"\0", "behind its end"),
        (b"\xff\xff\xff\xff" + struct.pack("<i", 1 << 20) + STREAM[8:], "too long"),
        (b"\xff\xff\xff\xff" + struct.pack("<i", -8) + STREAM[8:], "too long"),
    ],
)
def test_what_is_no_stream_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(StreamError, match=reason):
        announced(data)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(0, 255)), max_size=4))
def test_whatever_is_changed_it_says_so_or_gives_a_size(changes: list[tuple[int, int]]) -> None:
    data = bytearray(STREAM)
    for place, value in changes:
        data[place] = value
    with contextlib.suppress(StreamError):
        assert 0 <= announced(bytes(data)).unpacked_bytes <= UNPACKED_MAX_BYTES
