"""Payload to frames: what is kept, what is rejected row by row, what refuses the batch."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sample_rows import NOON, fitting, sample, samples

from collector.intake.payload import PayloadError, decode, told_by_header
from collector.intake.row_rules import LATEST
from domain.batch_header import GENESIS
from domain.batches import SealedBatch
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Rejection, Span
from edge.spool.sealing import rejections_frame, seal

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def sealed(frame: pl.DataFrame, **more: Any) -> SealedBatch:
    parts: dict[str, Any] = {"rejections": REJECTIONS.to_frame(), "spans": (), **more}
    return seal(
        KEY,
        agent="a",
        number=1,
        previous=GENESIS,
        sealed_at=NOON,
        samples=frame,
        profiles={},
        **parts,
    )


def test_what_an_agent_sealed_comes_out_as_it_went_in() -> None:
    frame = samples(*fitting())
    rejected = rejections_frame([Rejection("l", "m", "x", "?", None, NOON, "no number")])
    span = Span("l", "m", NOON, NOON + timedelta(seconds=5))
    content = decode(sealed(frame, rejections=rejected, spans=[span]))
    assert content.samples.equals(frame)
    assert content.rejections.equals(rejected)
    assert content.spans.rows() == [("l", "m", span.start, span.end)]


def test_a_batch_may_hold_spans_alone() -> None:
    content = decode(sealed(SAMPLES.to_frame(), spans=[Span("l", "m", NOON, NOON)]))
    assert (content.samples.height, content.spans.height, content.rejections.height) == (0, 1, 0)


def test_a_header_alone_tells_when_machines_were_heard() -> None:
    spans = [Span("l", "m", NOON, NOON), Span("l", "n", NOON, NOON + timedelta(days=2))]
    batch, latest = sealed(samples(*fitting()), spans=spans), NOON + timedelta(days=1)
    told, whole = told_by_header(batch.header, latest), decode(batch, latest)
    assert told.spans.equals(whole.spans)
    assert (told.samples.height, told.spans.height, told.rejections.height) == (0, 1, 1)


def test_imported_history_may_lie_ahead_of_the_clock() -> None:
    ahead = samples(sample(time=NOON + timedelta(days=400)))
    assert decode(sealed(ahead), LATEST).samples.height == 1
    assert decode(sealed(ahead), NOON + timedelta(days=1)).rejections.height == 1


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(5, 0), (-2_000_000_000, 0), (0, 90_000)], ids=["back", "1962", "ahead"]
)
def test_an_impossible_span_confirms_nothing(start_s: int, end_s: int) -> None:
    span = Span("l", "m", NOON + timedelta(seconds=start_s), NOON + timedelta(seconds=end_s))
    batch = sealed(SAMPLES.to_frame())
    us = [
        int((it - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6)
        for it in (span.start, span.end)
    ]
    batch = replace(batch, header=replace(batch.header, spans=(("l", "m", us[0], us[1]),)))
    content = decode(batch, NOON + timedelta(days=1))
    assert content.spans.is_empty()
    assert content.rejections["address"].to_list() == ["span"]


@pytest.mark.parametrize(
    "payload",
    [b"not arrow at all", sealed(samples(sample())).payload[:500]],
    ids=["garbage", "cut off"],
)
def test_bytes_that_are_no_frames_refuse_the_batch(payload: bytes) -> None:
    batch = sealed(samples(sample()))
    header = replace(batch.header, samples_size=len(payload))
    with pytest.raises(PayloadError):
        decode(replace(batch, header=header, payload=payload))


@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_rows_than_signed_refuses_the_batch(count: int) -> None:
    batch = sealed(samples(sample()))
    with pytest.raises(PayloadError, match=f"holds 1 samples, its header says {count}"):
        decode(replace(batch, header=replace(batch.header, samples=count)))


def test_other_columns_refuse_the_batch() -> None:

    stream = io.BytesIO()
    samples(sample()).drop("raw").write_ipc_stream(stream)
    batch = sealed(samples(sample()))
    header = replace(batch.header, samples_size=len(stream.getvalue()))
    with pytest.raises(PayloadError, match="raw"):
        decode(replace(batch, header=header, payload=stream.getvalue()))
