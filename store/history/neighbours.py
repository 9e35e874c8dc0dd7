"""Neighbours that count: the nearest samples before and after a window that say anything.

A counter's sample of bad quality, or without a value, is no neighbour: an increment goes on across
it. Mostly a history that was read anyway has them. The
store is asked only beyond it: one query, and where the nearest sample is unusable a search
further on, in steps that grow.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.frames import LineHistory
from domain.instants import says_something
from domain.time import MICROSECOND, Window, instant, micros

_FIRST_STEP = timedelta(hours=1)
_GROWTH = 8
_Micros = npt.NDArray[np.int64]


class HistoryReader(Protocol):
    """What is asked of a store to find neighbours."""

    def extent(self, line: str) -> Window | None: ...

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]: ...

    def history(self, line: str, start: datetime, end: datetime) -> LineHistory: ...

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame: ...


class Nearest:
    """Times of the line's samples around any stretch of time: from the history where it holds
    them, else from the store."""

    def __init__(self, store: HistoryReader, line: str, history: LineHistory | None) -> None:
        self._store = store
        self._line = line
        self._history = history

    def usable(
        self, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Of the usable samples the last one before `start` and the first one after `end`."""
        if self._holds(start, end):
            every, usable_ones = self._times(machine, signal)
            found = _around(usable_ones, start, end)
            # A history has the nearest sample on each side; if that is of no use, look further.
            pairs = zip(found, _around(every, start, end), strict=True)
            if all((one is None) == (any_one is None) for one, any_one in pairs):
                return found
        return usable_neighbours(self._store, self._line, machine, signal, start, end)

    def onwards(
        self, machine: str, signal: str, at: datetime | None, count: int, *, back: bool
    ) -> list[datetime]:
        """The usable sample at that time and those beyond it, the nearest first, `count` in all
        if there are so many: `back` in time, or on. None: there is none at all."""
        if at is None:
            return []
        found = [at, *self._further(machine, signal, at, count - 1, back)]
        series = self._line, machine, signal
        lacking, step = count - len(found), _FIRST_STEP
        if len(found) > 1:  # about as far as so many more are likely to lie
            step = abs(found[-1] - at) / (len(found) - 1) * (lacking + 1)
        return found + _beyond(self._store, *series, found[-1], lacking, back=back, step=step)

    def any(
        self, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Of all samples, usable or not."""
        if self._holds(start, end):
            return _around(self._times(machine, signal)[0], start, end)
        return self._store.neighbours(self._line, machine, signal, start, end)

    def alone_from(self, machine: str, signal: str, at: datetime) -> datetime | None:
        """The first instant from `at` on (where the series has a sample) at which one thing alone
        was said: what was left before it does not matter to it. None: there is none."""
        begin, step = at, _FIRST_STEP
        if self._history is not None and self._history.start <= at <= self._history.end:
            every, _ = self._times(machine, signal)
            alone = _first_alone(every[every.searchsorted(micros(at)) :])
            if alone is not None or not len(every):
                return alone
            begin = instant(int(every[-1])) + MICROSECOND
        extent = self._store.extent(self._line)
        while extent is not None and begin <= extent.end:
            end = begin + step
            samples = self._store.said(self._line, machine, signal, begin, end)
            alone = _first_alone(samples["time"].cast(pl.Int64).to_numpy())
            if alone is not None:
                return alone
            begin, step = end, step * _GROWTH
        return None

    def _further(
        self, machine: str, signal: str, at: datetime, count: int, back: bool
    ) -> list[datetime]:
        """Of the usable samples beyond that time those that the history holds, the nearest
        first."""
        if not self._holds(at, at):
            return []
        times = np.unique(self._times(machine, signal)[1])
        if back:
            end = int(times.searchsorted(micros(at), side="left"))
            return [instant(int(it)) for it in times[max(end - count, 0) : end][::-1]]
        first = int(times.searchsorted(micros(at), side="right"))
        return [instant(int(it)) for it in times[first : first + count]]

    def has(self, machine: str, signal: str, at: datetime) -> bool:
        """Whether the history has a sample of the series at that time."""
        every, _ = self._times(machine, signal)
        place = int(every.searchsorted(micros(at)))
        return place < len(every) and int(every[place]) == micros(at)

    def _holds(self, start: datetime, end: datetime) -> bool:
        """Whether the history names the nearest samples before `start` and after `end`."""
        it = self._history
        return (
            it is not None
            and it.start <= start <= it.end
            and it.start <= end + MICROSECOND <= it.end
        )

    def _times(self, machine: str, signal: str) -> tuple[_Micros, _Micros]:
        """When the series has samples in the history: all of them, and the usable ones."""
        assert self._history is not None
        rows = self._history.rows_of(machine, signal)
        every = self._history.times[rows.start : rows.stop]
        return every, every[self._history.usable[rows.start : rows.stop]]


def _around(
    times: _Micros, start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    if not len(times):
        return None, None
    low = int(times.searchsorted(micros(start), side="left"))
    high = int(times.searchsorted(micros(end), side="right"))
    return (
        instant(int(times[low - 1])) if low else None,
        instant(int(times[high])) if high < len(times) else None,
    )


def _first_alone(times: _Micros) -> datetime | None:
    """The first of the sorted times that is there once."""
    found, counts = np.unique(times, return_counts=True)
    alone = found[counts == 1]
    return instant(int(alone[0])) if len(alone) else None


def usable_neighbours(
    store: HistoryReader, line: str, machine: str, signal: str, start: datetime, end: datetime
) -> tuple[datetime | None, datetime | None]:
    """Like `TelemetryReader.neighbours`, of usable samples alone: the time of the last one
    before `start` and of the first one after `end`."""
    before, after = store.neighbours(line, machine, signal, start, end)
    if before is not None and not _times(store, line, machine, signal, before, before):
        before = _before(store, line, machine, signal, before)
    if after is not None and not _times(store, line, machine, signal, after, after):
        after = _after(store, line, machine, signal, after)
    return before, after


def _before(
    store: HistoryReader, line: str, machine: str, signal: str, at: datetime
) -> datetime | None:
    return next(iter(_beyond(store, line, machine, signal, at, 1, back=True)), None)


def _after(
    store: HistoryReader, line: str, machine: str, signal: str, at: datetime
) -> datetime | None:
    return next(iter(_beyond(store, line, machine, signal, at, 1, back=False)), None)


def _beyond(
    store: HistoryReader,
    line: str,
    machine: str,
    signal: str,
    at: datetime,
    count: int,
    *,
    back: bool,
    step: timedelta = _FIRST_STEP,
) -> list[datetime]:
    """Times of up to so many usable samples before `at` or after it, the nearest first. The first
    `step` that is looked at is that long."""
    found: list[datetime] = []
    extent, step = store.extent(line) if count > 0 else None, max(step, MICROSECOND)
    while extent is not None and len(found) < count:
        if at <= extent.start if back else at >= extent.end:
            break
        if back:
            begin = max(at - step, extent.start)
            times = _times(store, line, machine, signal, begin, at - MICROSECOND)[::-1]
            at = begin
        else:
            finish = min(at + step, extent.end)
            times = _times(store, line, machine, signal, at + MICROSECOND, finish)
            at = finish
        found += dict.fromkeys(times)
        step *= _GROWTH
    return found[: max(count, 0)]


def _times(
    store: HistoryReader, line: str, machine: str, signal: str, first: datetime, last: datetime
) -> list[datetime]:
    """Times of the usable samples in [first, last], sorted."""
    samples = samples_of(store, line, machine, signal, first, last)
    return samples["time"].filter(says_something(samples)).to_list()


def samples_of(
    store: HistoryReader, line: str, machine: str, signal: str, first: datetime, last: datetime
) -> pl.DataFrame:
    """The samples of one series in [first, last], sorted."""
    return store.said(line, machine, signal, first, last + MICROSECOND)
