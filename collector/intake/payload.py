"""Payload of a believed batch → BatchContent: frames that fit `domain.frames`.

Two kinds of trouble, kept apart. Bytes that are no frames, or frames with other columns
or another number of rows than the signed header says, are a broken agent: `PayloadError`,
the whole batch is refused; how large they would become is known before they are unpacked. A
single row that cannot be right (a signal outside the closed list, a value that is no number, an
impossible time) becomes a rejection with its reason, and the rest is kept. What comes out can be
stored, whatever came in. Pure: it knows no store, no chain and no clock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from collector.intake.arrow_stream import StreamError, announced
from collector.intake.row_rules import EARLIEST, LATEST, NAMED, RECEIVED, sift
from domain.batch_header import BatchHeader
from domain.batches import SealedBatch
from domain.frames import REJECTIONS, SAMPLES, SPANS, UTC_US, check
from domain.names import as_name, is_name
from domain.panics import LibraryPanicError, panics_as_errors
from domain.samples import RAW_LENGTH_MAX
from domain.time import micros
from store.telemetry.protocol import BatchContent

_REASON_MAX = 300  # characters of what a library says


class PayloadError(Exception):
    """The payload holds no frames of the agreed shape."""


def decode(batch: SealedBatch, latest: datetime = LATEST) -> BatchContent:
    """SAMPLES, SPANS and REJECTIONS of a batch; rows later than `latest` are rejected.

    Raises PayloadError when the payload cannot be what an agent seals.
    """
    header = batch.header
    if header.samples_size > len(batch.payload):
        raise PayloadError("its samples reach beyond its end")
    samples = _frame(batch.samples_bytes, SAMPLES, "samples", header.samples)
    rejected = _frame(batch.rejections_bytes, REJECTIONS, "rejections", header.rejections)
    samples, unfit = sift(samples, latest)
    spans, odd = _spans(header.spans, header.sealed_at, latest)
    rejections = [frame for frame in (rejected, unfit, odd) if frame.height]
    return BatchContent(
        samples=samples,
        spans=spans,
        rejections=_keepable(pl.concat(rejections), header.sealed_at)
        if rejections
        else REJECTIONS.to_frame(),
    )


def told_by_header(header: BatchHeader, latest: datetime = LATEST) -> BatchContent:
    """What a batch tells whose payload is not at hand: when machines were heard."""
    spans, odd = _spans(header.spans, header.sealed_at, latest)
    return BatchContent(samples=SAMPLES.to_frame(), spans=spans, rejections=odd)


def _keepable(rejections: pl.DataFrame, sealed_at: int) -> pl.DataFrame:
    """REJECTIONS of which every one can be stored, without times that are none; `sealed_at` in
    microseconds stands for a time of receipt that is none."""
    names = [pl.col(name).fill_null("") for name in NAMED]
    texts = [
        pl.col(name).fill_null("").str.slice(0, RAW_LENGTH_MAX)
        for name in ("address", "raw", "reason")
    ]
    time, received = pl.col("time"), pl.col("received")
    kept = rejections.with_columns(
        *names,
        *texts,
        time=pl.when(time.is_between(*RECEIVED)).then(time),
        received=pl.when(received.is_between(*RECEIVED))
        .then(received)
        .otherwise(pl.lit(sealed_at).cast(UTC_US)),
    )
    for name in NAMED:
        odd = [it for it in kept[name].unique().to_list() if not is_name(it)]
        if odd:
            kept = kept.with_columns(pl.col(name).replace(odd, [as_name(it) for it in odd]))
    return kept


def _frame(data: bytes, schema: pl.Schema, what: str, rows: int) -> pl.DataFrame:
    if not data and rows == 0:
        return schema.to_frame()
    try:
        found = announced(data).rows
        if found != rows:
            raise PayloadError(f"it holds {found} {what}, its header says {rows}")
        with panics_as_errors():
            return check(pl.read_ipc_stream(io.BytesIO(data)), schema, what)
    except StreamError as error:
        raise PayloadError(f"its {what} are no frame of the agreed shape: {error}") from None
    except (
        pl.exceptions.PolarsError,
        LibraryPanicError,
        TypeError,
        OSError,
        ValueError,
        MemoryError,
    ) as error:
        reason = " ".join(str(error).split())[:_REASON_MAX]
        raise PayloadError(f"its {what} are no frame of the agreed shape ({reason})") from None


def _spans(
    spans: tuple[tuple[str, str, int, int], ...], sealed_at: int, latest: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SPANS that make sense, and the others as REJECTIONS; `sealed_at` in microseconds."""
    first, last = micros(EARLIEST), micros(latest)
    good = [span for span in spans if first <= span[2] <= span[3] <= last]
    frame = _columns(good, 4)
    kept = pl.DataFrame(dict(zip(SPANS.names(), frame, strict=True))).cast(SPANS)
    if len(good) == len(spans):
        return kept, REJECTIONS.to_frame()
    odd = [span for span in spans if not first <= span[2] <= span[3] <= last]
    line, machine, start, end = _columns(odd, 4)
    rejected = pl.DataFrame(
        {
            "line": line,
            "machine": machine,
            "address": "span",
            "raw": [f"{a}..{b}" for a, b in zip(start, end, strict=True)],
            "time": None,
            "received": sealed_at,
            "reason": "a span that ends before it starts, or an impossible time",
        },
        schema_overrides={"time": pl.Int64},
    ).cast(REJECTIONS)
    return kept, rejected


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[index] for row in rows] for index in range(width)]
