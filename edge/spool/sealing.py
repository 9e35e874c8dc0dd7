"""Samples, rejections and spans → a sealed batch. Pure: same input, same bytes.

Agents and the importer seal through the one function here; it knows neither spool nor
clock. Frames travel as Arrow IPC streams (zstd), in the types that every Arrow reader of
the last years knows, because a batch is evidence and must be readable long after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import chain, groupby
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.batch_header import BatchHeader
from domain.batches import SealedBatch, payload_digest
from domain.columns import SampleColumns
from domain.frames import REJECTIONS, SAMPLES, UTC_US, check
from domain.live_frames import LiveFrame, signed_bytes
from domain.samples import Quality, Rejection, Sample, Span
from domain.time import micros
from edge.spool.rows import Samples


def seal(
    key: Ed25519PrivateKey,
    *,
    agent: str,
    number: int,
    previous: str,
    sealed_at: datetime,
    samples: pl.DataFrame,
    rejections: pl.DataFrame,
    spans: Sequence[Span],
    profiles: Mapping[str, str],
) -> SealedBatch:
    """The signed batch `number` of `agent`.

    `samples` (SAMPLES) and `rejections` (REJECTIONS) keep their row order. `previous` is the
    digest of the batch before (GENESIS for number 1). `profiles` maps "line/machine" to the
    digest of the profile that decoded it. Spans of a machine that touch or overlap become one.
    Raises TypeError when a frame does not have its columns.
    """
    header, payload = _unsigned(
        agent, number, previous, sealed_at, samples, rejections, spans, profiles
    )
    return SealedBatch(header, key.sign(header.signed_bytes), payload)


def live_frame(
    key: Ed25519PrivateKey,
    *,
    agent: str,
    number: int,
    previous: str,
    sequence: int,
    told_at: datetime,
    samples: pl.DataFrame,
    spans: Sequence[Span],
) -> LiveFrame:
    """The signed live frame `sequence` of what will be the batch `number` of `agent`; arguments and
    errors as with `seal`."""
    header, payload = _unsigned(
        agent, number, previous, told_at, samples, REJECTIONS.to_frame(), spans, {}
    )
    signature = key.sign(signed_bytes(sequence, header))
    return LiveFrame(sequence, SealedBatch(header, signature, payload))


def _unsigned(
    agent: str,
    number: int,
    previous: str,
    sealed_at: datetime,
    samples: pl.DataFrame,
    rejections: pl.DataFrame,
    spans: Sequence[Span],
    profiles: Mapping[str, str],
) -> tuple[BatchHeader, bytes]:
    samples = check(samples, SAMPLES, "samples to seal")
    rejections = check(rejections, REJECTIONS, "rejections to seal")
    samples_bytes = encode(samples)
    payload = samples_bytes + (encode(rejections) if rejections.height else b"")
    header = BatchHeader(
        agent=agent,
        number=number,
        previous=previous,
        payload_digest=payload_digest(payload),
        samples=samples.height,
        rejections=rejections.height,
        samples_size=len(samples_bytes),
        sealed_at=micros(sealed_at),
        spans=tuple(
            (span.line, span.machine, micros(span.start), micros(span.end))
            for span in merge_spans(spans)
        ),
        profiles=dict(profiles),
    )
    return header, payload


def encode(frame: pl.DataFrame) -> bytes:
    """The frame as one Arrow IPC stream, zstd; equal frames give equal bytes."""
    stream = BytesIO()
    columns = [_canonical(column) for column in frame.rechunk().get_columns()]
    pl.DataFrame(columns).write_ipc_stream(
        stream, compression="zstd", compat_level=pl.CompatLevel.oldest()
    )
    return stream.getvalue()


def _canonical(column: pl.Series) -> pl.Series:
    # Behind a null, and in the last byte of the validity bits, Arrow leaves whatever slicing
    # and joining put there. Only making such a column anew gives the same bytes every time.
    if column.len() and not column.null_count():
        return column
    plain = column.to_physical()
    return pl.Series(column.name, plain.to_list(), dtype=plain.dtype).cast(column.dtype)


def samples_frame(samples: Sequence[Samples]) -> pl.DataFrame:
    """SAMPLES, one row a sample, in their order."""
    parts: list[tuple[list[Any], ...]] = []
    for kind, together in groupby(samples, key=type):
        if kind is Sample:
            parts.append(_row_by_row(list(together)))
        else:
            parts += [_columns(it) for it in together if isinstance(it, SampleColumns)]
    names = ("line", "machine", "signal", "time", "received", "value", "text", "quality", "raw")
    lists = {
        name: list(chain.from_iterable(part[place] for part in parts))
        for place, name in enumerate(names)
    }
    times = {name: _instants(lists[name]) for name in ("time", "received")}
    texts = {name: _texts(lists[name]) for name in ("text", "raw")}
    return pl.DataFrame(lists | times | texts, schema=SAMPLES)


def _row_by_row(samples: Sequence[Any]) -> tuple[list[Any], ...]:
    """Their lines, machines and so on; times in microseconds."""
    return (
        [it.line for it in samples],
        [it.machine for it in samples],
        [it.signal for it in samples],
        [micros(it.time) for it in samples],
        [micros(it.received) for it in samples],
        [it.value for it in samples],
        [it.text for it in samples],
        [int(it.quality) for it in samples],
        [it.raw for it in samples],
    )


def _columns(samples: SampleColumns) -> tuple[list[Any], ...]:
    """The same of samples in columns."""
    count = len(samples)
    raws: list[str | None] = [None] * count
    for row, raw in samples.raws.items():
        raws[row] = raw
    return (
        [samples.line] * count,
        [samples.machine] * count,
        list(samples.signals),
        list(samples.times_us),
        [samples.received_us] * count,
        list(samples.values),
        [None] * count,
        [int(Quality.GOOD)] * count,
        raws,
    )


def rejections_frame(rejections: Sequence[Rejection]) -> pl.DataFrame:
    """REJECTIONS, one row a rejection, in their order."""
    return pl.DataFrame(
        {
            "line": [it.line for it in rejections],
            "machine": [it.machine for it in rejections],
            "address": _texts([it.address for it in rejections]),
            "raw": _texts([it.raw for it in rejections]),
            "time": _times([it.time for it in rejections]),
            "received": _times([it.received for it in rejections]),
            "reason": _texts([it.reason for it in rejections]),
        },
        schema=REJECTIONS,
    )


def _texts(texts: Sequence[str | None]) -> pl.Series:
    try:
        return pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:
        # JSON may escape half a surrogate pair: no text in UTF-8, and no reason to lose the row.
        return pl.Series(
            [None if it is None else it.encode("utf-8", "replace").decode() for it in texts],
            dtype=pl.String,
        )


def _times(instants: Sequence[datetime | None]) -> pl.Series:
    return _instants([None if instant is None else micros(instant) for instant in instants])


def _instants(us: Sequence[int | None]) -> pl.Series:
    # Through integers: exact, whatever zone the instants are in, and twice as fast.
    return pl.Series(us, dtype=pl.Int64).cast(UTC_US)


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """By line, machine and start; those that touch or overlap as one. Gaps stay gaps."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda it: (it.line, it.machine, it.start, it.end)):
        last = merged[-1] if merged else None
        if (
            last is not None
            and (last.line, last.machine) == (span.line, span.machine)
            and span.start <= last.end
        ):
            merged[-1] = Span(last.line, last.machine, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return merged
