"""Versions of plant files that people saved: who, why, and what they began with.

Of two who change one file at once the second is told: a save names the version that its author
began with, and is refused once there is a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from domain.errors import BusyError, NotFoundError
from domain.texts import N_
from store.registry.database import RegistryDatabase
from store.registry.plant_save_table import plant_saves
from store.registry.record import insert_recorded
from store.registry.tables import plant_versions


class ChangedMeanwhileError(BusyError):
    """Somebody else saved the file since its author began."""


@dataclass(frozen=True, slots=True)
class PlantSave:
    """`began_with`: the number of the version that the author changed; `note`: why."""

    author: str
    note: str
    began_with: int


@dataclass(frozen=True, slots=True)
class PlantVersion:
    """A version of a plant's file; numbers count from 1. `save` None: a file gave it."""

    number: int
    digest: str
    applied_at: datetime
    save: PlantSave | None


class PlantSaves:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def versions(self, plant: str) -> list[PlantVersion]:
        """Every version of the plant's file, the last one first."""
        v, s = plant_versions.c, plant_saves.c
        rows = (
            select(v.number, v.digest, v.applied_at, s.author, s.note, s.began_with)
            .join_from(
                plant_versions,
                plant_saves,
                (v.owner == s.plant) & (v.number == s.number),
                isouter=True,
            )
            .where(v.owner == plant)
            .order_by(v.number.desc())
        )
        with self._database.reading() as connection:
            return [
                PlantVersion(*row[:3], None if row[3] is None else PlantSave(*row[3:]))
                for row in connection.execute(rows).all()
            ]

    def latest(self, plant: str) -> PlantVersion:
        """The version in force. Raises NotFoundError where there is no such plant."""
        versions = self.versions(plant)
        if not versions:
            raise NotFoundError(
                N_("there is no plant '%(plant)s'"),
                todo=N_("Take one that the list of plants names."),
                values={"plant": plant},
            )
        return versions[0]

    def text(self, plant: str, number: int) -> str:
        """The text of that version. Raises NotFoundError."""
        c = plant_versions.c
        with self._database.reading() as connection:
            wanted = select(c.text).where(c.owner == plant, c.number == number)
            text: str | None = connection.execute(wanted).scalar()
        if text is None:
            latest = self.latest(plant).number
            raise NotFoundError(
                N_("the plant '%(plant)s' has no version %(number)s"),
                todo=N_("Take one of 1 to %(latest)s."),
                values={"plant": plant, "number": number, "latest": latest},
            )
        return text

    def is_overtaken(self, plant: str, digest: str) -> bool:
        """Whether that text is the last one that a file gave, and people saved later ones."""
        versions = self.versions(plant)
        of_file = next((it for it in versions if it.save is None), None)
        return of_file is not None and of_file is not versions[0] and of_file.digest == digest


def check_latest(save: PlantSave, latest: int) -> None:
    """Raises ChangedMeanwhileError where `latest` is not the version that its author began with."""
    if save.began_with != latest:
        raise ChangedMeanwhileError(
            N_(
                "version %(latest)s of this plant file was saved while you were editing version "
                "%(began_with)s"
            ),
            todo=N_("Look at what it changed, take it over, and save again; nothing was changed."),
            values={"latest": latest, "began_with": save.began_with},
        )


def add_save(connection: Connection, plant: str, save: PlantSave) -> None:
    """Who saved the plant's last version."""
    last = select(func.max(plant_versions.c.number)).where(plant_versions.c.owner == plant)
    insert_recorded(
        connection,
        plant_saves,
        plant=plant,
        number=connection.execute(last).scalar_one(),
        began_with=save.began_with,
        author=save.author,
        note=save.note,
    )
