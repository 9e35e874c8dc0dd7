"""The record: every row that a figure or its evidence rests on, by its digest.

Plants' and projects' files, terms, agents and their keys, documents, corrections, calendars'
exceptions, accepted periods and what people do with milestones are only ever added. Each such row
is told here in the transaction that adds it: its digest, and the digest of the row of the record
before it. So one that is changed, taken away or put in later by other hands is seen (`faults`).
Which tables these are says RECORDED; why the others need none says
tests/lineproof/upkeep/test_registry_checks.py.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Table, UniqueConstraint, delete, insert, select, update

from store.registry.database import RegistryDatabase
from store.registry.line_work.tables import (
    alert_acknowledgements,
    handover_notes,
    handover_signatures,
)
from store.registry.plant_save_table import plant_saves
from store.registry.project_work.tables import (
    attested_figures,
    audit_sample_results,
    audit_sample_seeds,
    audit_samples,
    change_decisions,
    change_requests,
    conflicts,
    document_acts,
    milestone_steps,
    panel_readings,
    site_visits,
    visit_withdrawals,
)
from store.registry.tables import (
    agent_keys,
    agent_revocations,
    agents,
    corrections,
    documents,
    frozen,
    plan_changes,
    plant_versions,
    project_versions,
    record,
    record_end,
    terms_versions,
)

# Each with what one of its rows is, for sentences.
RECORDED: Mapping[Table, str] = {
    plant_versions: "the plant file",
    plant_saves: "who saved the plant file",
    project_versions: "the grant file",
    terms_versions: "the terms",
    agents: "the agent",
    agent_keys: "the later key of agent",
    agent_revocations: "the revocation of agent",
    documents: "the document",
    document_acts: "the act on a document",
    attested_figures: "the attested figure",
    corrections: "the correction",
    plan_changes: "the calendar's exception",
    frozen: "the accepted period",
    milestone_steps: "the step of milestone",
    conflicts: "the declared conflict of interest",
    site_visits: "the site visit",
    panel_readings: "the panel reading",
    visit_withdrawals: "the withdrawal of site visit",
    change_requests: "the change request",
    change_decisions: "the decision of change request",
    audit_samples: "the sample",
    audit_sample_seeds: "the seed of sample",
    audit_sample_results: "the result of sample",
    handover_notes: "the note of handover",
    handover_signatures: "the signature of handover",
    alert_acknowledgements: "the acknowledgement of alert",
}
BEFORE_FIRST = "0" * 64  # the digest that the first row has as the previous one
_Told = tuple[str, str | None]  # content and salt
GONE = "is gone"
NOT_BEGUN = ""  # the digest at the end of a record that a migration has just made


def insert_recorded(connection: Connection, table: Table, **values: Any) -> Row[Any]:
    """A new row of one of the RECORDED tables, told to the record; the row as it is kept."""
    made = connection.execute(insert(table).values(**values)).inserted_primary_key
    # Read as it will be read later: RETURNING gives some numbers as another kind.
    keys = zip(table.primary_key.columns, made or (), strict=True)
    row = connection.execute(select(table).where(*(it == key for it, key in keys))).one()
    tell(connection, table, row)
    return row


def tell(connection: Connection, table: Table, row: Row[Any]) -> None:
    """One more row of the record."""
    # Writing first: no other process adds a row between what is read here and what is added.
    connection.execute(update(record_end).values(id=1))
    last = connection.execute(select(record_end.c.number, record_end.c.digest)).first()
    number, previous = (last.number + 1, last.digest) if last else (1, BEFORE_FIRST)
    salt = secrets.token_hex(16)
    values = {
        "number": number,
        "of": table.name,
        "key": key_of(table, row),
        "content": content_digest(table, row, salt),
        "previous": previous,
    }
    digest = _sha256(values)
    connection.execute(insert(record).values(**values, salt=salt, digest=digest))
    end = {"number": number, "digest": digest}
    connection.execute(update(record_end).values(end) if last else insert(record_end).values(end))


def tell_erased(connection: Connection, table: Table, *key: object) -> None:
    """A row, by its primary key, from which a name was erased: what it is from now on counts, and
    nothing tells any more what it was."""
    if table not in RECORDED:
        return
    mine = (it == value for it, value in zip(table.primary_key.columns, key, strict=True))
    row = connection.execute(select(table).where(*mine)).one()
    earlier = (record.c.of == table.name) & (record.c.key == key_of(table, row))
    connection.execute(update(record).where(earlier).values(salt=None))
    tell(connection, table, row)


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A row of the record: `of` and `key` say which row of the registry it tells, `content` is the
    digest of that row and of a salt, `digest` that of the entry, with the one before."""

    number: int
    of: str
    key: str
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class RecordedTerms:
    """A version of a milestone's terms, from 1, and the row of the record that first told it."""

    milestone: str
    version: int
    digest: str
    applied_at: datetime
    entry: int


class Record:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def begin(self) -> None:
        """Tell the record the rows that were there before there was one: once, after the
        migration that made it."""
        with self._database.reading() as connection:
            if connection.execute(select(record_end.c.digest)).scalar() != NOT_BEGUN:
                return
        with self._database.writing(visible=False) as connection:
            if connection.execute(delete(record_end)).rowcount:
                for table in RECORDED:
                    rows = select(table).order_by(*table.primary_key.columns)
                    for row in connection.execute(rows).all():
                        tell(connection, table, row)

    def faults(self) -> Iterator[str]:
        """What is not there as it was recorded, in words."""
        with self._database.reading() as connection:
            yield from _chain_faults(connection)
            kept: dict[str, dict[str, _Told]] = {}
            rows = select(record.c.of, record.c.key, record.c.content, record.c.salt)
            for of, key, *told in connection.execute(rows.order_by(record.c.number)):
                kept.setdefault(of, {})[key] = (told[0], told[1])  # the last one holds
            for table, noun in RECORDED.items():
                yield from _row_faults(connection, table, noun, kept.get(table.name, {}))

    def entries(self, after: int, limit: int) -> list[RecordEntry]:
        """Those behind that number, in order."""
        columns = [record.c[it] for it in ("number", "of", "key", "content", "digest")]
        rows = select(*columns).where(record.c.number > after).order_by(record.c.number)
        with self._database.reading() as connection:
            return [RecordEntry(*row) for row in connection.execute(rows.limit(limit))]

    def terms(self, project: str) -> list[RecordedTerms]:
        """Every version of the terms of the project's milestones, as they were applied."""
        mine = select(terms_versions).where(terms_versions.c.project == project)
        first = select(record.c.number).order_by(record.c.number).limit(1)
        found = []
        with self._database.reading() as connection:
            for row in connection.execute(mine.order_by(terms_versions.c.id)).all():
                told = (record.c.of == terms_versions.name) & (
                    record.c.key == key_of(terms_versions, row)
                )
                number = connection.execute(first.where(told)).scalar()
                if number is not None:  # else by other hands: the doctor says so
                    found.append(
                        RecordedTerms(row.milestone, row.number, row.digest, row.applied_at, number)
                    )
        return found

    def count(self) -> int:
        """How many rows it has."""
        with self._database.reading() as connection:
            last = connection.execute(select(record_end.c.number)).scalar()
        return last or 0


def key_of(table: Table, row: Row[Any]) -> str:
    """By what people and the record know the row: what is unique of it."""
    unique = [it for it in table.constraints if isinstance(it, UniqueConstraint)]
    largest = max(unique, key=lambda it: len(it.columns), default=table.primary_key)
    columns = largest.columns
    return " ".join(str(getattr(row, column.name)) for column in columns)


def content_digest(table: Table, row: Row[Any], salt: str | None) -> str:
    """SHA-256 of `content_text`."""
    return hashlib.sha256(content_text(table, row, salt)).hexdigest()


def content_text(table: Table, row: Row[Any], salt: str | None) -> bytes:
    """All that the row says, and the salt (under ""), as JSON with sorted keys. What a column that
    came later has where nothing was said is left out, so that older rows keep their digest."""
    said: dict[str, Any] = {"": salt}
    for column in table.columns:
        value = getattr(row, column.name)
        is_default = column.server_default is not None and (value == "" or value is False)
        if value is not None and not is_default:
            said[str(column.name)] = _plain(value)
    return _canonical(said)


def _chain_faults(connection: Connection) -> Iterator[str]:
    """Of the record itself."""
    end = connection.execute(select(record_end.c.number, record_end.c.digest)).first()
    number, digest = 0, BEFORE_FIRST
    for row in connection.execute(select(record).order_by(record.c.number)).mappings():
        values = {name: row[name] for name in ("number", "of", "key", "content", "previous")}
        if row["number"] != number + 1 or row["previous"] != digest:
            yield f"row {number + 1} of the record is missing or was changed"
        if _sha256(values) != row["digest"]:
            yield f"row {row['number']} of the record was changed"
        number, digest = row["number"], row["digest"]
    if (number, digest) != ((end.number, end.digest) if end else (0, BEFORE_FIRST)):
        yield f"the record does not end with row {number} as it did"


def _row_faults(
    connection: Connection, table: Table, noun: str, kept: dict[str, _Told]
) -> Iterator[str]:
    left = dict(kept)
    try:
        for row in connection.execute(select(table)):
            key = key_of(table, row)
            told = left.pop(key, None)
            if told is None:
                yield f"{noun} {key} was put in by other hands"
            elif told[0] != content_digest(table, row, told[1]):
                yield f"{noun} {key} was changed"
    except (ValueError, TypeError):  # as the database's driver raises for a time that is none
        yield f"what is kept of {noun} cannot be read"
        return
    yield from (f"{noun} {key} {GONE}" for key in left)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else value


def _canonical(values: Mapping[str, Any]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=repr)


def _sha256(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(values)).hexdigest()
