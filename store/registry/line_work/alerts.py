"""Alerts that were raised, until they end, who acknowledged them, and the messages that tell them.

Rules: an alert and its messages are written in one transaction; while one is open there is no
second of its key (`open_key` is unique), whatever becomes of a process in between and however many
look. Whoever is told of several that were raised together gets one message. An acknowledgement is
a row of the record (store.registry.record).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from domain.alerts import Acknowledgement, Alert, AlertCause, StandingCauses, ended_and_new, goes_on
from domain.errors import NotFoundError
from store.registry.database import RegistryDatabase
from store.registry.line_work.alert_rows import alert_rows, alerts_of_rows
from store.registry.line_work.tables import alert_acknowledgements, outbox_alerts
from store.registry.line_work.tables import alerts as table
from store.registry.project_work.outbox import Recipient, insert_message
from store.registry.project_work.tables import outbox
from store.registry.record import insert_recorded

SHOWN_MAX = 200
ToldTo = Callable[[AlertCause], Collection[Recipient]]


@dataclass(frozen=True, slots=True)
class MessagesOf:
    """How many messages tell an alert, by what became of them; `error`: why the last that was not
    delivered was not."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    error: str = ""


class Alerts:
    """`at`: as it stood then."""

    def __init__(self, database: RegistryDatabase, at: datetime | None = None) -> None:
        self._database = database
        self._at = at

    def open(self) -> list[Alert]:
        """Those that stand, the oldest first."""
        with self._database.reading() as connection:
            if self._at is None:
                return _open(connection)
            at, c = self._at, table.c
            stood = (c.raised_at <= at) & (c.ended_at.is_(None) | (c.ended_at > at))
            return alerts_of_rows(connection, alert_rows().where(stood).order_by(c.number))

    def unacknowledged(self) -> dict[str, int]:
        """How many of those that stand nobody has acknowledged, by line."""
        said = alert_acknowledgements.c.alert
        waits = table.c.open_key.is_not(None) & table.c.number.not_in(select(said))
        rows = select(table.c.line, func.count()).where(waits).group_by(table.c.line)
        with self._database.reading() as connection:
            return dict(connection.execute(rows).all())

    def ended(self, lines: Collection[str] | None = None) -> list[Alert]:
        """The newest first, at most SHOWN_MAX, of these lines (None: of all)."""
        rows = alert_rows().where(table.c.ended_at.is_not(None)).order_by(table.c.number.desc())
        if lines is not None:
            rows = rows.where(table.c.line.in_(sorted(lines)))
        with self._database.reading() as connection:
            return alerts_of_rows(connection, rows.limit(SHOWN_MAX))

    def one(self, number: int) -> Alert:
        """Raises NotFoundError."""
        with self._database.reading() as connection:
            return _one(connection, number)

    def messages(self, numbers: Collection[int]) -> Mapping[int, MessagesOf]:
        """What became of the messages that tell these alerts; of each that has any."""
        c, link = outbox.c, outbox_alerts.c
        rows = select(link.alert, c.sent_at, c.failed_at, c.error).join_from(outbox_alerts, outbox)
        found: dict[int, MessagesOf] = {}
        with self._database.reading() as connection:
            wanted = rows.where(link.alert.in_(sorted(numbers))).order_by(c.number)
            for number, sent_at, failed_at, error in connection.execute(wanted):
                it = found.get(number, MessagesOf())
                if sent_at is not None:
                    found[number] = replace(it, sent=it.sent + 1)
                elif failed_at is not None:
                    found[number] = replace(it, failed=it.failed + 1, error=error)
                else:
                    found[number] = replace(it, waiting=it.waiting + 1, error=error or it.error)
        return found


class KeepingAlerts:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def follow(self, standing: StandingCauses, told_to: ToldTo, now: datetime) -> list[Alert]:
        """End those that stand no more, and raise those that stand and are not open, with the
        messages that tell them; the new ones. Raises BusyError where another process was as
        quick."""
        with self._database.reading() as connection:
            if ended_and_new(_open(connection), standing, now) == ([], []):
                return []
        with self._database.writing(visible=False) as connection:
            # Writing first: no other process changes anything between reading and writing.
            connection.execute(update(table).where(table.c.number == 0).values(number=0))
            ended, new = ended_and_new(_open(connection), standing, now)
            for it in ended:
                _change(connection, it.number, ended_at=now, open_key=None)
            raised = [
                _raise(connection, it, now) for it in new if not _reopened(connection, it, now)
            ]
            _tell(connection, raised, told_to, now)
            return raised

    def acknowledge(
        self, number: int, new: Acknowledgement, check: Callable[[Alert], None]
    ) -> Alert:
        """Add it, if `check` does not raise. Raises NotFoundError, and BusyError where somebody
        else was as quick."""
        with self._database.writing() as connection:
            found = _one(connection, number)
            check(found)
            insert_recorded(
                connection,
                alert_acknowledgements,
                alert=number,
                line=found.cause.line,
                kind=found.cause.kind.value,
                raised_at=found.raised_at,
                author=new.author,
                device=new.device,
                acknowledged_at=new.at,
                note=new.note,
            )
        return replace(found, acknowledged=new)


def _raise(connection: Connection, cause: AlertCause, now: datetime) -> Alert:
    made = connection.execute(
        insert(table).values(
            open_key=_open_key(cause),
            line=cause.line,
            kind=cause.kind.value,
            measurement=cause.measurement,
            rule_limit=cause.limit,
            since=cause.since,
            value=cause.value,
            what=cause.what,
            raised_at=now,
        )
    )
    return Alert((made.inserted_primary_key or (0,))[0], cause, now)


def _reopened(connection: Connection, cause: AlertCause, now: datetime) -> bool:
    """Whether the last one of its key goes on, and so is open again."""
    c = table.c
    mine = (c.line == cause.line) & (c.kind == cause.kind.value)
    mine &= c.measurement == cause.measurement
    last = connection.execute(select(func.max(c.number)).where(mine)).scalar()
    if last is None or not goes_on(_one(connection, last), cause, now):
        return False
    _change(connection, last, ended_at=None, open_key=_open_key(cause))
    return True


def _tell(connection: Connection, raised: Sequence[Alert], told_to: ToldTo, now: datetime) -> None:
    tells: dict[Recipient, list[int]] = defaultdict(list)
    for alert in raised:
        for recipient in told_to(alert.cause):
            tells[recipient].append(alert.number)
    for recipient, numbers in tells.items():
        message = insert_message(connection, recipient, now)
        rows = [{"message": message, "alert": it} for it in numbers]
        connection.execute(insert(outbox_alerts), rows)


def _open(connection: Connection) -> list[Alert]:
    rows = alert_rows().where(table.c.open_key.is_not(None)).order_by(table.c.number)
    return alerts_of_rows(connection, rows)


def _one(connection: Connection, number: int) -> Alert:
    found = alerts_of_rows(connection, alert_rows().where(table.c.number == number))
    if not found:
        raise NotFoundError(f"there is no alert {number}", todo="See the list for those there are.")
    return found[0]


def _change(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.number == number).values(**values))


def _open_key(cause: AlertCause) -> str:
    return " ".join(cause.key)
