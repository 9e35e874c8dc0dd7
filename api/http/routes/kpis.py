"""`GET lines/{line}/kpis`, `/states`: a line's figures in a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analytics.kpi.periods import PERIODS
from analytics.methods import registry
from api.documents.kpi_rows import kpi_row_json, kpis_document
from api.http.dependencies import KnownQueriesDep, Services, ServicesDep, WindowDep, WithheldDep
from api.http.kpi_pages import kpi_page
from api.http.lanes import while_there
from api.http.long_answers import LongAnswer
from api.http.paging import AskedPageDep, LongPageDep, Page, decode_cursor
from api.http.routes import PREFIX
from api.queries.kpis import KpiQuestion
from api.queries.lines import Queries
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
    page: AskedPageDep,
    by: By = None,
    method: Methods = (registry.DEFAULT,),
) -> Response:
    """The rows of `lineproof kpi --json`. Every ratio stands with its bounds and coverage. With
    `limit` they come in pages, also of windows that are too long for one answer."""
    if page is not None:
        return await _page(page, services, queries, KpiQuestion(line, window, by), method)

    def made() -> LongAnswer:
        return LongAnswer.of(kpis_document(queries, [line], window, by, method))

    lane = services.lanes.of(kpis_price(queries, line, window, by, method))
    services.queries.watch(line)
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


async def _page(
    page: Page,
    services: Services,
    queries: Queries,
    question: KpiQuestion,
    method: Sequence[str],
) -> Response:
    key = None if page.cursor is None else decode_cursor(page.cursor)
    asked = kpi_page(queries, question, method, key, page.limit)

    def made() -> tuple[LongAnswer, list[int] | None]:
        rows, following = asked.rows(queries)
        return LongAnswer.of([kpi_row_json(row) for row in rows]), following

    answer, following = await services.lanes.ask(page.request, asked.price(queries), made)
    return page.linked(answer.response(), following)


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
