"""Codes that work once: the first administrator's, those by which a person sets a password, and
those by which a shared tablet signs in.

A code is shown once, to whoever hands it on; it ends after CODE_LASTS.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from domain.access import Assignment, Role
from domain.errors import InputError
from domain.texts import N_
from store.registry.accounts.accounts import Account, Accounts
from store.registry.accounts.secrets import new_secret, password_hash, secret_hash
from store.registry.audit import acting_as
from store.registry.database import RegistryDatabase
from store.registry.tables import sessions
from store.registry.tables import sign_in_codes as table

CODE_LASTS = timedelta(days=3)


class SignInCodes:
    def __init__(self, database: RegistryDatabase, accounts: Accounts) -> None:
        self._database = database
        self._accounts = accounts

    def for_account(self, name: str, now: datetime) -> str:
        """A code by which that account sets a password, or a shared tablet signs in; earlier ones
        of it end. Raises NotFoundError."""
        return self._new(self._accounts.named(name).name, now)

    def for_first_administrator(self, now: datetime) -> str:
        """A code that makes the first account; earlier ones end. Raises InputError where there
        is an account."""
        self._check_first()
        return self._new(None, now)

    def account_of(self, code: str, now: datetime) -> Account | None:
        """Whose it is; None for the code of the first administrator. Raises InputError
        for a code that does not work, or not any more."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(table).where(table.c.secret == secret_hash(code))
            ).first()
        if row is None or row.used_at is not None or row.ends_at <= now:
            raise InputError(
                N_("this link does not work, or not any more"),
                todo=N_("Ask an administrator for a new one ('lineproof user reset NAME')."),
            )
        if row.account is None:
            self._check_first()
            return None
        return self._accounts.named(row.account)

    def use(self, code: str, name: str, password: str, now: datetime) -> Account:
        """Sets the password of the code's account, or makes the first administrator under `name`.
        Raises InputError; then the code still works."""
        account = self.account_of(code, now)
        with acting_as(name.strip().lower() if account is None else account.name):
            if account is None:
                password_hash(password, name)  # before anything is made: it may be no good
                everything = [Assignment(Role.ADMINISTRATOR)]
                account = self._accounts.add(name, name, everything, now)
            self._accounts.set_password(account.name, password)
        self._mark_used(code, now)
        return account

    def use_at_device(self, code: str, now: datetime) -> Account:
        """The shared tablet that signs in by it, now nowhere else. Raises InputError."""
        account = self.account_of(code, now)
        if account is None or not account.is_device or account.disabled_at is not None:
            raise InputError(
                N_("this link makes nothing a shared tablet"),
                todo=N_("Ask an administrator for one."),
            )
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(sessions).where(sessions.c.account == account.name))
        self._mark_used(code, now)
        return account

    def _mark_used(self, code: str, now: datetime) -> None:
        with self._database.writing(visible=False) as connection:
            mine = table.c.secret == secret_hash(code)
            connection.execute(update(table).where(mine).values(used_at=now))

    def _new(self, account: str | None, now: datetime) -> str:
        code = new_secret()
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(table).where(table.c.account.is_not_distinct_from(account)))
            connection.execute(
                insert(table).values(
                    secret=secret_hash(code), account=account, ends_at=now + CODE_LASTS
                )
            )
        return code

    def _check_first(self) -> None:
        if self._accounts.any():
            raise InputError(
                N_("there are accounts already"), todo=N_("Ask an administrator for one.")
            )
