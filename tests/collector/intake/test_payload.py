"""Payload to frames: what is kept, what is rejected row by row, what refuses the batch."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.intake.payload import LATEST, PayloadError, _fits, decode, sift
from domain.batches import GENESIS, SealedBatch
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Quality, Rejection, Span
from domain.signals import AGENT_SIGNALS, SIGNALS, SignalKind
from domain.source_faults import REPORT_MAX
from domain.states import MachineMode, MachineState
from edge.spool.sealing import rejections_frame, seal

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def sample(**changes: Any) -> dict[str, Any]:
    row = {
        "line": "l",
        "machine": "m",
        "signal": "total_count",
        "time": NOON,
        "received": NOON,
        "value": 1.0,
        "text": None,
        "quality": 0,
        "raw": None,
    }
    return row | changes


def samples(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SAMPLES, orient="row")


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


def fitting() -> list[dict[str, Any]]:
    rows = [sample(signal=name, value=2.5) for name, it in SIGNALS.items() if _is_number(it.kind)]
    rows += [
        sample(signal=name, value=None, text="x")
        for name, it in (SIGNALS | AGENT_SIGNALS).items()
        if it.kind is SignalKind.TEXT
    ]
    rows += [sample(signal="state", value=it.code, text=it.value) for it in MachineState]
    rows += [sample(signal="mode", value=it.code, text=it.value) for it in MachineMode]
    rows += [sample(signal="measurement.temperature-2_a", value=-4.0)]
    bad = int(Quality.BAD)
    rows += [sample(signal=name, value=None, quality=bad) for name in ("state", "energy", "order")]
    return rows


def _is_number(kind: SignalKind) -> bool:
    return kind in (SignalKind.COUNTER, SignalKind.GAUGE)


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signal": "totl_count"}, "unknown signal"),
        ({"signal": "measurement.Bad Name"}, "unknown signal"),
        ({"signal": None}, "unknown signal"),
        ({"value": None}, "not a finite number"),
        ({"value": float("nan")}, "not a finite number"),
        ({"value": float("inf")}, "not a finite number"),
        ({"value": float("-inf"), "quality": 2}, "not a finite number"),
        ({"signal": "measurement.x", "value": None}, "not a finite number"),
        ({"signal": "order", "value": None}, "no text"),
        ({"signal": "source.faults", "value": None}, "no text"),
        (
            {"signal": "source.faults", "value": None, "text": "x" * (REPORT_MAX + 1)},
            "a report that is too long",
        ),
        ({"time": None}, "no time"),
        ({"time": datetime(1970, 1, 1, tzinfo=UTC)}, "impossible time"),
        ({"time": NOON + timedelta(days=2)}, "impossible time"),
        ({"quality": 3}, "unknown quality"),
        ({"quality": None}, "unknown quality"),
        ({"signal": "state", "value": 1.0, "text": "runing"}, "not a name of the closed list"),
        ({"signal": "state", "value": 2.0, "text": "producing"}, "not a name of the closed list"),
        ({"signal": "state", "value": 1.0, "text": None}, "not a name of the closed list"),
        ({"signal": "mode", "value": None, "text": "produce"}, "not a name of the closed list"),
        ({"line": None}, "no line, machine or time of receipt"),
        ({"machine": ""}, "no line, machine or time of receipt"),
        ({"received": None}, "no line, machine or time of receipt"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_and_the_rest_kept(
    change: dict[str, Any], reason: str
) -> None:
    kept, rejected = sift(samples(sample(), sample(**change), sample()), NOON + timedelta(days=1))
    assert kept.height == 2
    assert rejected.schema == REJECTIONS
    assert rejected.height == 1
    assert rejected["reason"][0].startswith(reason)


odd_rows = st.builds(
    lambda row, change: row | change,
    st.sampled_from(fitting()),
    st.sampled_from(
        [
            *[{}] * 12,
            {"value": None},
            {"value": float("nan")},
            {"value": 1.0},
            {"text": "producing"},
            {"text": None},
            {"quality": 2},
            {"quality": 9},
            {"signal": "x"},
            {"time": None},
            {"time": datetime(1970, 1, 1, tzinfo=UTC)},
            {"machine": ""},
            {"received": None},
        ]
    ),
)


@settings(deadline=None)  # the first look at a frame may take long on a busy machine
@given(st.lists(odd_rows, max_size=8))
def test_rows_are_judged_alike_together_and_one_by_one(rows: list[dict[str, Any]]) -> None:
    """The short cut for batches that fit as a whole lets nothing through."""
    alone = [frame for row in rows for frame in [sift(samples(row))]]
    kept, rejected = sift(samples(*rows))
    assert kept.equals(pl.concat([SAMPLES.to_frame(), *(frame for frame, _ in alone)]))
    assert rejected.equals(pl.concat([REJECTIONS.to_frame(), *(frame for _, frame in alone)]))
    judged = samples(*rows).select(_fits(LATEST).fill_null(False).alias("fits"))["fits"]
    assert kept.height == judged.sum()


def test_a_rejection_says_what_the_machine_said() -> None:
    _, rejected = sift(samples(sample(value=float("nan"), raw="err"), sample(value=float("inf"))))
    assert rejected["raw"].to_list() == ["err", "inf"]
    assert rejected["address"].to_list() == ["total_count", "total_count"]


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
