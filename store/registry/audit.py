"""The audit: who did what, when, from where, and how it ended.

Rows are only ever added. Each has the digest of the one before it in its own digest (SHA-256 over
its canonical JSON: keys in order, no spaces), so that a row that was changed or taken away is seen.
The one thing that may go is a person's name (store.registry.erased_rows); a salt that goes with it
keeps anybody from finding the name by trying names at the digest.
Nothing secret is told to it, and what people typed is kept as printable text of some length.
"""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from domain.texts import one_line
from store.registry.database import RegistryDatabase
from store.registry.erased_rows import ErasedRows, entry_digest
from store.registry.tables import audit as table
from store.registry.tables import audit_end

START = "0" * 64  # what stands before the first row
_TEXT_MAX = 200
_PAGE = 1000


class Done(StrEnum):
    """What was done, or tried."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    REFUSED = "refused"
    CHANGE = "change"
    EXPORT = "export"
    ACCOUNT = "account"
    TOKEN = "token"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Event:
    """`who`: an account, or token:LABEL; empty: nobody. `count`: so often, alike."""

    what: Done
    who: str = ""
    address: str = ""
    place: str = ""
    outcome: str = "done"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A row; `number` counts from 1. Of a row without `salt` a name was erased, or it is of an
    earlier version."""

    number: int
    at: datetime
    event: Event
    previous: str
    digest: str
    salt: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows: those of all that is given."""

    who: str | None = None
    what: str | None = None
    start: datetime | None = None
    end: datetime | None = None


# Who makes changes in what runs now, and from where: a request says it.
acting: ContextVar[tuple[str, str] | None] = ContextVar("acting", default=None)


def command_line() -> str:
    """Who acts where no request does: the operating system's user."""
    try:
        return f"command line ({getpass.getuser()})"
    except (OSError, KeyError):  # a user without a name
        return f"command line ({os.getuid()})"


def actor() -> tuple[str, str]:
    """Who makes changes in what runs now, and from where."""
    return acting.get() or (command_line(), "")


@contextmanager
def acting_as(who: str) -> Iterator[None]:
    """What the block changes, that account changes, from wherever it is."""
    _, address = acting.get() or ("", "")
    before = acting.set((who, address))
    try:
        yield
    finally:
        acting.reset(before)


def changed(connection: Connection, what: Done, place: str, outcome: str) -> None:
    """Within the transaction of a change of accounts, tokens or agents."""
    who, address = actor()
    add(connection, Event(what, who, address, place, outcome), datetime.now(UTC))


def add(connection: Connection, event: Event, now: datetime) -> int:
    """One more row; its number."""
    # Writing first: no other process adds a row between what is read here and what is added.
    connection.execute(update(audit_end).values(id=1))
    last = connection.execute(select(audit_end.c.number, audit_end.c.digest)).first()
    number, previous = (last.number + 1, last.digest) if last else (1, START)
    shown = replace(
        event,
        who=printable(event.who),
        address=printable(event.address),
        place=printable(event.place),
        outcome=printable(event.outcome),
    )
    salt = secrets.token_hex(16)
    digest = entry_digest(_hashed(number, now, shown, previous, salt))
    connection.execute(
        insert(table).values(
            number=number, at=now, previous=previous, digest=digest, salt=salt, **_columns(shown)
        )
    )
    end = {"number": number, "digest": digest}
    connection.execute(update(audit_end).values(end) if last else insert(audit_end).values(end))
    return number


class Audit:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def add(self, event: Event, now: datetime) -> None:
        with self._database.writing(visible=False) as connection:
            add(connection, event, now)

    def tell_change(self, place: str, outcome: str) -> None:
        """What a command changed. What a request changes is told by its route."""
        with self._database.writing(visible=False) as connection:
            changed(connection, Done.CHANGE, place, outcome)

    def page(
        self, wanted: AuditFilter, *, before: int | None = None, limit: int = 100
    ) -> list[Entry]:
        """The newest first, of those before number `before`."""
        rows = select(table).order_by(table.c.number.desc()).limit(limit)
        if before is not None:
            rows = rows.where(table.c.number < before)
        if wanted.who is not None:
            rows = rows.where(table.c.who == wanted.who)
        if wanted.what is not None:
            rows = rows.where(table.c.what == wanted.what)
        if wanted.start is not None:
            rows = rows.where(table.c.at >= wanted.start)
        if wanted.end is not None:
            rows = rows.where(table.c.at < wanted.end)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(rows).mappings()]

    def all(self, wanted: AuditFilter) -> Iterator[Entry]:
        """The newest first, read page by page."""
        before = None
        while page := self.page(wanted, before=before, limit=_PAGE):
            yield from page
            before = page[-1].number

    def faults(self) -> Iterator[str]:
        """Rows that were changed, or are missing."""
        with self._database.reading() as connection:
            end = connection.execute(select(audit_end.c.number, audit_end.c.digest)).first()
            erased = ErasedRows.read(connection)
        due, due_digest = (end.number, end.digest) if end else (0, START)
        for it in self.all(AuditFilter()):
            if it.number > due:
                yield f"row {it.number} was put in"
                continue
            if it.number < due:
                yield _missing(it.number + 1, due)
            elif it.digest != due_digest:
                yield f"row {it.number} or the one after it was changed"
            if not _is_intact(it, erased):
                yield f"row {it.number} was changed"
            if not erased.is_told(it.number, it.event.outcome):
                yield f"what row {it.number} tells of an erasure was changed"
            due, due_digest = it.number - 1, it.previous
        if due > 0:
            yield _missing(1, due)


def printable(text: str) -> str:
    """So that no line break, control sequence or endless text gets into rows and logs."""
    shown = one_line(text[:_TEXT_MAX])
    return shown if len(shown) <= _TEXT_MAX else f"{shown[:_TEXT_MAX]}…"


def entry_json(entry: Entry) -> dict[str, Any]:
    """A row as programs read it, and as its digest is computed (but for the digest itself)."""
    return {**_hashed_of(entry), "digest": entry.digest}


def _is_intact(entry: Entry, erased: ErasedRows) -> bool:
    return entry_digest(_hashed_of(entry)) == entry.digest or erased.is_as_erased(
        entry.number, entry_digest(entry_json(entry))
    )


def _hashed_of(entry: Entry) -> dict[str, Any]:
    return _hashed(entry.number, entry.at, entry.event, entry.previous, entry.salt)


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


def _columns(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__dataclass_fields__}


def _hashed(
    number: int, at: datetime, event: Event, previous: str, salt: str | None
) -> dict[str, Any]:
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    salted = {} if salt is None else {"salt": salt}
    return {"number": number, "at": when, "previous": previous, **_columns(event), **salted}


def entry_of(row: RowMapping) -> Entry:
    event = Event(**{name: row[name] for name in Event.__dataclass_fields__})
    return Entry(row["number"], row["at"], event, row["previous"], row["digest"], row["salt"])
