"""What the data say of a project's milestones; and, where periods are frozen, what they would say.

A verdict stands on the accepted figures; what all that is known now says is asked beside it, never
in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from analytics.milestones.verdict import facts_window, verdict
from api.queries.findings import Finder
from api.queries.lines import Queries
from api.queries.terms_changes import TermsHistory, terms_histories, with_terms_changes
from domain.grants import Funding, Milestone, Project, Verdict
from domain.milestone_states import StepTaken
from domain.plant import Plant
from domain.schemes.funding import funding
from domain.schemes.spending import Spending, spending
from domain.time import Window
from store.registry.project_work.accepted_periods import FrozenPeriod

# What later data or corrections may change.
RESTATED = ("status", "value", "low", "high", "coverage", "met_on")


@dataclass(frozen=True)
class ProjectVerdicts:
    """A project, its money, its verdicts in the order of its milestones, and what people did with
    these. `spending`: None where nothing was attested. `terms`: by milestone, all versions of its
    terms; `earlier`: where they were changed after their window had begun, the verdict under those
    of before."""

    project: Project
    plant: Plant
    as_of: datetime
    funding: Funding
    spending: Spending | None
    verdicts: tuple[Verdict, ...]
    steps: tuple[StepTaken, ...] = ()
    terms: Mapping[str, TermsHistory] = field(default_factory=dict)
    earlier: Mapping[str, Verdict] = field(default_factory=dict)

    @property
    def looked_at(self) -> Project:
        """The project with all terms that the verdicts are of, those of before among them."""
        before = [it.milestone for it in self.earlier.values()]
        return replace(self.project, milestones=(*self.project.milestones, *before))

    def steps_of(self, milestone: str) -> list[StepTaken]:
        return [it for it in self.steps if it.milestone == milestone]


def verdicts(
    queries: Queries, ref: str, as_of: datetime | None = None, *, present: bool = False
) -> ProjectVerdicts:
    """What the data before `as_of` (by default: now) say of each milestone, and what is odd in
    them; with `present` also where a period is frozen, and nothing of what is odd. Raises
    NotFoundError."""
    plant, project = queries.project(ref)
    at = as_of or min(queries.at(line) for line in project.lines)
    read = queries.present_facts if present else queries.facts
    terms = terms_histories(queries, plant, project)
    before = {
        it.id: found for it in project.milestones if (found := terms[it.id].earlier(it)) is not None
    }
    every = (*project.milestones, *before.values())
    facts = facts_by_line(plant, replace(project, milestones=every), at, read)
    documents, attested = queries.documents(ref), queries.attested(ref)
    paid = funding(project, queries.projects_of_companies()[plant.id])

    def judged(milestone: Milestone) -> Verdict:
        return verdict(project, milestone, plant, facts, at, documents, attested)

    earlier = {name: judged(milestone) for name, milestone in before.items()}
    drawn: Iterable[Verdict] = (
        with_terms_changes(judged(it), terms[it.id], earlier.get(it.id))
        for it in project.milestones
    )
    if not present:
        finder = Finder(queries, project, plant, facts, at)
        drawn = map(finder.with_findings, drawn)
    return ProjectVerdicts(
        project,
        plant,
        at,
        paid,
        spending(project, paid, attested) if attested else None,
        tuple(drawn),
        tuple(queries.steps(ref)),
        terms,
        earlier,
    )


def facts_by_line(
    plant: Plant,
    project: Project,
    as_of: datetime,
    read: Callable[[str, Window], pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Each line's facts over all that any of the milestones looks at."""
    whole = whole_window(plant, project, as_of)
    return {} if whole is None else {line: read(line, whole) for line in project.lines}


def whole_window(plant: Plant, project: Project, as_of: datetime) -> Window | None:
    """From the first to the last that any of the milestones looks at; None where none does yet."""
    needed = [facts_window(project, each, plant, as_of) for each in project.milestones]
    windows = [window for window in needed if window is not None]
    if not windows:
        return None
    return Window(min(w.start for w in windows), max(w.end for w in windows))


def restated(queries: Queries, found: ProjectVerdicts) -> dict[str, tuple[Verdict, datetime]]:
    """By milestone, where periods are frozen and all that is known now says something else:
    that verdict, and since when the accepted figures stand."""
    periods = [it for line in found.project.lines for it in queries.frozen_periods(line)]
    if not periods:
        return {}
    present = verdicts(queries, found.project.reference, found.as_of, present=True)
    return {
        now.milestone.id: (now, _stands_since(found, now.milestone, periods))
        for stands, now in zip(found.verdicts, present.verdicts, strict=True)
        if any(getattr(stands, name) != getattr(now, name) for name in RESTATED)
    }


def _stands_since(
    found: ProjectVerdicts, milestone: Milestone, periods: Sequence[FrozenPeriod]
) -> datetime:
    """When the last of the periods was frozen that the milestone looks at."""
    window = facts_window(found.project, milestone, found.plant, found.as_of)
    assert window is not None, "without facts nothing can be restated"
    return max(it.frozen_at for it in periods if it.start < window.end and window.start < it.end)
