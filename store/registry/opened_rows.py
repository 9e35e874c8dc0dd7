"""Rows of the record as whoever checks them needs them: with all that they say, and back again.

A leaf of the ledger holds the digest of a row and of a salt. A row is *opened* by the very text of
which that is the digest, so that a reader can compare, and make a registry of such rows that gives
the same answers. An example, a document:

    {"":"9c1f…","attached_at":"2026-03-02T01:00:00.000000+00:00","file_name":"tc7.pdf","id":1,…}
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import InputError
from store.registry.database import RegistryDatabase
from store.registry.plant_save_table import plant_saves
from store.registry.plants import Plants
from store.registry.project_work.tables import (
    attested_figures,
    change_decisions,
    change_requests,
    conflicts,
    document_acts,
    milestone_steps,
    panel_readings,
    site_visits,
    visit_withdrawals,
)
from store.registry.record import RECORDED, content_text, key_of
from store.registry.tables import (
    UtcDateTime,
    agent_keys,
    agent_revocations,
    agents,
    corrections,
    documents,
    frozen,
    plan_changes,
    plant_lines,
    plant_versions,
    project_versions,
    record,
    terms_versions,
)

_TABLES: Mapping[str, Table] = {table.name: table for table in RECORDED}


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """`number`: of the record's row that tells it; `text`: whose SHA-256 is the `content` there."""

    number: int
    of: str
    text: bytes


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """What one project rests on: its own rows, those of its lines and of the agents that sent what
    they did; and plants and projects of the same company, which share its ceilings."""

    project: str
    lines: Collection[str]
    agents: Collection[str]
    plants: Collection[str]
    projects: Collection[str]

    def names(self) -> Mapping[Table, tuple[str, Collection[str]]]:
        """By table, the column that says whose a row is, and who is wanted."""
        own = (self.project,)
        return {
            plant_versions: ("owner", self.plants),
            plant_saves: ("plant", self.plants),
            project_versions: ("owner", self.projects),
            terms_versions: ("project", own),
            agents: ("agent", self.agents),
            agent_keys: ("agent", self.agents),
            agent_revocations: ("agent", self.agents),
            documents: ("project", own),
            document_acts: ("project", own),
            attested_figures: ("project", own),
            corrections: ("line", self.lines),
            plan_changes: ("line", self.lines),
            frozen: ("line", self.lines),
            milestone_steps: ("project", own),
            conflicts: ("project", own),
            site_visits: ("project", own),
            panel_readings: ("project", own),
            visit_withdrawals: ("project", own),
            change_requests: ("project", own),
            change_decisions: ("project", own),
        }


class OpenedRows:
    """The rows of one registry. `plants` are all that were applied to it."""

    def __init__(self, database: RegistryDatabase, plants: Plants) -> None:
        self._database = database
        self._plants = plants

    def read(self, wanted: RowsWanted) -> Iterator[OpenedRow]:
        """In the order of the record. One of which a name was erased is what it was since."""
        found: list[OpenedRow] = []
        with self._database.reading() as connection:
            for table, (column, names) in wanted.names().items():
                told = _told(connection, table)
                rows = select(table).where(table.c[column].in_(sorted(names)))
                for row in connection.execute(rows):
                    number, salt = told[key_of(table, row)]
                    found.append(OpenedRow(number, table.name, content_text(table, row, salt)))
        yield from sorted(found, key=lambda it: it.number)

    def restore(self, rows: Iterable[OpenedRow]) -> None:
        """Put rows, as they were opened, into this empty registry. Raises InputError for a row that
        no registry can hold."""
        with self._database.writing() as connection:
            for row in rows:
                _insert(connection, row)
            lines = [
                {"line": line, "plant": plant.id}
                for plant in self._plants.within(connection)
                for line in plant.lines
            ]
            if lines:
                connection.execute(insert(plant_lines), lines)


def _told(connection: Connection, table: Table) -> dict[str, tuple[int, str | None]]:
    """Number and salt of the record's last row about each row of the table."""
    rows = select(record.c.key, record.c.number, record.c.salt).where(record.c.of == table.name)
    return {
        key: (number, salt) for key, number, salt in connection.execute(rows.order_by("number"))
    }


def _insert(connection: Connection, row: OpenedRow) -> None:
    """Raises InputError where it is no row of its table."""
    try:
        table = _TABLES[row.of]
        said = json.loads(row.text)
        values = {name: _value(table, name, value) for name, value in said.items() if name != ""}
        connection.execute(insert(table).values(**values))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, SQLAlchemyError):
        raise InputError(
            f"row {row.number} is none of '{row.of}' in a registry", where="the record"
        ) from None


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return bytes.fromhex(value) if isinstance(kind, LargeBinary) else value
