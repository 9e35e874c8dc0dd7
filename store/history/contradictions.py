"""The instants at which a series contradicts itself (domain.instants), read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from domain.frames import HISTORY
from domain.instants import Micros, settled, what_is_left
from domain.time import MICROSECOND, instant, micros
from store.history.anchored import SeriesReader, left_at

_PAGE = timedelta(days=7)


class NeighbourReader(SeriesReader, Protocol):
    """What is asked of a store."""

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]: ...


def contradictions(
    store: NeighbourReader, line: str, machine: str, signal: str, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Those in [start, end], in order."""
    before, _ = store.neighbours(line, machine, signal, start, start)
    left = HISTORY.to_frame()
    if before is not None:
        left = left_at(store, line, machine, signal, before)
    while start <= end:
        until = min(start + _PAGE, end + MICROSECOND)
        samples = pl.concat([left, store.said(line, machine, signal, start, until)])
        times = _times(samples)
        for begin, _ in settled(signal, samples, times).contradictions.tolist():
            if begin >= micros(start):
                yield instant(begin)
        left = what_is_left(signal, samples, times)
        start = until


def _times(samples: pl.DataFrame) -> Micros:
    return samples["time"].cast(pl.Int64).to_numpy()
