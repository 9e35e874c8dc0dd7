"""`lines/{line}/frozen`: the periods whose figures were accepted."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.dependencies import CallerDep, KnownQueriesDep, ServicesDep, author_of
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.records.accepted_periods import freeze, frozen_json

router = APIRouter(prefix=PREFIX + "/lines/{line}/frozen", tags=["corrections"])


class NewFrozenPeriod(BaseModel):
    """A period to freeze."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(description="A day, or a full hour of it")
    end: str = Field(description="A day is included; a full hour is not")
    author: str | None = Field(
        None, description="Who accepted the period; left out: who is signed in"
    )


@router.post("", status_code=201, summary="Freeze a period as it was accepted")
async def add_frozen_period(
    line: str, given: NewFrozenPeriod, services: ServicesDep, caller: CallerDep
) -> Response:
    """Its figures never change from then on; what would change them is shown beside."""
    queries, recording = services.queries, services.registry.record
    author = author_of(caller, given.author)

    def made() -> dict[str, Any]:
        return freeze(queries, recording, line, given.start, given.end, author)

    answer = json_answer(await services.lanes.long.run(made))
    answer.status_code = 201
    return answer


@router.get("", summary="Frozen periods by start")
def frozen(line: str, queries: KnownQueriesDep, page: PageDep) -> Response:
    return page.of(frozen_json(queries, line))
