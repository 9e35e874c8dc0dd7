"""`GET lines/{line}/stops`: what stopped a line in a window, and what that cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analytics.methods import registry
from analytics.stops.waiting_causes import DEFAULT_LAG_S
from api.documents.stops import stops_document
from api.http.dependencies import KnownQueriesDep, ServicesDep, WindowDep, WithheldDep
from api.http.long_answers import LongAnswer
from api.http.routes import PREFIX
from api.i18n import LANGUAGES
from api.queries.prices import check_samples, window_price
from api.queries.stops import StopsQuestion

router = APIRouter(prefix=PREFIX + "/lines/{line}", tags=["figures"])
ReasonLevel = Annotated[
    int | None,
    Query(ge=1, description="Level of the reason tree in the Paretos; absent: reasons as given"),
]
NamesLang = Annotated[
    str,
    Query(description="Language of reasons' names", json_schema_extra={"enum": list(LANGUAGES)}),
]
Method = Annotated[str, Query(description="Of the six big losses: how time is classified")]
StartUp = Annotated[
    float | None,
    Query(description="For how many seconds after a start rejects are start-up losses"),
]
Lag = Annotated[
    float, Query(description="Seconds before a machine waits in which its cause may have stood")
]


@router.get(
    "/stops", summary="Stops, Paretos of their causes, six big losses, first causes along the line"
)
async def stops(
    line: str,
    request: Request,
    services: ServicesDep,
    queries: KnownQueriesDep,
    window: WindowDep,
    withheld: WithheldDep,
    level: ReasonLevel = None,
    lang: NamesLang = "en",
    method: Method = registry.DEFAULT,
    start_up_s: StartUp = None,
    lag_s: Lag = DEFAULT_LAG_S,
) -> Response:
    """The document of `lineproof stops --json`."""
    question = StopsQuestion(level, lang, method, start_up_s, lag_s)

    def made() -> LongAnswer:
        check_samples(queries, line, window)
        return LongAnswer.of(stops_document(queries, line, window, question, withheld))

    price = window_price("stops", queries, window)
    return (await services.lanes.ask(request, price, made)).response()
