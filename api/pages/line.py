"""`/lines/{line}`: one line now, today and in its last day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.dependencies import ServicesDep
from api.i18n import Language
from api.pages.control import ControlPart, control_parts
from api.pages.drawing.bars import BoundsBar, Timeline, bounds_bar, timeline
from api.pages.floor import product_name, reason_name, when
from api.pages.render import fragment, language_of, render
from api.pages.words import figures_sentence
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.stops import StopsQuestion, stops
from domain.plant import text_in
from domain.reasons import reason_named
from domain.texts import N_
from domain.time import Window, midnight

router = APIRouter()
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Period:
    """A KPI row with its drawing: `title` names the period, `times` says from when to when."""

    title: str
    times: str
    row: dict[str, Any]
    bar: BoundsBar
    figures: str
    target: float | None


@dataclass(frozen=True)
class LineDay:
    """What the page shows besides the live state, read once for a view."""

    window: Window
    today: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    hours: list[dict[str, Any]]
    drawn: Timeline
    stops: dict[str, Any]  # the stop document (api.queries.stops)
    reasons: dict[str, str]  # names of the reasons that are drawn
    control: list[ControlPart]
    has_reasons: bool  # a stop without a reason is one that somebody could give


def read_day(queries: Queries, line_id: str, language: Language) -> LineDay:
    """Today's and the last 24 hours' figures of the line, its names in the language.
    Raises NotFoundError."""
    plant, _ = queries.line(line_id)
    now = queries.now()
    start_of_day = midnight(now.astimezone(plant.zone).date(), plant.zone)
    today = Window(start_of_day, max(now, start_of_day + timedelta(microseconds=1)))
    last = Window(now - DAY, now)
    states = queries.states(line_id, last)
    named = {text: reason_named(plant, text) for text in states["reason"].drop_nulls().unique()}
    return LineDay(
        last,
        queries.kpis(line_id, today),
        queries.kpis(line_id, last, "shift"),
        queries.kpis(line_id, last, "hour"),
        timeline(states.to_dicts(), last, plant.zone),
        stops(queries, line_id, last, StopsQuestion(language=language.tag)),
        {text: text_in(node.name, language.tag) for text, node in named.items() if node},
        control_parts(queries, line_id, last, language),
        bool(plant.reasons),
    )


@router.get("/lines/{line}")
async def line_page(line: str, request: Request, services: ServicesDep) -> Response:
    language = language_of(request)
    live = await services.feed.live(line)
    day = await run_in_threadpool(read_day, services.queries, line, language)
    zone = live.zone
    return render(
        request,
        "line.html",
        **_now(live, language),
        day=day,
        control=day.control,
        tiles=_tiles(live, day, language),
        shifts=[_row(row, live, language) for row in day.shifts],
        hours=[_row(row, live, language) for row in day.hours if row["planned_busy_time_s"]],
        clock=lambda instant: language.time(instant, zone),
        from_to=from_to(day.window.start, day.window.end, language, zone),
    )


@router.get("/lines/{line}/events")
async def line_events(line: str, request: Request, services: ServicesDep) -> EventSourceResponse:
    """An event `part` with the live panel about every second."""
    language, feed = language_of(request), services.feed
    await feed.live(line)  # an unknown line is a 404, not an empty stream

    async def events() -> AsyncIterator[ServerSentEvent]:
        sent = ""
        async for live in feed.watch(line):
            html = fragment(language, "line_now.html", **_now(live, language))
            if html != sent:
                sent = html
                yield ServerSentEvent(html, event="part")

    return EventSourceResponse(events())


def _now(live: Live, language: Language) -> dict[str, Any]:
    return {
        "live": live,
        "name": text_in(live.name, language.tag) or live.line,
        "since": when(language, live.since, live),
        "heard": when(language, live.last_heard, live, seconds=True),
        "machines": [(m, when(language, m.at, live, seconds=True)) for m in live.machines],
        "product": product_name(live, language),
        "reason": reason_name(live, language),
        "now_clock": language.time(live.at, live.zone, seconds=True),
        "shift_times": live.period
        and from_to(live.period.window.start, live.period.window.end, language, live.zone),
    }


def _tiles(live: Live, day: LineDay, language: Language) -> list[Period]:
    """The running shift (where the line has shifts) and the day so far."""
    tiles = []
    if live.kpis is not None and live.period is not None and live.period.name:
        title = language.text(N_("Shift %(name)s so far"), name=live.period.name)
        target = live.forecast.target_oee if live.forecast else None
        tiles.append(_period(live.kpis, language, live.zone, title, target))
    return [*tiles, _period(day.today[0], language, live.zone, language.text(N_("Today so far")))]


def _row(row: dict[str, Any], live: Live, language: Language) -> Period:
    """A row of the table: its title is the day, where that is not today's."""
    day = datetime.fromisoformat(row["start"]).astimezone(live.zone).date()
    today = live.at.astimezone(live.zone).date()
    return _period(row, language, live.zone, "" if day == today else language.short_day(day))


def _period(
    row: dict[str, Any],
    language: Language,
    zone: ZoneInfo,
    title: str,
    target: float | None = None,
) -> Period:
    start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
    figures = (row["oee"], row["oee_low"], row["oee_high"])
    return Period(
        title,
        from_to(start, end, language, zone),
        row,
        bounds_bar(*figures, target),
        figures_sentence(language, *figures, target=target, show=language.percent),
        target,
    )


def from_to(start: datetime, end: datetime, language: Language, zone: ZoneInfo) -> str:
    """'07:00–15:00'; with the days where the period is as long as one."""
    left, right = language.time(start, zone), language.time(end, zone)
    if end - start < DAY:
        return f"{left}–{right}"
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return f"{language.day(first)} {left} – {language.day(last)} {right}"
