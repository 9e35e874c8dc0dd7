"""Applied files and terms as versions: never changed, only added to.

Works on the version tables of `store.registry.tables`, which have the same columns: `owner`
is the plant's or project's name, `number` counts from 1, the highest is in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, case, func, select, true

from domain.errors import did_you_mean
from domain.grants import Project
from store.registry.record import insert_recorded
from store.registry.tables import terms_versions

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Version:
    """One applied version of a file or of a milestone's terms; numbers count from 1."""

    number: int
    digest: str
    applied_at: datetime


def text_digest(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


class ReadOnce(Generic[Content]):
    """What `read` makes of a text; a text that comes again is not read again."""

    def __init__(self, read: Callable[[str], Content]) -> None:
        self._read = read
        self._known: dict[str, Content] = {}  # by the text's digest

    def read(self, text: str) -> Content:
        digest = text_digest(text)
        if digest not in self._known:
            self._known[digest] = self._read(text)
        return self._known[digest]


def instead_of(wrong: str, known: list[str], otherwise: str = "apply a file first") -> str:
    """What to do about a name that was not applied, of those that are `known`."""
    return did_you_mean(wrong, known) or f"There is none yet: {otherwise}."


def add_version(connection: Connection, table: Table, owner: str, text: str, now: datetime) -> int:
    """A new row behind the owner's last one; its id."""
    last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.owner == owner)
    row = insert_recorded(
        connection,
        table,
        owner=owner,
        number=connection.execute(last).scalar_one() + 1,
        digest=text_digest(text),
        text=text,
        applied_at=now,
    )
    row_id: int = row.id
    return row_id


def history(connection: Connection, table: Table, owner: str) -> list[Version]:
    rows = connection.execute(
        select(table.c.number, table.c.digest, table.c.applied_at)
        .where(table.c.owner == owner)
        .order_by(table.c.number)
    )
    return [Version(*row) for row in rows]


def terms_history(connection: Connection, project: str, milestone: str) -> list[Version]:
    table = terms_versions.c
    rows = connection.execute(
        select(table.number, table.digest, table.applied_at)
        .where(table.project == project, table.milestone == milestone)
        .order_by(table.number)
    )
    return [Version(*row) for row in rows]


def record_terms(connection: Connection, project: Project, version_id: int, now: datetime) -> None:
    """A new row for each milestone whose terms are not those of its last row."""
    table = terms_versions.c
    rows = connection.execute(
        select(table.milestone, table.number, table.digest)
        .where(table.project == project.reference)
        .order_by(table.number)
    )
    last = {milestone: (number, digest) for milestone, number, digest in rows}
    for milestone in project.milestones:
        number, digest = last.get(milestone.id, (0, ""))
        if digest != milestone.terms_digest:
            insert_recorded(
                connection,
                terms_versions,
                project=project.reference,
                milestone=milestone.id,
                number=number + 1,
                digest=milestone.terms_digest,
                project_version=version_id,
                applied_at=now,
            )


def latest_version(connection: Connection, table: Table, owner: str) -> tuple[str, Version] | None:
    """Text and version that are in force."""
    row = connection.execute(
        select(table.c.text, table.c.number, table.c.digest, table.c.applied_at)
        .where(table.c.owner == owner)
        .order_by(table.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], Version(*row[1:]))


def current_texts(
    connection: Connection,
    table: Table,
    known_at: datetime | None = None,
    owner: str | None = None,
) -> list[str]:
    """The text of every owner, or of that one, that is in force (or was at `known_at`; of one
    applied first after it, the first one), in the order of their first versions."""
    applied: ColumnElement[int] = table.c.number
    if known_at is not None:
        applied = case((table.c.applied_at <= known_at, table.c.number), else_=1)
    newest = (
        select(
            table.c.owner,
            func.max(applied).label("number"),
            func.min(table.c.id).label("first_id"),
        )
        .where(true() if owner is None else table.c.owner == owner)
        .group_by(table.c.owner)
        .subquery()
    )
    rows = connection.execute(
        select(table.c.text)
        .join(
            newest,
            (table.c.owner == newest.c.owner) & (table.c.number == newest.c.number),
        )
        .order_by(newest.c.first_id)
    )
    return list(rows.scalars())
