"""What the registry holds of lines, read again only after something was recorded.

A page asks many times for the same few rows; while the registry's version stands they are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from domain.corrections import Correction
from domain.grants import Project
from domain.plant import Line, Plant
from store.registry.project_work.accepted_periods import FrozenPeriod
from store.registry.registry import RegistryReader
from store.registry.versions import Version

Rows = TypeVar("Rows")


class Recorded:
    """Thread-safe."""

    def __init__(self, registry: RegistryReader) -> None:
        self._registry = registry
        self._lock = Lock()
        self._kept: tuple[int, dict[object, Any]] = (-1, {})

    def lines(self) -> dict[str, tuple[Plant, Line]]:
        """Every line with its plant, in the order of the plants' files."""
        return self._once(
            "lines",
            lambda: {
                line.id: (plant, line)
                for plant in self._registry.plants.all()
                for line in plant.lines.values()
            },
        )

    def line(self, line: str) -> tuple[Plant, Line]:
        """Raises NotFoundError with the lines that exist."""
        found = self.lines().get(line)
        if found is None:
            plant = self._registry.plants.of_line(line)
            return plant, plant.lines[line]
        return found

    def plant_versions(self, plant: str) -> list[tuple[Version, Plant]]:
        """Every version of the plant's file, with the plant that it describes."""
        return self._once(("versions", plant), lambda: self._registry.plants.versions(plant))

    def projects(self) -> list[Project]:
        return self._once("projects", self._registry.projects.all)

    def corrections(self, line: str) -> list[Correction]:
        return self._once(("corrections", line), lambda: self._registry.records.corrections(line))

    def frozen(self, line: str) -> list[FrozenPeriod]:
        return self._once(("frozen", line), lambda: self._registry.records.frozen(line))

    def lines_with_records(self) -> frozenset[str]:
        """The lines of which people ever recorded anything."""
        return self._once("told", self._registry.records.lines_with_records)

    def _once(self, name: object, read: Callable[[], Rows]) -> Rows:
        version = self._registry.version  # before reading: what comes meanwhile is read again
        with self._lock:
            if self._kept[0] != version:
                self._kept = (version, {})
            kept = self._kept[1]
        if name not in kept:
            kept[name] = read()
        answer: Rows = kept[name]
        return answer
