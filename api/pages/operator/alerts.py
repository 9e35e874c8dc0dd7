"""`/alerts`: what somebody is called for, those that nobody has acknowledged first; who may,
acknowledges them by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.documents.alerts import NamedLines, alert_sentence, line_of_alert
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.routes.alerts import NUMBER_MAX, acknowledged, alert_reader, seen_alerts, seen_lines
from api.i18n import Language
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.records.handovers import Signer
from domain.access import Action
from domain.alerts import Alert, AlertState
from domain.errors import InputError, LineproofError
from domain.plant import text_in
from store.registry.audit import Done, Event
from store.registry.line_work.alerts import MessagesOf

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """`is_there`: its line has a page; `by`: who acknowledged it and when, or empty; `lasted_s`
    None: it stands."""

    number: int
    line: str
    name: str
    is_there: bool
    kind: str
    state: str
    says: str
    raised: str
    ended: str
    lasted_s: float | None
    by: str
    note: str
    messages: MessagesOf
    may_acknowledge: bool


@router.get("/alerts")
async def alerts_page(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    return await _page(request, services, seen)


@router.post("/alerts")
async def acknowledge_alert_page(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`number`: which; `note`: what is being done."""
    fields = await read_form(request)
    number, note = fields.get("number", "")[:20], fields.get("note", "")
    place = f"/alerts: {number}"

    def made() -> None:
        given = int(number) if number.isascii() and number.isdecimal() else 0
        if not 1 <= given <= NUMBER_MAX:
            raise InputError(f"'{number}' is no alert", where="number", todo="Send its number.")
        acknowledged(services, seen, given, note, Signer(caller.name, caller.device))

    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        wrong = refusal_of(error, language_of(request))
        return await _page(request, services, seen, status=error.http_status, wrong=wrong)
    return RedirectResponse("/alerts", status_code=303)


async def _page(
    request: Request,
    services: Services,
    seen: Seen,
    *,
    status: int = 200,
    wrong: Refusal | None = None,
) -> Response:
    language = language_of(request)
    rows = await services.lanes.quick.run(lambda: _rows(services, seen, language))
    parts = {state.value: [it for it in rows if it.state == state.value] for state in AlertState}
    return render(request, "alerts.html", status=status, parts=parts, wrong=wrong)


def _rows(services: Services, seen: Seen, language: Language) -> Sequence[ShownAlert]:
    lines = seen_lines(seen)
    standing, ended = seen_alerts(services, seen, lines)
    told = services.registry.alerts.messages([it.number for it in (*standing, *ended)])
    may = {line for line in lines if not seen.all and seen.may(Action.CORRECT, line)}
    return [
        _shown(services, seen, it, lines, told.get(it.number, MessagesOf()), may, language)
        for it in (*standing, *ended)
    ]


def _shown(
    services: Services,
    seen: Seen,
    it: Alert,
    lines: NamedLines,
    messages: MessagesOf,
    may: set[str],
    language: Language,
) -> ShownAlert:
    line, zone = line_of_alert(it, lines)
    reader, said = alert_reader(services, seen, it, lines), it.acknowledged
    by = ""
    if said is not None:
        who = (reader.author(said.author), language.moment(said.at, zone))
        by = " · ".join(filter(None, who))
    lasted = it.ended_at - it.cause.since if it.ended_at else None
    return ShownAlert(
        it.number,
        it.cause.line,
        (text_in(line.name, language.tag) if line else "") or it.cause.line,
        line is not None,
        it.cause.kind.value,
        it.state.value,
        alert_sentence(it.cause, line, zone, language),
        language.moment(it.raised_at, zone),
        language.moment(it.ended_at, zone),
        max(lasted.total_seconds(), 0.0) if lasted is not None else None,
        by,
        said.note if said and reader.may_see_reasons else "",
        messages,
        it.state is AlertState.OPEN and it.cause.line in may,
    )
