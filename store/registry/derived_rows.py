"""Rows of the registry that follow from others: each is held against what it follows from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from store.registry.database import RegistryDatabase
from store.registry.plants import Plants
from store.registry.tables import corrected_facts, corrections, plant_lines


class DerivedRows:
    def __init__(self, database: RegistryDatabase, plants: Plants) -> None:
        self._database = database
        self._plants = plants

    def faults(self) -> Iterator[str]:
        """What does not follow, in words."""
        with self._database.reading() as connection:
            plants = self._plants.within(connection)
            due = {(line, plant.id) for plant in plants for line in plant.lines}
            rows = connection.execute(select(plant_lines.c.line, plant_lines.c.plant))
            kept = {(line, plant) for line, plant in rows}
            yield from (f"line {line} is not kept as one of plant {it}" for line, it in due - kept)
            yield from (f"line {line} is kept as one of plant {it}" for line, it in kept - due)
            there = select(corrections.c.line, func.max(corrections.c.number))
            last = dict(connection.execute(there.group_by(corrections.c.line)).all())
            for line, number in connection.execute(
                select(corrected_facts.c.line, corrected_facts.c.number)
            ):
                if number > last.get(line, 0):
                    yield f"facts of line {line} count as following corrections that are not there"
