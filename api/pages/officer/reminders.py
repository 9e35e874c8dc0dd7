"""`/reminders`: what is due, what was sent to whom, and what failed and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.documents.reminders import message_state, reminder_sentence
from api.http.access.callers import Seen
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.routes.reminders import messages_for
from api.i18n import Language
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.reminders import OtherDays, work_of
from domain.reminders import Reminder, coming_reminders, standing_reminders
from store.registry.project_work.outbox import Message

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ShownReminder:
    """`link`: where something can be done about it; `told_to`: in the order of the labels."""

    link: str
    says: str
    stands_from: str
    told_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """`at`: when it was sent, or else written."""

    recipient: str
    state: str
    at: str
    tries: int
    error: str
    says: tuple[str, ...]


@router.get("/reminders")
async def reminders_page(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    language = language_of(request)
    found = await services.lanes.quick.run(lambda: _shown(services, seen, language))
    return render(request, "reminders.html", **found)


def _shown(services: Services, seen: Seen, language: Language) -> dict[str, Any]:
    queries, days = services.queries.still(), services.reminder_days or OtherDays()
    now = queries.now()
    standing: list[ShownReminder] = []
    coming: list[ShownReminder] = []
    zone: ZoneInfo | None = None
    for project in seen.projects():
        work = work_of(queries, project, days)
        zone = zone or work.zone
        standing += [_reminder(it, work.zone, language) for it in standing_reminders(work, now)]
        coming += [_reminder(it, work.zone, language) for it in coming_reminders(work, now)]
    messages = [] if zone is None else messages_for(services, seen)
    return {
        "standing": standing,
        "coming": coming,
        "messages": [_message(it, zone, language) for it in messages if zone is not None],
        "tells": services.reminder_days is not None,
    }


def _reminder(it: Reminder, zone: ZoneInfo, language: Language) -> ShownReminder:
    ref = quote(it.project, safe="")
    is_of_change = it.change is not None
    link = f"/changes/{ref}" if is_of_change else f"/grants/{ref}/{quote(it.milestone, safe='')}"
    told_to = tuple(sorted(each.value for each in it.addressees))
    return ShownReminder(
        link,
        reminder_sentence(it, language),
        language.moment(it.stands_from, zone),
        told_to,
    )


def _message(it: Message, zone: ZoneInfo, language: Language) -> ShownMessage:
    return ShownMessage(
        it.recipient,
        message_state(it),
        language.moment(it.sent_at or it.created_at, zone),
        it.tries,
        it.error,
        tuple(reminder_sentence(told, language) for told in it.tells),
    )
