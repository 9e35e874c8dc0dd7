"""`projects/{ref}/visits` and `…/milestones/{milestone}/visits`: site visits, with what was sealed
beside each reading of a panel."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr
from starlette.responses import Response

from api.http.access.callers import Seen
from api.http.dependencies import (
    CallerDep,
    KnownQueriesDep,
    SeenDep,
    Services,
    ServicesDep,
    author_of,
)
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.http.routes.attachments import names_for
from api.queries.lines import Queries
from api.records.site_visits import (
    NewReading,
    NewVisit,
    enter_visit,
    visits_json,
    withdraw_visit,
)
from domain.access import Caller
from domain.plant import Withheld
from domain.site_visits import READINGS_MAX, VisitKind

router = APIRouter(prefix=f"{PREFIX}/projects/{{ref}}", tags=["grants"])
_Value = Annotated[
    StrictStr | StrictInt | StrictFloat,
    Field(description="As it stood there; as a text it keeps zeros at its end"),
]


class GivenReading(BaseModel):
    """What a machine's own panel showed."""

    model_config = ConfigDict(extra="forbid")

    machine: str
    signal: str = Field(description="As in total_count or energy; the figure is in its unit")
    read_at: str = Field(description="The minute; without offset in the plant's zone")
    value: _Value
    read_by: str = Field("", description="Left out: who enters the visit")
    note: str = ""


class GivenVisit(BaseModel):
    """A visit to a line."""

    model_config = ConfigDict(extra="forbid")

    line: str
    kind: str = Field(description=f"One of {', '.join(VisitKind)}")
    visited_at: str = Field(description="When it began; without offset in the plant's zone")
    note: str = ""
    readings: list[GivenReading] = Field(default_factory=list, max_length=READINGS_MAX)
    author: str | None = Field(None, description="Who visited; left out: who is signed in")


class GivenWithdrawal(BaseModel):
    """That a visit was entered wrongly."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    author: str | None = Field(None, description="Who withdraws it; left out: who is signed in")


@router.post("/milestones/{milestone}/visits", status_code=201, summary="Enter a site visit")
async def enter(
    ref: str,
    milestone: str,
    given: GivenVisit,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """Nothing of it can be changed later. The answer says beside each reading whether it agrees
    with what was sealed of that minute."""
    return await _entered(services, caller, seen, ref, milestone, given)


@router.get("/milestones/{milestone}/visits", summary="Site visits of a milestone")
def of_milestone(
    ref: str,
    milestone: str,
    queries: KnownQueriesDep,
    page: PageDep,
    services: ServicesDep,
    seen: SeenDep,
) -> Response:
    withheld, name = withheld_of(queries, seen, ref), names_for(services, seen, ref)
    return page.of(visits_json(queries, ref, milestone, withheld, name))


@router.post("/visits", status_code=201, summary="Enter a site visit of the whole project")
async def enter_of_project(
    ref: str, given: GivenVisit, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    return await _entered(services, caller, seen, ref, "", given)


@router.get("/visits", summary="All site visits of a project")
def of_project(
    ref: str, queries: KnownQueriesDep, page: PageDep, services: ServicesDep, seen: SeenDep
) -> Response:
    withheld, name = withheld_of(queries, seen, ref), names_for(services, seen, ref)
    return page.of(visits_json(queries, ref, "", withheld, name))


@router.post("/visits/{number}/withdrawal", status_code=201, summary="Withdraw a site visit")
async def withdraw_of_project(
    ref: str,
    number: int,
    given: GivenWithdrawal,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """That it was entered wrongly. It and its readings stay, with who withdrew it and why."""
    author = author_of(caller, given.author)
    queries, entering = services.queries, services.registry.visit

    def made() -> dict[str, Any]:
        withheld = withheld_of(queries, seen, ref)
        return withdraw_visit(queries, entering, ref, number, given.reason, author, withheld)

    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer


async def _entered(
    services: Services, caller: Caller, seen: Seen, ref: str, milestone: str, given: GivenVisit
) -> Response:
    new = NewVisit(
        given.line,
        given.kind,
        given.visited_at,
        author_of(caller, given.author),
        given.note,
        [
            NewReading(it.machine, it.signal, it.read_at, str(it.value), it.read_by, it.note)
            for it in given.readings
        ],
    )
    queries, entering = services.queries, services.registry.visit
    withheld = await services.lanes.quick.run(partial(withheld_of, queries, seen, ref))
    made = partial(enter_visit, queries, entering, ref, milestone, new, withheld)
    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer


def withheld_of(queries: Queries, seen: Seen, ref: str) -> Withheld:
    """What the project's plant keeps confidential from who asks."""
    return seen.withheld_of_project(queries.project(ref)[1])
