"""Documents attached to milestones. Their bytes lie in a folder, known by their SHA-256.

Rules: nothing attached is changed; the same bytes attached again change nothing, or bring back what
was removed. What is taken are the types of store.archive.document_types, up to DOCUMENT_MAX_BYTES,
under a name that is one in every folder. From then on bytes are never unpacked or shown, only kept
and handed on as they are. How long, and what becomes of them
then: store.registry.project_work.retaining.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from domain.document_acts import ActOnDocument, DocumentAct, standing
from domain.errors import InputError, NotFoundError, shortened
from domain.grants import AttachedDocument, DocumentTerms, Project
from domain.schemes.retention import retain_until
from domain.texts import one_line
from store.archive.blobs import ArrivingBlob, Blobs, is_intact
from store.archive.document_types import check_type
from store.registry.database import RegistryDatabase
from store.registry.plants import Plants
from store.registry.project_work.document_acts import acts_of, add_act
from store.registry.projects import Projects
from store.registry.record import insert_recorded
from store.registry.tables import documents as table
from store.registry.versions import instead_of

DOCUMENT_MAX_BYTES = 100_000_000
_NAME_MAX_BYTES = 200  # most disks take 255
# What Windows keeps for devices, whatever the ending: there such a file cannot be saved.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)
_KIND_MAX = 60  # characters
_ANY_KIND = "document"


class DocumentTooLongError(InputError):
    """More bytes than a document may have."""

    http_status = 413


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What is said of a document that is to be attached. `kind`: what it is, as terms ask for it;
    empty: as those of the milestone do."""

    project: str
    milestone: str
    file_name: str
    attached_by: str
    kind: str = ""


class ArrivingDocument:
    """A document whose bytes come piece by piece."""

    def __init__(self, file_name: str, blob: ArrivingBlob) -> None:
        self._file_name = file_name
        self.blob = blob

    def write(self, piece: bytes) -> None:
        """Raises DocumentTooLongError for the first piece that is too much, StorageError."""
        if self.blob.size + len(piece) > DOCUMENT_MAX_BYTES:
            raise _too_long(self._file_name)
        self.blob.write(piece)


def check_document(file_name: str, data: bytes) -> None:
    """Raises InputError for a document that is too long or of a type that is not taken, or for a
    name that is none (`check_name`)."""
    if len(data) > DOCUMENT_MAX_BYTES:
        raise _too_long(file_name)
    check_name(file_name)
    check_type(file_name, io.BytesIO(data))


def check_name(file_name: str) -> None:
    """Raises InputError for one that leads out of a folder, is too long for one, or would not be
    shown as it is."""
    shown = one_line(file_name)
    leads_out = file_name in ("", ".", "..") or any(it in file_name for it in '/\\:*?"<>|')
    leads_out |= _DEVICE.match(file_name) is not None
    if leads_out or shown != file_name or len(file_name.encode()) > _NAME_MAX_BYTES:
        raise InputError(
            f"'{shortened(shown)}' is no name for a document",
            todo="Name the file with at most 200 letters, digits, spaces and marks other than "
            '/ \\ : * ? " < > |, and attach it again.',
        )


def _too_long(file_name: str) -> DocumentTooLongError:
    return DocumentTooLongError(
        f"a document has at most {DOCUMENT_MAX_BYTES:,} bytes",
        where=shortened(one_line(file_name)),
        todo="Attach it in parts, or scan it less finely.",
    )


class Attachments:
    """To read: what was attached, and done with it, up to `known_at`; None: all of it."""

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
        with self._database.reading() as connection:
            return self.within(connection, reference)

    def of_digest(self, reference: str, sha256: str) -> AttachedDocument:
        """A document of the project. Raises NotFoundError where it has no such one."""
        with self._database.reading() as connection:
            return self.some_within(connection, reference, sha256)[0]

    def within(self, connection: Connection, reference: str) -> list[AttachedDocument]:
        """As `of_project`, as the connection's transaction sees them."""
        project = self._projects.one_within(connection, reference)
        zone = self._zone(connection, project)
        wanted = select(table).where(table.c.project == reference).order_by(table.c.id)
        if self._known_at is not None:
            wanted = wanted.where(table.c.attached_at <= self._known_at)
        acts: dict[str, list[ActOnDocument]] = {}
        for act in acts_of(connection, reference, self._known_at):
            acts.setdefault(act.sha256, []).append(act)
        rows = connection.execute(wanted).mappings()
        return [_document(row, acts.get(row["sha256"], []), project, zone) for row in rows]

    def some_within(
        self, connection: Connection, reference: str, sha256: str
    ) -> list[AttachedDocument]:
        """A document, once for each milestone and kind that it is attached to. Raises
        NotFoundError where the project has no such one."""
        found = [it for it in self.within(connection, reference) if it.sha256 == sha256]
        if not found:
            raise NotFoundError(
                f"project {reference} has no document '{shortened(one_line(sha256))}'",
                todo="The list of its documents has their digests.",
            )
        return found

    def zone(self, connection: Connection, reference: str) -> ZoneInfo:
        """In which the project's days are days. Raises NotFoundError."""
        return self._zone(connection, self._projects.one_within(connection, reference))

    def _zone(self, connection: Connection, project: Project) -> ZoneInfo:
        return self._plants.one_within(connection, project.plant).zone

    def data(self, sha256: str) -> bytes:
        """The document's bytes. Raises NotFoundError, StorageError."""
        return self._blobs.get(sha256)

    def intact(self, sha256: str) -> io.BufferedReader | None:
        """The document's bytes as a file; None where they are not as they were attached. Raises
        NotFoundError, StorageError."""
        file = self._blobs.opened(sha256)
        if is_intact(file, sha256):
            return file
        file.close()
        return None


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
        """Bytes that are at hand: as `arriving` and `keep`."""
        new = NewDocument(project, milestone, file_name, attached_by, kind)
        with self.arriving(new) as arrived:
            arrived.write(data)
            return self.keep(arrived, new, now)

    @contextmanager
    def arriving(self, new: NewDocument) -> Iterator[ArrivingDocument]:
        """Where its bytes go, piece by piece; gone after the block, unless they were kept.

        Raises NotFoundError where there is no such project or milestone, InputError for a name that
        is none, StorageError: before a byte has come.
        """
        check_name(new.file_name)
        self._kind(new)
        with self._blobs.arriving() as blob:
            yield ArrivingDocument(new.file_name, blob)

    def keep(self, arrived: ArrivingDocument, new: NewDocument, now: datetime) -> AttachedDocument:
        """Keep what has come with the milestone; the same bytes again change nothing.

        Raises NotFoundError where there is no such project or milestone, InputError for a type that
        is not taken, StorageError.
        """
        check_type(new.file_name, arrived.blob.file)
        kind, sha256 = self._kind(new), arrived.blob.sha256
        self._blobs.keep(arrived.blob)
        key = {
            "project": new.project, "milestone": new.milestone, "kind": kind, "sha256": sha256,
        }  # fmt: skip
        told: dict[str, str | int] = {
            "file_name": new.file_name, "attached_by": new.attached_by, "size": arrived.blob.size,
        }  # fmt: skip
        with self._database.writing() as connection:
            add_document(connection, key, told, now)
            return next(
                item
                for item in self._attachments.within(connection, new.project)
                if (item.milestone, item.kind, item.sha256) == (new.milestone, kind, sha256)
            )

    def _kind(self, new: NewDocument) -> str:
        """What it is. Raises NotFoundError where there is no such milestone."""
        milestones = {it.id: it for it in self._projects.by_reference(new.project).milestones}
        if new.milestone not in milestones:
            raise NotFoundError(
                f"project {new.project} has no milestone '{new.milestone}'",
                todo=instead_of(new.milestone, list(milestones)),
            )
        terms = milestones[new.milestone].terms
        wanted = terms.document if isinstance(terms, DocumentTerms) else _ANY_KIND
        kind = one_line(new.kind).strip() or wanted
        if len(kind) > _KIND_MAX:
            raise InputError(
                f"what a document is has at most {_KIND_MAX} characters",
                where="kind",
                todo="Say it shorter, or leave it out.",
            )
        return kind


def add_document(
    connection: Connection, key: Mapping[str, str], told: Mapping[str, str | int], now: datetime
) -> None:
    """Tell that its bytes are kept. `key`: project, milestone ("": none), kind and sha256; of the
    same key the first row stays. `told`: file_name, attached_by, size."""
    if connection.execute(select(table.c.id).filter_by(**key)).scalar() is None:
        insert_recorded(connection, table, **key, **told, attached_at=now)
    project, sha256 = key["project"], key["sha256"]
    mine = [it for it in acts_of(connection, project) if it.sha256 == sha256]
    if standing(mine).removed_at is not None:
        author = str(told["attached_by"])
        add_act(connection, ActOnDocument(project, sha256, DocumentAct.RETURN, author, now))


def _document(
    row: RowMapping, acts: list[ActOnDocument], project: Project, zone: ZoneInfo
) -> AttachedDocument:
    stands = standing(acts)
    last = max(row["attached_at"], stands.returned_at or row["attached_at"])
    return AttachedDocument(
        project=row["project"],
        milestone=row["milestone"],
        kind=row["kind"],
        file_name=row["file_name"],
        sha256=row["sha256"],
        attached_at=row["attached_at"],
        attached_on=row["attached_at"].astimezone(zone).date(),
        attached_by=row["attached_by"],
        size=row["size"],
        retain_until=retain_until(project, last.astimezone(zone).date()),
        hold=stands.hold,
        removed_at=stands.removed_at,
    )
