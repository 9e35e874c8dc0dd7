"""`GET lines`, `GET lines/{line}` and its live events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.http.access.open_streams import ENDED, OpenStream
from api.http.dependencies import SeenDep, ServicesDep, WithheldDep
from api.http.paging import PageDep
from api.http.routes import PREFIX
from domain.plant import Line, Plant

router = APIRouter(prefix=f"{PREFIX}/lines", tags=["lines"])


@router.get("", summary="Every line with its plant")
def lines(seen: SeenDep, page: PageDep) -> Response:
    rows = [_line_json(plant, line) for plant, line in seen.lines()]
    return page.of(rows)


@router.get("/{line}", summary="What the line does now and whether it will make its shift")
async def line_now(line: str, services: ServicesDep, withheld: WithheldDep) -> Response:
    return Response(await services.feed.document(line, withheld), media_type="application/json")


@router.get(
    "/{line}/live",
    summary="The same as Server-Sent Events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def line_events(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> EventSourceResponse:
    """An event `live` about every second, its data the document of `GET lines/{line}`."""
    feed = services.feed
    await feed.live(line)  # an unknown line is a 404, not an empty stream

    stream = OpenStream(request, services.queries.still)

    async def events() -> AsyncIterator[ServerSentEvent]:
        async for _ in stream.while_allowed(feed.watch(line), {line: withheld}):
            yield ServerSentEvent((await feed.document(line, withheld)).decode(), event="live")
        if stream.is_ended:
            yield ENDED

    return EventSourceResponse(events())


def _line_json(plant: Plant, line: Line) -> dict[str, Any]:
    return {
        "line": line.id,
        "plant": plant.id,
        "name": line.name,
        "timezone": plant.zone.key,
        "calendar": line.calendar.name if line.calendar else None,
        "ideal_cycle_time_s": line.ideal_cycle_time_s,
        "product": line.product,
        "machines": {machine.id: machine.profile for machine in line.machines.values()},
        "roles": line.roles,
    }
