"""What is odd in the days of a project's verdicts: what `analytics.integrity` finds in facts and in
what people recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl

from analytics.integrity.examined import (
    Examined,
    LineRecorded,
    PlantVersion,
    ProjectFacts,
    SourceTold,
)
from analytics.integrity.looking import findings
from analytics.milestones.verdict import days_of_verdict
from api.queries.lines import Queries
from domain.corrections import in_force
from domain.frames import FACTS
from domain.grants import DayRange, Finding, Project, Verdict
from domain.plant import Plant
from domain.signals import SERIAL_NUMBER, SOURCE_IDENTITY

_ONE_DAY = timedelta(days=1)
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
        self._project, self._plant, self._as_of = project, plant, as_of
        today = as_of.astimezone(plant.zone).date()
        rows = pl.concat([FACTS.to_frame(), *facts.values()]).filter(pl.col("day") < today)
        self._facts = ProjectFacts(rows.sort(_ROW), plant.zone)
        self._yesterday = today - _ONE_DAY
        self._versions = [
            PlantVersion(version.number, version.applied_at, was)
            for version, was in queries.plant_versions(plant.id)
        ]
        self._recorded = {
            line: LineRecorded(
                queries.records.plan_changes(line),
                in_force(queries.corrections(line)),
                _sources(queries, line, as_of),
            )
            for line in project.lines
        }
        self._documents = {it.sha256 for it in queries.documents(project.reference)}
        self._requests = queries.change_requests(project.reference)
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
            examined = Examined(
                self._plant,
                self._project.lines,
                ended,
                due,
                self._as_of,
                self._facts,
                self._versions,
                self._recorded,
                self._documents,
                self._requests,
            )
            self._known[ended, due] = findings(examined)
        return self._known[ended, due]


def _sources(queries: Queries, line: str, until: datetime) -> list[SourceTold]:
    """What the sources of the line's machines were, told up to then."""
    machines = dict.fromkeys(queries.line(line)[1].roles.values())
    return [
        SourceTold(machine, signal, at, text)
        for machine in machines
        for signal in (SOURCE_IDENTITY, SERIAL_NUMBER)
        for at, text in queries.texts_told(line, machine, signal, until)
    ]
