"""Applying plant and grant files: each change is checked against what is registered already.

Rules: a file applied again as it is changes nothing; changed, it becomes a new version beside
the old one, never in its place. A line's name is its own among all plants; a project names
lines that exist. Check and change are one transaction. `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from domain.change_requests import not_carried_out
from domain.errors import suggestion
from domain.grants import OperatingTerms, Project, shifts_of
from domain.plant import Plant
from domain.schemes.entry import entry_faults
from domain.texts import N_
from domain.yaml_text import Lines, load_yaml
from store.files.grant import load_grant
from store.registry.change_sentences import plant_changes, project_changes
from store.registry.database import RegistryDatabase
from store.registry.plant_saves import PlantSave, add_save, check_latest
from store.registry.plants import Plants
from store.registry.project_work.change_requests import request_rows
from store.registry.projects import Projects
from store.registry.tables import plant_lines, plant_versions, project_versions
from store.registry.versions import (
    add_version,
    latest_version,
    record_terms,
    text_digest,
)

Says = list[str]  # what changed, in sentences
_NONE_YET = N_("There is none yet: apply a file first. Nothing was changed.")


class Applying:
    """`plants` and `projects` are all that were applied to the database."""

    def __init__(self, database: RegistryDatabase, plants: Plants, projects: Projects) -> None:
        self._database = database
        self._plants = plants
        self._projects = projects

    def plant(
        self,
        text: str,
        plant: Plant,
        now: datetime,
        *,
        file: str = "plant.yaml",
        save: PlantSave | None = None,
    ) -> list[str]:
        """Register the plant that was read from `text`; what changed, in sentences. `save`: who
        saved it, where no file gave it.

        Raises InputError where one of its lines belongs to another plant, or a project
        names a line that it no longer has; ChangedMeanwhileError where it was saved by somebody
        else since; then nothing is changed.
        """
        with self._database.writing() as connection:
            return self._plant(connection, text, plant, now, file, save)

    def all(self, files: Sequence[tuple[str, Plant | Project, str]], now: datetime) -> list[Says]:
        """Register what was read from each text, in this order, or nothing at all; what changed by
        each. `files`: text, what was read, and how errors call the file. Raises InputError."""
        with self._database.writing() as connection:
            return [
                self._plant(connection, text, it, now, file)
                if isinstance(it, Plant)
                else self._project(connection, text, it, now, file)
                for text, it, file in files
            ]

    def _plant(
        self,
        connection: Connection,
        text: str,
        plant: Plant,
        now: datetime,
        file: str,
        save: PlantSave | None = None,
    ) -> Says:
        latest = latest_version(connection, plant_versions, plant.id)
        if save is not None:
            check_latest(save, latest[1].number if latest else 0)
        if latest is not None and latest[1].digest == text_digest(text):
            return []
        self._check_lines(connection, text, plant, file)
        before = self._plants.read(latest[0]) if latest else None
        add_version(connection, plant_versions, plant.id, text, now)
        if save is not None:
            add_save(connection, plant.id, save)
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
                    N_("the plant '%(plant)s' has a line of that name already"),
                    N_("Give this line a name of its own; nothing was changed."),
                    {"plant": owners[line]},
                )
        for project in self._projects.within(connection):
            for line in project.lines:
                if project.plant == plant.id and line not in plant.lines:
                    raise places.error(
                        ("lines",),
                        N_("the line '%(line)s' is gone, but project %(project)s is funded for it"),
                        N_("Keep the line, or change the grant file first; nothing was changed."),
                        {"line": line, "project": project.reference},
                    )

    def project(
        self, text: str, project: Project, now: datetime, *, file: str = "grant.yaml"
    ) -> list[str]:
        """Register the project that was read from `text`; what changed, in sentences.

        Raises InputError where it names a plant or line that is not there; then nothing is
        changed.
        """
        with self._database.writing() as connection:
            return self._project(connection, text, project, now, file)

    def _project(
        self, connection: Connection, text: str, project: Project, now: datetime, file: str
    ) -> Says:
        latest = latest_version(connection, project_versions, project.reference)
        if latest is not None and latest[1].digest == text_digest(text):
            return []
        self._check_project(connection, text, project, file)
        before = self._projects.read(latest[0]) if latest else None
        _check_changes(connection, text, before, project, file)
        version_id = add_version(connection, project_versions, project.reference, text, now)
        record_terms(connection, project, version_id, now)
        return project_changes(before, project)

    def _check_project(
        self, connection: Connection, text: str, project: Project, file: str
    ) -> None:
        _, places = load_grant(text, file)
        plants = {plant.id: plant for plant in self._plants.within(connection)}
        if project.plant not in plants:
            todo, near = _instead(project.plant, list(plants))
            raise places.error(
                ("plant",),
                N_("there is no plant '%(plant)s'"),
                todo or N_("There is none yet: apply its plant file first. Nothing was changed."),
                {"plant": project.plant, **near},
            )
        company = plants[project.plant].business_registration
        others = [
            it
            for it in self._projects.within(connection)
            if it.plant in plants and plants[it.plant].business_registration == company
        ]
        for fault in entry_faults(project, others):
            raise places.error((fault.field,), fault.says, f"{fault.todo} Nothing was changed.")
        lines = list(plants[project.plant].lines)
        for index, line in enumerate(project.lines):
            if line not in lines:
                todo, near = _instead(line, lines)
                raise places.error(
                    ("lines", index),
                    N_("the plant '%(plant)s' has no line '%(line)s'"),
                    todo or _NONE_YET,
                    {"plant": project.plant, "line": line, **near},
                )
        _check_shifts(plants[project.plant], project, places)


def _instead(wrong: str, known: Sequence[str]) -> tuple[str, dict[str, str]]:
    """What to do about a name that was not applied, and its values; "" where none is known."""
    _, near = suggestion(wrong, known)
    if "near" in near:
        return N_("Did you mean '%(near)s'? Nothing was changed."), near
    return N_("Known are: %(known)s. Nothing was changed.") if near else "", near


def _check_shifts(plant: Plant, project: Project, places: Lines) -> None:
    """The shifts that terms name are shifts of one of the project's lines."""
    calendars = [calendar for it in project.lines if (calendar := plant.lines[it].calendar)]
    known = sorted({name for it in calendars for name in it.shift_names})
    for index, milestone in enumerate(project.milestones):
        inside = () if isinstance(milestone.terms, OperatingTerms) else ("window",)
        for place, name in enumerate(shifts_of(milestone.terms)):
            if name not in known:
                todo, near = _instead(name, known)
                raise places.error(
                    ("milestones", index, "terms", *inside, "shifts", place),
                    N_("no line of the project has a shift '%(shift)s'"),
                    todo or _NONE_YET,
                    {"shift": name, **near},
                )


def _check_changes(
    connection: Connection, text: str, before: Project | None, project: Project, file: str
) -> None:
    """A change request that the file names for the first time was approved, and is carried out."""
    _, places = load_yaml(text, file)
    earlier = before.change_requests if before else ()
    requests = {it.number: it for it in request_rows(connection, project.reference)}
    for index, number in enumerate(project.change_requests):
        if number in earlier:
            continue
        path = ("change_requests", index)
        todo = N_("Correct the file, or leave the number out; nothing was changed.")
        if number not in requests:
            what = N_("project %(project)s has no change request %(number)s")
            raise places.error(path, what, todo, {"project": project.reference, "number": number})
        fault = not_carried_out(requests[number], project)
        if fault is not None:
            raise places.error(path, fault, todo)
