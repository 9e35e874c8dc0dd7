"""`/wall`: the lines on a screen on the wall, to be read at ten metres; it has no controls.

How large a state stands depends on how many lines are on a sheet. At ten metres a letter has to be
47 mm high (16 minutes of arc, ISO 9241-303); on a screen of 55 inches that is a word's size with
SHEET_MAX lines in two columns. More lines stand on several sheets, which a script turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.access.callers import Shown
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.live_feed import AllLives
from api.http.page_events import page_events
from api.i18n import Language
from api.pages.operator.floor import (
    LivesTopic,
    Parts,
    line_name,
    needed_rows,
    product_name,
    reason_name,
    seen_lives,
    when,
)
from api.pages.operator.halls import by_hall
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.live import Live
from domain.plant import text_in

router = APIRouter()
SHEET_MAX = 6  # lines of a sheet


class Theme(StrEnum):
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines that are shown together. `size`: how many of the fullest sheet's are."""

    lives: tuple[Live, ...]
    size: int


@router.get("/wall")
async def wall(
    request: Request, services: ServicesDep, seen: SeenDep, theme: Theme = Theme.DARK
) -> Response:
    language = language_of(request)
    shown = seen_lives(await services.feed.all(), await run_in_threadpool(seen.shown))
    made = await _parts(services, shown, language)
    return render(
        request,
        "wall.html",
        theme=theme.value,
        sheets=sheets(_standing(shown.lives, language)),
        tiles={live.line: Markup(made.html[live.line]) for live in shown.lives},
        top=Markup(made.html[_TOP]),
        standing=made.order,
        first=shown.lives[0] if shown.lives else None,
    )


@router.get("/wall/events")
async def wall_events(
    request: Request, services: ServicesDep, seen: SeenDep
) -> EventSourceResponse:
    """What of the wall changed, about every second (api.http.page_events)."""
    shown = await run_in_threadpool(seen.shown)
    return page_events(
        request, services, shown, [wall_topic(services, language_of(request), shown)]
    )


def wall_topic(services: Services, language: Language, shown: Shown | None) -> LivesTopic:
    """The lines, and above them who is needed where."""
    name = ("wall", language.tag)
    return LivesTopic(services, shown, name, lambda it: _parts(services, it, language))


def sheets(lives: Sequence[Live]) -> list[Sheet]:
    """The lines in their order, as few sheets as hold them, evenly full."""
    if not lives:
        return []
    size = ceil(len(lives) / ceil(len(lives) / SHEET_MAX))
    return [Sheet(tuple(lives[first : first + size]), size) for first in range(0, len(lives), size)]


_TOP = "what stands above the lines"


async def _parts(services: Services, shown: AllLives, language: Language) -> Parts:
    tiles = await services.feed.of_each(
        ("wall tile", language.tag), shown, lambda it: _tile(it, language)
    )

    def made() -> Parts:
        top = fragment(language, "wall_top.html", **_top(shown.lives, language))
        html = {**tiles, _TOP: top}
        standing = " ".join(live.line for live in _standing(shown.lives, language))
        return Parts(shown.number, html, standing, shown.of)

    return services.feed.part(("wall", language.tag, shown.of), shown.number, made)


def _standing(lives: Sequence[Live], language: Language) -> list[Live]:
    return [live for hall in by_hall(lives, language) for live in hall.lives]


def _top(lives: Sequence[Live], language: Language) -> dict[str, Any]:
    clock = language.time(lives[0].at, lives[0].zone) if lives else ""
    return {"needed": needed_rows(lives, language), "clock": clock, "count": len(lives)}


def _tile(live: Live, language: Language) -> str:
    return fragment(
        language,
        "wall_tile.html",
        live=live,
        name=line_name(live, language),
        hall=text_in(live.hall, language.tag),
        since=when(language, live.since, live),
        why=reason_name(live, language) or live.alarm or product_name(live, language) or "",
    )
