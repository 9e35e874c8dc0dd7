"""Entering a site visit, and withdrawing one, for command line, HTTP and pages alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.documents.site_visits import visit_json
from api.queries.lines import Queries
from api.queries.site_visits import compared_visit, compared_visits
from api.queries.times import instant_of
from api.records.milestone_steps import author_named, milestone_named
from domain.errors import InputError, NotAllowedError
from domain.milestone_states import ConflictOfInterest, same_person
from domain.plant import Withheld
from domain.site_visits import (
    PanelReading,
    SiteVisit,
    VisitWithdrawal,
    check_visit,
    check_visit_withdrawal,
    shown_value,
    visit_kind_named,
)
from domain.texts import N_
from store.registry.project_work.site_visits import EnteringVisits


@dataclass(frozen=True, slots=True)
class NewReading:
    """As somebody gives it; `read_by` empty: who enters the visit."""

    machine: str
    signal: str
    read_at: str
    value: str
    read_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewVisit:
    """As somebody gives it; times as texts, without offset in the plant's zone."""

    line: str
    kind: str
    visited_at: str
    author: str
    note: str = ""
    readings: Sequence[NewReading] = ()


def enter_visit(
    queries: Queries,
    entering: EnteringVisits,
    ref: str,
    milestone: str,
    new: NewVisit,
    withheld: Withheld = frozenset(),
) -> dict[str, Any]:
    """Enter it; its document, with what was sealed beside each reading. `milestone` empty: of the
    whole project. Raises NotFoundError; InputError where it cannot be so; NotAllowedError for who
    has a conflict of interest; BusyError where somebody else was as quick."""
    plant, project = queries.project(ref)
    if milestone:
        milestone_named(project, milestone)
    author = author_named(new.author)
    readings = tuple(
        PanelReading(
            it.machine.strip(),
            it.signal.strip(),
            instant_of(it.read_at, plant.zone, f"readings[{number}]"),
            _value(it.value, f"readings[{number}]"),
            it.read_by.strip() or author,
            it.note.strip(),
        )
        for number, it in enumerate(new.readings, start=1)
    )
    visit = SiteVisit(
        ref,
        milestone,
        0,
        new.line.strip(),
        visit_kind_named(new.kind.strip()),
        instant_of(new.visited_at, plant.zone, "visited_at"),
        author,
        queries.now(),
        new.note.strip(),
        readings,
    )
    check_visit(visit, {it: plant.lines[it].machines.keys() for it in project.lines})

    kept = entering.enter(visit, lambda conflicts: _check_conflicts(author, conflicts))
    return visit_json(compared_visit(queries, kept), plant.zone, withheld)


def withdraw_visit(
    queries: Queries,
    entering: EnteringVisits,
    ref: str,
    number: int,
    reason: str,
    author: str,
    withheld: Withheld = frozenset(),
) -> dict[str, Any]:
    """Note that the visit was entered wrongly: it and its readings stay; its document. Raises
    NotFoundError; InputError where it cannot be so; NotAllowedError for who has a conflict of
    interest; BusyError where somebody else was as quick."""
    plant, _ = queries.project(ref)
    withdrawal = VisitWithdrawal(author_named(author), queries.now(), reason.strip())

    def check(visit: SiteVisit, conflicts: Sequence[ConflictOfInterest]) -> None:
        _check_conflicts(withdrawal.author, conflicts)
        check_visit_withdrawal(visit, withdrawal.reason)

    kept = entering.withdraw(ref, number, withdrawal, check)
    return visit_json(compared_visit(queries, kept), plant.zone, withheld)


def _check_conflicts(author: str, conflicts: Sequence[ConflictOfInterest]) -> None:
    if any(same_person(it.author, author) for it in conflicts):
        raise NotAllowedError(
            N_("'%(author)s' has declared a conflict of interest with this project"),
            todo=N_("Another officer visits it."),
            values={"author": author},
        )


def visits_json(
    queries: Queries,
    ref: str,
    milestone: str = "",
    withheld: Withheld = frozenset(),
    name: Callable[[str], str] = str,
) -> list[dict[str, Any]]:
    """Those of the milestone; without one all of the project. Raises NotFoundError."""
    plant, project = queries.project(ref)
    if milestone:
        milestone_named(project, milestone)
    return [
        visit_json(it, plant.zone, withheld, name)
        for it in compared_visits(queries, ref)
        if milestone in ("", it.visit.milestone)
    ]


def _value(text: str, where: str) -> Decimal:
    try:
        return shown_value(text)
    except InputError as error:
        raise InputError(
            error.message, where=where, todo=error.advice, values=error.values
        ) from None
