"""Neighbours that count: the nearest samples before and after a window that say anything.

A counter or text sample of bad quality, or without a value, is no neighbour: an increment
goes on across it and a text holds across it. The usual case costs one query; only where the
nearest sample is unusable does the search look further, in steps that grow.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from domain.samples import Quality
from store.protocol import TelemetryStore

_MICROSECOND = timedelta(microseconds=1)
_FIRST_STEP = timedelta(hours=1)
_GROWTH = 8


def usable(samples: pl.DataFrame) -> pl.DataFrame:
    """Of HISTORY or SAMPLES rows those that say something."""
    something = pl.col("value").is_not_null() | pl.col("text").is_not_null()
    return samples.filter((pl.col("quality") != int(Quality.BAD)) & something)


def usable_neighbours(
    store: TelemetryStore, line: str, machine: str, signal: str, start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    """Like `TelemetryStore.neighbours`, of usable samples alone: the time of the last one
    before `start` and of the first one after `end`."""
    before, after = store.neighbours(line, machine, signal, start, end)
    if before is not None and not _times(store, line, machine, signal, before, before):
        before = _before(store, line, machine, signal, before)
    if after is not None and not _times(store, line, machine, signal, after, after):
        after = _after(store, line, machine, signal, after)
    return before, after


def _before(
    store: TelemetryStore, line: str, machine: str, signal: str, at: datetime
) -> datetime | None:
    extent, step = store.extent(line), _FIRST_STEP
    while extent is not None and at > extent.start:
        begin = max(at - step, extent.start)
        found = _times(store, line, machine, signal, begin, at - _MICROSECOND)
        if found:
            return found[-1]
        at, step = begin, step * _GROWTH
    return None


def _after(
    store: TelemetryStore, line: str, machine: str, signal: str, at: datetime
) -> datetime | None:
    extent, step = store.extent(line), _FIRST_STEP
    while extent is not None and at < extent.end:
        finish = min(at + step, extent.end)
        found = _times(store, line, machine, signal, at + _MICROSECOND, finish)
        if found:
            return found[0]
        at, step = finish, step * _GROWTH
    return None


def _times(
    store: TelemetryStore, line: str, machine: str, signal: str, first: datetime, last: datetime
) -> list[datetime]:
    """Times of the usable samples in [first, last], sorted."""
    samples = store.history(line, first, last + _MICROSECOND).samples.filter(
        pl.col("machine") == machine,
        pl.col("signal") == signal,
        pl.col("time").is_between(first, last),
    )
    return usable(samples)["time"].sort().to_list()
