"""`/lines/{line}`: one line now, today and in its last day; one event stream keeps all of it live.

The page has two parts: what the line does now (every tick), and its day (every DAY_S seconds, and
at once when something of it changed that is over). Each is made once for all who look.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.http.access.open_streams import ENDED, OpenStream
from api.http.dependencies import Services, ServicesDep, WithheldDep
from api.i18n import Language
from api.pages.operator.floor import product_name, reason_name, shown_faults, when
from api.pages.operator.line_day import from_to, read_day
from api.pages.operator.waiting import waiting_rows
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.live import Live
from api.queries.withheld import live_without
from domain.plant import text_in

router = APIRouter()
DAY_S = 30


@router.get("/lines/{line}")
async def line_page(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> Response:
    language = language_of(request)
    live = live_without(await services.feed.live(line), withheld)
    return render(
        request,
        "line.html",
        line=line,
        name=text_in(live.name, language.tag) or line,
        now=Markup(await _now(services, live, language)),
        day=Markup(await _day(services, live, language)),
    )


@router.get("/lines/{line}/events")
async def line_page_events(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> EventSourceResponse:
    """An event `part` with whatever of the page changed, about every second."""
    language = language_of(request)
    await services.feed.live(line)  # an unknown line is a 404, not an empty stream
    stream = OpenStream(request, services.queries.still)

    async def events() -> AsyncIterator[ServerSentEvent]:
        sent = ["", ""]
        async for tick in stream.while_allowed(services.feed.watch(line), {line: withheld}):
            live = live_without(tick, withheld)
            parts = [
                await _now(services, live, language),
                await _day(services, live, language),
            ]
            for place, html in enumerate(parts):
                if sent[place] != html:
                    sent[place] = html
                    yield ServerSentEvent(html, event="part")
        if stream.is_ended:
            yield ENDED

    return EventSourceResponse(events())


async def _now(services: Services, live: Live, language: Language) -> str:
    return await services.feed.shared(
        ("line now", live.line, language.tag, live.withheld),
        live.number,
        lambda: fragment(language, "line_now.html", **_now_texts(live, language)),
    )


async def _day(services: Services, live: Live, language: Language) -> str:
    queries = services.live.still()

    def made() -> str:
        day = read_day(queries, live, language)
        return fragment(
            language,
            "line_day.html",
            day=day,
            control=day.control,
            withheld=sorted(live.withheld),
            waiting=waiting_rows(services, queries, live.line, live.withheld, language),
            clock=lambda instant: language.time(instant, live.zone),
            from_to=from_to(day.window.start, day.window.end, language, live.zone),
        )

    entry = queries.seen(live.line)
    stamp = entry and (entry.version, live.state, int(entry.at.timestamp()) // DAY_S)
    key = ("line day", live.line, language.tag, live.withheld)
    return await services.feed.shared(key, stamp, made)


def _now_texts(live: Live, language: Language) -> dict[str, Any]:
    return {
        "live": live,
        "name": text_in(live.name, language.tag) or live.line,
        "since": when(language, live.since, live),
        "heard": when(language, live.last_heard, live, seconds=True),
        "faults": shown_faults(live, language),
        "machines": [(m, when(language, m.at, live, seconds=True)) for m in live.machines],
        "product": product_name(live, language),
        "reason": reason_name(live, language),
        "now_clock": language.time(live.at, live.zone, seconds=True),
        "shift_times": live.period
        and from_to(live.period.window.start, live.period.window.end, language, live.zone),
    }
