"""Tokens: secrets by which programs ask, each with roles within scopes, until a day.

A token is shown once, when it is made; later it is known by its label alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from domain.access import Assignment, Caller
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.accounts.assignments import Holder, assign, assignments_of
from store.registry.accounts.secrets import new_secret, secret_hash
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.tables import tokens as table
from store.registry.versions import instead_of

TOKEN_MAX = timedelta(days=366)
PREFIX = "lineproof_"  # so that a token in a log or a file is known for what it is
_LABEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@dataclass(frozen=True, slots=True)
class Token:
    label: str
    assignments: tuple[Assignment, ...]
    created_by: str
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


class Tokens:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def add(
        self,
        label: str,
        assignments: Sequence[Assignment],
        ends_at: datetime,
        now: datetime,
        *,
        by: str,
    ) -> str:
        """The new token's secret, which nobody can read again. Raises InputError for a label, an
        end or roles that are none, BusyError for a label that there is."""
        if not _LABEL.fullmatch(label):
            raise InputError(
                f"'{label}' is no label of a token",
                todo="Write a letter or digit and then up to 59 of a-z, 0-9, '.', '_', '-'.",
            )
        if not now < ends_at <= now + TOKEN_MAX:
            raise InputError(
                "a token ends in the future, within a year",
                todo="Give it a day within the next 366.",
            )
        if not assignments:
            raise InputError(f"token '{label}' would have no role", todo="Give it one at least.")
        secret = PREFIX + new_secret()
        with self._database.writing(visible=False) as connection:
            if connection.execute(select(table.c.label).where(table.c.label == label)).first():
                raise BusyError(
                    f"there is a token '{label}' already",
                    todo="Choose another label; a label is never used twice.",
                )
            connection.execute(
                insert(table).values(
                    label=label,
                    secret=secret_hash(secret),
                    created_by=by,
                    created_at=now,
                    ends_at=ends_at,
                )
            )
            assign(connection, Holder.TOKEN, label, assignments)
            roles = ", ".join(sorted(str(it) for it in assignments))
            changed(connection, Done.TOKEN, label, f"added by {by} as {roles}")
        return secret

    def caller(self, secret: str, now: datetime) -> Caller | None:
        """Who asks with it; None where there is no such token, or not any more."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(table).where(table.c.secret == secret_hash(secret))
            ).first()
            if row is None or row.revoked_at is not None or row.ends_at <= now:
                return None
            mine = assignments_of(connection, Holder.TOKEN, row.label)
        return Caller(f"token:{row.label}", mine)

    def all(self) -> list[Token]:
        """By label; those that ended too."""
        with self._database.reading() as connection:
            return [
                Token(
                    row.label,
                    assignments_of(connection, Holder.TOKEN, row.label),
                    row.created_by,
                    row.created_at,
                    row.ends_at,
                    row.revoked_at,
                )
                for row in connection.execute(select(table).order_by(table.c.label)).all()
            ]

    def revoke(self, label: str, now: datetime) -> None:
        """From now on it is no token any more; a second time changes nothing. Raises
        NotFoundError."""
        labels = [it.label for it in self.all()]
        if label not in labels:
            raise NotFoundError(
                f"there is no token '{label}'",
                todo=instead_of(label, labels, "add one with 'lineproof token add'"),
            )
        with self._database.writing(visible=False) as connection:
            valid = (table.c.label == label) & table.c.revoked_at.is_(None)
            connection.execute(update(table).where(valid).values(revoked_at=now))
            changed(connection, Done.TOKEN, label, "revoked")
