"""`/changes/{ref}`: the change requests of a project: asked by the company, decided by an officer.

Its forms need no script. What stands there is what the API tells; nothing of it is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import Seen, check_place
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.routes.attachments import names_for
from api.i18n import Language
from api.pages.refusals import refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.records.change_requests import NewChange, ask_change, decide_change
from domain.access import Action, Caller
from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest, ChangeState
from domain.errors import InputError, LineproofError
from domain.milestone_states import same_person
from domain.plant import Plant, line_called, machine_called
from store.registry.audit import Done, Event
from store.registry.versions import Version

router = APIRouter()
_DECISIONS = {"approve": True, "refuse": False}
_GIVEN = ("kind", "new", "reason", "milestone", "old", "replaced_at")


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A request as texts. `of`: the milestone, or line and machine; empty for the whole project.
    `decided`: who and when; `may_decide`: its reader may."""

    number: int
    kind: ChangeKind
    state: ChangeState
    of: str
    old: str
    new: str
    replaced_at: str | None
    reason: str
    author: str
    asked_at: str
    decided: tuple[str, str] | None
    why: str
    carried_out: tuple[int, str] | None
    is_to_carry_out: bool
    may_decide: bool


@router.get("/changes/{ref}")
async def changes_page(
    ref: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    return await _page(request, services, seen, caller, ref)


@router.post("/changes/{ref}")
async def change_on_page(
    ref: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: ask (kind, milestone, source, old, new, replaced_at, reason), or approve or refuse
    (number, reason)."""
    fields = await read_form(request)
    place = f"/changes/{ref}: {fields.get('action', '')} {fields.get('number', '')}".rstrip()
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(lambda: _done(services, caller, ref, fields))
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return await _page(request, services, seen, caller, ref, error)
    return RedirectResponse(request.url.path, status_code=303)


def _done(services: Services, caller: Caller, ref: str, fields: Mapping[str, str]) -> None:
    action = fields.get("action", "")
    queries, asking = services.queries, services.registry.ask
    if action == "ask":
        check_place(caller, queries, {"ref": ref}, Action.SUBMIT)
        given = {name: fields.get(name, "") for name in _GIVEN}
        if given["kind"] == ChangeKind.EQUIPMENT:
            given["line"], _, given["machine"] = fields.get("source", "").partition("/")
            given["milestone"] = ""
        else:
            given["replaced_at"] = ""
        ask_change(queries, asking, ref, NewChange(**given, author=caller.name))
        return
    if action not in _DECISIONS:
        raise InputError(f"there is no action '{action}'", todo="Send ask, approve or refuse.")
    check_place(caller, queries, {"ref": ref}, Action.DECIDE)
    decision = ChangeDecision(
        _DECISIONS[action], caller.name, queries.now(), fields.get("reason", "")
    )
    number = fields.get("number", "")
    if not number.isdecimal() or len(number) > 9:
        raise InputError(f"'{number}' is no change request", todo="Send the number of one.")
    decide_change(queries, asking, ref, int(number), decision)


async def _page(
    request: Request,
    services: Services,
    seen: Seen,
    caller: Caller,
    ref: str,
    wrong: LineproofError | None = None,
) -> Response:
    language = language_of(request)
    found = await services.lanes.quick.run(lambda: _shown(services, seen, caller, ref, language))
    return render(
        request,
        "changes.html",
        status=wrong.http_status if wrong else 200,
        wrong=wrong and refusal_of(wrong, language),
        **found,
    )


def _shown(
    services: Services, seen: Seen, caller: Caller, ref: str, language: Language
) -> dict[str, Any]:
    queries = services.queries.still()
    plant, project = queries.project(ref)
    name = names_for(services, seen, ref)
    versions = queries.versions_of_changes(ref)
    has_conflict = any(same_person(it.author, caller.name) for it in queries.conflicts(ref))
    may_decide = (
        not caller.is_open and not has_conflict and seen.may_of_project(Action.DECIDE, project)
    )

    def shown(it: ChangeRequest) -> ShownChange:
        may = may_decide and it.decision is None and not same_person(it.author, caller.name)
        return _change(it, versions.get(it.number), plant, language, name(it.author), may)

    return {
        "project": project,
        "changes": [shown(it) for it in queries.change_requests(ref)],
        "may_ask": not caller.is_open and seen.may_of_project(Action.SUBMIT, project),
        "sources": [
            (f"{line}/{machine}", _equipment(plant, line, machine, language))
            for line in project.lines
            for machine in plant.lines[line].machines
        ],
    }


def _value(kind: ChangeKind, text: str, language: Language) -> str:
    """What a change is from or to: days and money as people read them, words as they are."""
    if kind is ChangeKind.BUDGET and text.isdecimal():
        return language.money(float(text))
    return str(language.said(text)) if kind is ChangeKind.DATES else text


def _equipment(plant: Plant, line: str, machine: str, language: Language) -> str:
    """A machine of a line, as people call both; as they were called where they are gone."""
    found = plant.lines.get(line)
    called = machine_called(found, machine, language.tag) if found else machine
    return f"{line_called(plant, line, language.tag)} · {called}"


def _change(
    it: ChangeRequest,
    carried_out: Version | None,
    plant: Plant,
    language: Language,
    author: str,
    may_decide: bool,
) -> ShownChange:
    decision = it.decision
    is_of_file = it.kind is not ChangeKind.EQUIPMENT and it.state is ChangeState.APPROVED
    return ShownChange(
        it.number,
        it.kind,
        it.state,
        it.milestone or (_equipment(plant, it.line, it.machine, language) if it.line else ""),
        _value(it.kind, it.old, language),
        _value(it.kind, it.new, language),
        language.moment(it.replaced_at, plant.zone) if it.replaced_at else None,
        it.reason,
        author,
        language.moment(it.asked_at, plant.zone),
        (decision.author, language.moment(decision.decided_at, plant.zone)) if decision else None,
        decision.reason if decision else "",
        (carried_out.number, language.moment(carried_out.applied_at, plant.zone))
        if carried_out
        else None,
        is_of_file and carried_out is None,
        may_decide,
    )
