"""`projects/{ref}/milestones/{milestone}/decisions`: what people do with a milestone; and
`projects/{ref}/conflicts`: who declared to have an interest in the project."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.documents.milestone_steps import AuthorOf, as_it_is
from api.http.access.callers import Seen, check_place
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
from api.queries.lines import Queries
from api.records.milestone_steps import (
    NewStep,
    conflicts_json,
    declare_conflict,
    steps_json,
    take_step,
)
from domain.access import Action
from domain.milestone_states import DECIDING, OF_THE_COMPANY, Step, StepTaken, step_named
from domain.plant import Confidential

router = APIRouter(prefix=f"{PREFIX}/projects/{{ref}}", tags=["grants"])


class GivenStep(BaseModel):
    """A step to take."""

    model_config = ConfigDict(extra="forbid")

    action: str = Field(description=f"One of {', '.join(Step)}")
    reason: str = Field("", description="Why; submit, take and close need none")
    due: str | None = Field(None, description="Of extend: the new due day, after the one so far")
    author: str | None = Field(None, description="Who takes it; left out: who is signed in")


class GivenConflict(BaseModel):
    """An interest to declare: it keeps whoever declares it out of the officers' steps."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", description="What it is, as far as it is to be told")
    author: str | None = Field(None, description="Whose it is; left out: who is signed in")


@router.post(
    "/milestones/{milestone}/decisions", status_code=201, summary="Take a step of a milestone"
)
async def take(
    ref: str, milestone: str, given: GivenStep, services: ServicesDep, caller: CallerDep
) -> Response:
    """Submitting and answering is the company's, all else an officer's. A step that the milestone's
    state does not allow is refused with 409 and those that it does (`allowed`)."""
    step, author = step_named(given.action), author_of(caller, given.author)
    new = NewStep(step, author, given.reason, given.due or "")

    def made() -> dict[str, Any]:
        check_place(caller, services.queries, {"ref": ref}, action_for(step))
        return take_step(services.queries, services.registry.take, ref, milestone, new)

    lane = services.lanes.long if step in DECIDING else services.lanes.quick
    answer = json_answer(await lane.run(made))
    answer.status_code = 201
    return answer


@router.get("/milestones/{milestone}/decisions", summary="What was done with a milestone")
def decisions(
    ref: str,
    milestone: str,
    queries: KnownQueriesDep,
    page: PageDep,
    services: ServicesDep,
    seen: SeenDep,
) -> Response:
    """Every step, the first one first: who, when, why. A decision has the verdict of its moment."""
    return page.of(steps_json(queries, ref, milestone, authors_for(services, queries, seen, ref)))


@router.post("/conflicts", status_code=201, summary="Declare a conflict of interest")
async def declare(
    ref: str, given: GivenConflict, services: ServicesDep, caller: CallerDep
) -> Response:
    """It cannot be taken back; steps taken before stay."""
    author = author_of(caller, given.author)
    queries, taking = services.queries, services.registry.take
    made = partial(declare_conflict, queries, taking, ref, given.reason, author)
    answer = json_answer(await run_in_threadpool(made))
    answer.status_code = 201
    return answer


@router.get("/conflicts", summary="Declared conflicts of interest")
def conflicts(ref: str, queries: KnownQueriesDep, page: PageDep) -> Response:
    return page.of(conflicts_json(queries, ref))


def action_for(step: Step) -> Action:
    """What a person must be allowed to do to take the step."""
    return Action.SUBMIT if step in OF_THE_COMPANY else Action.DECIDE


def authors_for(services: Services, queries: Queries, seen: Seen, ref: str) -> AuthorOf:
    """How who reads is told people's names: of the company's, where its plant keeps names
    confidential, by their codes."""
    plant, project = queries.project(ref)
    if Confidential.NAMES not in seen.withheld_of_project(project):
        return as_it_is

    def coded(taken: StepTaken) -> str:
        is_companys = taken.step in OF_THE_COMPANY
        return (
            services.registry.pseudonyms.of(plant.id, taken.author) if is_companys else taken.author
        )

    return coded
