"""Tells what is due, and hands messages over until they are delivered: also those of alerts, which
lineproof.alerts.keeper writes.

Who is told several things at once gets one message: after weeks in which the node stood still that
is one summary. A reminder that nobody is named for counts as told. What becomes of messages stands
in the registry (store.registry.project_work.outbox), so that this may be killed at any point.

The mail server and each webhook are served side by side, so that none waits for another that is
slow. A round takes as long as the slowest may take; what it does not come to waits for the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta

import orjson
import structlog

from api.documents.alerts import NamedLines, alerts_mail, alerts_told
from api.documents.reminders import mail_text, told_json
from api.i18n import language
from api.queries.lines import Queries
from api.queries.reminders import OtherDays, work_of
from domain.access import Scope, place_of_project
from domain.reminders import standing_reminders
from lineproof.reminders.delivery import (
    GIVEN_UP_AFTER,
    NotDeliveredError,
    try_again_after,
)
from lineproof.reminders.mail import mail_of, send_mail
from lineproof.reminders.settings import MailRecipient, ReminderSettings, Webhook
from lineproof.reminders.webhooks import send_webhook
from store.registry.project_work.outbox import (
    Channel,
    Message,
    NewMessage,
    Outbox,
    Recipient,
    Server,
)
from store.work import piece

PLANNED_EVERY = timedelta(minutes=1)
_SENT_AT_ONCE = 10  # by each server
_SERVERS_AT_ONCE = 32
_ROUND_S = 10.0  # then no other message of a server is begun

_log = structlog.get_logger(__name__)


class ReminderKeeper:
    """Over the registry of one node; `now` is its clock."""

    def __init__(
        self,
        queries: Queries,
        outbox: Outbox,
        settings: ReminderSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._queries = queries
        self._outbox = outbox
        self._settings = settings
        self._now = now
        self._planned_at: datetime | None = None

    def refresh(self) -> None:
        """Note what is due, and try what waits. Raises StorageError."""
        now = self._now()
        if self._planned_at is None or abs(now - self._planned_at) >= PLANNED_EVERY:
            self.plan()
            self._planned_at = now
        self.send()

    def plan(self) -> int:
        """Note what stands now and was not told yet; how many messages tell it."""
        now = self._now()
        queries, days = self._queries.still(), other_days(self._settings)
        projects = queries.projects()
        standing = [
            it
            for project in projects
            for it in standing_reminders(work_of(queries, project, days), now)
        ]
        new = self._outbox.untold(standing, now)
        if not new:
            return 0
        places = {
            it.reference: place_of_project(it, queries.line(it.lines[0])[0]) for it in projects
        }

        def told_to(person: MailRecipient | Webhook) -> frozenset[str]:
            scope = Scope.parse(person.scope)
            return frozenset(
                it.key
                for it in new
                if person.who in it.addressees and scope.holds(places[it.project])
            )

        return self._outbox.tell(new, _messages(self._settings, told_to), now)

    def send(self) -> None:
        """Try the messages whose time has come, of each server until it does not answer. Raises
        StorageError."""
        waiting: dict[Server, list[Message]] = {}
        for message in self._outbox.to_send(self._now(), _SENT_AT_ONCE):
            waiting.setdefault(message.server, []).append(message)
        with ThreadPoolExecutor(_SERVERS_AT_ONCE) as servers:
            rounds = [
                servers.submit(copy_context().run, self._serve, it) for it in waiting.values()
            ]
        for it in rounds:
            it.result()

    def _serve(self, messages: Sequence[Message]) -> None:
        """Those of one server, as long as a round may take."""
        until = time.monotonic() + _ROUND_S
        for message in messages:
            with piece():  # nothing more is sent once the node stops
                pass
            if time.monotonic() > until or self._try(message):
                return

    def _try(self, message: Message) -> bool:
        """Whether its server was found to be no use now."""
        now = self._now()
        self._outbox.trying(message, now + try_again_after(message.tries))
        try:
            if message.channel is Channel.MAIL:
                self._mail(message)
            else:
                self._call(message, now)
        except NotDeliveredError as error:
            is_late = now - message.created_at > GIVEN_UP_AFTER
            gave_up_at = now if error.for_good or is_late else None
            self._outbox.failed(message, str(error), gave_up_at)
            _log.warning("reminder not delivered", to=message.recipient, error=str(error))
            return error.is_server
        self._outbox.sent(message, self._now())
        return False

    def _mail(self, message: Message) -> None:
        server = self._settings.mail
        if server is None:
            raise NotDeliveredError("the settings name no mail server any more")
        words = language(message.language)
        if message.alerts:
            written = alerts_mail(message.alerts, self._lines(), words)
        else:
            written = mail_text(message, words)
        send_mail(
            server,
            mail_of(server, message.recipient, message.identity, written, message.created_at),
        )

    def _call(self, message: Message, now: datetime) -> None:
        known = {it.url: it for it in self._settings.webhooks}
        if message.recipient not in known:
            raise NotDeliveredError("the settings name no such webhook any more")
        is_of_alerts = bool(message.alerts)
        body = {
            "type": "lineproof.alerts" if is_of_alerts else "lineproof.reminders",
            "id": message.identity,
            "timestamp": message.created_at.isoformat(),
            "data": alerts_told(message.alerts, self._lines())
            if is_of_alerts
            else [told_json(it) for it in message.tells],
        }
        send_webhook(known[message.recipient], message.identity, orjson.dumps(body), now)

    def _lines(self) -> NamedLines:
        return {line.id: (plant, line) for plant, line in self._queries.lines()}


def other_days(settings: ReminderSettings) -> OtherDays:
    """Days that the settings name instead of those of the scheme's rule."""
    given = settings.days
    return OtherDays(given.before, given.waiting, given.escalate)


def recipient_of(it: MailRecipient | Webhook) -> Recipient:
    """As the outbox knows it."""
    if isinstance(it, MailRecipient):
        return Recipient(Channel.MAIL, it.address, it.language)
    return Recipient(Channel.WEBHOOK, it.url, it.language)


def _messages(
    settings: ReminderSettings, told_to: Callable[[MailRecipient | Webhook], frozenset[str]]
) -> Sequence[NewMessage]:
    """One for each recipient and language, though the settings name it several times."""
    tells: dict[Recipient, frozenset[str]] = {}
    for it in settings.told:
        to = recipient_of(it)
        tells[to] = tells.get(to, frozenset()) | told_to(it)
    return [NewMessage(to, keys) for to, keys in tells.items() if keys]
