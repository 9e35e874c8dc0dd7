"""The projects that were applied: which there are, their versions and those of their terms.

Of each project the version in force, or the one that was at `known_at`; of a project applied
first after `known_at` its first one; with the due days to which its milestones were extended up to
then. Reads only.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.errors import NotFoundError
from domain.grants import Project
from domain.milestone_states import with_extensions
from domain.terms_changes import GrantVersion
from store.files.grant import terms_texts
from store.registry.database import RegistryDatabase
from store.registry.project_work.milestone_steps import MilestoneSteps
from store.registry.tables import project_versions
from store.registry.versions import (
    ReadOnce,
    Version,
    current_texts,
    history,
    instead_of,
    terms_history,
)


class Projects:
    """`texts` reads the text of a grant file. `known_at` None: all that was applied."""

    def __init__(
        self,
        database: RegistryDatabase,
        texts: ReadOnce[Project],
        steps: MilestoneSteps,
        known_at: datetime | None = None,
    ) -> None:
        self._database = database
        self._texts = texts
        self._steps = steps
        self._known_at = known_at
        self._written = ReadOnce(_written_terms)

    def all(self) -> list[Project]:
        """The current version of every project, in the order in which they were first applied."""
        with self._database.reading() as connection:
            return self.within(connection)

    def within(self, connection: Connection) -> list[Project]:
        """All of them, as the connection's transaction sees them."""
        texts = current_texts(connection, project_versions, self._known_at)
        return [self._extended(connection, text) for text in texts]

    def by_reference(self, reference: str) -> Project:
        """Raises NotFoundError with the projects that exist."""
        with self._database.reading() as connection:
            return self.one_within(connection, reference)

    def one_within(self, connection: Connection, reference: str) -> Project:
        """The same, as the connection's transaction sees it."""
        for text in current_texts(connection, project_versions, self._known_at, reference):
            return self._extended(connection, text)
        known = [project.reference for project in self.within(connection)]
        raise NotFoundError(f"there is no project '{reference}'", todo=instead_of(reference, known))

    def _extended(self, connection: Connection, text: str) -> Project:
        project = self.read(text)
        return with_extensions(project, self._steps.within(connection, project.reference))

    def history(self, reference: str) -> list[Version]:
        """Every version of the project's file, the first one first."""
        with self._database.reading() as connection:
            return history(connection, project_versions, reference)

    def versions_of_changes(self, reference: str) -> dict[int, Version]:
        """By the number of each change request that a version of the project's file names, the
        first one that does."""
        c, found = project_versions.c, dict[int, Version]()
        rows = select(c.number, c.digest, c.applied_at, c.text).where(c.owner == reference)
        with self._database.reading() as connection:
            for *version, text in connection.execute(rows.order_by(c.number)):
                kept = Version(*version)
                if self._known_at is None or kept.applied_at <= self._known_at:
                    for number in self.read(text).change_requests:
                        found.setdefault(number, kept)
        return found

    def files(self, reference: str) -> list[GrantVersion]:
        """Every version of the project's file, as it was written."""
        c, known_at = project_versions.c, self._known_at
        rows = select(c.applied_at, c.text).where(c.owner == reference).order_by(c.number)
        with self._database.reading() as connection:
            written = list(connection.execute(rows))
        return [
            GrantVersion(applied_at, self.read(text), self._written.read(text))
            for applied_at, text in written
            if known_at is None or applied_at <= known_at
        ]

    def terms_history(self, reference: str, milestone: str) -> list[Version]:
        """Every version of the milestone's terms, by the digest of how they were written."""
        with self._database.reading() as connection:
            return terms_history(connection, reference, milestone)

    def read(self, text: str) -> Project:
        """The project in the text of a file that was applied."""
        return self._texts.read(text)


def _written_terms(text: str) -> dict[str, dict[str, Any]]:
    return {name: json.loads(terms) for name, terms in terms_texts(text).items()}
