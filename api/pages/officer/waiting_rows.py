"""Who has to act next, and since when, as rows in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analytics.milestones.verdict import OVERDUE
from api.i18n import Language
from api.queries.portfolio import Waiting, waiting_of
from api.queries.verdicts import ProjectVerdicts
from domain.grants import Verdict
from domain.plant import text_in
from domain.texts import N_

# What a milestone in that state waits for.
_NEXT = {
    "draft": N_("hand the milestone in"),
    "extended": N_("hand the milestone in again"),
    "query": N_("answer the question"),
    "submitted": N_("take it into check"),
    "in_check": N_("recommend a decision, or ask the company"),
    "recommended": N_("decide"),
}


@dataclass(frozen=True)
class ShownWaiting:
    """A milestone that waits, with its project. `is_overdue`: the due day has passed with
    nothing that meets it; `verdict`: its status; `next_step`: what whoever is waited for does
    now."""

    project: str
    waiting: Waiting
    title: str
    verdict: str
    since: str
    days: int
    is_overdue: bool
    next_step: str


def ageing(
    projects: Iterable[ProjectVerdicts], now: datetime, language: Language
) -> list[ShownWaiting]:
    """Whoever has waited longest first."""
    found = [
        _shown(of, it, verdict, now, language)
        for of in projects
        for it in waiting_of(of)
        for verdict in of.verdicts
        if verdict.milestone.id == it.milestone
    ]
    return sorted(found, key=lambda it: it.waiting.since)


def waiting_row(
    found: ProjectVerdicts, milestone: str, now: datetime, language: Language
) -> ShownWaiting | None:
    """Of one milestone; None where nobody is waited for."""
    rows = ageing([found], now, language)
    return next((it for it in rows if it.waiting.milestone == milestone), None)


def _shown(
    of: ProjectVerdicts, it: Waiting, verdict: Verdict, now: datetime, language: Language
) -> ShownWaiting:
    return ShownWaiting(
        of.project.reference,
        it,
        text_in(verdict.milestone.title, language.tag),
        verdict.status.value,
        language.day(it.since.astimezone(of.plant.zone).date()),
        it.days(now),
        OVERDUE in verdict.flags,
        language.text(_NEXT[it.state.value]),
    )
