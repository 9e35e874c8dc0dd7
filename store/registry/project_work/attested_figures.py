"""Figures with documents that people attest, of projects: rows that are only ever added.

Rules: an amount is exact; a figure has its document, attached to the project before; what is
withdrawn stays there to see, and is withdrawn once.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, select

from domain.attested_figures import (
    PEOPLE,
    AttestedFigure,
    AttestedKind,
    check_figure,
    check_withdrawal,
)
from domain.errors import InputError, NotFoundError, did_you_mean
from domain.grants import Project
from domain.schemes.spending import known_categories
from store.archive.blobs import Blobs
from store.registry.database import RegistryDatabase
from store.registry.plants import Plants
from store.registry.project_work.attachments import add_document, check_document
from store.registry.project_work.tables import attested_figures as table
from store.registry.projects import Projects
from store.registry.record import insert_recorded
from store.registry.versions import instead_of


class AttestedFigures:
    """To read: what was attested up to `known_at`; None: all of it."""

    def __init__(self, database: RegistryDatabase, known_at: datetime | None = None) -> None:
        self._database = database
        self._known_at = known_at

    def of_project(self, reference: str) -> list[AttestedFigure]:
        """The project's, withdrawals and withdrawn ones too, in the order of their numbers."""
        with self._database.reading() as connection:
            found = _of_project(connection, reference)
        return [it for it in found if self._known_at is None or it.attested_at <= self._known_at]


class Attesting:
    """To write. `plants` and `projects` are all that there are."""

    def __init__(
        self, database: RegistryDatabase, blobs: Blobs, plants: Plants, projects: Projects
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._plants = plants
        self._projects = projects

    def add(self, figure: AttestedFigure, file_name: str, data: bytes) -> AttestedFigure:
        """Attach the document that shows it, and keep the figure under the project's next number,
        whatever its own: both or neither.

        Raises NotFoundError where there is no such project or milestone, InputError where it says
        what cannot be, StorageError.
        """
        project = self._projects.by_reference(figure.project)
        zone = next(plant.zone for plant in self._plants.all() if plant.id == project.plant)
        check_figure(figure, figure.attested_at.astimezone(zone).date())
        _check_project(figure, project)
        check_document(file_name, data)
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs.put_all([(sha256, data)])
        key = {"project": figure.project, "milestone": figure.milestone, "kind": figure.kind.value}
        with self._database.writing() as connection:
            add_document(
                connection,
                key | {"sha256": sha256},
                {"file_name": file_name, "attached_by": figure.attested_by, "size": len(data)},
                figure.attested_at,
            )
            return _add(connection, replace(figure, document=sha256))

    def withdraw(self, withdrawal: AttestedFigure) -> AttestedFigure:
        """Keep it under the project's next number. Raises NotFoundError where there is no such
        project, InputError where there is nothing to withdraw or no reason."""
        self._projects.by_reference(withdrawal.project)
        with self._database.writing() as connection:
            check_withdrawal(withdrawal, _of_project(connection, withdrawal.project))
            return _add(connection, withdrawal)


def _check_project(figure: AttestedFigure, project: Project) -> None:
    """That the project has such a milestone, and its rule such a category."""
    known = known_categories(project)
    if figure.category and known and figure.category not in known:
        raise InputError(
            f"{project.scheme} knows no expenditure of the category '{figure.category}'",
            todo=did_you_mean(figure.category, known),
        )
    milestones = [it.id for it in project.milestones]
    needed = figure.milestone or figure.kind in PEOPLE
    if needed and figure.milestone not in milestones:
        raise NotFoundError(
            f"project {project.reference} has no milestone '{figure.milestone}'",
            todo=instead_of(figure.milestone, milestones),
        )


def _add(connection: Connection, figure: AttestedFigure) -> AttestedFigure:
    kept = replace(figure, number=len(_of_project(connection, figure.project)) + 1)
    values = asdict(kept) | {"kind": kept.kind.value, "amount": str(kept.amount)}
    insert_recorded(connection, table, **values)
    return kept


def _of_project(connection: Connection, reference: str) -> list[AttestedFigure]:
    wanted = select(table).where(table.c.project == reference).order_by(table.c.number)
    return [_figure(row) for row in connection.execute(wanted).mappings()]


def _figure(row: RowMapping) -> AttestedFigure:
    values = {name: row[name] for name in AttestedFigure.__slots__}
    kind, amount = AttestedKind(row["kind"]), Decimal(row["amount"])
    return AttestedFigure(**values | {"kind": kind, "amount": amount})
