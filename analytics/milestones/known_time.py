"""What is known of a milestone's days: how much of the planned time, which stretches are missing,
of which machine, and what was flagged on which day. Pure.

Everything comes from the facts that the verdict stands on, so it cannot say anything else than the
verdict's coverage. A stretch is made of slices of the calendar (hours); within its first and last
one only a part may be unknown, which `unknown_s` does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

import polars as pl

from analytics import integrity_flags
from analytics.milestones.case import Case, case_of_verdict
from analytics.milestones.evidence import Evidence
from domain.frames import STATE_COLUMNS
from domain.grants import DayRange, KpiTerms, Project, Verdict, VerdictStatus
from domain.plant import Plant
from domain.states import Plan
from domain.time import Window

_IN_PLAN = pl.col("plan") == Plan.BUSY.value
_WHOLE = 0.99  # of a slice: unknown from its begin to its end
_COUNTERS = {"total_count": "total_unheard_s", "good_count": "good_unheard_s"}  # role: its silence


class Lacking(StrEnum):
    """What is not known of a stretch."""

    STATE = "state"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class UnknownStretch:
    """Planned time of a line of which the state is not known, or the items made in it; `machine`:
    which one would have told; `unknown_s`: how much of the window."""

    line: str
    machine: str | None
    lacking: Lacking
    window: Window
    unknown_s: float


@dataclass(frozen=True, slots=True)
class KnownDay:
    """One day that had ended: its planned time, the unknown part of it, and its flags."""

    day: date
    planned_s: float
    unknown_s: float
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownTime:
    """Of the days `days`; `production_days`: how many of them had planned time. `stretches`: the
    longest first."""

    days: DayRange
    planned_s: float
    unknown_s: float
    production_days: int
    stretches: tuple[UnknownStretch, ...]
    by_day: tuple[KnownDay, ...]


def known_time(
    project: Project, plant: Plant, facts: Mapping[str, pl.DataFrame], verdict: Verdict
) -> KnownTime | None:
    """Of the facts that the verdict was made of; None where its terms look at no machine, or none
    of its days had ended."""
    if verdict.facts_digest is None:
        return None
    case = case_of_verdict(project, plant, facts, verdict)
    days = examined_days(case, verdict)
    if days is None:
        return None
    terms = verdict.milestone.terms
    method = terms.method if isinstance(terms, KpiTerms) else None
    sums = case.evidence.sums(days, method) if method else case.evidence.sums(days)
    stretches = [*_without_state(case.evidence, days), *_without_count(case.evidence, days)]
    return KnownTime(
        days,
        float(sums.planned_busy_time_s.item()),
        float(sums.unknown_time_s.item()),
        len(case.evidence.production_days(days)),
        tuple(sorted(stretches, key=lambda it: (-it.unknown_s, it.window.start, it.line))),
        tuple(_by_day(case.evidence, days)),
    )


def examined_days(case: Case, verdict: Verdict) -> DayRange | None:
    """The days of the verdict's figure that had ended; those of the baseline, where it gives no
    target."""
    terms = verdict.milestone.terms
    if isinstance(terms, KpiTerms) and terms.baseline and verdict.target is None:
        is_wanting = verdict.status is VerdictStatus.NOT_PROVABLE
        return case.ended(terms.baseline) if is_wanting else None
    return case.ended(verdict.window) if verdict.window else None


def _without_state(evidence: Evidence, days: DayRange) -> Iterable[UnknownStretch]:
    unknown_s = pl.col("unknown_us").sum() / 1e6
    for line, slices in _slices(evidence, days, unknown_s):
        roles = evidence.plant.lines[line].roles
        machine = roles.get("state") or roles.get("total_count")
        yield from _stretches(line, machine, Lacking.STATE, slices)


def _without_count(evidence: Evidence, days: DayRange) -> Iterable[UnknownStretch]:
    """Where the state is known, and a counter was silent while something may have been made."""
    for role, silence in _COUNTERS.items():
        is_known = pl.col("unknown_us").sum() == 0
        silent_s = pl.when(is_known).then(pl.col(silence).fill_null(0.0).sum()).otherwise(0.0)
        for line, slices in _slices(evidence, days, silent_s):
            machine = evidence.plant.lines[line].roles.get(role)
            is_another = role == "total_count" or machine != _counts_all(evidence, line)
            if is_another:
                yield from _stretches(line, machine, Lacking.COUNT, slices)


def _counts_all(evidence: Evidence, line: str) -> str | None:
    return evidence.plant.lines[line].roles.get("total_count")


@dataclass(frozen=True, slots=True)
class _Slice:
    line: str
    window: Window
    unknown_s: float

    @property
    def is_whole(self) -> bool:
        length_s = (self.window.end - self.window.start).total_seconds()
        return self.unknown_s >= _WHOLE * length_s


def _slices(
    evidence: Evidence, days: DayRange, lacking_s: pl.Expr
) -> Iterable[tuple[str, list[_Slice]]]:
    """The planned slices of each line, in order, with what is lacking of each."""
    planned = evidence.rows(days).filter(_IN_PLAN & (pl.sum_horizontal(STATE_COLUMNS) > 0))
    rows = (
        planned.group_by("line", "start", "end")
        .agg(lacking_s.alias("lacking"))
        .sort("line", "start")
    )
    found = [_Slice(line, Window(start, end), s) for line, start, end, s in rows.iter_rows()]
    for line, slices in groupby(found, key=attrgetter("line")):
        yield line, list(slices)


def _stretches(
    line: str, machine: str | None, lacking: Lacking, slices: Iterable[_Slice]
) -> Iterable[UnknownStretch]:
    """Slices one after the other belong together where one of any two is unknown as a whole:
    planned time between which there is none that is known."""
    run: list[_Slice] = []
    for it in slices:
        if run and (it.unknown_s <= 0 or not (it.is_whole or run[-1].is_whole)):
            yield _joined(line, machine, lacking, run)
            run = []
        if it.unknown_s > 0:
            run.append(it)
    if run:
        yield _joined(line, machine, lacking, run)


def _joined(line: str, machine: str | None, lacking: Lacking, run: list[_Slice]) -> UnknownStretch:
    window = Window(run[0].window.start, run[-1].window.end)
    return UnknownStretch(line, machine, lacking, window, sum(it.unknown_s for it in run))


def _by_day(evidence: Evidence, days: DayRange) -> Iterable[KnownDay]:
    planned_us = pl.when(_IN_PLAN).then(pl.sum_horizontal(STATE_COLUMNS)).otherwise(0)
    unknown_us = pl.when(_IN_PLAN).then(pl.col("unknown_us")).otherwise(0)
    rows = (
        evidence.rows(days)
        .group_by("day")
        .agg(planned_us.sum() / 1e6, unknown_us.sum().alias("unknown") / 1e6, "flags")
        .sort("day")
    )
    for day, planned_s, unknown_s, flags in rows.iter_rows():
        bits = integrity_flags.union(set(flags))
        known = 1 - unknown_s / planned_s if planned_s else 1.0
        if integrity_flags.is_gap_tolerated(known):
            bits &= ~integrity_flags.GAP
        yield KnownDay(day, planned_s, unknown_s, integrity_flags.names(bits))
