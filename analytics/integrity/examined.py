"""What is looked through for findings: the days of a verdict, and all that is known of them.

Each module beside this one looks for one kind of thing and gives `Finding`s. None of them changes
a figure. All that they look at is in a dossier, so whoever checks one finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from analytics.integrity.same_hours import same_hours
from domain.change_requests import ChangeRequest
from domain.corrections import Correction
from domain.grants import DayRange
from domain.plan_changes import PlanChange
from domain.plant import Plant
from domain.time import HOUR_US, Window

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlantVersion:
    """A plant file as it was applied; `number` counts from 1. Exceptions that were entered at the
    node are not in its plant."""

    number: int
    applied_at: datetime
    plant: Plant


@dataclass(frozen=True, slots=True)
class SourceTold:
    """What a machine's source was from `at` on: `text` of SOURCE_IDENTITY or `serial_number`."""

    machine: str
    signal: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LateBatch:
    """A batch that came long after its first sample was told: time of its first and last sample,
    and when it was received."""

    first: datetime
    last: datetime
    received: datetime


@dataclass(frozen=True, slots=True)
class LineRecorded:
    """What is known of a line beside its facts: exceptions of its calendar and their withdrawals,
    in the order of recording, the corrections that hold, what its sources were, and the batches of
    its agents that came late."""

    plan_changes: Sequence[PlanChange] = ()
    corrections: Sequence[Correction] = ()
    sources: Sequence[SourceTold] = ()
    late: Sequence[LateBatch] = ()


@dataclass(frozen=True)
class ProjectFacts:
    """FACTS of all lines of a project, of days of `zone` that had ended. What takes long is
    computed once for all milestones."""

    rows: pl.DataFrame
    zone: ZoneInfo

    @cached_property
    def same_hours(self) -> pl.DataFrame:
        """As the function `same_hours` gives it."""
        return same_hours(self.rows, self.zone.key)


@dataclass(frozen=True)
class Examined:
    """`days`: that had ended at `as_of`, of the window or the baseline of a milestone that is due
    on `due`. `versions`: of the plant file, the first one first. `facts`: those of the days and of
    others that any milestone looks at. `documents`: SHA-256 of those attached to the project,
    `requests`: its change requests."""

    plant: Plant
    lines: tuple[str, ...]
    days: DayRange
    due: date
    as_of: datetime
    facts: ProjectFacts
    versions: Sequence[PlantVersion] = ()
    recorded: Mapping[str, LineRecorded] = field(default_factory=dict)
    documents: Set[str] = frozenset()
    requests: Sequence[ChangeRequest] = ()

    @property
    def window(self) -> Window:
        return Window.of_days(self.days.start, self.days.end, self.plant.zone)

    @property
    def rows(self) -> pl.DataFrame:
        """The FACTS of the days."""
        return self.facts.rows.filter(pl.col("day").is_between(self.days.start, self.days.end))

    def of_line(self, line: str) -> LineRecorded:
        return self.recorded.get(line, LineRecorded())

    def day_of(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.plant.zone).date()

    def each_day(self) -> list[date]:
        """The days, one by one."""
        days = self.days
        return [days.start + n * A_DAY for n in range((days.end - days.start).days + 1)]

    def within(self, start: date, end: date) -> DayRange:
        """Those of the days from `start` to `end` that are looked at."""
        first = min(max(start, self.days.start), self.days.end)
        return DayRange(first, max(first, min(end, self.days.end)))


def hours_text(us: float) -> str:
    """Hours for a sentence, of microseconds."""
    return f"{us / HOUR_US:,.1f}".removesuffix(".0")
