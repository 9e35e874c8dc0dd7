"""Histories whose beginning says what was left there.

What holds at an instant at which several things were said depends on what was left before it
(domain.instants), back to an instant at which one thing alone was said:

    said      producing | producing, stopped | stopped, producing | producing, idle
    history                                           |-----------------------------
    anchored                                              producing | producing, idle

A history that begins with such an instant gets what is left there in place of what was said, so
that it does not matter how far it reaches back. Mostly there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import polars as pl

from domain.frames import LineHistory
from domain.instants import Micros, what_is_left
from domain.signals import SignalKind, signal_kind
from domain.time import MICROSECOND, Window, instant, micros

_FIRST_STEP = timedelta(hours=1)
_GROWTH = 8


class SeriesReader(Protocol):
    """What is asked of a store to find what was left."""

    def extent(self, line: str) -> Window | None: ...

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame: ...


def anchored(store: SeriesReader, history: LineHistory) -> LineHistory:
    """The history, each of whose series begins with what is left at its first instant."""
    return _with_begins(
        history,
        lambda machine, signal, at: left_at(store, history.line, machine, signal, at),
    )


def trimmed(history: LineHistory, start: datetime) -> LineHistory:
    """An anchored history from a later start on: of each series what is left at the last instant
    before it stays."""
    time = pl.col("time")
    last = time.filter(time < start).max().over("machine", "signal")
    samples = history.samples.filter((time >= start) | (time == last))
    spans = history.spans.filter(pl.col("end") >= start)

    def left(machine: str, signal: str, at: datetime) -> pl.DataFrame:
        said, times = history.said(machine, signal)
        upto = int(times.searchsorted(micros(at), side="right"))
        return what_is_left(signal, said[:upto], times[:upto])

    return _with_begins(replace(history, start=start, samples=samples, spans=spans), left)


def _with_begins(
    history: LineHistory, left: Callable[[str, str, datetime], pl.DataFrame]
) -> LineHistory:
    """The history with what is `left` at the first instant of each series that has several samples
    there, told by machine, signal and that instant."""
    begins = list(_crowded_begins(history))
    if not begins:
        return history
    parts, done = [], 0
    for rows in begins:
        machine, signal, *_ = history.samples.row(rows.start)
        parts.append(history.samples[done : rows.start])
        parts.append(left(machine, signal, instant(int(history.times[rows.start]))))
        done = rows.stop
    samples = pl.concat([*parts, history.samples[done:]], rechunk=True)
    return replace(history, samples=samples)


def left_at(
    store: SeriesReader, line: str, machine: str, signal: str, at: datetime
) -> pl.DataFrame:
    """What is left at an instant of a series: HISTORY rows."""
    samples = store.said(line, machine, signal, at, at + MICROSECOND)
    extent, step, begin = store.extent(line), _FIRST_STEP, at
    while extent is not None and begin > extent.start and not _has_anchor(samples):
        end, begin = begin, max(begin - step, extent.start)
        samples = pl.concat([store.said(line, machine, signal, begin, end), samples])
        step *= _GROWTH
    return what_is_left(signal, samples, _times(samples))


def _crowded_begins(history: LineHistory) -> Iterator[range]:
    """The rows of the first instant of each series where that has several."""
    same = np.append(history.times[1:] == history.times[:-1], False)
    if not same.any():
        return
    for series in sorted(history.all_series):
        rows = history.rows_of(*series)
        times = history.times[rows.start : rows.stop]
        count = int(times.searchsorted(times[0], side="right"))
        if count > 1 and signal_kind(series[1]) is not SignalKind.COUNTER:
            yield range(rows.start, rows.start + count)


def _has_anchor(samples: pl.DataFrame) -> bool:
    """Whether there is an instant with one sample alone."""
    times = _times(samples)
    again = times[1:] == times[:-1]
    return not bool((np.append(False, again) | np.append(again, False)).all())


def _times(samples: pl.DataFrame) -> Micros:
    return samples["time"].cast(pl.Int64).to_numpy()
