"""`lines/{line}/frozen`: the periods whose figures were accepted."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.dependencies import KnownQueriesDep, ServicesDep
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.records.accepted_periods import freeze, frozen_json

router = APIRouter(prefix=PREFIX + "/lines/{line}/frozen", tags=["corrections"])


class NewFrozenPeriod(BaseModel):
    """A period to freeze."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(description="A day, or a full hour of it")
    end: str = Field(description="A day is included; a full hour is not")
    author: str = Field(description="Who accepted the period")


@router.post("", status_code=201, summary="Freeze a period as it was accepted")
async def add_frozen_period(line: str, given: NewFrozenPeriod, services: ServicesDep) -> Response:
    """Its figures never change from then on; what would change them is shown beside."""
    queries, recording = services.queries, services.recording

    def made() -> dict[str, Any]:
        return freeze(queries, recording, line, given.start, given.end, given.author)

    answer = json_answer(await services.lanes.long.run(made))
    answer.status_code = 201
    return answer


@router.get("", summary="Frozen periods by start")
def frozen(line: str, queries: KnownQueriesDep, page: PageDep) -> Response:
    return page.of(frozen_json(queries, line))
