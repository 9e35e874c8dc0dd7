"""Rows of what is done with documents after they were attached; they are only ever added.

What the acts come to, and which are allowed, says domain.document_acts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from domain.document_acts import ActOnDocument, DocumentAct
from store.registry.project_work.tables import document_acts as table
from store.registry.record import insert_recorded


def add_act(connection: Connection, new: ActOnDocument) -> None:
    """One more row, behind the project's last one."""
    insert_recorded(
        connection,
        table,
        project=new.project,
        number=len(acts_of(connection, new.project)) + 1,
        sha256=new.sha256,
        act=new.act.value,
        author=new.author,
        acted_at=new.acted_at,
        reason=new.reason,
    )


def acts_of(
    connection: Connection, project: str, known_at: datetime | None = None
) -> list[ActOnDocument]:
    """The project's, those of up to `known_at`, in their order."""
    wanted = select(table).where(table.c.project == project).order_by(table.c.number)
    if known_at is not None:
        wanted = wanted.where(table.c.acted_at <= known_at)
    return [
        ActOnDocument(
            row["project"],
            row["sha256"],
            DocumentAct(row["act"]),
            row["author"],
            row["acted_at"],
            row["reason"],
        )
        for row in connection.execute(wanted).mappings()
    ]
