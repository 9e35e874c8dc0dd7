"""PINs and badges: by what people sign on at a shared tablet.

A person is picked from a list of names and types its PIN, or holds a badge before a reader, which
types the badge's number. A PIN alone does not name anybody: who chooses one that somebody has
already would be told so, and could sign on as that person. Rules: a badge is one person's; a new
PIN or badge ends what was begun with the one before; a tablet itself has neither.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, insert, select

from domain.errors import BusyError, InputError
from domain.texts import N_
from store.registry.accounts.accounts import Account, Accounts
from store.registry.accounts.secrets import badge_hash, is_password, new_salt, pin_hash
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.tables import accounts, badges, pins, sign_ons


@dataclass(frozen=True, slots=True)
class SignOnMeans:
    """Who has a PIN, and who a badge: names of accounts."""

    pins: Collection[str] = ()
    badges: Collection[str] = ()


class PinsAndBadges:
    def __init__(self, database: RegistryDatabase, people: Accounts) -> None:
        self._database = database
        self._accounts = people

    def means(self) -> SignOnMeans:
        with self._database.reading() as connection:
            return SignOnMeans(
                *(
                    frozenset(connection.execute(select(it.c.account)).scalars())
                    for it in (pins, badges)
                )
            )

    def people(self) -> list[Account]:
        """Who can sign on at all, by full name."""
        means = self.means()
        able = {*means.pins, *means.badges}
        found = [it for it in self._accounts.all() if it.name in able and it.disabled_at is None]
        return sorted(found, key=lambda it: (it.full_name, it.name))

    def set_pin(self, name: str, pin: str | None) -> None:
        """None: it has none any more. Raises InputError, NotFoundError."""
        self._person(name)
        hashed = None if pin is None else pin_hash(pin)
        with self._database.writing(visible=False) as connection:
            _forget(connection, pins, name)
            if hashed is not None:
                connection.execute(insert(pins).values(account=name, hashed=hashed))
            changed(connection, Done.ACCOUNT, name, "no PIN" if pin is None else "new PIN")

    def set_badge(self, name: str, number: str | None) -> None:
        """None: it has none any more. Raises InputError, NotFoundError, BusyError for somebody
        else's."""
        self._person(name)
        salt = self._salt() or new_salt()
        hashed = None if number is None else badge_hash(number, salt)
        with self._database.writing(visible=False) as connection:
            _forget(connection, badges, name)
            if hashed is not None:
                owner = connection.execute(
                    select(badges.c.account).where(badges.c.hashed == hashed)
                ).scalar()
                if owner is not None:
                    raise BusyError(
                        N_("this badge is that of '%(owner)s'"),
                        todo=N_("Take it from there first."),
                        values={"owner": owner},
                    )
                connection.execute(insert(badges).values(account=name, hashed=hashed, salt=salt))
            changed(connection, Done.ACCOUNT, name, "no badge" if number is None else "new badge")

    def with_pin(self, name: str, pin: str) -> Account | None:
        """Who has that PIN; None where it is wrong, or the account is disabled."""
        mine = (
            select(pins.c.hashed)
            .join(accounts)
            .where(pins.c.account == name, accounts.c.disabled_at.is_(None))
        )
        with self._database.reading() as connection:
            hashed = connection.execute(mine).scalar()
        return self._accounts.named(name) if is_password(pin, hashed) else None

    def with_badge(self, number: str) -> Account | None:
        """Whose badge it is; None for nobody's, and where the account is disabled."""
        salt = self._salt()
        try:
            hashed = badge_hash(number, salt or new_salt())
        except InputError:
            return None
        owner = (
            select(badges.c.account)
            .join(accounts)
            .where(badges.c.hashed == hashed, accounts.c.disabled_at.is_(None))
        )
        with self._database.reading() as connection:
            name = connection.execute(owner).scalar()
        return None if name is None else self._accounts.named(name)

    def _salt(self) -> str | None:
        with self._database.reading() as connection:
            return connection.execute(select(badges.c.salt).limit(1)).scalar()

    def _person(self, name: str) -> None:
        if self._accounts.named(name).is_device:
            raise InputError(
                N_("'%(name)s' is a shared tablet"),
                todo=N_("People sign on there, each by the own PIN."),
                values={"name": name},
            )


def _forget(connection: Connection, table: Table, name: str) -> None:
    for it in (table, sign_ons):
        connection.execute(delete(it).where(it.c.account == name))
