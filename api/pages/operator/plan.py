"""`/lines/{line}/plan`: the exceptions of a line's calendar; who may, enters and withdraws them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.documents.corrections import Reader
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.records.plan_changes import (
    CLASSES,
    NewException,
    add_exception,
    exceptions_json,
    withdraw_exception,
)
from domain.access import Action
from domain.errors import InputError, LineproofError
from domain.plant import text_in
from store.registry.audit import Done, Event

router = APIRouter()


@router.get("/lines/{line}/plan")
async def plan_page(line: str, request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    return await _page(line, request, services, seen)


@router.post("/lines/{line}/plan")
async def change_plan(
    line: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: add or withdraw."""
    fields = await read_form(request)
    action, identity = fields.get("action", ""), fields.get("identity", "")
    place = f"/lines/{line}/plan: {action} {identity}".strip()
    recording, queries = services.registry.record, services.queries

    def made() -> dict[str, Any]:
        new_id = services.new_id()
        if action == "withdraw":
            said = (caller.name, fields.get("comment", ""))
            return withdraw_exception(queries, recording, line, identity, said, new_id)
        if action != "add":
            raise InputError(f"there is no action '{action}'", todo="Send add or withdraw.")
        named = ("start", "end", "class", "reason")
        start, end, kind, why = (fields.get(it, "") for it in named)
        return add_exception(
            queries, recording, line, NewException(start, end, kind, why, caller.name), new_id
        )

    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        status, wrong = error.http_status, refusal_of(error, language_of(request))
        return await _page(line, request, services, seen, status=status, wrong=wrong)
    return RedirectResponse(request.url.path, status_code=303)


async def _page(
    line: str,
    request: Request,
    services: Services,
    seen: Seen,
    *,
    status: int = 200,
    wrong: Refusal | None = None,
) -> Response:
    language = language_of(request)
    queries = services.queries.still()

    def moment(text: str | None, zone: Any) -> str:
        return language.moment(datetime.fromisoformat(text), zone) if text else ""

    def found() -> dict[str, Any]:
        plant, described = queries.line(line)
        reader = Reader(seen.withheld(line), partial(services.registry.pseudonyms.of, plant.id))
        rows = exceptions_json(queries, line, reader)
        times = ("start", "end", "recorded_at")
        return {
            "name": text_in(described.name, language.tag) or line,
            "rows": [row | {it: moment(row[it], plant.zone) for it in times} for row in rows],
            # An open node has no forms: nobody is signed in who could send one.
            "may_change": described.calendar is not None
            and seen.may(Action.CHANGE_CALENDAR, line)
            and not seen.all,
        }

    shown = await services.lanes.quick.run(found)
    return render(
        request, "plan.html", status=status, line=line, wrong=wrong, classes=CLASSES, **shown
    )
