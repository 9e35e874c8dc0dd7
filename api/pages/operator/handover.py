"""`/lines/{line}/handover`: what a shift hands over, with notes and the signatures of both.

It is written by itself: figures, longest stops, what is open. Once somebody has signed, what was
signed stands beside what is known now, if these differ. It prints on one sheet of A4.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.documents.corrections import Reader
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.pages.operator.shown_handover import shown_handover
from api.pages.refusals import refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.handovers import shift_figures, shifts_of_day
from api.queries.prices import window_price
from api.queries.times import instant_of
from api.records.handovers import Signer, asked_shift, sign_handover, write_note
from domain.access import Action, Caller
from domain.errors import InputError, LineproofError
from domain.handovers import SIGNED_BEFORE_END, Handover
from domain.plant import text_in
from domain.texts import N_
from domain.time import check_past
from store.registry.audit import Done, Event

router = APIRouter()


@router.get("/lines/{line}/handover")
async def handover_page(
    line: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
    shift: str = "",
    day: str = "",
) -> Response:
    """`shift`: a time within it; `day`: the last shift that begins on that day; left out: the
    present one."""
    return await _page(line, request, services, (caller, seen), shift=shift, day=day)


@router.post("/lines/{line}/handover")
async def say_in_handover(
    line: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: note (with `text`), leaving or taking_over (with `notes_seen`); `shift`: its
    start."""
    fields = await read_form(request)
    action, shift = fields.get("action", ""), fields.get("shift", "")
    place = f"/lines/{line}/handover: {action} {shift}"[:200]
    by = Signer(caller.name, caller.device)
    queries, handovers = services.queries.still(), services.registry.handovers

    def made() -> None:
        if action == "note":
            write_note(queries, handovers, line, shift, fields.get("text", ""), by)
        else:
            notes_seen = _whole(fields.get("notes_seen", ""))
            sign_handover(queries, handovers, line, shift, action, notes_seen, by)

    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        who = (caller, seen)
        return await _page(
            line, request, services, who, shift=shift, error=error, text=fields.get("text", "")
        )
    shown = request.url_for("handover_page", line=line).include_query_params(shift=shift)
    return RedirectResponse(f"{shown.path}?{shown.query}", status_code=303)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(
            N_("'%(text)s' is no number of notes"),
            where="notes_seen",
            todo=N_("Send how many were shown."),
            values={"text": text},
        ) from None


async def _page(
    line: str,
    request: Request,
    services: Services,
    who: tuple[Caller, Seen],
    *,
    shift: str = "",
    day: str = "",
    error: LineproofError | None = None,
    text: str = "",
) -> Response:
    """`error`: why a form was refused, whose `text` stays filled in."""
    language, (caller, seen) = language_of(request), who
    queries, handovers = services.queries.still(), services.registry.handovers
    # An open node has no forms: nobody is signed in who could send one.
    may = seen.may(Action.CORRECT, line) and not seen.all
    withheld = seen.withheld(line)

    def asked() -> Handover:
        if day:
            return handovers.of_shift(_last_of_day(services, line, day))
        return handovers.of_shift(asked_shift(queries, handovers, line, shift))

    found = await services.lanes.quick.run(asked)

    def read() -> dict[str, Any]:
        plant, described = queries.line(line)
        begun = found.shift.window.start.astimezone(plant.zone).date()
        reader = Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))
        present = shift_figures(queries, found.shift)
        return {
            "name": text_in(described.name, language.tag) or line,
            "shown": shown_handover(plant, found, present, reader, language),
            "day": begun.isoformat(),
            "today": queries.now().astimezone(plant.zone).date().isoformat(),
            "of_day": [
                (it.window.start.astimezone(plant.zone).isoformat(), it.name,
                 language.time(it.window.start, plant.zone), it.window.start == begin)
                for it in shifts_of_day(queries, handovers, line, begun)
            ],
            "printed": language.moment(queries.now(), plant.zone),
            **_open_sides(found, caller, queries.now(), may=may),
        }  # fmt: skip

    begin = found.shift.window.start
    price = window_price("stops", queries, found.shift.window)
    context = await services.lanes.ask(request, price, read)
    status = error.http_status if error else 200
    wrong = refusal_of(error, language) if error else None
    return render(
        request, "handover.html", status=status, line=line, wrong=wrong, text=text, **context
    )


def _open_sides(found: Handover, caller: Caller, now: datetime, *, may: bool) -> dict[str, bool]:
    """Which forms are shown."""
    signed = any(it.author == caller.name for it in found.signatures)
    is_time = now >= found.shift.window.end - SIGNED_BEFORE_END
    may_write = may and not found.is_kept
    return {
        "may_write": may_write,
        "may_sign": may_write and is_time and not signed,
        "is_too_early": may_write and not is_time,
    }


def _last_of_day(services: Services, line: str, day: str) -> Any:
    queries = services.queries.still()
    plant, _ = queries.line(line)
    start = instant_of(day, plant.zone, "day")
    check_past(start, queries.now(), plant.zone, "day")
    local: date = start.astimezone(plant.zone).date()
    shifts = shifts_of_day(queries, services.registry.handovers, line, local)
    if not shifts:
        raise InputError(
            N_("no shift began on %(local)s"),
            where="day",
            todo=N_("Choose another day."),
            values={"local": local.isoformat()},
        )
    return shifts[-1]
