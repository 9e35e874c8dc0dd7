"""What a verdict stands on, for who wants to follow it: the figure of every day, the unknown time
with the machine and why, what would change the verdict, and how it may go on.

The facts are those of the verdict; when exactly a machine was silent, and what its agent said of
that, is asked of what was stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from analytics.milestones.day_figures import DayFigures, day_figures
from analytics.milestones.forecast_fan import FanPoint, forecast_fan
from analytics.milestones.known_time import KnownTime, Lacking, UnknownStretch, known_time
from analytics.milestones.what_would_change import what_would_change
from api.queries.data_quality.unknown_time import UnknownTime, unknown_times
from api.queries.lines import Queries
from api.queries.verdicts import ProjectVerdicts, facts_by_line
from domain.corrections import in_force
from domain.grants import Reason, Verdict
from domain.plant import IMPORTED
from domain.signals import FAULTS
from domain.source_faults import SourceFault
from domain.time import Window

STRETCHES_TOLD = 12  # with their exact times and the reason
_SAMPLES_MAX = 100_000  # of a stretch in which other machines told something: then its hours do
_REPORTS_BEFORE = timedelta(days=1)  # an agent tells only what changed


@dataclass(frozen=True, slots=True)
class ToldStretch:
    """A stretch with its exact times, where they are known, and what the machine's agent said;
    `is_imported`: no agent reads it; `is_silent`: nothing confirms that the machine was heard."""

    stretch: UnknownStretch
    window: Window
    causes: tuple[SourceFault, ...]
    is_imported: bool
    is_silent: bool = False


@dataclass(frozen=True)
class MilestoneBasis:
    """`stretches`: the longest ones; `corrections`: line and id of those that hold and touch the
    days."""

    figures: DayFigures | None
    known: KnownTime | None
    stretches: tuple[ToldStretch, ...]
    corrections: tuple[tuple[str, str], ...]
    changes: tuple[Reason, ...]
    fan: tuple[FanPoint, ...]


NO_BASIS = MilestoneBasis(None, None, (), (), (), ())


def milestone_basis(queries: Queries, found: ProjectVerdicts, verdict: Verdict) -> MilestoneBasis:
    """Of one of the verdicts found."""
    if verdict.facts_digest is None:
        return NO_BASIS
    project, plant = found.project, found.plant
    alone = replace(project, milestones=(verdict.milestone,))
    facts = facts_by_line(plant, alone, verdict.as_of, queries.facts)
    known = known_time(project, plant, facts, verdict)
    stretches = known.stretches[:STRETCHES_TOLD] if known else ()
    return MilestoneBasis(
        day_figures(project, plant, facts, verdict),
        known,
        tuple(_told(queries, it) for it in stretches),
        tuple(_corrections(queries, found, known)) if known else (),
        what_would_change(project, plant, facts, verdict),
        forecast_fan(project, plant, facts, verdict),
    )


def _told(queries: Queries, it: UnknownStretch) -> ToldStretch:
    _, line = queries.line(it.line)
    machine = line.machines.get(it.machine or "")
    is_imported = machine is not None and machine.profile == IMPORTED
    if machine is None or it.lacking is Lacking.COUNT:
        return ToldStretch(it, it.window, (), is_imported)
    gaps = _silences(queries, it, machine.id)
    if not gaps:
        return ToldStretch(it, it.window, (), is_imported)
    causes = dict.fromkeys(cause for gap in gaps for cause in gap.causes)
    window = Window(gaps[0].window.start, gaps[-1].window.end)
    return ToldStretch(it, window, tuple(causes), is_imported, is_silent=True)


def _silences(queries: Queries, it: UnknownStretch, machine: str) -> list[UnknownTime]:
    """When the machine was not confirmed alive within the stretch."""
    if queries.sample_count(it.line, it.window) > _SAMPLES_MAX:
        return []
    history = queries.measured(it.line, it.window)
    spans = history.spans.filter(pl.col("machine") == machine).select("start", "end").rows()
    told = queries.texts_told(it.line, machine, FAULTS, it.window.end)
    reports = [row for row in told if row[0] >= it.window.start - _REPORTS_BEFORE]
    return unknown_times(spans, it.window, reports)


def _corrections(
    queries: Queries, found: ProjectVerdicts, known: KnownTime
) -> Iterable[tuple[str, str]]:
    window = Window.of_days(known.days.start, known.days.end, found.plant.zone)
    for line in found.project.lines:
        for it in in_force(queries.corrections(line)):
            if it.touches(window):
                yield line, it.id
