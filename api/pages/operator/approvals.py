"""`/approvals`: the corrections that wait, for who may approve or refuse them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import Seen, check_place
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.pages.operator.waiting import WaitingRow, waiting_rows
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.records.approvals import Decision, decide
from domain.access import Action
from domain.errors import InputError, LineproofError
from store.registry.audit import Done, Event

router = APIRouter()
_DECISIONS = {"approve": True, "refuse": False}


@router.get("/approvals")
async def approvals_page(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    return await _page(request, services, seen)


@router.post("/approvals")
async def decide_waiting(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: approve or refuse; `identity`: which correction; `comment`: why."""
    fields = await read_form(request)
    action, identity = fields.get("action", ""), fields.get("identity", "")
    place = f"/approvals: {action} {identity}"
    said = (caller.name, fields.get("comment", ""), caller.device)

    def made() -> None:
        if action not in _DECISIONS:
            raise InputError(f"there is no action '{action}'", todo="Send approve or refuse.")
        check_place(caller, services.queries, {"identity": identity}, Action.APPROVE)
        decision = Decision(_DECISIONS[action], *said)
        recording, new_id = services.registry.record, services.new_id()
        decide(services.queries, recording, identity, decision, new_id)

    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        wrong = refusal_of(error, language_of(request))
        return await _page(request, services, seen, status=error.http_status, wrong=wrong)
    return RedirectResponse("/approvals", status_code=303)


async def _page(
    request: Request,
    services: Services,
    seen: Seen,
    *,
    status: int = 200,
    wrong: Refusal | None = None,
) -> Response:
    language = language_of(request)

    def found() -> list[WaitingRow]:
        queries = services.queries.still()
        return [
            row
            for _, line in seen.lines(Action.APPROVE)
            for row in waiting_rows(services, queries, line.id, seen.withheld(line.id), language)
        ]

    rows = await services.lanes.quick.run(found)
    return render(request, "approvals.html", status=status, rows=rows, wrong=wrong)
