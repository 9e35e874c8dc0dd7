"""What is odd in the days of a project's verdicts: what `analytics.integrity` finds in facts and in
what people recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import polars as pl

from analytics.integrity.examined import Examined, LineRecorded, PlantVersion
from analytics.integrity.looking import findings
from analytics.milestones.verdict import days_of_verdict
from api.queries.lines import Queries
from domain.corrections import in_force
from domain.frames import FACTS
from domain.grants import DayRange, Finding, Project, Verdict
from domain.plant import Plant

_ONE_DAY = timedelta(days=1)


def finder(
    queries: Queries, project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame]
) -> Callable[[Verdict], Verdict]:
    """Adds what is found to verdicts that were drawn from these facts, and its flags to theirs.
    The same days are looked through once."""
    if not facts:
        return lambda verdict: verdict
    every = pl.concat([FACTS.to_frame(), *facts.values()])
    versions = [
        PlantVersion(version.number, version.applied_at, was)
        for version, was in queries.plant_versions(plant.id)
    ]
    recorded = {
        line: LineRecorded(queries.records.plan_changes(line), in_force(queries.corrections(line)))
        for line in project.lines
    }
    known: dict[tuple[object, ...], tuple[Finding, ...]] = {}

    def of_days(verdict: Verdict, days: DayRange) -> tuple[Finding, ...]:
        today = verdict.as_of.astimezone(plant.zone).date()
        ended = DayRange(days.start, min(days.end, today - _ONE_DAY))
        due = verdict.milestone.due
        if ended.end < ended.start:
            return ()
        if (ended, due) not in known:
            known[ended, due] = findings(
                Examined(
                    plant,
                    project.lines,
                    ended,
                    due,
                    verdict.as_of,
                    every.filter(pl.col("day") < today),
                    versions,
                    recorded,
                )
            )
        return known[ended, due]

    def found(verdict: Verdict) -> Verdict:
        if verdict.facts_digest is None:
            return verdict
        told = [it for days in days_of_verdict(verdict) for it in of_days(verdict, days)]
        flags = dict.fromkeys((*verdict.flags, *(it.flag for it in told)))
        return replace(verdict, flags=tuple(flags), findings=tuple(told))

    return found
