"""`GET profiles`: the device profiles that this node knows."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.documents.profiles import profile_row
from api.http.dependencies import ServicesDep
from api.http.paging import PageDep
from api.http.routes import PREFIX

router = APIRouter(prefix=f"{PREFIX}/profiles", tags=["profiles"])


@router.get("", summary="Device profiles, each with its level: the packaged ones and its own")
def profiles(page: PageDep, services: ServicesDep) -> Response:
    """Of one that cannot be read `problem` says why."""
    rows = []
    for it in services.profiles.all(services.queries.lines()):
        model, report = it.proven.model, it.proven.report
        if model is None or report is None:
            rows.append({"profile": it.name, "is_own": True, "problem": str(it.proven.problem)})
        else:
            rows.append(profile_row(model, report) | {"is_own": bool(it.own)})
    return page.of(rows)
