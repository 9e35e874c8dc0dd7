"""Health and metrics: is the process alive, is it ready to answer, what does it count."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.http.dependencies import QueriesDep, ServicesDep
from api.http.paging import json_answer
from api.http.routes import PREFIX

router = APIRouter(prefix=PREFIX, tags=["health"])
metrics_router = APIRouter(tags=["health"])


@router.get("/health/live", summary="The process answers")
async def alive() -> Response:
    return json_answer({"status": "ok"})


@router.get("/health/ready", summary="The store takes a write and gives it back")
def ready(queries: QueriesDep) -> Response:
    """507 with the reason when the store does not (a full disk, a database that is away)."""
    queries.intake.check()
    return json_answer({"status": "ok"})


@metrics_router.get("/metrics", summary="Prometheus metrics")
def metrics(services: ServicesDep) -> Response:
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
