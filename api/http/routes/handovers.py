"""`lines/{line}/handover`: what a shift hands over, its notes and signatures."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.documents.corrections import Reader
from api.documents.handovers import handover_json
from api.http.dependencies import (
    CallerDep,
    QueriesDep,
    Services,
    ServicesDep,
    WithheldDep,
    author_of,
)
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.queries.handovers import shift_figures
from api.queries.lines import Queries
from api.queries.prices import window_price
from api.records.handovers import Signer, asked_shift, sign_handover, write_note
from domain.handovers import Handover, Side
from domain.plant import Withheld

router = APIRouter(prefix=PREFIX + "/lines/{line}/handover", tags=["figures"])
_OF_SHIFT = "A time within the shift; left out: the present one"
OfShift = Annotated[str, Query(description=_OF_SHIFT)]


class GivenNote(BaseModel):
    """A note for the next shift."""

    model_config = ConfigDict(extra="forbid")

    shift: str = Field("", description=_OF_SHIFT)
    text: str
    author: str | None = Field(None, description="Who wrote it; left out: who is signed in")


class GivenSignature(BaseModel):
    """That somebody leaves or takes over."""

    model_config = ConfigDict(extra="forbid")

    shift: str = Field("", description=_OF_SHIFT)
    side: str = Field(description=f"One of {', '.join(Side)}")
    notes_seen: int = Field(description="How many notes who signs has seen")
    author: str | None = Field(None, description="Who signs; left out: who is signed in")


@router.get("", summary="What a shift hands over")
async def handover(
    line: str,
    request: Request,
    services: ServicesDep,
    queries: QueriesDep,
    withheld: WithheldDep,
    shift: OfShift = "",
) -> Response:
    """Its figures now, its notes, and its signatures with the figures that they were given for."""
    handovers = services.registry.handovers
    of = await services.lanes.quick.run(
        lambda: handovers.of_shift(asked_shift(queries, handovers, line, shift))
    )
    price = window_price("stops", queries, of.shift.window)
    made = partial(_document, services, queries, of, withheld)
    return json_answer(await services.lanes.ask(request, price, made))


@router.post("/notes", status_code=201, summary="Write a note for the next shift")
async def write(
    line: str, given: GivenNote, services: ServicesDep, caller: CallerDep, withheld: WithheldDep
) -> Response:
    """As long as not both have signed. Nothing of it can be changed later."""
    by = Signer(author_of(caller, given.author), caller.device)
    queries = services.queries.still()

    def made() -> dict[str, Any]:
        handovers = services.registry.handovers
        of = write_note(queries, handovers, line, given.shift, given.text, by)
        return _document(services, queries, of, withheld)

    return await _recorded(services, made)


@router.post("/signatures", status_code=201, summary="Sign a handover")
async def sign(
    line: str,
    given: GivenSignature,
    services: ServicesDep,
    caller: CallerDep,
    withheld: WithheldDep,
) -> Response:
    """With its figures as they are now. Once both have signed it is kept as it was signed."""
    by = Signer(author_of(caller, given.author), caller.device)
    queries = services.queries.still()

    def made() -> dict[str, Any]:
        handovers = services.registry.handovers
        of = sign_handover(queries, handovers, line, given.shift, given.side, given.notes_seen, by)
        return _document(services, queries, of, withheld)

    return await _recorded(services, made)


def _document(
    services: Services, queries: Queries, found: Handover, withheld: Withheld
) -> dict[str, Any]:
    plant, _ = queries.line(found.shift.line)
    reader = Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))
    return handover_json(found, shift_figures(queries, found.shift), plant.zone, reader)


async def _recorded(services: Services, made: Any) -> Response:
    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer
