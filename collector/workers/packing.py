"""Frames and what is told of them as one piece of bytes, and back: the same to the last bit.

    8 bytes: length of what is told | what is told, as JSON | an Arrow IPC stream for each frame

The lengths of the streams stand in what is told. Bytes of a file are never run, only read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

_LENGTH_BYTES = 8


def packed(told: Mapping[str, Any], frames: Sequence[pl.DataFrame]) -> bytes:
    """`told` (what JSON can say) and the frames. The same frames in one chunk give the same
    bytes."""
    streams = [_stream(frame) for frame in frames]
    head = json.dumps({"told": told, "sizes": [len(it) for it in streams]}).encode()
    return b"".join([len(head).to_bytes(_LENGTH_BYTES, "big"), head, *streams])


def unpacked(data: bytes) -> tuple[Any, list[pl.DataFrame]]:
    """What was told, and the frames. `data`: of `packed`."""
    start = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")
    head = json.loads(data[_LENGTH_BYTES:start])
    frames = []
    for size in head["sizes"]:
        frames.append(pl.read_ipc_stream(io.BytesIO(data[start : start + size])))
        start += size
    return head["told"], frames


def _stream(frame: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.rechunk().write_ipc_stream(written, compression="lz4")
    return written.getvalue()
