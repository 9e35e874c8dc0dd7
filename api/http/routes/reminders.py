"""`reminders`: what is due, and what was told to whom."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.documents.reminders import message_json, reminder_json
from api.http.access.callers import Seen
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.queries.reminders import OtherDays, work_of
from domain.reminders import coming_reminders, standing_reminders
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
    queries, days = services.queries.still(), services.reminder_days or OtherDays()
    now = queries.now()
    standing, coming = [], []
    zone = None
    for project in seen.projects():
        work = work_of(queries, project, days)
        zone = zone or work.zone
        standing += [reminder_json(it, work.zone) for it in standing_reminders(work, now)]
        coming += [reminder_json(it, work.zone) for it in coming_reminders(work, now)]
    messages = [] if zone is None else messages_for(services, seen)
    return {
        "standing": standing,
        "coming": coming,
        "messages": [message_json(it, zone) for it in messages if zone is not None],
    }
