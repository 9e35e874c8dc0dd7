"""`lines/{line}/exceptions`: dated changes of a line's plan, of the plant file or entered here."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.documents.corrections import Reader
from api.http.dependencies import (
    CallerDep,
    KnownQueriesDep,
    ServicesDep,
    WithheldDep,
    author_of,
)
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.records.plan_changes import (
    NewException,
    add_exception,
    exceptions_json,
    withdraw_exception,
)

router = APIRouter(prefix=PREFIX + "/lines/{line}/exceptions", tags=["plan"])


class GivenException(BaseModel):
    """An exception to enter."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(description="A day, or ISO 8601; without offset in the plant's zone")
    end: str = Field(description="A day is included; a time is not")
    kind: str = Field(alias="class", description="planned_down, closed or overtime")
    reason: str = Field(description="Why")
    author: str | None = Field(None, description="Who decided it; left out: who is signed in")


class ExceptionWithdrawal(BaseModel):
    """Why an exception no longer holds."""

    model_config = ConfigDict(extra="forbid")

    author: str | None = Field(None, description="Who says so; left out: who is signed in")
    comment: str = ""


@router.get("", summary="Exceptions of the line's calendar")
def exceptions(
    line: str,
    queries: KnownQueriesDep,
    page: PageDep,
    services: ServicesDep,
    withheld: WithheldDep,
) -> Response:
    """Those of the plant file (without an id), then those that were entered, withdrawn ones too."""
    plant, _ = services.queries.line(line)
    reader = Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))
    return page.of(exceptions_json(queries, line, reader))


@router.post("", status_code=201, summary="Enter an exception")
async def enter_exception(
    line: str, given: GivenException, services: ServicesDep, caller: CallerDep
) -> Response:
    """It changes the plan of this line, also of time that has been; its author stays with it."""
    author = author_of(caller, given.author)
    new = NewException(given.start, given.end, given.kind, given.reason, author)

    def made() -> dict[str, Any]:
        recording, identity = services.registry.record, services.new_id()
        return add_exception(services.queries, recording, line, new, identity)

    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer


@router.post("/{name}/withdrawal", summary="Withdraw an exception that was entered")
async def withdraw(
    line: str, name: str, given: ExceptionWithdrawal, services: ServicesDep, caller: CallerDep
) -> Response:
    """It stays in the list. Those of the plant file are changed there."""
    said = (author_of(caller, given.author), given.comment)

    def made() -> dict[str, Any]:
        recording, identity = services.registry.record, services.new_id()
        return withdraw_exception(services.queries, recording, line, name, said, identity)

    return json_answer(await services.lanes.quick.run(made))
