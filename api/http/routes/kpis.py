"""`GET lines/{line}/kpis`, `/states`: a line's figures in a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analytics.kpi.periods import PERIODS
from analytics.methods import registry
from api.documents.kpi_rows import kpis_document
from api.http.dependencies import KnownQueriesDep, ServicesDep, WindowDep, WithheldDep
from api.http.lanes import while_there
from api.http.long_answers import LongAnswer
from api.http.paging import LongPageDep
from api.http.routes import PREFIX
from api.queries.prices import check_samples, kpis_price, window_price
from api.queries.withheld import states_without
from domain.frames import ORDER_LOST

router = APIRouter(prefix=PREFIX + "/lines/{line}", tags=["figures"])
By = Annotated[
    str | None, Query(description="One row for each", json_schema_extra={"enum": list(PERIODS)})
]
Methods = Annotated[
    Sequence[str],
    Query(
        description="How time is classified. With several, the rows of each, and what differs.",
        json_schema_extra={"items": {"type": "string", "enum": list(registry.METHODS)}},
    ),
]


@router.get("/kpis", summary="KPI rows, by ISO 22400-2")
async def kpis(
    line: str,
    request: Request,
    services: ServicesDep,
    queries: KnownQueriesDep,
    window: WindowDep,
    by: By = None,
    method: Methods = (registry.DEFAULT,),
) -> Response:
    """The rows of `lineproof kpi --json`. Every ratio stands with its bounds and coverage."""

    def made() -> LongAnswer:
        return LongAnswer.of(kpis_document(queries, [line], window, by, method))

    lane = services.lanes.of(kpis_price(queries, line, window, by, method))
    entry = queries.seen(line)
    if entry is None:  # of an earlier time, or while something recorded is being taken in
        answer = await while_there(request, lane.run(made))
    else:
        is_over = window.end <= entry.open.start and not entry.pending
        stamp = entry.version if is_over else entry.number
        key = ("kpis", line, window, by, tuple(method))
        shared = services.feed.shared(key, stamp, made, lane)
        answer = await while_there(request, shared)
    return answer.response()


@router.get("/states", summary="State intervals that partition the window")
async def states(
    line: str,
    services: ServicesDep,
    queries: KnownQueriesDep,
    window: WindowDep,
    withheld: WithheldDep,
    page: LongPageDep,
) -> Response:
    plant, _ = queries.line(line)

    def made() -> Response:
        check_samples(queries, line, window)
        frame = states_without(queries.states(line, window), withheld)
        local = pl.col("start", "end").dt.convert_time_zone(plant.zone.key)
        order = pl.col("order").replace(ORDER_LOST, None)
        rows: list[dict[str, Any]] = frame.with_columns(local, order).to_dicts()
        return page.of(rows)

    return await services.lanes.ask(page.request, window_price("states", queries, window), made)
