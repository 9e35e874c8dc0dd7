"""Frames come back to the last bit, with their types."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime

import polars as pl

from collector.workers.packing import packed, unpacked
from domain.frames import FACTS, SAMPLES


def test_the_same_to_the_last_bit() -> None:
    values = [0.1 + 0.2, -0.0, math.nan, math.inf, 5e-324, None]
    frame = pl.DataFrame(
        {
            "value": values,
            "text": ["機", "", None, "a", "b", "c"],
            "at": [datetime(2026, 3, 2, tzinfo=UTC)] * 6,
        }
    )
    told, (found, empty, facts) = unpacked(
        packed({"start": 2**60}, [frame, SAMPLES.to_frame(), FACTS.to_frame()])
    )
    assert told == {"start": 2**60}
    assert found.schema == frame.schema
    assert found.equals(frame)
    bits = [None if it is None else struct.pack("d", it) for it in found["value"]]
    assert bits == [None if it is None else struct.pack("d", it) for it in values]
    assert (empty.schema, facts.schema) == (SAMPLES, FACTS)


def test_chunks_do_not_count() -> None:
    """The same rows are the same bytes, however they were put together."""
    whole = pl.DataFrame({"value": [1.0, 2.0, 3.0]})
    parts = pl.concat([whole[:1], whole[1:]], rechunk=False)
    assert packed({}, [parts]) == packed({}, [whole])
