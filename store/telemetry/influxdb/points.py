"""How telemetry is laid out as points of InfluxDB, so that a repeat overwrites itself.

A point is known by measurement, tags and time, and one of the same identity overwrites it. So
every identity is made of content alone:

- samples (tags line, machine, signal): the source time in nanoseconds, whose last three digits
  are a hash of value, text and quality. The same sample again is the same point; different ones of
  one microsecond stay apart, those of the same hash too (store.telemetry.influxdb.places).
- spans, long_spans (tags line, machine): the start, its last digits a hash of the end. A span
  longer than a day is in `long_spans`, so a window has to look back one day only in `spans`.
- samples and spans hold, as the field `received_us`, when the first batch that brought them was
  received: a repeat of the point in a later batch keeps it (store.telemetry.influxdb.receipts).
  What came through of a batch that was cut off counts from then, as whoever read it saw it.
- rejections (tags line, agent): the time of receipt, moved by batch number and row so that
  every row has its own; the true time is a field.
- batches (tag agent), marks (tag line), cleared (tag line): batch number or mark id as time.
- layout (no tags, time 0): the `number` of the layout that the bucket was begun with. The first
  layout left none, and its points no `received_us`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.time import micros
from store.telemetry.influxdb.line_protocol import line_protocol
from store.telemetry.protocol import BatchContent, BatchRecord

DAY = timedelta(days=1)
LAYOUT = 2
TAGS = {  # of the telemetry that is known by its content
    "samples": ("line", "machine", "signal"),
    "spans": ("line", "machine"),
    "long_spans": ("line", "machine"),
}
_ROWS_PER_BATCH = 2**14
_BATCHES = 2**20

BATCHES = pl.Schema(
    {
        "agent": pl.String(),
        "time_ns": pl.Int64(),
        "digest": pl.String(),
        "samples": pl.Int64(),
        "rejections": pl.Int64(),
        "first_us": pl.Int64(),
        "last_us": pl.Int64(),
        "received_us": pl.Int64(),
    }
)


def telemetry_points(content: BatchContent) -> Iterator[tuple[str, pl.DataFrame]]:
    """Samples and spans of a batch by measurement, of those that it has: TAGS, `time_ns` and
    fields, without when they were received."""
    spans = _span_points(content.spans)
    is_long = pl.col("end") - pl.col("start") > DAY
    for measurement, points in (
        ("samples", _sample_points(content.samples)),
        ("spans", spans.filter(~is_long).drop("start", "end")),
        ("long_spans", spans.filter(is_long).drop("start", "end")),
    ):
        if not points.is_empty():
            yield measurement, points


def _sample_points(samples: pl.DataFrame) -> pl.DataFrame:
    return samples.select(
        *TAGS["samples"],
        "value",
        "text",
        "quality",
        time_ns=pl.col("time").dt.epoch("us") * 1000 + _sample_variant(samples),
    )


def _span_points(spans: pl.DataFrame) -> pl.DataFrame:
    ends = spans["end"].dt.epoch("us")
    return spans.with_columns(
        end_us=ends,
        time_ns=pl.col("start").dt.epoch("us") * 1000 + _variant(ends.to_numpy().astype(np.uint64)),
    )


def rejection_lines(record: BatchRecord, rejections: pl.DataFrame) -> Iterator[bytes]:
    return line_protocol("rejections", _rejection_points(record, rejections), ("line", "agent"))


def _rejection_points(record: BatchRecord, rejections: pl.DataFrame) -> pl.DataFrame:
    shift = (record.number % _BATCHES) * _ROWS_PER_BATCH
    return rejections.with_row_index("row").select(
        "line",
        "machine",
        "address",
        "raw",
        "reason",
        agent=pl.lit(record.agent),
        source_us=pl.col("time").dt.epoch("us"),
        received_us=pl.col("received").dt.epoch("us"),
        time_ns=pl.col("received").dt.epoch("us") * 1000 + shift + pl.col("row").cast(pl.Int64()),
    )


def mark_lines(marks: pl.DataFrame) -> Iterator[bytes]:
    """Dirty marks: `store.telemetry.frames.MARKS` with their ids."""
    return line_protocol("marks", marks.rename({"id": "time_ns"}), ("line",))


def ledger_lines(records: Sequence[BatchRecord]) -> Iterator[bytes]:
    rows = [
        (
            record.agent,
            record.number,
            record.digest,
            record.samples,
            record.rejections,
            None if record.first_time is None else micros(record.first_time),
            None if record.last_time is None else micros(record.last_time),
            micros(record.received),
        )
        for record in records
    ]
    return line_protocol("batches", pl.DataFrame(rows, schema=BATCHES, orient="row"), ("agent",))


def _sample_variant(samples: pl.DataFrame) -> pl.Series:
    """0…999 by value, text and quality."""
    bits = samples["value"].fill_null(np.nan).to_numpy().copy().view(np.uint64)
    texts = samples["text"].unique().drop_nulls().to_list()
    codes = {text: zlib.crc32(text.encode()) + 1 for text in texts}
    text_codes = samples["text"].replace_strict(codes, default=0, return_dtype=pl.UInt64())
    qualities = samples["quality"].to_numpy().astype(np.uint64)
    with np.errstate(over="ignore"):
        return _variant(
            bits
            ^ (text_codes.to_numpy() * np.uint64(0x9E3779B97F4A7C15))
            ^ (qualities << np.uint64(7))
        )


def _variant(content: npt.NDArray[np.uint64]) -> pl.Series:
    """0…999, the same on every machine and in every version: SplitMix64's finaliser, in which
    every bit of the content moves every bit of the result."""
    with np.errstate(over="ignore"):
        mixed = (content ^ (content >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return pl.Series("variant", (mixed % np.uint64(1000)).astype(np.int64))
