"""Verdicts as command line and HTTP show them, and what frozen ones would be now.

Where periods are frozen a verdict stands on the accepted figures; what all that is known now
says stands beside it, never in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from analytics.milestones.verdict import facts_window
from api.documents.milestones import project_json, verdict_json
from api.queries.lines import ProjectVerdicts, Queries
from domain.grants import Milestone, Reason, Verdict
from store.registry.accepted_periods import FrozenPeriod

# What later data or corrections may change.
_RESTATED = ("status", "value", "low", "high", "coverage", "met_on")


def milestones_json(
    queries: Queries,
    ref: str,
    as_of: datetime | None = None,
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The document of `lineproof milestones --json`; `say` translates the reasons."""
    found = queries.verdicts(ref, as_of)
    zone = found.plant.zone
    document = project_json(found.project, found.verdicts, found.as_of, zone, say)
    changed = restated(queries, found)
    for row in document["milestones"]:
        if row["id"] in changed:
            now, since = changed[row["id"]]
            told = verdict_json(now, zone, say)
            row["restated"] = {name: told[name] for name in _RESTATED} | {
                "since": since.astimezone(zone).isoformat()
            }
    return document


def restated(queries: Queries, found: ProjectVerdicts) -> dict[str, tuple[Verdict, datetime]]:
    """By milestone, where periods are frozen and all that is known now says something else:
    that verdict, and since when the accepted figures stand."""
    periods = [it for line in found.project.lines for it in queries.registry.frozen(line)]
    if not periods:
        return {}
    present = queries.verdicts(found.project.reference, found.as_of, present=True)
    return {
        now.milestone.id: (now, _stands_since(found, now.milestone, periods))
        for stands, now in zip(found.verdicts, present.verdicts, strict=True)
        if any(getattr(stands, name) != getattr(now, name) for name in _RESTATED)
    }


def _stands_since(
    found: ProjectVerdicts, milestone: Milestone, periods: Sequence[FrozenPeriod]
) -> datetime:
    """When the last of the periods was frozen that the milestone looks at."""
    window = facts_window(found.project, milestone, found.plant, found.as_of)
    assert window is not None, "without facts nothing can be restated"
    return max(it.frozen_at for it in periods if it.start < window.end and window.start < it.end)
