"""Health and metrics: is the process alive, is it ready to answer, what does it count."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.documents.source_faults import fault_json
from api.http.dependencies import CallerDep, LiveQueriesDep, ServicesDep
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.i18n import language
from api.queries.live import faults_of_lines
from domain.access import Action

router = APIRouter(prefix=PREFIX, tags=["health"])
metrics_router = APIRouter(tags=["health"])


@router.get("/health/live", summary="The process answers")
async def alive() -> Response:
    return json_answer({"status": "ok"})


@router.get("/health/ready", summary="The store takes a write; what is wrong with the machines")
def ready(queries: LiveQueriesDep, caller: CallerDep) -> Response:
    """507 with the reason when the store does not take it (a full disk, a database that is away).
    The node is ready also where a machine's source has `faults`; they are told to who may see how
    the node is."""
    queries.intake.check()
    if not caller.may(Action.SEE_NODE):
        return json_answer({"status": "ok"})
    faults = [
        {"line": now.line, **fault_json(it.machine, it.fault, language("en"), now.plant.zone)}
        for now, found in faults_of_lines(queries)
        for it in found
    ]
    return json_answer({"status": "ok", "faults": faults})


@metrics_router.get("/metrics", summary="Prometheus metrics")
def metrics(services: ServicesDep) -> Response:
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
