"""Asking for a change and deciding it, for command line, HTTP and pages alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.documents.change_requests import change_request_json
from api.queries.lines import Queries
from api.queries.times import instant_of
from api.records.milestone_steps import author_named, milestone_named
from domain.change_requests import (
    ChangeDecision,
    ChangeKind,
    ChangeRequest,
    change_kind_named,
    check_decision,
    check_request,
    present_value,
    written_amount,
)
from domain.errors import InputError, did_you_mean
from domain.grants import Project
from domain.milestone_states import ConflictOfInterest
from domain.plant import Plant
from domain.texts import N_
from store.registry.project_work.change_requests import AskingChanges


@dataclass(frozen=True, slots=True)
class NewChange:
    """As somebody gives it. `old` empty: what it is now, where the node knows; `replaced_at`: a
    time, without offset in the plant's zone."""

    kind: str
    new: str
    reason: str
    author: str
    milestone: str = ""
    old: str = ""
    line: str = ""
    machine: str = ""
    replaced_at: str = ""


def ask_change(
    queries: Queries, asking: AskingChanges, ref: str, given: NewChange
) -> dict[str, Any]:
    """Ask for it; its document. Raises NotFoundError, InputError, BusyError."""
    plant, project = queries.project(ref)
    milestone = given.milestone.strip()
    if milestone:
        milestone_named(project, milestone)
    kind = change_kind_named(given.kind.strip())
    new = given.new.strip()
    request = ChangeRequest(
        ref,
        0,
        kind,
        given.old.strip() or present_value(kind, project, milestone) or "",
        written_amount(new) if kind is ChangeKind.BUDGET else new,
        given.reason.strip(),
        author_named(given.author),
        queries.now(),
        milestone,
        given.line.strip(),
        given.machine.strip(),
        instant_of(given.replaced_at, plant.zone, "replaced_at") if given.replaced_at else None,
    )
    check_request(request, project)
    if kind is ChangeKind.EQUIPMENT:
        _check_machine(plant, project, request)
    return change_request_json(asking.ask(request), None, plant.zone)


def decide_change(
    queries: Queries, asking: AskingChanges, ref: str, number: int, new: ChangeDecision
) -> dict[str, Any]:
    """Decide it, as of now; the request's document. Raises NotFoundError; ChangeDecidedError,
    NotAllowedError or InputError where it is refused; BusyError."""
    plant, _ = queries.project(ref)
    decision = ChangeDecision(
        new.approved, author_named(new.author), queries.now(), new.reason.strip()
    )

    def check(request: ChangeRequest, conflicts: Sequence[ConflictOfInterest]) -> None:
        check_decision(request, decision, conflicts)

    return change_request_json(asking.decide(ref, number, decision, check), None, plant.zone)


def change_requests_json(
    queries: Queries, ref: str, name: Callable[[str], str] = str
) -> list[dict[str, Any]]:
    """Those of the project, in the order of their numbers. Raises NotFoundError."""
    plant, _ = queries.project(ref)
    versions = queries.versions_of_changes(ref)
    return [
        change_request_json(it, versions.get(it.number), plant.zone, name)
        for it in queries.change_requests(ref)
    ]


def _check_machine(plant: Plant, project: Project, request: ChangeRequest) -> None:
    """It may be gone from the plant file by the time; so it is checked when it is asked for."""
    if request.line not in project.lines:
        raise InputError(
            N_("project %(reference)s has no line '%(line)s'"),
            where="line",
            todo=did_you_mean(request.line, list(project.lines)),
            values={"reference": project.reference, "line": request.line},
        )
    machines = list(plant.lines[request.line].machines)
    if request.machine not in machines:
        raise InputError(
            N_("line %(line)s has no machine '%(machine)s'"),
            where="machine",
            todo=did_you_mean(request.machine, machines),
            values={"line": request.line, "machine": request.machine},
        )
