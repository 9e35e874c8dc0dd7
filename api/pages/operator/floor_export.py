"""`/floor/export`: what each line does now as a file, one row a line."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.exports.tables import Column, ColumnKind, Table, Tables, Value, file_name
from api.http.access.callers import Shown
from api.http.dependencies import SeenDep, ServicesDep
from api.http.exported import asked_file, exported
from api.i18n import Language
from api.pages.exports import about_rows
from api.pages.labels import PLANS, STATES
from api.pages.operator.floor import line_name, product_name, reason_name, seen_lives
from api.pages.templates import language_of
from api.queries.live import Live
from api.queries.prices import Price
from domain.plant import text_in
from domain.texts import N_

router = APIRouter()
_FREE = Price("states", 0)  # of what the live board has already


@router.get("/floor/export")
async def floor_export(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    """`format`. Every line that who asks may see, without what is withheld."""
    file, language = asked_file(request), language_of(request)
    shown: Shown | None = await run_in_threadpool(seen.shown)
    lives = seen_lives(await services.feed.all(), shown).lives
    at = max((it.at for it in lives), default=services.live.now())
    # Plants of several zones: each time is shown on the clocks of the first.
    zone = lives[0].zone if lives else ZoneInfo("UTC")
    title = language.text(N_("Floor"))

    def read() -> Tables:
        about = tuple(about_rows(request, "/floor", at, zone, language))
        name = file_name("floor", at.astimezone(zone).strftime("%Y-%m-%dT%H%M"))
        tables = (_lines(lives, title, language),)
        return Tables(title, about, tables, language.tag, zone, at, name)

    return await exported(request, services.lanes, file, _FREE, read)


def _lines(lives: tuple[Live, ...], title: str, language: Language) -> Table:
    say = language.text
    columns = (
        Column(say(N_("Line"))),
        Column(say(N_("Hall")), printed=False),
        Column(say(N_("State"))),
        Column(say(N_("In it since")), ColumnKind.TIME),
        Column(say(N_("Reason"))),
        Column(say(N_("Plan"))),
        Column(say(N_("Product"))),
        Column(say(N_("Order")), printed=False),
        Column(say(N_("Shift")), printed=False),
        Column(say(N_("Good")), ColumnKind.NUMBER),
        Column(say(N_("OEE")), ColumnKind.SHARE, 1),
        Column(say(N_("OEE at worst")), ColumnKind.SHARE, 1),
        Column(say(N_("OEE at best")), ColumnKind.SHARE, 1),
        Column(say(N_("Last heard")), ColumnKind.TIME),
    )
    note = say(N_("Good items and OEE are those of the shift so far."))
    return Table("lines", title, columns, [_line(it, language) for it in lives], note)


def _line(live: Live, language: Language) -> tuple[Value, ...]:
    row = live.kpis
    return (
        f"{line_name(live, language)} ({live.line})",
        text_in(live.hall, language.tag),
        language.text(STATES[live.state][0]),
        live.since,
        reason_name(live, language) or "",
        language.text(PLANS[live.plan]),
        product_name(live, language) or "",
        live.order or "",
        live.period.name if live.period and live.period.name else "",
        *(row[it] if row else None for it in ("good_count", "oee", "oee_low", "oee_high")),
        live.last_heard,
    )
