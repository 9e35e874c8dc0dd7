"""Who is signed on at a shared tablet: one person at a time, for as long as the shift lasts.

A sign-on ends when the person signs off or somebody else signs on, when the tablet was not used for
SIGN_ON_IDLE_MAX, at the end that it was begun with (the shift's), and when the person is disabled
or gets another PIN, badge or password. It goes with the session of the tablet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from store.registry.accounts.accounts import Account, account_of_row
from store.registry.accounts.secrets import secret_hash
from store.registry.database import RegistryDatabase
from store.registry.tables import accounts
from store.registry.tables import sign_ons as table

SIGN_ON_IDLE_MAX = timedelta(minutes=15)
_USE_STEP = timedelta(minutes=1)  # a use is noted no finer than that, to spare the disk


class SignOns:
    """`session`: the secret of the tablet's session."""

    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def begin(self, session: str, account: str, now: datetime, ends_at: datetime) -> None:
        """Instead of who was signed on there."""
        mine = table.c.session == secret_hash(session)
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(mine | (table.c.ends_at <= now)))
            connection.execute(
                insert(table).values(
                    session=secret_hash(session), account=account, used_at=now, ends_at=ends_at
                )
            )

    def person(self, session: str, now: datetime, *, is_use: bool = True) -> Account | None:
        """Who is signed on there now. That the tablet was used is noted, but where only a page
        that is open looks (`is_use` False)."""
        mine = table.c.session == secret_hash(session)
        with self._database.reading() as connection:
            row = connection.execute(
                select(accounts, table.c.used_at, table.c.ends_at)
                .join_from(table, accounts)
                .where(mine, accounts.c.disabled_at.is_(None))
            ).first()
            if row is None or row.ends_at <= now or row.used_at < now - SIGN_ON_IDLE_MAX:
                return None
            person = account_of_row(connection, row)
        if is_use and row.used_at < now - _USE_STEP:
            with self._database.writing(visible=False) as connection:
                connection.execute(update(table).where(mine).values(used_at=now))
        return person

    def end(self, session: str) -> None:
        """Sign off; nothing where nobody is signed on."""
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(table.c.session == secret_hash(session)))
