"""`GET /api/v1/health/findings`: what `lineproof doctor` finds of the running node."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.http.dependencies import LanesDep
from api.http.lanes import while_there
from lineproof.upkeep.findings import FINDINGS_PATH, Finding, findings_json
from store.node.opening import Stores


def findings_router(
    stores: Stores, now: Callable[[], datetime], *, takes_batches: bool = True
) -> APIRouter:
    """The route over the node's stores; `takes_batches` as `lineproof.upkeep.doctor.examine` has
    it."""
    routes = APIRouter(tags=["health"])

    @routes.get(f"/api/v1/{FINDINGS_PATH}", summary="What is to mend")
    async def findings(request: Request, lanes: LanesDep) -> JSONResponse:
        """Every check of `lineproof doctor`; `ok` is false where something is to mend."""

        def made() -> list[Finding]:
            from lineproof.upkeep.doctor import examine  # most starts of a node never ask it

            return examine(stores, now(), is_running=True, takes_batches=takes_batches)

        # One at a time, because it reads every batch that there is.
        found = await while_there(request, lanes.checks.run(made))
        return JSONResponse(findings_json(found))

    return routes
