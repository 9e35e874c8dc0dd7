"""`GET /api/v1/health/findings`: what `lineproof doctor` finds of the running node."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from lineproof.upkeep.doctor import examine
from lineproof.upkeep.findings import FINDINGS_PATH, findings_json
from store.node.opening import Stores


def findings_router(
    stores: Stores, now: Callable[[], datetime], *, takes_batches: bool = True
) -> APIRouter:
    """The route over the node's stores; `takes_batches` as `lineproof.upkeep.doctor.examine` has
    it."""
    routes = APIRouter(tags=["health"])
    one_at_a_time = threading.Lock()  # it reads every batch that there is

    @routes.get(f"/api/v1/{FINDINGS_PATH}", summary="What is to mend")
    def findings() -> JSONResponse:
        """Every check of `lineproof doctor`; `ok` is false where something is to mend."""
        with one_at_a_time:
            found = examine(stores, now(), is_running=True, takes_batches=takes_batches)
        return JSONResponse(findings_json(found))

    return routes
