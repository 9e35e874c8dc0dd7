"""`users/{name}/data`, `/erase`: what the node holds of a person, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.access.audit_trail import tell, tell_refusals
from api.http.dependencies import CallerDep, ServicesDep
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.records import personal_data as records
from store.registry.audit import Done, Event

router = APIRouter(prefix=f"{PREFIX}/users/{{name}}", tags=["accounts"])


@router.get("/data", summary="All that is held of a person")
async def data(name: str, request: Request, services: ServicesDep) -> Response:
    """Of an account's name, or an author's as it stands in a list of corrections. No secrets."""

    def made() -> dict[str, Any]:
        tell_refusals(request)  # they may have the name too
        return records.personal_data_json(services.registry, name)

    answer = json_answer(await services.lanes.quick.run(made))
    answer.headers["content-disposition"] = 'attachment; filename="personal-data.json"'
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post("/erase", summary="Erase a person's name for good")
async def erase(name: str, request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """All of it or nothing; what an accepted period needs is not erased. An account is to be
    disabled first."""

    def made() -> dict[str, Any]:
        tell_refusals(request)
        return records.erase_person(services.registry, name, services.queries.now())

    answer = json_answer(done := await services.lanes.quick.run(made))
    answer.headers["cache-control"] = "no-store"
    # The address that was asked has the name, which is to be nowhere from now on.
    tell(request, Event(Done.CHANGE, caller.name, place=f"erasure of {done['reference']}"))
    return answer
