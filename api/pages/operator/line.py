"""`/lines/{line}`: one line now, today and in its last day; one event stream keeps all of it live.

The page has two parts: what the line does now (every tick), and its day (every DAY_S seconds, and
at once when something of it changed that is over). Each is made once for all who look.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.http.dependencies import Services, ServicesDep, WithheldDep
from api.http.page_events import page_events
from api.i18n import Language
from api.pages.operator.floor import product_name, reason_name, shown_faults, when
from api.pages.operator.line_day import from_to, read_day
from api.pages.operator.waiting import waiting_rows
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.live import Live
from api.queries.withheld import live_without
from domain.plant import Withheld, text_in

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
        live=live,
        now=Markup(await _now(services, live, language)),
        day=Markup(await _day(services, live, language)),
    )


@router.get("/lines/{line}/events")
async def line_page_events(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> EventSourceResponse:
    """What of the page changed, about every second (api.http.page_events)."""
    await services.feed.live(line)  # an unknown line is a 404, not an empty stream
    topic = LineTopic(services, language_of(request), line, withheld)
    return page_events(request, services, {line: withheld}, [topic])


class LineTopic:
    """What the line does now, and its day."""

    def __init__(
        self, services: Services, language: Language, line: str, withheld: Withheld
    ) -> None:
        self._services, self._language = services, language
        self._line, self._withheld = line, withheld
        self._sent = ["", ""]

    async def changed(self) -> bytes:
        services, language = self._services, self._language
        live = live_without(await services.feed.live(self._line), self._withheld)
        parts = [await _now(services, live, language), await _day(services, live, language)]
        before, self._sent = self._sent, parts
        return b"".join(
            ServerSentEvent(html, event="part").encode()
            for html, sent in zip(parts, before, strict=True)
            if html != sent
        )


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
