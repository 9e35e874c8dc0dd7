"""`reminders`: what is due, and what was told to whom."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.documents.reminders import reminders_document
from api.http.access.callers import Seen
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.paging import json_answer
from api.http.routes import PREFIX
from store.registry.project_work.outbox import Message

router = APIRouter(prefix=f"{PREFIX}/reminders", tags=["grants"])


@router.get("", summary="What is due, and what was told to whom")
async def reminders(services: ServicesDep, seen: SeenDep) -> Response:
    """Of the projects that one may see: what stands, what comes within 30 days, and the last
    messages."""
    return json_answer(await services.lanes.quick.run(partial(_document, services, seen)))


def messages_for(services: Services, seen: Seen) -> list[Message]:
    """Those that tell of nothing else than projects that one may see, the newest first. Those that
    tell of nothing any more are shown to who sees all."""
    mine = {it.reference for it in seen.projects()}
    return [
        it
        for it in services.registry.outbox.all()
        if seen.all or (it.tells and all(told.project in mine for told in it.tells))
    ]


def _document(services: Services, seen: Seen) -> dict[str, Any]:
    projects, messages = list(seen.projects()), messages_for(services, seen)
    return reminders_document(services.queries.still(), projects, messages, services.reminder_days)
