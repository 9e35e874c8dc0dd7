"""`GET lines/{line}/stops`: what stopped a line in a window, and what that cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.context import End, KnownQueriesDep, Start, window_of
from api.i18n import LANGUAGES
from api.paging import json_answer
from api.routes import PREFIX
from api.stops import StopsQuestion
from api.stops import stops as stops_of

router = APIRouter(prefix=PREFIX + "/lines/{line}", tags=["figures"])
Level = Annotated[
    int | None,
    Query(ge=1, description="Level of the reason tree in the Paretos; absent: reasons as given"),
]
Lang = Annotated[
    str,
    Query(description="Language of reasons' names", json_schema_extra={"enum": list(LANGUAGES)}),
]


@router.get("/stops", summary="Stops, the Paretos of their causes, losses")
def stops(
    line: str,
    queries: KnownQueriesDep,
    start: Start,
    end: End,
    level: Level = None,
    lang: Lang = "en",
) -> Response:
    """The document of `lineproof stops --json`."""
    plant, _ = queries.line(line)
    question = StopsQuestion(level, lang)
    return json_answer(stops_of(queries, line, window_of(start, end, plant.zone), question))
