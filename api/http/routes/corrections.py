"""`lines/{line}/corrections`, `corrections/{id}`: what people record beside what machines
measured; `waiting-corrections`, `corrections/{id}/approval` and `refusal`: what others decide."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.documents.corrections import Reader, correction_json
from api.http.access.callers import Seen
from api.http.dependencies import (
    CallerDep,
    KnownQueriesDep,
    QueriesDep,
    SeenDep,
    Services,
    ServicesDep,
    author_of,
)
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.records.approvals import Decision, decide, waiting_json
from api.records.corrections import Draft, corrections_json, record
from domain.access import Action, Caller
from domain.corrections import Standing

router = APIRouter(prefix=PREFIX, tags=["corrections"])


class NewCorrection(BaseModel):
    """A correction to record; what its kind does not need is left out."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="reason, split, merge, quantity, figure, order or withdrawal")
    author: str | None = Field(None, description="Who makes it; left out: who is signed in")
    start: str | None = Field(None, description="ISO 8601; without offset in the plant's zone")
    end: str | None = Field(None, description="As start; not included; a split or order has none")
    reason: str | None = Field(None, description="reason: an id of the plant's reason tree")
    element: str | None = Field(
        None, description="quantity: a counter role; figure: the name of a KPI's input"
    )
    amount: float | None = Field(None, description="quantity, figure: how much there was")
    withdraws: str | None = Field(None, description="withdrawal: the id of a correction")
    comment: str = ""
    order: str | None = Field(
        None, description="order: an order of the plant file for the line; empty: none"
    )
    product: str | None = Field(
        None, description="order: a product; left out: the one of the order"
    )
    until_stop_ends: bool = Field(
        False, description="reason: of a stop that goes on, in place of `end`"
    )
    id: UUID | None = Field(
        None,
        description="Made by who sends it: sent again with the same one, it is recorded once",
    )


@router.post("/lines/{line}/corrections", status_code=201, summary="Record a correction")
async def add_correction(
    line: str, given: NewCorrection, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """Nothing measured is overwritten. What contradicts an earlier correction is refused. Of who
    may not approve, one of a shift that is over waits for approval."""
    said = {"author": author_of(caller, given.author), "device": caller.device}
    draft = Draft(**given.model_dump(exclude={"id"}) | said)
    identity = services.new_id() if given.id is None else str(given.id)

    def made() -> dict[str, Any]:
        recording, may_approve = services.registry.record, seen.may(Action.APPROVE, line)
        return record(services.queries, recording, line, draft, identity, may_approve=may_approve)

    document = await services.lanes.quick.run(made)
    answer = json_answer(document)
    answer.status_code = 201
    answer.headers["location"] = f"{PREFIX}/corrections/{document['id']}"
    return answer


@router.get("/lines/{line}/corrections", summary="Corrections in the order of recording")
def corrections(
    line: str, queries: KnownQueriesDep, page: PageDep, seen: SeenDep, services: ServicesDep
) -> Response:
    """Withdrawals and what they withdraw are in the list: nothing is ever removed."""
    return page.of(corrections_json(queries, line, _reader(services, seen, line)))


@router.get("/corrections/{identity}", summary="One correction")
def correction(
    identity: str, queries: QueriesDep, seen: SeenDep, services: ServicesDep
) -> Response:
    found = queries.records.correction(identity)
    plant, _ = queries.line(found.line)
    standing = Standing(queries.corrections(found.line))
    reader = _reader(services, seen, found.line)
    return json_answer(correction_json(found, standing, plant.zone, reader))


class NewDecision(BaseModel):
    """What somebody decides about a correction that waits."""

    model_config = ConfigDict(extra="forbid")

    author: str | None = Field(None, description="Who decides; left out: who is signed in")
    comment: str = Field("", description="Why; a refusal needs it")


@router.get("/waiting-corrections", summary="Corrections that wait for approval, of all lines")
def waiting_corrections(
    queries: QueriesDep, page: PageDep, seen: SeenDep, services: ServicesDep
) -> Response:
    """Of the lines that one may see; they change no figure yet."""
    return page.of(
        [
            row
            for _, line in seen.lines()
            for row in waiting_json(queries, line.id, _reader(services, seen, line.id))
        ]
    )


@router.post("/corrections/{identity}/approval", summary="Approve a correction that waits")
async def approve(
    identity: str, given: NewDecision, services: ServicesDep, caller: CallerDep
) -> Response:
    """It holds from then on. Whoever made it cannot approve it."""
    return await _decided(identity, given, services, caller, approves=True)


@router.post("/corrections/{identity}/refusal", summary="Refuse a correction that waits")
async def refuse(
    identity: str, given: NewDecision, services: ServicesDep, caller: CallerDep
) -> Response:
    """It stays in the list and changes nothing."""
    return await _decided(identity, given, services, caller, approves=False)


async def _decided(
    identity: str, given: NewDecision, services: Services, caller: Caller, *, approves: bool
) -> Response:
    decision = Decision(approves, author_of(caller, given.author), given.comment, caller.device)
    document = await services.lanes.quick.run(
        lambda: decide(
            services.queries, services.registry.record, identity, decision, services.new_id()
        )
    )
    return json_answer(document)


def _reader(services: Services, seen: Seen, line: str) -> Reader:
    """By the line's present plant file, whatever earlier time is asked for."""
    plant, _ = services.queries.line(line)
    return Reader(seen.withheld(line), partial(services.registry.pseudonyms.of, plant.id))
