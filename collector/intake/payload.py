"""Payload of a believed batch → BatchContent: frames that fit `domain.frames`.

Two kinds of trouble, kept apart. Bytes that are no frames, or frames with other columns
or another number of rows than the signed header says, are a broken agent: `PayloadError`,
the whole batch is refused. A single row that cannot be right (a signal outside the closed
list, a value that is no number, an impossible time) becomes a rejection with its reason,
and the rest is kept. Pure: it knows no store, no chain and no clock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from domain.batches import SealedBatch
from domain.errors import InputError
from domain.frames import REJECTIONS, SAMPLES, SPANS, check
from domain.samples import RAW_LENGTH_MAX, Quality
from domain.signals import AGENT_SIGNALS, SIGNALS, SignalKind, signal_named
from domain.source_faults import REPORT_MAX
from domain.states import MachineMode, MachineState
from domain.time import micros
from store.telemetry.protocol import BatchContent

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # older than any plant's history that is digital
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_MEASUREMENT = r"^measurement\.[a-z][a-z0-9_-]*\z"  # for polars
_NAMES = {"state": MachineState, "mode": MachineMode}
_CODES = {signal: {name.value: name.code for name in names} for signal, names in _NAMES.items()}
_NEVER_NULL = ("line", "machine", "signal", "time", "received", "quality")
_GOOD_ENOUGH = pl.col("quality") < int(Quality.BAD)
_FINITE = pl.col("value").is_finite()


class PayloadError(Exception):
    """The payload holds no frames of the agreed shape."""


def decode(batch: SealedBatch, latest: datetime = LATEST) -> BatchContent:
    """SAMPLES, SPANS and REJECTIONS of a batch; rows later than `latest` are rejected.

    Raises PayloadError when the payload cannot be what an agent seals.
    """
    header = batch.header
    samples = _frame(batch.samples_bytes, SAMPLES, "samples", header.samples)
    rejected = _frame(batch.rejections_bytes, REJECTIONS, "rejections", header.rejections)
    samples, unfit = sift(samples, latest)
    spans, odd = _spans(header.spans, header.sealed_at, latest)
    rejections = [frame for frame in (rejected, unfit, odd) if frame.height]
    return BatchContent(
        samples=samples,
        spans=spans,
        rejections=pl.concat(rejections) if rejections else REJECTIONS.to_frame(),
    )


def sift(samples: pl.DataFrame, latest: datetime = LATEST) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SAMPLES rows that fit, and the others as REJECTIONS with their reasons."""
    if _all_fit(samples, latest):
        return samples, REJECTIONS.to_frame()
    fits = samples.select(_fits(latest).fill_null(False).alias("fits"))["fits"]
    unfit = samples.filter(~fits).select(
        pl.col("line", "machine").fill_null(""),
        address=pl.col("signal").fill_null(""),
        raw=pl.coalesce("raw", _said()).fill_null("").str.slice(0, RAW_LENGTH_MAX),
        time=pl.col("time"),
        received=pl.col("received"),
        reason=_reason(latest),
    )
    return samples.filter(fits), check(unfit, REJECTIONS, "rejections")


def _said() -> pl.Expr:
    number, text = pl.col("value").cast(pl.String), pl.col("text")
    return (
        pl.when(_is_number()).then(pl.coalesce(number, text)).otherwise(pl.coalesce(text, number))
    )


def _frame(data: bytes, schema: pl.Schema, what: str, rows: int) -> pl.DataFrame:
    if not data and rows == 0:
        return schema.to_frame()
    try:
        frame = pl.read_ipc_stream(io.BytesIO(data))
        packed = [name for name, kind in frame.schema.items() if kind == pl.Categorical]
        frame = check(frame.cast(dict.fromkeys(packed, pl.String)), schema, what)
    except (pl.exceptions.PolarsError, TypeError, OSError, ValueError) as error:
        raise PayloadError(f"its {what} are no frame of the agreed shape ({error})") from None
    if frame.height != rows:
        raise PayloadError(f"it holds {frame.height} {what}, its header says {rows}")
    return frame


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


def _all_fit(samples: pl.DataFrame, latest: datetime) -> bool:
    """Whether every row fits, found out over the few different texts: the usual case, at a
    third of the cost of judging row by row. May say no where `_fits` says yes."""
    if samples.is_empty():
        return True
    if any(samples[name].null_count() for name in _NEVER_NULL):
        return False
    first, last = samples["time"].min(), samples["time"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    named = all(samples[name].str.len_bytes().min() for name in ("line", "machine"))
    if not named or first < EARLIEST or last > latest:
        return False
    value = pl.col("value")
    groups = samples.group_by("signal", "text", "quality").agg(
        rows=pl.len(),
        finite=value.is_finite().sum(),
        nulls=value.null_count(),
        low=value.min(),
        high=value.max(),
    )
    return all(_group_fits(*row) for row in groups.iter_rows())


def _group_fits(
    signal: str,
    text: str | None,
    quality: int,
    rows: int,
    finite: int,
    nulls: int,
    low: float | None,
    high: float | None,
) -> bool:
    """Whether the rows of one signal, text and quality fit. A bad one may have no value."""
    if quality >= int(Quality.BAD):
        return (
            quality == int(Quality.BAD)
            and text is None
            and nulls == rows
            and _kind(signal) is not None
        )
    if signal in _NAMES:
        codes = _CODES[signal]
        return finite == rows and text in codes and low == high == codes[text]
    if signal in AGENT_SIGNALS and text is not None and len(text) > REPORT_MAX:
        return False
    kind = _kind(signal)
    return text is not None if kind is SignalKind.TEXT else kind is not None and finite == rows


def _kind(signal: str) -> SignalKind | None:
    """None where it is not a signal."""
    if signal in AGENT_SIGNALS:
        return AGENT_SIGNALS[signal].kind
    try:
        return signal_named(signal).kind
    except InputError:
        return None


def _signals(*kinds: SignalKind) -> list[str]:
    every = (SIGNALS | AGENT_SIGNALS).values()
    return [signal.name for signal in every if signal.kind in kinds]


def _is_number() -> pl.Expr:
    known = pl.col("signal").is_in(_signals(SignalKind.COUNTER, SignalKind.GAUGE))
    return known | pl.col("signal").str.contains(_MEASUREMENT)


def _is_text() -> pl.Expr:
    return pl.col("signal").is_in(_signals(SignalKind.TEXT))


def _named(signal: str) -> pl.Expr:
    """A state or mode: name and permanent code agree; of bad quality it may have neither."""
    names = list(_NAMES[signal])
    code = pl.col("text").replace_strict(
        [name.value for name in names],
        [float(name.code) for name in names],
        default=None,
        return_dtype=pl.Float64,
    )
    nothing = pl.col("value").is_null() & pl.col("text").is_null()
    agrees = (code == pl.col("value")).fill_null(False) | (~_GOOD_ENOUGH & nothing)
    return (pl.col("signal") == signal) & agrees


def _in_time(latest: datetime) -> pl.Expr:
    return pl.col("time").is_between(EARLIEST, latest).fill_null(False)


def _fits(latest: datetime) -> pl.Expr:
    finite = _FINITE.fill_null(~_GOOD_ENOUGH)
    text = pl.col("text").is_not_null() | ~_GOOD_ENOUGH
    report = pl.col("signal").is_in(list(AGENT_SIGNALS))
    text &= ~report | (pl.col("text").str.len_chars() <= REPORT_MAX).fill_null(value=True)
    value = (_is_number() & finite) | (_is_text() & text) | _named("state") | _named("mode")
    return value & _in_time(latest) & _addressed() & (pl.col("quality") <= int(Quality.BAD))


def _addressed() -> pl.Expr:
    named = (pl.col("line").str.len_bytes() > 0) & (pl.col("machine").str.len_bytes() > 0)
    return named.fill_null(False) & pl.col("received").is_not_null()


def _reason(latest: datetime) -> pl.Expr:
    """Why a row that does not fit does not: the first cause in reading order."""
    state = pl.col("signal").is_in(list(_NAMES))
    return (
        pl.when(~_addressed())
        .then(pl.lit("no line, machine or time of receipt"))
        .when((state | _is_number() | _is_text()).not_().fill_null(True))
        .then(pl.lit("unknown signal"))
        .when(pl.col("time").is_null())
        .then(pl.lit("no time"))
        .when(~_in_time(latest))
        .then(pl.lit("impossible time"))
        .when((pl.col("quality") <= int(Quality.BAD)).not_().fill_null(True))
        .then(pl.lit("unknown quality"))
        .when(state)
        .then(pl.lit("not a name of the closed list, or another code than its name's"))
        .when(_is_number())
        .then(pl.lit("not a finite number"))
        .when(pl.col("text").is_not_null())
        .then(pl.lit("a report that is too long"))
        .otherwise(pl.lit("no text"))
    )
