"""Reminders as JSON, and as sentences that can be translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from api.i18n import Language
from api.queries.lines import Queries
from api.queries.reminders import OtherDays, work_of
from domain.grants import Project
from domain.reminders import (
    Addressee,
    Reminder,
    ReminderKind,
    coming_reminders,
    standing_reminders,
)
from domain.texts import N_
from store.registry.project_work.outbox import Message, Told

_SHOWN_IN_MAIL = 200
_SAID: Mapping[ReminderKind, str] = {
    ReminderKind.DUE_SOON: N_("%(what)s is due on %(day)s."),
    ReminderKind.DUE: N_("%(what)s is due today, %(day)s."),
    ReminderKind.OVERDUE: N_("%(what)s was due on %(day)s and has not been submitted."),
    ReminderKind.OVERDUE_LONG: N_(
        "%(what)s was due on %(day)s and has still not been submitted: it is overdue for long."
    ),
}
_WAITS: Mapping[tuple[Addressee, ReminderKind], str] = {
    (Addressee.COMPANY, ReminderKind.WAITING): N_(
        "%(what)s has been waiting for the company's answer since %(day)s."
    ),
    (Addressee.COMPANY, ReminderKind.WAITING_LONG): N_(
        "%(what)s has been waiting for the company's answer since %(day)s, for too long."
    ),
    (Addressee.OFFICER, ReminderKind.WAITING): N_(
        "%(what)s has been waiting for an officer since %(day)s."
    ),
    (Addressee.OFFICER, ReminderKind.WAITING_LONG): N_(
        "%(what)s has been waiting for an officer since %(day)s, for too long."
    ),
}


def reminder_sentence(it: Reminder | Told, language: Language) -> str:
    message = _SAID.get(it.kind) or _WAITS[it.waits_for, it.kind]
    if it.change is None:
        what = language.text(
            N_("Milestone %(milestone)s of %(project)s"),
            milestone=it.milestone,
            project=it.project,
        )
    else:
        what = language.text(
            N_("Change request %(number)s of %(project)s"), number=it.change, project=it.project
        )
    return language.text(message, what=what, day=language.day(it.day))


def reminder_json(it: Reminder, zone: ZoneInfo) -> dict[str, Any]:
    return told_json(it) | {
        "stands_from": local_text(it.stands_from, zone),
        "told_to": sorted(it.addressees),
    }


def reminders_document(
    queries: Queries,
    projects: Sequence[Project],
    messages: Sequence[Message],
    days: OtherDays | None = None,
) -> dict[str, Any]:
    """What stands of the projects, what comes within 30 days, and the messages. `days`: those that
    the node's settings name instead of the schemes' own."""
    now, standing, coming = queries.now(), [], []
    zone = None
    for project in projects:
        work = work_of(queries, project, days or OtherDays())
        zone = zone or work.zone
        standing += [reminder_json(it, work.zone) for it in standing_reminders(work, now)]
        coming += [reminder_json(it, work.zone) for it in coming_reminders(work, now)]
    told = [] if zone is None else [message_json(it, zone) for it in messages]
    return {"standing": standing, "coming": coming, "messages": told}


def told_json(it: Reminder | Told) -> dict[str, Any]:
    """What a message tells of it; `day`: the due day, or the one since which it waits."""
    return {
        "project": it.project,
        "milestone": it.milestone or None,
        "change_request": it.change,
        "kind": it.kind.value,
        "waits_for": it.waits_for.value,
        "day": it.day.isoformat(),
    }


def message_json(it: Message, zone: ZoneInfo) -> dict[str, Any]:
    """`state`: waiting, sent, or failed (it is not tried any more)."""
    return {
        "id": it.identity,
        "channel": it.channel.value,
        "recipient": it.recipient,
        "created_at": local_text(it.created_at, zone),
        "state": message_state(it),
        "tries": it.tries,
        "sent_at": local_text(it.sent_at, zone),
        "failed_at": local_text(it.failed_at, zone),
        "error": it.error,
        "tells": [told_json(told) for told in it.tells],
    }


def message_state(it: Message) -> str:
    if it.sent_at is not None:
        return "sent"
    return "failed" if it.failed_at is not None else "waiting"


def mail_text(message: Message, words: Language) -> tuple[str, str]:
    """Subject and text, in the recipient's language."""
    lines = [reminder_sentence(it, words) for it in message.tells]
    if len(lines) == 1:
        subject = lines[0]
    else:
        subject = words.text(N_("%(count)s things are due or wait"), count=len(lines))
    shown = [f"- {it}" for it in lines[:_SHOWN_IN_MAIL]]
    if len(lines) > _SHOWN_IN_MAIL:
        more = len(lines) - _SHOWN_IN_MAIL
        shown.append(words.text(N_("and %(count)s more: see the page of reminders"), count=more))
    end = words.text(N_("Lineproof tells this once. What stands now is on its page of reminders."))
    return subject, "\n".join([*shown, "", end, ""])
