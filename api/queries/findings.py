"""What is odd in the days of a project's verdicts: what `analytics.integrity` finds in facts and in
what people recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property

import polars as pl

from analytics.integrity.examined import (
    Examined,
    LateBatch,
    LineRecorded,
    PlantVersion,
    ProjectFacts,
    SourceTold,
)
from analytics.integrity.late_data import LATE
from analytics.integrity.looking import findings
from analytics.milestones.verdict import days_of_verdict
from api.queries.lines import Queries
from domain.corrections import in_force
from domain.frames import FACTS
from domain.grants import DayRange, Finding, Project, Verdict
from domain.plant import Plant
from domain.signals import SERIAL_NUMBER, SOURCE_IDENTITY
from domain.source_identity import agent_of
from domain.time import Window, midnight

_ONE_DAY = timedelta(days=1)
_LATE_MAX = 10_000  # batches of an agent that are told
# Of a row among FACTS: sums of floats are the same in whatever order the facts came.
_ROW = ("day", "line", "start", "plan", "mode", "order", "product", "reason_kind")


class Finder:
    """Adds to verdicts of a project what is found in their days. `facts`: those that the verdicts
    were drawn from at `as_of`; days that several verdicts look at are looked through once."""

    def __init__(
        self,
        queries: Queries,
        project: Project,
        plant: Plant,
        facts: Mapping[str, pl.DataFrame],
        as_of: datetime,
    ) -> None:
        self._queries, self._project, self._plant = queries, project, plant
        self._as_of = as_of
        today = as_of.astimezone(plant.zone).date()
        rows = pl.concat([FACTS.to_frame(), *facts.values()]).filter(pl.col("day") < today)
        self._facts = ProjectFacts(rows.sort(_ROW), plant.zone)
        self._yesterday = today - _ONE_DAY
        self._known: dict[tuple[DayRange, date], tuple[Finding, ...]] = {}

    def with_findings(self, verdict: Verdict) -> Verdict:
        """The verdict with what is found in its window and its baseline, and with their flags."""
        if verdict.facts_digest is None:
            return verdict
        due = verdict.milestone.due
        found = tuple(it for days in days_of_verdict(verdict) for it in self._of_days(days, due))
        flags = dict.fromkeys((*verdict.flags, *(it.flag for it in found)))
        return replace(verdict, flags=tuple(flags), findings=found)

    def _of_days(self, days: DayRange, due: date) -> tuple[Finding, ...]:
        ended = DayRange(days.start, min(days.end, self._yesterday))
        if ended.end < ended.start:
            return ()
        if (ended, due) not in self._known:
            examined = replace(self._examined, days=ended, due=due)
            self._known[ended, due] = findings(examined)
        return self._known[ended, due]

    @cached_property
    def _examined(self) -> Examined:
        """Of no milestone yet."""
        queries, plant, ref = self._queries, self._plant, self._project.reference
        return Examined(
            plant,
            self._project.lines,
            DayRange(self._yesterday, self._yesterday),
            self._yesterday,
            self._as_of,
            self._facts,
            versions=[
                PlantVersion(version.number, version.applied_at, was)
                for version, was in queries.plant_versions(plant.id)
            ],
            recorded={line: self._recorded(line) for line in self._project.lines},
            documents={it.sha256 for it in queries.documents(ref)},
            requests=queries.change_requests(ref),
        )

    def _recorded(self, line: str) -> LineRecorded:
        queries, sources = self._queries, self._sources(line)
        return LineRecorded(
            queries.records.plan_changes(line),
            in_force(queries.corrections(line)),
            sources,
            self._late(sources),
        )

    def _sources(self, line: str) -> list[SourceTold]:
        """What the sources of the line's machines were."""
        return [
            SourceTold(machine, signal, at, text)
            for machine in dict.fromkeys(self._plant.lines[line].roles.values())
            for signal in (SOURCE_IDENTITY, SERIAL_NUMBER)
            for at, text in self._queries.texts_told(line, machine, signal, self._as_of)
        ]

    def _late(self, sources: Sequence[SourceTold]) -> list[LateBatch]:
        """Of the agents that are known to read the line's machines."""
        first = self._facts.rows["day"].min()
        if not isinstance(first, date):  # there are no facts
            return []
        window = Window(midnight(first, self._plant.zone), self._as_of)
        agents = {agent_of(it.text) for it in sources if it.signal == SOURCE_IDENTITY}
        return [
            LateBatch(it.first_time, it.last_time, it.received)
            for agent in sorted(filter(None, agents))
            for it in self._queries.late_batches(agent, window, LATE, _LATE_MAX)
            if it.first_time is not None and it.last_time is not None
        ]
