"""Site visits with what the sealed series says beside each reading: now, and as it was known when
the reading was entered.

What came in since may have been made to fit what an officer had written down; where it changes
anything, the reading `is_late`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from analytics.milestones.panel_readings import Comparison, held_against_series
from api.queries.lines import Queries
from domain.errors import StorageError
from domain.frames import LineHistory
from domain.instants import says_something
from domain.plant import Confidential, Withheld
from domain.site_visits import PanelReading, SiteVisit, minute_of
from domain.time import Window


@dataclass(frozen=True, slots=True)
class ComparedReading:
    """`then`: by what had come in when it was entered; None where the store cannot tell."""

    reading: PanelReading
    now: Comparison
    then: Comparison | None

    @property
    def is_late(self) -> bool:
        """Whether what was sealed is another thing than it was when the reading was entered."""
        if self.then is None:
            return False
        now, then = self.now, self.then
        return (now.agreement, now.low, now.high) != (then.agreement, then.low, then.high)


@dataclass(frozen=True, slots=True)
class ComparedVisit:
    visit: SiteVisit
    readings: tuple[ComparedReading, ...]


def compared_visits(queries: Queries, ref: str) -> list[ComparedVisit]:
    """Every visit of the project, in the order of their numbers."""
    return [compared_visit(queries, it) for it in queries.site_visits(ref)]


def compared_visit(queries: Queries, visit: SiteVisit) -> ComparedVisit:
    now, then = _Around(queries, visit, None), _Around(queries, visit, visit.recorded_at)
    found = []
    for it in visit.readings:
        present = now.compared(it)
        assert present is not None, "what came in up to now is always known"
        found.append(ComparedReading(it, present, then.compared(it)))
    return ComparedVisit(visit, tuple(found))


def without_figures(it: Comparison, withheld: Withheld) -> Comparison:
    """As it is shown to whom the plant tells no raw samples: whether they agree, and no more."""
    return Comparison(it.agreement) if Confidential.RAW_SAMPLES in withheld else it


class _Around:
    """The line's history around the readings of a visit, read once for each hour of them.
    `known_at` None: of all that came in."""

    def __init__(self, queries: Queries, visit: SiteVisit, known_at: datetime | None) -> None:
        self._queries = queries
        self._line = visit.line
        self._known_at = known_at
        self._windows: dict[datetime, Window] = {}
        self._histories: dict[datetime, LineHistory | None] = {}
        for it in visit.readings:
            start, end = minute_of(it)
            known = self._windows.get(_hour(start), Window(start, end))
            self._windows[_hour(start)] = Window(min(start, known.start), max(end, known.end))

    def compared(self, reading: PanelReading) -> Comparison | None:
        """None where the store cannot tell what had come in."""
        start, end = minute_of(reading)
        hour = _hour(start)
        if hour not in self._histories:
            self._histories[hour] = self._read(self._windows[hour])
        history = self._histories[hour]
        if history is None:
            return None
        if _lacks(history, reading):
            history = self._queries.measured(self._line, Window(start, end), self._known_at)
        return held_against_series(reading, history)

    def _read(self, window: Window) -> LineHistory | None:
        try:
            return self._queries.told_around(self._line, window, self._known_at)
        except StorageError:
            if self._known_at is None:
                raise
            return None


def _lacks(history: LineHistory, reading: PanelReading) -> bool:
    """Whether the nearest sample before or behind the minute says nothing, so that one must be
    looked for further away."""
    start, end = minute_of(reading)
    said, _ = history.said(reading.machine, reading.signal)
    usable = said.filter(says_something(said) & said["value"].is_not_null())
    time = pl.col("time")
    return any(
        usable.filter(side).is_empty() and not said.filter(side).is_empty()
        for side in (time <= start, time >= end)
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0)
