"""Legal holds of documents and the removal of their bytes: rows that are only ever added.

Rules: the row of a document, its digest and its leaf in the ledger stay for ever; only bytes go.
They go when every project to which they are attached lets them, and the rows that tell so are there
before they go: a crash between leaves bytes that the next removal takes away, never a document
without bytes that nobody told of. One process writes (the data folder is locked).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from domain.document_acts import ActOnDocument, DocumentAct, check_hold, check_removal
from domain.errors import InputError
from domain.grants import AttachedDocument
from store.archive.blobs import Blobs
from store.registry.database import RegistryDatabase
from store.registry.project_work.attachments import Attachments
from store.registry.project_work.document_acts import add_act
from store.registry.project_work.tables import document_acts
from store.registry.tables import documents, frozen


class RetainingDocuments:
    """To write. `attachments`: all that there are."""

    def __init__(self, database: RegistryDatabase, blobs: Blobs, attachments: Attachments) -> None:
        self._database = database
        self._blobs = blobs
        self._attachments = attachments

    def put(self, new: ActOnDocument) -> AttachedDocument:
        """A hold or a release. Raises NotFoundError for no document of the project, InputError for
        one that is not on hold, or is already, and without a reason."""
        with self._database.writing() as connection:
            found = self._attachments.some_within(connection, new.project, new.sha256)
            check_hold(new, found[0])
            add_act(connection, new)
            return self._attachments.some_within(connection, new.project, new.sha256)[0]

    def remove_expired(
        self,
        now: datetime,
        *,
        author: str,
        agree: Callable[[list[AttachedDocument]], bool],
        only: tuple[str, str] | None = None,
    ) -> list[AttachedDocument]:
        """Remove the bytes of every document whose day has passed and that is not on hold, if
        `agree`, which is given them, says yes; what was removed. `only`: of this project and
        digest. Raises then NotFoundError where the project has no such one, InputError where it is
        on hold or its day has not passed, here or in another project with the same bytes."""
        with self._database.reading() as connection:
            if only is None:
                due = self._due(connection, now)
            else:
                self._attachments.some_within(connection, *only)
                due = self._removable(connection, only[1], now)
        if due and not agree(due):
            return []
        for sha256 in dict.fromkeys(it.sha256 for it in due):
            with self._database.writing() as connection:
                for project in {it.project for it in self._removable(connection, sha256, now)}:
                    act = ActOnDocument(project, sha256, DocumentAct.REMOVAL, author, now)
                    add_act(connection, act)
            self._blobs.remove(sha256)
        self._clear_away()
        return due

    def _due(self, connection: Connection, now: datetime) -> list[AttachedDocument]:
        found = []
        for sha256 in connection.execute(select(documents.c.sha256).distinct()).scalars():
            with suppress(InputError):
                found += self._removable(connection, sha256, now)
        return sorted(found, key=lambda it: (it.project, it.attached_at))

    def _removable(
        self, connection: Connection, sha256: str, now: datetime
    ) -> list[AttachedDocument]:
        """Wherever these bytes are attached and not removed yet. Raises InputError for what is
        against it."""
        everywhere = self._everywhere(connection, sha256)
        here = [it for it in everywhere if it[0].removed_at is None] or everywhere
        for document, zone in here:
            check_removal(document, now.astimezone(zone).date())
        if connection.execute(select(frozen.c.id).where(frozen.c.digest == sha256)).first():
            raise InputError("an accepted period has the same bytes", todo="Nothing was removed.")
        return [document for document, _ in here]

    def _everywhere(
        self, connection: Connection, sha256: str
    ) -> list[tuple[AttachedDocument, ZoneInfo]]:
        """Wherever these bytes are attached, with the zone of each plant."""
        mine = select(documents.c.project).where(documents.c.sha256 == sha256).distinct()
        return [
            (document, self._attachments.zone(connection, project))
            for project in connection.execute(mine).scalars()
            for document in self._attachments.some_within(connection, project, sha256)
        ]

    def _clear_away(self) -> None:
        """What a removal told and did not come to, because the process ended."""
        with self._database.reading() as connection:
            told = select(document_acts.c.sha256).where(
                document_acts.c.act == DocumentAct.REMOVAL.value
            )
            for sha256 in set(connection.execute(told).scalars()):
                if all(it.removed_at for it, _ in self._everywhere(connection, sha256)):
                    self._blobs.remove(sha256)
