"""What the facts of lines rest on, beside telemetry: the plants and what people corrected.

Stored facts follow the corrections with a delay; how far they do is kept here. Who computes
facts asks this, and says when the stored ones contain a correction.
"""

from __future__ import annotations

from typing import Protocol

from domain.corrections import LineCorrections, in_force
from domain.plant import Plant
from store.registry import correction_rows
from store.registry.correction_rows import CorrectionRows
from store.registry.database import RegistryDatabase
from store.registry.line_records import LineRecords
from store.registry.plants import Plants


class FactsBasis(Protocol):
    """`version`: a number that grows whenever anything was recorded in the registry."""

    @property
    def version(self) -> int: ...

    def plants(self) -> list[Plant]:
        """Every plant, in the order in which they were first applied."""
        ...

    def corrected_lines(self) -> frozenset[str]:
        """The lines that anybody ever corrected: of the others there is nothing to follow."""
        ...

    def line_corrections(self, line: str) -> LineCorrections:
        """What the line's facts must follow, and what the stored ones do not follow yet."""
        ...


class _OfRegistry:
    """What every FactsBasis takes from the registry alike."""

    def __init__(self, database: RegistryDatabase, plants: Plants) -> None:
        self._database = database
        self._plants = plants

    @property
    def version(self) -> int:
        return self._database.version

    def plants(self) -> list[Plant]:
        return self._plants.all()

    def corrected_lines(self) -> frozenset[str]:
        with self._database.reading() as connection:
            return correction_rows.corrected_lines(connection)


class StoredFactsBasis(_OfRegistry):
    """Of the facts that are stored: a FactsBasis that remembers how far they follow."""

    def __init__(
        self, database: RegistryDatabase, plants: Plants, corrections: CorrectionRows
    ) -> None:
        super().__init__(database, plants)
        self._corrections = corrections

    def line_corrections(self, line: str) -> LineCorrections:
        with self._database.reading() as connection:
            return correction_rows.of_line(connection, self._corrections, line)

    def mark_applied(self, line: str, number: int) -> None:
        """The line's stored facts contain its corrections up to that number."""
        with self._database.writing(visible=False) as connection:
            correction_rows.mark_applied(connection, line, number)


class EarlierFactsBasis(_OfRegistry):
    """Of an earlier time, for which no facts are stored: a FactsBasis."""

    def __init__(self, database: RegistryDatabase, plants: Plants, records: LineRecords) -> None:
        super().__init__(database, plants)
        self._records = records

    def line_corrections(self, line: str) -> LineCorrections:
        return LineCorrections(in_force(self._records.corrections(line)))
