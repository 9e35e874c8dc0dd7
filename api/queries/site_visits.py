"""Site visits with what the sealed series says beside each reading: now, and as it was known when
the reading was entered.

What came in since may have been made to fit what an officer had written down; where it changes
anything, the reading `is_late`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics.milestones.panel_readings import Comparison, held_against_series
from api.queries.lines import Queries
from domain.errors import StorageError
from domain.frames import LineHistory
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
    now: dict[datetime, LineHistory] = {}
    then: dict[datetime, LineHistory | None] = {}
    found = []
    for it in visit.readings:
        start, end = minute_of(it)
        if start not in now:
            window = Window(start, end)
            now[start] = queries.measured(visit.line, window)
            then[start] = _known(queries, visit, window)
        earlier = then[start]
        found.append(
            ComparedReading(
                it,
                held_against_series(it, now[start]),
                None if earlier is None else held_against_series(it, earlier),
            )
        )
    return ComparedVisit(visit, tuple(found))


def without_figures(it: Comparison, withheld: Withheld) -> Comparison:
    """As it is shown to whom the plant tells no raw samples: whether they agree, and no more."""
    return Comparison(it.agreement) if Confidential.RAW_SAMPLES in withheld else it


def _known(queries: Queries, visit: SiteVisit, window: Window) -> LineHistory | None:
    try:
        return queries.measured_by(visit.line, window, visit.recorded_at)
    except StorageError:
        return None
