"""`POST /grants/{ref}/{milestone}/visits`: the form by which an officer enters a site visit."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, ServicesDep
from api.pages.officer.milestone import refused
from api.pages.officer.shown_visits import FORM_READINGS
from api.records.site_visits import NewReading, NewVisit, enter_visit, withdraw_visit
from domain.errors import InputError, LineproofError
from store.registry.audit import Done, Event

router = APIRouter()
_DIGITS_MAX = 9


@router.post("/grants/{ref}/{milestone}/visits")
async def enter_on_page(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """`line`, `kind`, `visited_at`, `note`; of each reading n `source_n` (machine/signal),
    `read_at_n`, `value_n`, `read_by_n`, `note_n`; one of which neither figure nor note was filled
    in is none."""
    fields = await read_form(request)
    place = f"/grants/{ref}/{milestone}: site visit"
    tell(request, Event(Done.CHANGE, caller.name, place=place))

    def made() -> None:
        new = _new_visit(fields, caller.name)
        enter_visit(services.queries, services.registry.visit, ref, milestone, new)

    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return await refused(request, services, seen, caller, (ref, milestone), error)
    return RedirectResponse(request.url.path.removesuffix("/visits"), status_code=303)


@router.post("/grants/{ref}/{milestone}/withdrawals")
async def withdraw_on_page(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """`visit`: its number; `reason`."""
    fields = await read_form(request)
    place = f"/grants/{ref}/{milestone}: withdrawal of a site visit"
    tell(request, Event(Done.CHANGE, caller.name, place=place))

    def made() -> None:
        number, reason = fields.get("visit", ""), fields.get("reason", "")
        if not number.isascii() or not number.isdecimal() or len(number) > _DIGITS_MAX:
            raise InputError(f"'{number[:50]}' is no number of a visit", where="visit")
        entering = services.registry.visit
        withdraw_visit(services.queries, entering, ref, int(number), reason, caller.name)

    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return await refused(request, services, seen, caller, (ref, milestone), error)
    return RedirectResponse(request.url.path.removesuffix("/withdrawals"), status_code=303)


def _new_visit(fields: Mapping[str, str], author: str) -> NewVisit:
    readings = []
    for number in FORM_READINGS:
        source, read_at, value, read_by, note = (
            fields.get(f"{it}_{number}", "")
            for it in ("source", "read_at", "value", "read_by", "note")
        )
        if value.strip() or note.strip():
            machine, _, signal = source.partition("/")
            readings.append(NewReading(machine, signal, read_at, value, read_by, note))
    line, kind, visited_at, note = (
        fields.get(it, "") for it in ("line", "kind", "visited_at", "note")
    )
    return NewVisit(line, kind, visited_at, author, note, readings)
