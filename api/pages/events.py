"""`/events`: the live parts of all pages that a browser has open, in one stream.

Which pages they are is said by the addresses of their own streams (`/floor/events?lang=en`), in
the order in which the stream numbers them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.routing import compile_path

from api import i18n
from api.http.access.callers import Seen, Shown
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.page_events import Topic, page_events
from api.i18n import Language
from api.pages.operator.floor import Order, floor_topic
from api.pages.operator.line import LineTopic
from api.pages.operator.stops import StopsTopic
from api.pages.operator.wall import wall_topic
from api.pages.templates import language_of
from domain.access import Action
from domain.errors import InputError, NotFoundError

router = APIRouter()
PAGES_MAX = 50  # of one stream


@dataclass(frozen=True)
class _Page:
    """A page whose stream is asked for. `line`: the one that its path names, or none."""

    path: str
    line: str | None
    query: dict[str, str]
    language: Language


class _Gone:
    """A page that is not there, or not for who asks."""

    async def changed(self) -> bytes:
        raise NotFoundError("there is no such page", todo="Load it again.")


def _floor(services: Services, seen: Seen, shown: Shown | None, page: _Page) -> Topic:
    order = Order.WORST if page.query.get("order") == Order.WORST else Order.HALL
    return floor_topic(services, page.language, shown, order)


def _line(services: Services, seen: Seen, shown: Shown | None, page: _Page) -> Topic:
    line = page.line or ""
    if shown is not None and line not in shown:
        return _Gone()
    withheld = shown[line] if shown else frozenset()
    return LineTopic(services, page.language, line, withheld, page.query)


def _wall(services: Services, seen: Seen, shown: Shown | None, page: _Page) -> Topic:
    return wall_topic(services, page.language, shown)


def _stops(services: Services, seen: Seen, shown: Shown | None, page: _Page) -> Topic:
    line, shift = page.line or "", page.query.get("shift", "")
    if shown is not None and line not in shown:
        return _Gone()
    withheld = shown[line] if shown else frozenset()
    may = seen.may(Action.CORRECT, line) and not seen.all
    return StopsTopic(services, page.language, line, withheld, shift=shift, may=may)


_TOPICS: dict[str, Callable[[Services, Seen, Shown | None, _Page], Topic]] = {
    "/floor/events": _floor,
    "/lines/{line}/events": _line,
    "/lines/{line}/stops/events": _stops,
    "/wall/events": _wall,
}


@router.get("/events")
async def events(
    request: Request,
    services: ServicesDep,
    seen: SeenDep,
    of: Annotated[Sequence[str], Query(min_length=1, max_length=PAGES_MAX)],
) -> EventSourceResponse:
    """What of the pages changed, about every second (api.http.page_events)."""
    pages = [_page(address, language_of(request)) for address in of]
    named = [page.line for page in pages]
    lines = None if None in named else sorted({it for it in named if it is not None})
    shown = await run_in_threadpool(seen.shown, lines)
    topics = [_TOPICS[page.path](services, seen, shown, page) for page in pages]
    return page_events(request, services, shown, topics, lines)


def _page(address: str, language: Language) -> _Page:
    """Raises InputError for what is no stream of a page."""
    split = urlsplit(address)
    query = dict(parse_qsl(split.query))
    tag = i18n.match(query.get("lang", ""))
    for path in _TOPICS:
        pattern, _, convertors = compile_path(path)
        found = pattern.match(split.path)
        if found:
            line = found["line"] if "line" in convertors else None
            return _Page(path, line, query, i18n.language(tag) if tag else language)
    raise InputError(
        f"no page has the stream '{address}'",
        where="of",
        todo="Give addresses as /floor/events?lang=en.",
    )
