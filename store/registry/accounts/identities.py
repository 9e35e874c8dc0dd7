"""Identities of OpenID Connect providers, and the accounts that they sign in.

An identity is an issuer and its subject. It belongs to the account that it first signed in as, for
ever: a name that the provider gives to somebody else later is not that account's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from domain.access import Assignment
from domain.errors import NotAllowedError, NotFoundError
from store.registry.accounts.accounts import Account, Accounts
from store.registry.database import RegistryDatabase
from store.registry.tables import identities as table


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider says it is. `roles`: those that its claims give here."""

    issuer: str
    subject: str
    name: str
    full_name: str
    roles: tuple[Assignment, ...]


class Identities:
    def __init__(self, database: RegistryDatabase, accounts: Accounts) -> None:
        self._database = database
        self._accounts = accounts

    def sign_in(self, identity: Identity, now: datetime) -> Account:
        """The account of the identity; at its first sign-in one of its name is made where it has
        roles, or that one is taken which was made for it here and has neither password nor
        identity. Its roles, where it has some, are from now on those of the account. Raises
        NotAllowedError where there is no account for it, InputError for a name that is none."""
        account = self._known(identity) or self._first(identity, now)
        if account.disabled_at is not None:
            raise NotAllowedError(
                f"the account '{account.name}' is disabled", todo="Ask an administrator."
            )
        if identity.roles and set(identity.roles) != set(account.assignments):
            self._accounts.set_assignments(account.name, identity.roles)
        return self._accounts.named(account.name)

    def _known(self, identity: Identity) -> Account | None:
        mine = (table.c.issuer == identity.issuer) & (table.c.subject == identity.subject)
        with self._database.reading() as connection:
            name = connection.execute(select(table.c.account).where(mine)).scalar()
        return None if name is None else self._accounts.named(name)

    def _first(self, identity: Identity, now: datetime) -> Account:
        name = identity.name
        try:
            account = self._accounts.named(name)
        except NotFoundError:
            if not identity.roles:
                raise NotAllowedError(
                    f"there is no account for '{name}'",
                    todo="Ask an administrator for one of that name.",
                ) from None
            account = self._accounts.add(name, identity.full_name, identity.roles, now)
        else:
            if account.has_password or account.is_device or self._is_taken(name):
                raise NotAllowedError(
                    f"the account '{name}' is not this person's",
                    todo="Ask an administrator for an account of another name.",
                )
        with self._database.writing(visible=False) as connection:
            connection.execute(
                insert(table).values(
                    issuer=identity.issuer, subject=identity.subject, account=name, since=now
                )
            )
        return account

    def _is_taken(self, account: str) -> bool:
        with self._database.reading() as connection:
            found = select(table.c.account).where(table.c.account == account).limit(1)
            return connection.execute(found).first() is not None
