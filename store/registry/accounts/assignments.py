"""Which roles an account or a token has, within which scopes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from domain.access import Assignment
from store.registry.tables import assignments as table


class Holder(StrEnum):
    ACCOUNT = "account"
    TOKEN = "token"


def assign(
    connection: Connection, kind: Holder, holder: str, assignments: Sequence[Assignment]
) -> None:
    """These, instead of those that it had."""
    connection.execute(delete(table).where(table.c.holder_kind == kind, table.c.holder == holder))
    for text in sorted({str(it) for it in assignments}):
        connection.execute(insert(table).values(holder_kind=kind, holder=holder, assignment=text))


def assignments_of(connection: Connection, kind: Holder, holder: str) -> tuple[Assignment, ...]:
    """In the order of their texts."""
    texts = connection.execute(
        select(table.c.assignment)
        .where(table.c.holder_kind == kind, table.c.holder == holder)
        .order_by(table.c.assignment)
    ).scalars()
    return tuple(Assignment.parse(text) for text in texts)
