"""What every telemetry store does to frames, whatever database it keeps them in.

Rules: a value that is no finite number is kept as null (no database here tells NaN from
absent everywhere), and -0.0 is 0.0; contradictions are settled by content (best quality,
larger value, larger text), never by arrival; spans that touch become one. Pure polars; knows
no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from domain.frames import FACTS, HISTORY, REJECTIONS, SAMPLES, SPANS, UTC_US, LineHistory, check
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
_NO_FACTS = FACTS.to_frame()
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
    signals = samples.group_by("line", "machine", "signal").agg(
        start=pl.col("time").min(), end=pl.col("time").max()
    )
    machines = spans.group_by("line", "machine").agg(
        pl.lit("").alias("signal"), pl.col("start").min(), pl.col("end").max()
    )
    return pl.concat([check(signals, MARKS, "marks"), check(machines, MARKS, "marks")]).sort(
        "line", "machine", "signal"
    )


def resolved(samples: pl.DataFrame) -> pl.DataFrame:
    """HISTORY rows sorted by machine, signal and time, one for each: of contradicting ones
    the best quality, then the larger value, then the larger text (null is the smallest)."""
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
        ordered = _best(ordered, keys)
    return ordered.with_columns(pl.col(key).cast(pl.String) for key in keys)


def settled(samples: pl.DataFrame) -> pl.DataFrame:
    """The same for the samples of one series, without machine and signal: mostly they lie in
    the order of time already, and nothing is to be done."""
    times = samples["time"].cast(pl.Int64).to_numpy()
    if (times[1:] > times[:-1]).all():
        return samples
    return _best(samples, [])


def _best(samples: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Sorted by the keys and time; of several of one time the best."""
    return samples.sort(
        *keys,
        "time",
        "quality",
        "value",
        "text",
        descending=[False] * (len(keys) + 2) + [True, True],
        nulls_last=True,
    ).unique([*keys, "time"], keep="first", maintain_order=True)


def with_neighbours(samples: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Of resolved HISTORY rows those in [start, end) and, for each machine and signal, the
    last one before and the first one at or after."""
    keys = ("machine", "signal")
    time = pl.col("time")
    inside = samples.filter(time >= start, time < end)
    before = samples.filter(time < start).group_by(keys, maintain_order=True).last()
    after = samples.filter(time >= end).group_by(keys, maintain_order=True).first()
    if before.is_empty() and after.is_empty():
        return inside
    return pl.concat([before, inside, after]).sort(*keys, "time")


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
    neighboured = with_neighbours(resolved(samples), start, end)
    return settled_history(line, start, end, neighboured, spans)


def settled_history(
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
