"""Accounts: people who may sign in, and tablets that they share, each with roles within scopes.

Rules: names are lower case and never used twice; an account is disabled, never removed, because
what it did has its name; who is disabled or gets a new password is signed out everywhere at once;
there is always somebody who can manage accounts. A shared tablet has no password, and no role but
that of work at a line. While there is no account at all, the node is open
to everybody who can reach it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from domain.access import Action, Assignment, Caller, Role
from domain.errors import BusyError, InputError, NotFoundError
from domain.texts import N_
from store.registry.accounts.assignments import Holder, assign, assignments_of
from store.registry.accounts.secrets import is_password, password_hash
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.tables import accounts as table
from store.registry.tables import sessions, sign_in_codes, sign_ons
from store.registry.versions import instead_of

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,99}")
_FULL_NAME_MAX = 80
DEVICE_ROLES = (Role.OPERATOR, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Account:
    """`has_password`: whether one was set; without, it signs in by a code that sets one.
    `is_device`: a tablet that people share; it signs in by a code, and stays so."""

    name: str
    full_name: str
    assignments: tuple[Assignment, ...]
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    is_device: bool = False

    @property
    def caller(self) -> Caller:
        return Caller(self.name, self.assignments)

    def shared_by(self, person: Account | None) -> Caller:
        """Who asks at this device while that person is signed on at it, or nobody."""
        if person is None:
            return Caller("", device=self.name, within=self.assignments)
        return Caller(person.name, person.assignments, device=self.name, within=self.assignments)


class Accounts:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database
        self._any = False

    def any(self) -> bool:
        """Whether there is an account: then the node is closed, and stays so."""
        if not self._any:
            with self._database.reading() as connection:
                self._any = connection.execute(select(table.c.name).limit(1)).first() is not None
        return self._any

    def add(
        self,
        name: str,
        full_name: str,
        assignments: Sequence[Assignment],
        now: datetime,
        *,
        is_device: bool = False,
    ) -> Account:
        """Raises InputError for a name that is none, BusyError for one that there is."""
        if not _NAME.fullmatch(name):
            raise InputError(
                N_("'%(name)s' is no name of an account"),
                todo=N_(
                    "Write a letter or digit and then up to 99 of a-z, 0-9, '.', '_', '@', '-'."
                ),
                values={"name": name},
            )
        _check_roles(name, assignments, is_device)
        with self._database.writing(visible=False) as connection:
            if _row(connection, name) is not None:
                raise BusyError(
                    N_("there is an account '%(name)s' already"),
                    todo=N_("Choose another name; a name is never used twice."),
                    values={"name": name},
                )
            connection.execute(
                insert(table).values(
                    name=name,
                    full_name=_full_name(full_name) or name,
                    created_at=now,
                    is_device=is_device,
                )
            )
            assign(connection, Holder.ACCOUNT, name, assignments)
            what = "added as a shared tablet," if is_device else "added as"
            changed(connection, Done.ACCOUNT, name, f"{what} {_said(assignments)}")
        return self.named(name)

    def named(self, name: str) -> Account:
        """Raises NotFoundError with the accounts that there are."""
        with self._database.reading() as connection:
            row = _row(connection, name)
            if row is None:
                known = list(connection.execute(select(table.c.name)).scalars())
                raise NotFoundError(
                    N_("there is no account '%(name)s'"),
                    todo=instead_of(name, known, "add one with 'lineproof user add'"),
                    values={"name": name},
                )
            return account_of_row(connection, row)

    def all(self) -> list[Account]:
        """By name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.name)).all()
            return [account_of_row(connection, row) for row in rows]

    def with_password(self, name: str, password: str) -> Account | None:
        """Who signs in so; None where name or password is wrong, or the account is disabled: who
        asks is not told which, not even by how long it takes."""
        with self._database.reading() as connection:
            row = _row(connection, name)
        right = is_password(password, None if row is None else row.password)
        if row is None or row.disabled_at is not None or not right:
            return None
        return self.named(name)

    def set_password(self, name: str, password: str) -> None:
        """Signs the account out everywhere. Raises InputError, NotFoundError."""
        account = self.named(name)
        if account.is_device:
            raise InputError(
                N_("'%(name)s' is a shared tablet, which has no password"),
                todo=N_("Open its link in the tablet's browser ('lineproof user reset NAME')."),
                values={"name": name},
            )
        hashed = password_hash(password, account.name)
        with self._database.writing(visible=False) as connection:
            connection.execute(update(table).where(table.c.name == name).values(password=hashed))
            _sign_out(connection, name)
            changed(connection, Done.ACCOUNT, name, "new password")

    def set_assignments(self, name: str, assignments: Sequence[Assignment]) -> None:
        """These roles, instead of those that it had. Raises InputError, NotFoundError."""
        _check_roles(name, assignments, self.named(name).is_device)
        with self._database.writing(visible=False) as connection:
            assign(connection, Holder.ACCOUNT, name, assignments)
            _check_someone_manages(connection)
            changed(connection, Done.ACCOUNT, name, f"roles {_said(assignments)}")

    def disable(self, name: str, now: datetime) -> None:
        """Signs it out everywhere; a second time changes nothing. Raises InputError for the last
        one that can manage accounts."""
        self.named(name)
        with self._database.writing(visible=False) as connection:
            still_enabled = (table.c.name == name) & table.c.disabled_at.is_(None)
            connection.execute(update(table).where(still_enabled).values(disabled_at=now))
            _sign_out(connection, name)
            _check_someone_manages(connection)
            changed(connection, Done.ACCOUNT, name, "disabled")

    def enable(self, name: str) -> None:
        self.named(name)
        with self._database.writing(visible=False) as connection:
            connection.execute(update(table).where(table.c.name == name).values(disabled_at=None))
            changed(connection, Done.ACCOUNT, name, "enabled")


def account_of_row(connection: Connection, row: Row[Any]) -> Account:
    """The account in a row of its table."""
    return Account(
        row.name,
        row.full_name,
        assignments_of(connection, Holder.ACCOUNT, row.name),
        row.created_at,
        row.disabled_at,
        row.password is not None,
        row.is_device,
    )


def _said(assignments: Sequence[Assignment]) -> str:
    return ", ".join(sorted(str(it) for it in assignments))


def _row(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(table).where(table.c.name == name)).first()


def _sign_out(connection: Connection, name: str) -> None:
    for mine in (sessions, sign_in_codes, sign_ons):
        connection.execute(delete(mine).where(mine.c.account == name))


def _full_name(text: str) -> str:
    shown = " ".join(text.split())
    if len(shown) > _FULL_NAME_MAX or not shown.isprintable():
        raise InputError(
            N_("this is no name that can be shown"),
            todo=N_("Write up to %(most)s printable characters."),
            values={"most": _FULL_NAME_MAX},
        )
    return shown


def _check_roles(name: str, assignments: Sequence[Assignment], is_device: bool) -> None:
    if not assignments:
        raise InputError(
            N_("account '%(name)s' would have no role"),
            todo=N_("Give it one at least, as in operator@plant:tko."),
            values={"name": name},
        )
    strange = [it for it in assignments if it.role not in DEVICE_ROLES]
    if is_device and strange:
        raise InputError(
            N_("a shared tablet is for work at a line, and %(strange)s is not"),
            todo=f"Its roles are {' or '.join(DEVICE_ROLES)}, as in operator@line:filler-1.",
            values={"strange": str(strange[0])},
        )


def _check_someone_manages(connection: Connection) -> None:
    enabled = connection.execute(select(table).where(table.c.disabled_at.is_(None))).all()
    if any(account_of_row(connection, it).caller.may(Action.MANAGE_ACCOUNTS) for it in enabled):
        return
    raise InputError(
        N_("then nobody could manage accounts any more"),
        todo=N_("Make somebody else an administrator first."),
    )
