"""What every telemetry store does to frames, whatever database it keeps them in.

Rules: a value that is no finite number is kept as null (no database here tells NaN from
absent everywhere), and -0.0 is 0.0; the same thing said twice counts once, and different things
said at one instant all stay, in an order of their own and not of arrival (what then holds, says
domain.instants); spans that touch become one. Pure polars; knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.frames import FACTS, HISTORY, REJECTIONS, SAMPLES, SPANS, UTC_US, LineHistory, check
from domain.instants import rise
from domain.time import Window, micros
from store.telemetry.protocol import BatchContent

MARKS = pl.Schema(
    {
        "line": pl.String(),
        "machine": pl.String(),
        "signal": pl.String(),
        "start": UTC_US,
        "end": UTC_US,
    }
)
MACHINE_SPANS = pl.Schema({"machine": pl.String(), "start": UTC_US, "end": UTC_US})
REJECTION_COUNTS = pl.Schema(
    {"line": pl.String(), "machine": pl.String(), "reason": pl.String(), "count": pl.Int64()}
)
# What could not be used in some time; `raw`: the last of it.
REJECTED = pl.Schema(
    {
        "line": pl.String(),
        "machine": pl.String(),
        "address": pl.String(),
        "reason": pl.String(),
        "count": pl.Int64(),
        "last": UTC_US,
        "raw": pl.String(),
    }
)
_NO_FACTS = FACTS.to_frame()
Micros = npt.NDArray[np.int64]
SERIES = ("line", "machine", "signal")  # what names the series of a sample
CONTENT = ("value", "text", "quality")  # of a sample
FACT_KEYS = ("start", "plan", "mode", "order", "product", "reason_kind")


def checked(content: BatchContent) -> BatchContent:
    """The content, held against its schemas, values made finite. Raises TypeError."""
    value = pl.col("value")
    return BatchContent(
        samples=check(content.samples, SAMPLES, "samples").with_columns(
            # Not value + 0.0: polars leaves that sum out, and -0.0 stays.
            pl.when(value == 0.0).then(0.0).when(value.is_finite()).then(value).alias("value")
        ),
        spans=check(content.spans, SPANS, "spans"),
        rejections=check(content.rejections, REJECTIONS, "rejections"),
    )


def marks_of(samples: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """What changed and where (MARKS): a row for each signal, and one with signal "" for each
    machine whose confirmed time grew."""
    keys, time = distinguishing(samples), pl.col("time")
    others = [pl.col(name).first() for name in SERIES if name not in keys]
    extents = samples.group_by(keys).agg(*others, start=time.min(), end=time.max())
    signals = extents.select(MARKS.names())
    machines = spans.group_by("line", "machine").agg(
        pl.lit("").alias("signal"), pl.col("start").min(), pl.col("end").max()
    )
    return pl.concat([check(signals, MARKS, "marks"), check(machines, MARKS, "marks")]).sort(
        "line", "machine", "signal"
    )


def distinguishing(samples: pl.DataFrame) -> list[str]:
    """Which columns of SERIES tell the series of these SAMPLES apart: mostly the signal alone,
    and comparing one column of texts costs a third of comparing three."""
    return [
        name
        for name in SERIES
        if name == "signal" or samples.is_empty() or (samples[name] != samples[name][0]).any()
    ]


def distinct(samples: pl.DataFrame) -> pl.DataFrame:
    """HISTORY rows sorted by machine, signal, time and content, each once."""
    samples = check(samples, HISTORY, "samples")
    if samples.is_empty():
        return samples
    # Sorting small integers is several times faster than sorting names.
    names = {key: pl.Enum(samples[key].unique().sort()) for key in ("machine", "signal")}
    keys = list(names)
    ordered = samples.with_columns(pl.col(key).cast(kind) for key, kind in names.items()).sort(
        *keys, "time"
    )
    again = pl.all_horizontal(pl.col(key) == pl.col(key).shift() for key in (*keys, "time"))
    if ordered.select(again.any()).item():
        ordered = _each_once(ordered, keys)
    return ordered.with_columns(pl.col(key).cast(pl.String) for key in keys)


def distinct_of_series(samples: pl.DataFrame) -> pl.DataFrame:
    """The same for the samples of one series, without machine and signal: mostly they lie in
    the order of time already, and nothing is to be done."""
    times = samples["time"].cast(pl.Int64).to_numpy()
    return samples if rise(times) else _each_once(samples, [])


def _each_once(samples: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Sorted by the keys, time and content, nulls first."""
    order = [*keys, "time", *CONTENT]
    return samples.sort(order).unique(order, keep="first", maintain_order=True)


def around(times: Micros, start: datetime, end: datetime) -> slice:
    """Of sorted times those in [start, end) with the last instant before and the first one
    at or after."""
    first, last = times.searchsorted([micros(start), micros(end)]).tolist()
    if first:
        first = int(times.searchsorted(times[first - 1], side="left"))
    if last < len(times):
        last = int(times.searchsorted(times[last], side="right"))
    return slice(first, last)


def with_neighbours(samples: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Of distinct HISTORY rows those in [start, end) and, for each machine and signal, those of
    the last instant before and of the first one at or after."""
    keys = ("machine", "signal")
    time = pl.col("time")
    last = (time == time.filter(time < start).max().over(keys)).fill_null(value=False)
    first = (time == time.filter(time >= end).min().over(keys)).fill_null(value=False)
    return samples.filter(((time >= start) & (time < end)) | last | first)


def merged_spans(spans: pl.DataFrame) -> pl.DataFrame:
    """MACHINE_SPANS rows (or, of several lines, with their line in front), sorted; those of a
    machine that overlap or touch are one."""
    machine = spans.columns[:-2]
    spans = spans.sort(spans.columns)
    starts, ends = (spans[name].cast(pl.Int64).to_numpy() for name in ("start", "end"))
    new = np.zeros(len(starts), dtype=bool)  # another machine's
    for name in machine:
        new[1:] |= (spans[name][1:] != spans[name][:-1]).to_numpy()
    until, first = ends.copy(), new.copy()
    for run in np.split(np.arange(len(starts)), np.flatnonzero(new)):
        until[run] = np.maximum.accumulate(ends[run])
        first[run[1:]] = starts[run[1:]] > until[run[:-1]]
    first[:1] = True
    if first.all():
        return spans
    last = np.append(first[1:], True)
    merged = spans[np.flatnonzero(first)]
    return merged.replace_column(len(machine) + 1, pl.Series("end", until[last]).cast(UTC_US))


def history_of_samples(
    line: str, start: datetime, end: datetime, samples: pl.DataFrame, spans: pl.DataFrame
) -> LineHistory:
    """The history from all samples that matter and possibly more, and spans likewise."""
    neighboured = with_neighbours(distinct(samples), start, end)
    return history_of(line, start, end, neighboured, spans)


def history_of(
    line: str, start: datetime, end: datetime, samples: pl.DataFrame, spans: pl.DataFrame
) -> LineHistory:
    """The history from the samples that it is to have, and possibly more spans."""
    touching = spans.filter(pl.col("end") >= start, pl.col("start") <= end)
    return LineHistory(
        line=line,
        start=start,
        end=end,
        samples=check(samples, HISTORY, "samples"),
        spans=merged_spans(check(touching, MACHINE_SPANS, "spans")),
    )


def checked_facts(facts: pl.DataFrame, line: str, windows: Sequence[Window]) -> pl.DataFrame:
    """The facts, held against their schema. Raises ValueError where a row belongs to another
    line or lies outside the windows it is to replace: it would count twice."""
    if not windows and facts.is_empty():
        return _NO_FACTS  # marks alone are cleared, of many lines at a time
    facts = check(facts, FACTS, "facts")
    starts, ends = (facts[name].cast(pl.Int64).to_numpy() for name in ("start", "end"))
    inside = np.zeros(facts.height, dtype=bool)
    for window in windows:
        inside |= (starts >= micros(window.start)) & (ends <= micros(window.end))
    stray = (facts["line"] != line).to_numpy() | ~inside
    if stray.any():
        raise ValueError(
            f"{stray.sum()} facts lie outside the replaced windows of {line}, the first at "
            f"{facts.filter(stray)['start'][0].isoformat()}"
        )
    return facts
