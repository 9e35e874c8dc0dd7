"""What a decoder tells and knows, so that two ways through it can be compared bit for bit."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from device_profiles.decoding.decoder import Decoder
from domain.columns import SampleColumns
from domain.samples import Rejection, Sample


def told(rows: Sequence[Sample | Rejection | SampleColumns]) -> tuple[Any, Any]:
    """Samples of each signal, bit for bit, and rejections."""
    by_signal: dict[str, list[Any]] = {}
    rejections = []
    for row in rows:
        for it in row.samples() if isinstance(row, SampleColumns) else [row]:
            if isinstance(it, Rejection):
                rejections.append(it)
                continue
            bits = None if it.value is None else struct.pack("<d", it.value)
            by_signal.setdefault(it.signal, []).append((it, type(it.value), bits))
    return by_signal, rejections


def state_of(decoder: Decoder) -> Any:
    doubted = {it: repr(doubt) for it, doubt in decoder.doubted.items()}
    return (
        *(decoder.remembered, decoder.clock_error, decoder.is_clock_right, doubted),
        *(decoder.last_usable, decoder.beats.last_gone),
    )
