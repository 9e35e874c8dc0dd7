"""Reminders that were told, and the messages that tell them or alerts, until they are delivered.

Rules: a reminder and the messages that tell it are written in one transaction, each reminder once
(its key is unique). Whoever is told several at once gets one message. Before a message is tried,
the next try is noted: a process that dies on the way sends it once more, under the same identity.

A clock that was wrong leads nowhere: what was told at a time that is more than a day ahead of the
present is told again at its time, and its messages that were not sent yet are given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, case, delete, func, insert, or_, select, update

from domain.alerts import Alert
from domain.reminders import Addressee, Reminder, ReminderKind
from store.registry.database import RegistryDatabase
from store.registry.line_work.alert_rows import alerts_by_message
from store.registry.line_work.tables import outbox_alerts
from store.registry.project_work.tables import outbox, outbox_reminders, reminders

AHEAD_MAX = timedelta(days=1)
CLOCK_WAS_WRONG = "it was written by a clock that was wrong"
_MESSAGES_SHOWN = 200


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


Server = tuple[Channel, str]  # of mail: no address; else the webhook's


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder as it was told."""

    project: str
    milestone: str
    change: int | None
    kind: ReminderKind
    waits_for: Addressee
    day: date


@dataclass(frozen=True, slots=True)
class Recipient:
    """`address`: of mail, or of a webhook."""

    channel: Channel
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """`tells`: keys of reminders."""

    recipient: Recipient
    tells: frozenset[str]


@dataclass(frozen=True, slots=True)
class Message:
    """`identity`: the same however often it is tried. `error`: why the last try failed;
    `failed_at`: since when it is not tried any more. It tells reminders or `alerts`."""

    number: int
    identity: str
    channel: Channel
    recipient: str
    language: str
    created_at: datetime
    tries: int
    next_try_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    error: str
    tells: tuple[Told, ...]
    alerts: tuple[Alert, ...] = ()

    @property
    def server(self) -> Server:
        """Through which it goes: all mail through one."""
        return self.channel, "" if self.channel is Channel.MAIL else self.recipient


class Outbox:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def untold(self, standing: Sequence[Reminder], now: datetime) -> list[Reminder]:
        """Those that were not told yet, or by a clock that was far ahead."""
        with self._database.reading() as connection:
            return _untold(connection, standing, now)

    def tell(
        self, standing: Sequence[Reminder], messages: Sequence[NewMessage], now: datetime
    ) -> int:
        """Note the reminders as told and the messages that tell them, both or neither; what was
        told before is left out. How many messages there are."""
        with self._database.writing(visible=False) as connection:
            new = {it.key: it for it in _untold(connection, standing, now)}
            _forget(connection, list(new), now)
            numbers = {key: _insert_reminder(connection, it, now) for key, it in new.items()}
            made = 0
            for it in messages:
                tells = [numbers[key] for key in sorted(it.tells) if key in numbers]
                if tells:
                    message = insert_message(connection, it.recipient, now)
                    rows = [{"message": message, "reminder": told} for told in tells]
                    connection.execute(insert(outbox_reminders), rows)
                    made += 1
            return made

    def to_send(self, now: datetime, limit_each: int) -> list[Message]:
        """Messages whose next try is due, the oldest first; of each server at most so many."""
        c = outbox.c
        waiting = c.sent_at.is_(None) & c.failed_at.is_(None)
        due = or_(c.next_try_at <= now, c.next_try_at > now + AHEAD_MAX)
        server = case((c.channel == Channel.MAIL.value, ""), else_=c.recipient)
        place = func.row_number().over(partition_by=(c.channel, server), order_by=c.number)
        ranked = select(c.number, place.label("place")).where(waiting & due).subquery()
        first = select(ranked.c.number).where(ranked.c.place <= limit_each)
        with self._database.reading() as connection:
            rows = select(outbox).where(c.number.in_(first)).order_by(c.number)
            return _messages(connection, rows)

    def all(self) -> list[Message]:
        """Those that tell reminders, the newest first, at most 200."""
        c = outbox.c
        rows = select(outbox).where(c.number.not_in(select(outbox_alerts.c.message)))
        with self._database.reading() as connection:
            return _messages(connection, rows.order_by(c.number.desc()).limit(_MESSAGES_SHOWN))

    def trying(self, message: Message, next_try_at: datetime) -> None:
        """Before it is tried: when it will be tried again, whatever becomes of the process."""
        self._note(message, tries=message.tries + 1, next_try_at=next_try_at)

    def sent(self, message: Message, now: datetime) -> None:
        self._note(message, sent_at=now, error="")

    def failed(self, message: Message, error: str, gave_up_at: datetime | None) -> None:
        """`gave_up_at` None: it is tried again."""
        self._note(message, error=error, failed_at=gave_up_at)

    def _note(self, message: Message, **values: Any) -> None:
        with self._database.writing(visible=False) as connection:
            mine = outbox.c.number == message.number
            connection.execute(update(outbox).where(mine).values(**values))


def _untold(connection: Connection, standing: Sequence[Reminder], now: datetime) -> list[Reminder]:
    told = dict(connection.execute(select(reminders.c.key, reminders.c.told_at)).all())
    return [it for it in standing if it.key not in told or told[it.key] > now + AHEAD_MAX]


def _forget(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    """What a clock that was ahead told of these. The messages stay, without what they told."""
    r, link = reminders.c, outbox_reminders.c
    for key in keys:
        number = connection.execute(select(r.number).where(r.key == key)).scalar()
        if number is None:
            continue
        of_it = select(link.message).where(link.reminder == number)
        unsent = outbox.c.number.in_(of_it) & outbox.c.sent_at.is_(None)
        connection.execute(
            update(outbox).where(unsent).values(failed_at=now, error=CLOCK_WAS_WRONG)
        )
        connection.execute(delete(outbox_reminders).where(link.reminder == number))
        connection.execute(delete(reminders).where(r.number == number))


def _insert_reminder(connection: Connection, it: Reminder, now: datetime) -> int:
    made = connection.execute(
        insert(reminders).values(
            key=it.key,
            project=it.project,
            milestone=it.milestone,
            change=it.change,
            kind=it.kind.value,
            waits_for=it.waits_for.value,
            day=it.day,
            told_at=now,
        )
    )
    number: int = (made.inserted_primary_key or (0,))[0]
    return number


def insert_message(connection: Connection, to: Recipient, now: datetime) -> int:
    """A message to be sent, within the transaction that says what it tells; its number."""
    made = connection.execute(
        insert(outbox).values(
            identity=str(uuid4()),
            channel=to.channel.value,
            recipient=to.address,
            language=to.language,
            created_at=now,
            tries=0,
            next_try_at=now,
            error="",
        )
    )
    number: int = (made.inserted_primary_key or (0,))[0]
    return number


def _messages(connection: Connection, rows: Any) -> list[Message]:
    found = connection.execute(rows).mappings().all()
    numbers = [row["number"] for row in found]
    link, r = outbox_reminders.c, reminders.c
    columns = (r.project, r.milestone, r.change, r.kind, r.waits_for, r.day)
    told: dict[int, list[Told]] = {}
    wanted = select(link.message, *columns).join_from(outbox_reminders, reminders)
    for message, *values in connection.execute(
        wanted.where(link.message.in_(numbers)).order_by(r.project, r.milestone, r.number)
    ):
        project, milestone, change, kind, waits_for, day = values
        told.setdefault(message, []).append(
            Told(project, milestone, change, ReminderKind(kind), Addressee(waits_for), day)
        )
    alerts = alerts_by_message(connection, numbers)
    return [
        Message(
            **{**row, "channel": Channel(row["channel"])},
            tells=tuple(told.get(number, ())),
            alerts=tuple(alerts.get(number, ())),
        )
        for row, number in zip(found, numbers, strict=True)
    ]
