"""Sessions: who is signed in, by a secret that a cookie carries.

A session ends when it was not used for IDLE_MAX, after SESSION_MAX however much it is used, and
when the account signs out, is disabled or gets a new password. A shared tablet's lasts while it is
used at all within DEVICE_IDLE_MAX: it may do nothing until somebody signs on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from store.registry.accounts.accounts import Account, account_of_row
from store.registry.accounts.secrets import new_secret, secret_hash
from store.registry.database import RegistryDatabase
from store.registry.tables import accounts
from store.registry.tables import sessions as table

IDLE_MAX = timedelta(hours=8)
SESSION_MAX = timedelta(hours=24)
DEVICE_IDLE_MAX = timedelta(days=90)
_USE_STEP = timedelta(minutes=1)  # a use is noted no finer than that, to spare the disk


class Sessions:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def begin(self, account: str, now: datetime) -> str:
        """The new session's secret. Removes sessions that are over."""
        secret = new_secret()
        with self._database.writing(visible=False) as connection:
            devices = table.c.account.in_(select(accounts.c.name).where(accounts.c.is_device))
            over = (table.c.used_at < now - IDLE_MAX) | (table.c.began_at < now - SESSION_MAX)
            connection.execute(delete(table).where(over & ~devices))
            connection.execute(delete(table).where(table.c.used_at < now - DEVICE_IDLE_MAX))
            connection.execute(
                insert(table).values(
                    secret=secret_hash(secret), account=account, began_at=now, used_at=now
                )
            )
        return secret

    def account(self, secret: str, now: datetime, *, is_use: bool = True) -> Account | None:
        """Whose session it is; None where there is none any more. That it was used is noted, but
        where only a page that is open looks (`is_use` False)."""
        mine = table.c.secret == secret_hash(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                select(accounts, table.c.began_at, table.c.used_at)
                .join_from(table, accounts)
                .where(mine, accounts.c.disabled_at.is_(None))
            ).first()
            if row is None or _is_over(row, now):
                return None
            account = account_of_row(connection, row)
        if is_use and row.used_at < now - _USE_STEP:
            with self._database.writing(visible=False) as connection:
                connection.execute(update(table).where(mine).values(used_at=now))
        return account

    def end(self, secret: str) -> None:
        """Sign out here; nothing where there is no such session."""
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(table.c.secret == secret_hash(secret)))

    def end_all(self, account: str) -> None:
        """Sign out everywhere."""
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(table.c.account == account))


def _is_over(row: Row[Any], now: datetime) -> bool:
    if row.is_device:
        return bool(row.used_at < now - DEVICE_IDLE_MAX)
    return bool(row.used_at < now - IDLE_MAX or row.began_at < now - SESSION_MAX)
