"""Failed tries to sign in: after some of them the next ones wait, each time twice as long.

Counted by the name that was tried (whether there is such an account or not), by the address that
tried, and by the address that sent tokens that are none; of PINs by whose it would be, and by the
shared tablet. Rules: a try during a wait is refused unread and does not count; a count ends FORGET
(of a PIN, which is short: PIN_FORGET) after its last failure or wait, a name's or PIN's at a
success too; at most ROWS_MAX are kept, those that end soonest make room. They lie in the database,
so a restart forgets nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from domain.errors import TooManyTriesError
from store.registry.database import RegistryDatabase
from store.registry.tables import failed_tries as table

FORGET = timedelta(minutes=15)
PIN_FORGET = timedelta(days=1)
WAIT_MIN, WAIT_MAX = timedelta(seconds=30), timedelta(minutes=15)
ROWS_MAX = 20_000


class Counted(StrEnum):
    """By what tries are counted."""

    NAME = "name"
    ADDRESS = "address"
    TOKEN = "token from address"
    PIN = "PIN of name"
    DEVICE = "shared tablet"


ALLOWED = {
    Counted.NAME: 5,
    Counted.ADDRESS: 30,
    Counted.TOKEN: 30,
    Counted.PIN: 5,
    Counted.DEVICE: 20,
}


@dataclass(frozen=True, slots=True)
class Try:
    """A name, address or tablet that tries."""

    counted: Counted
    subject: str

    @property
    def key(self) -> str:
        """So that nothing long, and no password typed as a name, is kept."""
        return hashlib.sha256(self.subject.encode("utf-8", "surrogatepass")).hexdigest()


class FailedTries:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def check(self, tries: Sequence[Try], now: datetime) -> None:
        """Raises TooManyTriesError while one of them has to wait."""
        with self._database.reading() as connection:
            waits = [
                connection.execute(select(table.c.waits_until).where(_mine(it))).scalar()
                for it in tries
            ]
        last = max((it for it in waits if it is not None), default=now)
        if last > now:
            raise TooManyTriesError(-((now - last) // timedelta(seconds=1)))

    def failed(self, tries: Sequence[Try], now: datetime) -> None:
        """One more of each."""
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(table.c.ends_at <= now))
            for it in tries:
                _count(connection, it, now)

    def succeeded(self, it: Try) -> None:
        """Somebody signed in under that name, or on by that PIN."""
        mine = _mine(it)
        with self._database.reading() as connection:
            if connection.execute(select(table.c.count).where(mine)).first() is None:
                return
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(mine))


def _mine(it: Try) -> ColumnElement[bool]:
    return (table.c.kind == it.counted) & (table.c.subject == it.key)


def _count(connection: Connection, it: Try, now: datetime) -> None:
    before = connection.execute(select(table.c.count).where(_mine(it))).scalar()
    count = (before or 0) + 1
    waits_until = now + _wait(count, ALLOWED[it.counted])
    forget = PIN_FORGET if it.counted is Counted.PIN else FORGET
    values = {"count": count, "waits_until": waits_until, "ends_at": waits_until + forget}
    if before is None:
        _make_room(connection)
        connection.execute(insert(table).values(kind=it.counted, subject=it.key, **values))
    else:
        connection.execute(update(table).where(_mine(it)).values(**values))


def _wait(count: int, allowed: int) -> timedelta:
    """None before `allowed` failures, then WAIT_MIN, and twice as long each time."""
    if count < allowed:
        return timedelta(0)
    doublings = min(count - allowed, 10)  # beyond it is WAIT_MAX anyhow
    return min(WAIT_MIN * (1 << doublings), WAIT_MAX)


def _make_room(connection: Connection) -> None:
    rows = connection.execute(select(func.count()).select_from(table)).scalar() or 0
    if rows >= ROWS_MAX:
        soonest = select(table.c.ends_at).order_by(table.c.ends_at).limit(1).offset(ROWS_MAX // 100)
        until = connection.execute(soonest).scalar()
        connection.execute(delete(table).where(table.c.ends_at <= until))
