"""`/lines/{line}`: one line. The first screen says what it does now and whether it makes its shift;
tabs have the rest, and each computes only what it shows.

One event stream keeps a page live. It has two parts: what the line does now (every tick), and what
its tab shows of the latest time (every PART_S seconds, and at once when something of it changed
that is over). Each is made once for all who look. A tab of other days stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.http.dependencies import Services, ServicesDep, WithheldDep
from api.http.page_events import page_events
from api.i18n import Language
from api.pages.drawing.band_view import band_view
from api.pages.operator.first_screen import now_texts, read_first_screen
from api.pages.operator.floor import line_name
from api.pages.operator.line_export import line_links
from api.pages.operator.line_tabs import READERS, price_of
from api.pages.operator.line_window import PERIOD_WORDS, TABS, WITHOUT_WINDOW, Asked, asked_of
from api.pages.operator.texts import from_to
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.live import Live
from api.queries.withheld import live_without
from domain.plant import Withheld
from domain.time import Window

router = APIRouter()
PART_S = 30
_STANDS_STILL = "none"  # tab of a stream whose page shows days that do not go on


@router.get("/lines/{line}")
async def line_page(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> Response:
    """`tab`, and for most of them `start` and `end` (days); `by` of tables."""
    language = language_of(request)
    asked = asked_of(request.query_params, services.queries.still(), line)
    live = live_without(await services.feed.live(line), withheld)
    if asked.window is None and asked.view is None:
        part = await _latest(services, live, asked, language)
    else:
        part = await _of_days(services, request, live, asked, language)
    followed = asked.tab if asked.window is None else _STANDS_STILL
    stream = urlencode({"lang": language.tag, "tab": followed, "by": asked.by})
    return render(
        request,
        "line.html",
        line=line,
        live=live,
        name=line_name(live, language),
        asked=asked,
        has_window=asked.tab not in WITHOUT_WINDOW,
        tabs=[(tab, language.text(word)) for tab, word in TABS.items()],
        periods=[(by, language.text(word)) for by, word in PERIOD_WORDS.items()]
        if asked.has_periods
        else [],
        events=f"/lines/{quote(line, safe='')}/events?{stream}",
        now=Markup(await _now(services, live, language, asked.tab)),
        part=Markup(part),
        exports=line_links(services.live.still(), live, asked, language),
    )


@router.get("/lines/{line}/events")
async def line_page_events(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> EventSourceResponse:
    """What of the page changed, about every second (api.http.page_events)."""
    await services.feed.live(line)  # an unknown line is a 404, not an empty stream
    topic = LineTopic(services, language_of(request), line, withheld, request.query_params)
    return page_events(request, services, {line: withheld}, [topic])


class LineTopic:
    """What the line does now, and what the tab shows that the `query` names."""

    def __init__(
        self,
        services: Services,
        language: Language,
        line: str,
        withheld: Withheld,
        query: Mapping[str, str],
    ) -> None:
        self._services, self._language = services, language
        self._line, self._withheld = line, withheld
        self._tab, self._by = query.get("tab", ""), query.get("by", "")
        self._sent = ["", ""]

    async def changed(self) -> bytes:
        services, language = self._services, self._language
        live = live_without(await services.feed.live(self._line), self._withheld)
        parts = [await _now(services, live, language, self._tab), ""]
        if self._tab != _STANDS_STILL:
            wanted = {"tab": self._tab, "by": self._by}
            asked = asked_of(wanted, services.live.still(), self._line)
            parts[1] = await _latest(services, live, asked, language)
        before, self._sent = self._sent, parts
        return b"".join(
            ServerSentEvent(html, event="part").encode()
            for html, sent in zip(parts, before, strict=True)
            if html != sent
        )


async def _now(services: Services, live: Live, language: Language, tab: str) -> str:
    template = "line_state.html" if tab else "line_now.html"
    return await services.feed.shared(
        (template, live.line, language.tag, live.withheld),
        live.number,
        lambda: fragment(language, template, **now_texts(live, language)),
    )


async def _of_days(
    services: Services, request: Request, live: Live, asked: Asked, language: Language
) -> str:
    """What the tab shows of the days, or the part of the band, that are asked for."""
    price = price_of(services.live.still(), live.line, asked)
    return await services.lanes.ask(request, price, lambda: _made(services, live, asked, language))


async def _latest(services: Services, live: Live, asked: Asked, language: Language) -> str:
    """What the tab shows of the latest time, made once for all who look."""
    queries = services.live.still()
    entry = queries.seen(live.line)
    of_now = (live.state, live.stale, len(live.faults))
    stamp = entry and (entry.version, *of_now, int(entry.at.timestamp()) // PART_S)
    key = ("line part", live.line, language.tag, live.withheld, asked.tab, asked.by)
    lane = services.lanes.of(price_of(queries, live.line, asked)) if asked.latest_days > 1 else None
    return await services.feed.shared(
        key, stamp, lambda: _made(services, live, asked, language), lane
    )


def _made(services: Services, live: Live, asked: Asked, language: Language) -> str:
    template, context = _read(services, live, asked, language)
    return fragment(language, template, **context)


def _read(
    services: Services, live: Live, asked: Asked, language: Language
) -> tuple[str, dict[str, Any]]:
    """The tab's template, and what it shows."""
    queries = services.live.still()
    shared = {
        "live": live,
        "withheld": sorted(live.withheld),
        "clock": lambda instant: language.time(instant, live.zone),
        "moment": lambda instant: language.moment(instant, live.zone),
    }
    at = queries.at(live.line)
    if not asked.tab:
        shift = read_first_screen(queries, live, language)
        band = band_view(shift.window, asked.view, live.zone, at)
        return "line_shift.html", {**shared, "asked": asked, "shift": shift, "band": band}
    window = asked.window or asked.latest(at, live.zone)
    window = Window(window.start, max(min(window.end, at), window.start + timedelta(seconds=1)))
    found = READERS[asked.tab](services, queries, live, window, asked, language)
    return f"line_{asked.tab}.html", {
        **shared,
        "asked": asked,
        "band": band_view(window, asked.view, live.zone, window.end),
        "from_to": from_to(window.start, window.end, language, live.zone),
        **found,
    }
