"""Documents attached to milestones. Their bytes lie in a folder, known by their SHA-256.

Rules: nothing attached is changed; the same bytes attached again change nothing. What is taken are
the types of store.archive.document_types, up to DOCUMENT_MAX_BYTES, under a name that is one in
every folder. From then on they are never read, unpacked or shown, only kept and handed on.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from domain.errors import InputError, NotFoundError, shortened
from domain.grants import AttachedDocument
from domain.texts import one_line
from store.archive.blobs import Blobs
from store.archive.document_types import check_type
from store.registry.database import RegistryDatabase
from store.registry.plants import Plants
from store.registry.projects import Projects
from store.registry.record import insert_recorded
from store.registry.tables import documents as table
from store.registry.versions import instead_of

DOCUMENT_MAX_BYTES = 100_000_000
_NAME_MAX_BYTES = 200  # most disks take 255


def check_document(file_name: str, data: bytes) -> None:
    """Raises InputError for a document that is too long or of a type that is not taken, or for a
    name that leads out of a folder, is too long for one, or would not be shown as it is."""
    if len(data) > DOCUMENT_MAX_BYTES:
        raise InputError(
            f"a document has at most {DOCUMENT_MAX_BYTES:,} bytes",
            where=shortened(one_line(file_name)),
            todo="Attach it in parts, or scan it less finely.",
        )
    shown = one_line(file_name)
    leads_out = file_name in ("", ".", "..") or any(it in file_name for it in '/\\:*?"<>|')
    if leads_out or shown != file_name or len(file_name.encode()) > _NAME_MAX_BYTES:
        raise InputError(
            f"'{shortened(shown)}' is no name for a document",
            todo="Name the file with at most 200 letters, digits, spaces and marks other than "
            '/ \\ : * ? " < > |, and attach it again.',
        )
    check_type(file_name, io.BytesIO(data))


class Attachments:
    """To read: what was attached up to `known_at`; None: all of it."""

    def __init__(
        self,
        database: RegistryDatabase,
        blobs: Blobs,
        plants: Plants,
        projects: Projects,
        known_at: datetime | None = None,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._plants = plants
        self._projects = projects
        self._known_at = known_at

    def of_project(self, reference: str) -> list[AttachedDocument]:
        """The project's documents, the oldest first. Raises NotFoundError."""
        project = self._projects.by_reference(reference)
        zone = next(plant.zone for plant in self._plants.all() if plant.id == project.plant)
        with self._database.reading() as connection:
            wanted = select(table).where(table.c.project == reference).order_by(table.c.id)
            if self._known_at is not None:
                wanted = wanted.where(table.c.attached_at <= self._known_at)
            rows = connection.execute(wanted).mappings()
            return [
                AttachedDocument(
                    project=row["project"],
                    milestone=row["milestone"],
                    kind=row["kind"],
                    file_name=row["file_name"],
                    sha256=row["sha256"],
                    attached_at=row["attached_at"],
                    attached_on=row["attached_at"].astimezone(zone).date(),
                    attached_by=row["attached_by"],
                )
                for row in rows
            ]

    def data(self, sha256: str) -> bytes:
        """The document's bytes. Raises NotFoundError, StorageError."""
        return self._blobs.get(sha256)


class Attaching:
    """To write. `attachments` and `projects` are all that there are."""

    def __init__(
        self,
        database: RegistryDatabase,
        blobs: Blobs,
        projects: Projects,
        attachments: Attachments,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._projects = projects
        self._attachments = attachments

    def document(
        self,
        project: str,
        milestone: str,
        kind: str,
        file_name: str,
        data: bytes,
        now: datetime,
        *,
        attached_by: str,
    ) -> AttachedDocument:
        """Keep the bytes with the milestone; the same bytes again change nothing.

        Raises NotFoundError where there is no such project or milestone, InputError for what cannot
        be kept (`check_document`), StorageError.
        """
        check_document(file_name, data)
        milestones = [item.id for item in self._projects.by_reference(project).milestones]
        if milestone not in milestones:
            raise NotFoundError(
                f"project {project} has no milestone '{milestone}'",
                todo=instead_of(milestone, milestones),
            )
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs.put_all([(sha256, data)])
        key = {"project": project, "milestone": milestone, "kind": kind, "sha256": sha256}
        with self._database.writing() as connection:
            add_document(connection, key, file_name, now, attached_by)
        return next(
            item
            for item in self._attachments.of_project(project)
            if (item.milestone, item.kind, item.sha256) == (milestone, kind, sha256)
        )


def add_document(
    connection: Connection, key: Mapping[str, str], file_name: str, now: datetime, attached_by: str
) -> None:
    """Tell that its bytes are kept. `key`: project, milestone ("": none), kind and sha256; of the
    same key the first row stays."""
    if connection.execute(select(table.c.id).filter_by(**key)).scalar() is None:
        told = {"file_name": file_name, "attached_at": now, "attached_by": attached_by}
        insert_recorded(connection, table, **key, **told)
