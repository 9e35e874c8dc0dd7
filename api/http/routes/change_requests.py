"""`projects/{ref}/change-requests`: changes that the company asks for, and their decisions."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

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
from api.records.change_requests import (
    NewChange,
    ask_change,
    change_requests_json,
    decide_change,
)
from domain.access import Caller
from domain.change_requests import ChangeDecision, ChangeKind

router = APIRouter(prefix=f"{PREFIX}/projects/{{ref}}/change-requests", tags=["grants"])


class GivenChange(BaseModel):
    """A change to ask for."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description=f"One of {', '.join(ChangeKind)}")
    new: str = Field(description="What it is to be: a day, HKD, or words")
    reason: str
    old: str = Field("", description="What it is; of dates and budget the node knows it")
    milestone: str = Field("", description="Left out: of the whole project")
    line: str = Field("", description="Of equipment")
    machine: str = Field("", description="Of equipment: the machine or meter that is replaced")
    replaced_at: str = Field("", description="Of equipment: when; without offset in plant's zone")
    author: str | None = Field(None, description="Who asks; left out: who is signed in")


class GivenDecision(BaseModel):
    """A change is approved or refused."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", description="Why; a refusal needs one")
    author: str | None = Field(None, description="Who decides; left out: who is signed in")


@router.post("", status_code=201, summary="Ask for a change")
async def ask(ref: str, given: GivenChange, services: ServicesDep, caller: CallerDep) -> Response:
    """Of dates, scope or budget, or that a meter or machine is replaced."""
    values = given.model_dump() | {"author": author_of(caller, given.author)}
    made = partial(ask_change, services.queries, services.registry.ask, ref, NewChange(**values))
    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer


@router.get("", summary="Change requests of a project")
def change_requests(
    ref: str, queries: KnownQueriesDep, page: PageDep, services: ServicesDep, seen: SeenDep
) -> Response:
    """With their decisions, and since which version of the grant file they are carried out."""
    return page.of(change_requests_json(queries, ref, names_for(services, seen, ref)))


@router.post("/{number}/approval", summary="Approve a change request")
async def approve_change(
    ref: str, number: int, given: GivenDecision, services: ServicesDep, caller: CallerDep
) -> Response:
    """Somebody else than who asked. It edits nothing: a grant file that names the request does."""
    return await _decided(services, caller, (ref, number, True), given)


@router.post("/{number}/refusal", summary="Refuse a change request")
async def refuse_change(
    ref: str, number: int, given: GivenDecision, services: ServicesDep, caller: CallerDep
) -> Response:
    return await _decided(services, caller, (ref, number, False), given)


async def _decided(
    services: Services, caller: Caller, what: tuple[str, int, bool], given: GivenDecision
) -> Response:
    ref, number, approved = what
    queries, asking = services.queries, services.registry.ask
    author = author_of(caller, given.author)
    decision = ChangeDecision(approved, author, queries.now(), given.reason)
    made = partial(decide_change, queries, asking, ref, number, decision)
    return json_answer(await services.lanes.quick.run(made))
