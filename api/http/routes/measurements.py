"""`GET lines/{line}/measurements` and the control chart of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analytics.spc.run_rules import DEFAULT_RULES, RUN_RULES
from analytics.spc.study import CHARTS
from api.documents.control_chart import control_chart_document, measurements_json
from api.http.dependencies import KnownQueriesDep, QueriesDep, ServicesDep, WindowDep
from api.http.long_answers import LongAnswer
from api.http.paging import PageDep
from api.http.routes import PREFIX
from api.i18n import LANGUAGES
from api.queries.measurements import ChartQuestion, baseline_of
from api.queries.prices import check_samples, window_price

router = APIRouter(prefix=PREFIX + "/lines/{line}/measurements", tags=["figures"])
ChartName = Annotated[
    str | None,
    Query(
        description="Absent: what is usual for the subgroup size",
        json_schema_extra={"enum": list(CHARTS)},
    ),
]
Interval = Annotated[
    float | None,
    Query(gt=0, description="Subgroups of this much time instead of a number of values"),
]
Baseline = Annotated[
    str | None,
    Query(description="Window that the control limits come from; absent: the charted data"),
]
Rules = Annotated[str, Query(description="Run rules", json_schema_extra={"enum": list(RUN_RULES)})]
SentencesLang = Annotated[
    str, Query(description="Language of the sentences", json_schema_extra={"enum": list(LANGUAGES)})
]


@router.get("", summary="Measurements under statistical control, with their limits")
def measurements(line: str, queries: QueriesDep, page: PageDep) -> Response:
    return page.of(measurements_json(queries.line(line)[1]))


@router.get("/{name}/chart", summary="Control chart, violated rules and capability")
async def chart(
    line: str,
    name: str,
    request: Request,
    services: ServicesDep,
    queries: KnownQueriesDep,
    window: WindowDep,
    chart: ChartName = None,
    interval_s: Interval = None,
    baseline_start: Baseline = None,
    baseline_end: Baseline = None,
    rules: Rules = DEFAULT_RULES,
    lang: SentencesLang = "en",
) -> Response:
    """The document of `lineproof spc --json`."""
    question = ChartQuestion(chart, interval_s, baseline_start, baseline_end, rules, lang)
    plant, _ = queries.line(line)
    baseline = baseline_of(plant, question)
    windows = [window] if baseline is None else [window, baseline]

    def made() -> LongAnswer:
        for read in windows:
            check_samples(queries, line, read)
        return LongAnswer.of(control_chart_document(queries, line, name, window, question))

    price = window_price("chart", queries, *windows)
    return (await services.lanes.ask(request, price, made)).response()
