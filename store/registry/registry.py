"""What is registered: plants, projects and their terms, agents, documents, corrections.

Rules: a file applied again as it is changes nothing; changed, it becomes a new version beside
the old one, never in its place. A line's name is its own among all plants; a project names
lines that exist. `now` is an argument. Attached bytes lie in a folder, known by their digest.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from domain.errors import InputError, NotFoundError, did_you_mean
from domain.grants import AttachedDocument, Project
from domain.plant import Plant
from domain.yaml_text import load_yaml
from store.archive.blobs import Blobs
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.change_sentences import plant_changes, project_changes
from store.registry.correction_rows import CorrectionRows
from store.registry.database import RegistryDatabase
from store.registry.line_records import LineRecords
from store.registry.tables import (
    agents,
    documents,
    plant_lines,
    plant_versions,
    project_versions,
)
from store.registry.versions import (
    Version,
    add_version,
    current_texts,
    history,
    latest_version,
    record_terms,
    terms_history,
    text_digest,
)


@dataclass(frozen=True, slots=True)
class Agent:
    """`public_key`: raw Ed25519, 32 bytes; `origin`: who or what enrolled it."""

    name: str
    public_key: bytes
    origin: str
    enrolled_at: datetime


class Registry(LineRecords):
    """The registry at a path (SQLite) or URL; bytes (documents, frozen facts) go to
    `documents_folder`."""

    def __init__(self, path_or_url: Path | str, documents_folder: Path) -> None:
        self._database = RegistryDatabase(path_or_url)
        self._blobs = Blobs(documents_folder, "")
        self._plants: dict[str, Plant] = {}  # by digest: a text is read once
        self._projects: dict[str, Project] = {}
        self._known_at = None
        self._said = CorrectionRows()

    def as_known_at(self, at: datetime) -> Registry:
        """The same registry as it stood then, to read: what was applied or recorded later is
        not there. Of a plant or project applied first after `at` it has that first version."""
        view = copy.copy(self)
        view._known_at = at
        return view

    @property
    def version(self) -> int:
        """A number that grows whenever anything was recorded, and by nothing else: while it is
        the same, so are all answers."""
        return self._database.version

    def close(self) -> None:
        self._database.close()

    # plants

    def apply_plant(
        self, text: str, plant: Plant, now: datetime, *, file: str = "plant.yaml"
    ) -> list[str]:
        """Register the plant that was read from `text`; what changed, in sentences.

        Raises InputError where one of its lines belongs to another plant, or a project
        names a line that it no longer has; then nothing is changed.
        """
        digest = text_digest(text)
        with self._database.writing() as connection:
            latest = latest_version(connection, plant_versions, plant.id)
            if latest is not None and latest[1].digest == digest:
                return []
            self._check_lines(connection, text, plant, file)
            before = self._plant_of(latest[0]) if latest else None
            add_version(connection, plant_versions, plant.id, text, now)
            connection.execute(delete(plant_lines).where(plant_lines.c.plant == plant.id))
            connection.execute(
                insert(plant_lines), [{"line": line, "plant": plant.id} for line in plant.lines]
            )
        return plant_changes(before, plant)

    def _check_lines(self, connection: Connection, text: str, plant: Plant, file: str) -> None:
        _, places = load_yaml(text, file)
        owners = dict(connection.execute(select(plant_lines.c.line, plant_lines.c.plant)).all())
        for line in plant.lines:
            if owners.get(line, plant.id) != plant.id:
                raise places.error(
                    ("lines", line),
                    f"the plant '{owners[line]}' has a line of that name already",
                    "Give this line a name of its own; nothing was changed.",
                )
        for project in self._current_projects(connection):
            for line in project.lines:
                if project.plant == plant.id and line not in plant.lines:
                    raise places.error(
                        ("lines",),
                        f"the line '{line}' is gone, but project {project.reference} is "
                        "funded for it",
                        "Keep the line, or change the grant file first; nothing was changed.",
                    )

    def plants(self) -> list[Plant]:
        """The current version of every plant, in the order in which they were first applied."""
        with self._database.reading() as connection:
            texts = current_texts(connection, plant_versions, self._known_at)
        return [self._plant_of(text) for text in texts]

    def plant(self) -> Plant | None:
        """The plant of a node that has one; the one applied first where it has several."""
        return next(iter(self.plants()), None)

    def plant_of_line(self, line: str) -> Plant:
        """Raises NotFoundError with the lines that exist."""
        plants = self.plants()
        for plant in plants:
            if line in plant.lines:
                return plant
        known = [name for plant in plants for name in plant.lines]
        raise NotFoundError(f"there is no line '{line}'", todo=_known(line, known))

    def plant_history(self, plant: str) -> list[Version]:
        with self._database.reading() as connection:
            return history(connection, plant_versions, plant)

    def _plant_of(self, text: str) -> Plant:
        digest = text_digest(text)
        if digest not in self._plants:
            self._plants[digest] = read_plant(text, "the plant file that was applied")
        return self._plants[digest]

    # projects

    def apply_project(
        self, text: str, project: Project, now: datetime, *, file: str = "grant.yaml"
    ) -> list[str]:
        """Register the project that was read from `text`; what changed, in sentences.

        Raises InputError where it names a plant or line that is not there; then nothing is
        changed.
        """
        digest = text_digest(text)
        with self._database.writing() as connection:
            latest = latest_version(connection, project_versions, project.reference)
            if latest is not None and latest[1].digest == digest:
                return []
            self._check_project(connection, text, project, file)
            before = self._project_of(latest[0]) if latest else None
            version_id = add_version(connection, project_versions, project.reference, text, now)
            record_terms(connection, project, version_id, now)
        return project_changes(before, project)

    def _check_project(
        self, connection: Connection, text: str, project: Project, file: str
    ) -> None:
        _, places = load_yaml(text, file)
        texts = current_texts(connection, plant_versions)
        plants = {plant.id: plant for plant in map(self._plant_of, texts)}
        if project.plant not in plants:
            raise places.error(
                ("plant",),
                f"there is no plant '{project.plant}'",
                f"{_known(project.plant, list(plants), 'apply its plant file first')} "
                "Nothing was changed.",
            )
        lines = list(plants[project.plant].lines)
        for index, line in enumerate(project.lines):
            if line not in lines:
                raise places.error(
                    ("lines", index),
                    f"the plant '{project.plant}' has no line '{line}'",
                    f"{_known(line, lines)} Nothing was changed.",
                )

    def projects(self) -> list[Project]:
        """The current version of every project, in the order in which they were first applied."""
        with self._database.reading() as connection:
            return self._current_projects(connection)

    def project(self, reference: str) -> Project:
        """Raises NotFoundError with the projects that exist."""
        projects = {project.reference: project for project in self.projects()}
        if reference not in projects:
            raise NotFoundError(
                f"there is no project '{reference}'", todo=_known(reference, list(projects))
            )
        return projects[reference]

    def project_history(self, reference: str) -> list[Version]:
        with self._database.reading() as connection:
            return history(connection, project_versions, reference)

    def terms_history(self, reference: str, milestone: str) -> list[Version]:
        """Every version of the milestone's terms, by the digest of how they were written."""
        with self._database.reading() as connection:
            return terms_history(connection, reference, milestone)

    def _current_projects(self, connection: Connection) -> list[Project]:
        texts = current_texts(connection, project_versions, self._known_at)
        return [self._project_of(text) for text in texts]

    def _project_of(self, text: str) -> Project:
        digest = text_digest(text)
        if digest not in self._projects:
            self._projects[digest] = read_grant(text, "the grant file that was applied")
        return self._projects[digest]

    # agents

    def enrol(self, agent: str, public_key: bytes, now: datetime, *, origin: str = "") -> bool:
        """Let the agent's batches in; False where it was enrolled with this key already.

        Raises InputError where the name has another key: a second agent must not take over
        the first one's chain.
        """
        if len(public_key) != 32:
            raise InputError(
                f"the public key of agent '{agent}' has {len(public_key)} bytes, not 32",
                todo="Give the raw Ed25519 public key that the agent prints.",
            )
        with self._database.writing() as connection:
            known = connection.execute(
                select(agents.c.public_key).where(agents.c.agent == agent)
            ).scalar()
            if known == public_key:
                return False
            if known is not None:
                raise InputError(
                    f"an agent '{agent}' is enrolled with another key",
                    todo="Give the new agent a name of its own; the old one's batches stay "
                    "bound to the old key.",
                )
            connection.execute(
                insert(agents).values(
                    agent=agent, public_key=public_key, origin=origin, enrolled_at=now
                )
            )
        return True

    def agent_key(self, agent: str) -> bytes | None:
        """The raw Ed25519 public key enrolled under that name; None without one."""
        with self._database.reading() as connection:
            return connection.execute(
                select(agents.c.public_key).where(agents.c.agent == agent)
            ).scalar()

    def agents(self) -> list[Agent]:
        table = agents.c
        with self._database.reading() as connection:
            rows = connection.execute(
                select(table.agent, table.public_key, table.origin, table.enrolled_at).order_by(
                    table.agent
                )
            )
            return [Agent(*row) for row in rows]

    # documents

    def attach_document(
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

        Raises NotFoundError where there is no such project or milestone, StorageError.
        """
        milestones = [item.id for item in self.project(project).milestones]
        if milestone not in milestones:
            raise NotFoundError(
                f"project {project} has no milestone '{milestone}'",
                todo=_known(milestone, milestones),
            )
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs.put_all([(sha256, data)])
        key = {"project": project, "milestone": milestone, "kind": kind, "sha256": sha256}
        with self._database.writing() as connection:
            known = select(documents.c.id).filter_by(**key)
            if connection.execute(known).scalar() is None:
                connection.execute(
                    insert(documents).values(
                        **key, file_name=file_name, attached_at=now, attached_by=attached_by
                    )
                )
        return next(
            item
            for item in self.documents(project)
            if (item.milestone, item.kind, item.sha256) == (milestone, kind, sha256)
        )

    def documents(self, reference: str) -> list[AttachedDocument]:
        """The project's documents, the oldest first. Raises NotFoundError."""
        project = self.project(reference)
        zone = next(plant.zone for plant in self.plants() if plant.id == project.plant)
        table = documents.c
        with self._database.reading() as connection:
            wanted = select(documents).where(table.project == reference).order_by(table.id)
            if self._known_at is not None:
                wanted = wanted.where(table.attached_at <= self._known_at)
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

    def document_bytes(self, sha256: str) -> bytes:
        """Raises NotFoundError, StorageError."""
        return self._blobs.get(sha256)


def _known(wrong: str, known: list[str], otherwise: str = "apply a file first") -> str:
    return did_you_mean(wrong, known) or f"There is none yet: {otherwise}."
