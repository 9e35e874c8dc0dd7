"""The plants that were applied: which there are, whose a line is, and their versions.

Of each plant the version in force, or the one that was at `known_at`; of a plant applied first
after `known_at` its first one; with the exceptions of calendars that were entered at the node up to
then. Reads only.
"""

from __future__ import annotations

import contextlib
from datetime import datetime

from sqlalchemy import Connection, select

from domain.errors import InputError, NotFoundError
from domain.plan_changes import PlanChange, holding, with_exceptions
from domain.plant import CalendarException, Plant
from store.registry.database import RegistryDatabase
from store.registry.erased_rows import last_erasure
from store.registry.plan_changes import last_plan_change, plan_changes_of
from store.registry.tables import plant_versions
from store.registry.versions import ReadOnce, Version, current_texts, history, instead_of


class Plants:
    """`texts` reads the text of a plant file. `known_at` None: all that was applied."""

    def __init__(
        self, database: RegistryDatabase, texts: ReadOnce[Plant], known_at: datetime | None = None
    ) -> None:
        self._database = database
        self._texts = texts
        self._known_at = known_at
        self._changes: tuple[tuple[int, int], list[PlanChange]] = ((0, 0), [])
        # One plan is one object: whoever keeps it sees by that whether it is another one.
        self._changed: dict[tuple[int, tuple[PlanChange, ...]], tuple[Plant, Plant]] = {}

    def all(self) -> list[Plant]:
        """The current version of every plant, in the order in which they were first applied."""
        with self._database.reading() as connection:
            return self.within(connection)

    def within(self, connection: Connection) -> list[Plant]:
        """All of them, as the connection's transaction sees them."""
        return self._within(connection, None)

    def one_within(self, connection: Connection, plant: str) -> Plant:
        """One that there is, likewise."""
        return self._within(connection, plant)[0]

    def _within(self, connection: Connection, plant: str | None) -> list[Plant]:
        texts = current_texts(connection, plant_versions, self._known_at, plant)
        plants = [self.read(text) for text in texts]
        last = last_plan_change(connection)
        if not last:
            return plants
        stamp = (last, last_erasure(connection))
        if self._changes[0] != stamp:
            self._changes = (stamp, plan_changes_of(connection))
        holds = holding(self._changes[1], self._known_at)
        return [self._with(plant, holds) for plant in plants]

    def _with(self, plant: Plant, holds: tuple[PlanChange, ...]) -> Plant:
        mine = tuple(it for it in holds if it.line in plant.lines)
        key = (id(plant), mine)
        if not mine:
            return plant
        if key not in self._changed:
            entered: dict[str, list[CalendarException]] = {}
            for it in mine:
                if it.exception is not None:
                    entered.setdefault(it.line, []).append(it.exception)
            # The plant is kept with it, so that nothing else gets its id.
            self._changed[key] = (plant, with_exceptions(plant, entered))
        return self._changed[key][1]

    def of_line(self, line: str) -> Plant:
        """Raises NotFoundError with the lines that exist."""
        plants = self.all()
        for plant in plants:
            if line in plant.lines:
                return plant
        known = [name for plant in plants for name in plant.lines]
        raise NotFoundError(f"there is no line '{line}'", todo=instead_of(line, known))

    def history(self, plant: str) -> list[Version]:
        """Every version of the plant's file, the first one first."""
        with self._database.reading() as connection:
            return history(connection, plant_versions, plant)

    def versions(self, plant: str) -> list[tuple[Version, Plant]]:
        """Every version of the plant's file that this program can still read, with the plant that
        it describes, the first one first."""
        c, found = plant_versions.c, []
        rows = select(c.number, c.digest, c.applied_at, c.text).where(c.owner == plant)
        with self._database.reading() as connection:
            for *version, text in connection.execute(rows.order_by(c.number)):
                kept = Version(*version)
                if self._known_at is None or kept.applied_at <= self._known_at:
                    with contextlib.suppress(InputError):  # of a time with other rules for files
                        found.append((kept, self.read(text)))
        return found

    def read(self, text: str) -> Plant:
        """The plant in the text of a file that was applied."""
        return self._texts.read(text)
