"""A chunk's rows come back as they were, few or many."""

from __future__ import annotations

import polars as pl
import pytest
from edge_samples import rejection, sample, span
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from domain.frames import REJECTIONS, SAMPLES
from edge.spool.chunk_coding import (
    JSON_ROWS_MAX,
    chunk_of_bytes,
    decoded_frames,
    decoded_spans,
    encoded_frame,
    encoded_spans,
    stored_chunk,
)
from edge.spool.kept import Kept, kept_text
from edge.spool.sealing import encode, rejections_frame, samples_frame

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.none() | st.floats()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(values, texts, texts), max_size=5))
def test_rows_come_back_to_the_last_bit(rows: list[tuple[float | None, str | None, str]]) -> None:
    frame = samples_frame(
        [
            sample(number, value=value, text=text, raw=raw)
            for number, (value, text, raw) in enumerate(rows)
        ]
    )
    assert_frame_equal(decoded_frames(SAMPLES, [encoded_frame(frame)]), frame, check_exact=True)


@pytest.mark.parametrize("count", [0, 1, JSON_ROWS_MAX, JSON_ROWS_MAX + 1])
def test_few_rows_and_many_and_those_of_a_former_format_together(count: int) -> None:
    frame = rejections_frame([rejection(number) for number in range(count)])
    former = rejections_frame([rejection(-1)])
    both = decoded_frames(REJECTIONS, [encode(former), encoded_frame(frame)])
    assert_frame_equal(both, pl.concat([former, frame]))


def test_one_row_takes_few_bytes() -> None:
    frame = samples_frame([sample(1)])
    assert len(encoded_frame(frame)) < 150 < len(encode(frame)) / 5


def test_spans_that_touch_come_back_as_one() -> None:
    told = [span(0, 10), span(10, 20), span(30, 40)]
    assert decoded_spans(encoded_spans(told)) == [span(0, 20), span(30, 40)]


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.integers(0), st.text())
def test_the_parts_of_a_chunk_come_back(
    samples: bytes, rejections: bytes, spans: str, profiles: int, totals: str
) -> None:
    kept = kept_text({"l/m": Kept("l/m", totals, ("m1",))} if totals else {})
    chunk = stored_chunk(7, 3, samples, rejections, spans, str(profiles), kept)
    assert chunk_of_bytes(7, chunk.to_bytes()) == chunk
