"""`/lines/{line}/stops`: the stops of a shift, and what people enter about them.

Two touches give a stop its reason: the stop, the reason. Without scripts each is a page; with them
(`api/static/entry.js`) what is entered while the network is away waits on the tablet and is sent
with the id that it got there. Such a script asks for JSON and gets 201, or 409 with what is against
it; a browser's form is led back to the list, or sees the same on the page.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.documents.corrections import READS_ALL
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep, WithheldDep
from api.http.page_events import page_events
from api.http.problem_document import problem
from api.i18n import Language
from api.pages.labels import CONFLICTS
from api.pages.operator.entering import record_form
from api.pages.operator.line import PART_S
from api.pages.operator.made_now import made_now
from api.pages.operator.shift_stops import (
    ShownStop,
    choices,
    latest_entry,
    read_shift,
    reader_of,
    said_of,
)
from api.pages.refusals import refusal_of
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.lines import Queries
from api.queries.times import instant_of
from api.records.entries import ConflictError
from domain.access import Action, Caller
from domain.corrections import Standing
from domain.errors import LineproofError
from domain.plant import Withheld, text_in
from store.registry.audit import Done, Event

router = APIRouter()
_COUNTED = ("total_count", "good_count", "reject_count")


@router.get("/lines/{line}/stops")
async def stops_page(
    line: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
    at: str = "",
    shift: str = "",
) -> Response:
    """`at`: an instant of the stop that is selected; `shift`: one of the shift that is shown;
    without either it is the present one."""
    return await _page(line, request, services, (caller, seen), at=at, shift=shift)


@router.get("/lines/{line}/stops/events")
async def stops_events(
    line: str,
    request: Request,
    services: ServicesDep,
    seen: SeenDep,
    withheld: WithheldDep,
    shift: str = "",
) -> EventSourceResponse:
    """What of the list changed, about every second (api.http.page_events)."""
    await services.feed.live(line)  # an unknown line is a 404, not an empty stream
    may = seen.may(Action.CORRECT, line) and not seen.all
    topic = StopsTopic(services, language_of(request), line, withheld, shift=shift, may=may)
    return page_events(request, services, {line: withheld}, [topic])


class StopsTopic:
    """The list of stops of the shift in which `shift` lies, an instant as text."""

    def __init__(
        self,
        services: Services,
        language: Language,
        line: str,
        withheld: Withheld,
        *,
        shift: str,
        may: bool,
    ) -> None:
        self._services, self._language, self._may = services, language, may
        self._line, self._withheld = line, withheld
        self._shift = shift
        self._at: datetime | None = None
        self._sent = ""

    async def changed(self) -> bytes:
        if self._at is None:
            self._at = _instant(self._services.live.still(), self._line, self._shift)
        told = (self._services, self._line, self._at, self._withheld, self._language)
        html = await _list(*told, may=self._may)
        before, self._sent = self._sent, html
        return b"" if html == before else ServerSentEvent(html, event="part").encode()


@router.post("/lines/{line}/stops")
async def enter_of_stop(
    line: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`do`: reason:ID, rest:START|ID, split, merge, withdraw:ID, undo:ID, quantity, order:ID (none:
    without ID), product:ID or note; the other fields are those of `api.records.entries.Entry` and
    of `api.pages.operator.entering`."""
    fields = await read_form(request)
    place = f"/lines/{line}/stops: {fields.get('do', '')}"[:200]
    wants_json = "application/json" in request.headers.get("accept", "")
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        if fields.get("author", "") != caller.name:
            raise ConflictError("person", "this was entered by somebody else than is signed on")
        who, language = (caller, seen), language_of(request)
        entered = await services.lanes.quick.run(
            lambda: record_form(services, line, fields, who, language)
        )
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        if not wants_json:
            return await _page(line, request, services, (caller, seen), fields=fields, error=error)
        if not isinstance(error, ConflictError):
            said = refusal_of(error, language_of(request)).said
            return problem(error.http_status, str(error), instance=request.url.path, said=said)
        told = (services.live.still(), line, error, language_of(request))
        conflict = await services.lanes.quick.run(partial(_conflict, *told))
        return JSONResponse(conflict, status_code=error.http_status)
    if wants_json:
        answer = {"id": entered.identity, "waits": entered.waits, "again": entered.again}
        return JSONResponse(answer, status_code=201)
    shown = request.url_for("stops_page", line=line).include_query_params(
        shift=fields.get("stop") or fields.get("shift", "")
    )
    return RedirectResponse(f"{shown.path}?{shown.query}", status_code=303)


def _instant(queries: Queries, line: str, text: str) -> datetime:
    plant, _ = queries.line(line)
    return instant_of(text, plant.zone, "shift") if text else queries.now()


def _conflict(
    queries: Queries, line: str, error: ConflictError, language: Language
) -> dict[str, Any]:
    """What is against an entry, for script and page: the sentence, what stands there now in words,
    and what an entry in its place has to say that it saw."""
    plant, _ = queries.line(line)
    standing = Standing(queries.corrections(line))
    said = [said_of(it, plant, standing, READS_ALL, language) for it in error.now]
    now = [" · ".join(filter(None, (it.what, it.author, it.entered, it.comment))) for it in said]
    now += [
        f"{language.time(it.start, plant.zone, seconds=True)}–"
        f"{language.time(it.end, plant.zone, seconds=True)}"
        for it in error.stops
    ]
    return {
        "conflict": error.kind,
        "sentence": language.text(CONFLICTS[error.kind]),
        "now": now,
        "seen": [it.id for it in error.now],
    }


async def _list(
    services: Services,
    line: str,
    at: datetime,
    withheld: Withheld,
    language: Language,
    *,
    may: bool,
) -> str:
    """The list of stops, made once for all who look at that shift."""
    queries = services.live.still()

    def made() -> str:
        shown = read_shift(services, queries, line, at, withheld, language)
        return fragment(language, "stops_list.html", shown=shown, line=line, may_correct=may)

    entry = queries.seen(line)
    minute = int(at.timestamp()) // 60
    stamp = entry and (entry.version, int(entry.at.timestamp()) // PART_S)
    key = ("stops", line, minute, language.tag, withheld, may)
    return await services.feed.shared(key, stamp, made)


async def _page(
    line: str,
    request: Request,
    services: Services,
    who: tuple[Caller, Seen],
    *,
    at: str = "",
    shift: str = "",
    fields: dict[str, str] | None = None,
    error: LineproofError | None = None,
) -> Response:
    """`fields`, `error`: of a form that was refused, which stays filled in."""
    language, (caller, seen) = language_of(request), who
    queries, fields = services.live.still(), fields or {}
    at = at or fields.get("stop", "")
    # An open node has no forms: nobody is signed in who could send one.
    may = seen.may(Action.CORRECT, line) and not seen.all
    withheld = seen.withheld(line)

    def found() -> dict[str, Any]:
        _, described = queries.line(line)
        instant = _instant(queries, line, at or shift or fields.get("shift", ""))
        shown = read_shift(services, queries, line, instant, withheld, language)
        latest = latest_entry(queries, line, caller.name, language) if may else None
        return {
            "name": text_in(described.name, language.tag) or line,
            "shown": shown,
            "selected": _selected(shown.stops, instant) if at else None,
            "choices": choices(queries, line, language),
            "making": made_now(
                queries, line, reader_of(services, queries, line, withheld), language
            ),
            "counted": [it for it in _COUNTED if it in described.roles],
            "latest": latest and (latest[0], (latest[1] - queries.now()).total_seconds()),
            "conflict": _conflict(queries, line, error, language)
            if isinstance(error, ConflictError)
            else None,
        }

    context = await services.lanes.quick.run(found)
    context["list"] = Markup(
        fragment(language, "stops_list.html", shown=context["shown"], line=line, may_correct=may)
    )
    wrong = None if isinstance(error, ConflictError) else error
    return render(
        request,
        "stops.html",
        status=error.http_status if error else 200,
        line=line,
        live=await services.feed.live(line),
        may_correct=may,
        wrong=wrong and refusal_of(wrong, language),
        fields=defaultdict(str, fields),
        identity=services.new_id(),
        **context,
    )


def _selected(stops: tuple[ShownStop, ...], at: datetime) -> ShownStop | None:
    """The stop of the instant."""
    for it in stops:
        begun = datetime.fromisoformat(it.start) <= at
        if begun and (not it.end or at < datetime.fromisoformat(it.end)):
            return it
    return None
