"""Readings of counters that were not believed lately, of every line on the board.

The facts on the board say by flags in which slices there are any: samples are read of these closed
slices alone, once, and the open one is read already. So where all is well this costs nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from analytics.facts.line_facts import FactsWindow
from analytics.facts.refused_readings import FLAGS, RefusedReading, refused_readings_in
from domain.time import Window, instant
from store.history.line_history import line_history
from store.telemetry.protocol import TelemetryReader


@dataclass(frozen=True, slots=True)
class RefusedLately:
    """`count` readings of the counter `role` of a machine since the first of them. `leapt` as in
    RefusedReading."""

    machine: str
    role: str
    leapt: bool
    count: int
    since: datetime


class RefusedOnBoard:
    """Remembers by line what was read. For one caller at a time; raises StorageError when the store
    does."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._closed: dict[str, tuple[Hashable, list[RefusedReading]]] = {}

    def forget(self, line: str) -> None:
        """The line is no more."""
        self._closed.pop(line, None)

    def lately(
        self, closed: pl.DataFrame, version: Hashable, opened: FactsWindow, of_now: pl.DataFrame
    ) -> tuple[RefusedLately, ...]:
        """Of the FACTS of closed slices (as they are in that version) and of the open one."""
        found = self._of_closed(closed, version, opened)
        if _flagged(of_now):
            window = Window(opened.start, opened.end)
            line = opened.plant.lines[opened.line]
            found = [*found, *refused_readings_in(opened.plant, line, opened.history, window)]
        return tuple(_summed(found))

    def _of_closed(
        self, closed: pl.DataFrame, version: Hashable, opened: FactsWindow
    ) -> list[RefusedReading]:
        slices = _flagged(closed)
        key = version, tuple(slices)
        known = self._closed.get(opened.line)
        if known is None or known[0] != key:
            known = key, [it for window in slices for it in self._of_slice(opened, window)]
            self._closed[opened.line] = known
        return known[1]

    def _of_slice(self, opened: FactsWindow, window: Window) -> Iterator[RefusedReading]:
        history = line_history(self._telemetry, opened.line, window.start, window.end)
        line = opened.plant.lines[opened.line]
        return refused_readings_in(opened.plant, line, history, window)


def _flagged(facts: pl.DataFrame) -> list[Window]:
    """The slices in which readings were not believed."""
    if not (facts["flags"].to_numpy() & FLAGS).any():
        return []
    found = facts.filter((pl.col("flags") & FLAGS) != 0)
    return [Window(*row) for row in found.select("start", "end").unique().sort("start").rows()]


def _summed(readings: Iterable[RefusedReading]) -> Iterator[RefusedLately]:
    times: dict[tuple[str, str, bool], list[int]] = {}
    for it in readings:
        times.setdefault((it.machine, it.role, it.leapt), []).append(it.at_us)
    for (machine, role, leapt), each in sorted(times.items()):
        yield RefusedLately(machine, role, leapt, len(each), instant(min(each)))
