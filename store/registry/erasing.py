"""Erasing a person's name from a registry, for good.

Rules: all of it or nothing. Nothing is erased where an accepted period or a step of a milestone
needs the name, nor of an account that may still sign in. What is the person's own goes; in what
others need (corrections, the audit) a reference takes the name's place, by which nobody can tell
whose it was. Files that were applied and documents stay as they are: their digests are evidence.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, delete, select, update

from domain.errors import BusyError, InputError, NotFoundError
from store.registry import tables as t
from store.registry.audit import Done, Entry, Event, actor, add, entry_json, printable
from store.registry.database import RegistryDatabase
from store.registry.erased_rows import entry_digest, note, said
from store.registry.personal_data import (
    Erasing,
    Held,
    NeededPeriod,
    NeededStep,
    PersonalData,
    is_text,
    named,
    personal_data,
)
from store.registry.record import tell_erased


@dataclass(frozen=True, slots=True)
class Erased:
    """What took the name's place, how many rows were erased or changed, and what still has it."""

    reference: str
    rows: int
    audit_rows: int
    kept: tuple[Held, ...]


class People:
    """What a registry holds of people by name, whether they have an account or not."""

    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def data(self, name: str) -> PersonalData:
        """Raises NotFoundError where there is nothing."""
        with self._database.reading() as connection:
            return _found(connection, name)

    def erase(self, name: str, now: datetime, zone: ZoneInfo) -> Erased:
        """Raises InputError where an accepted period (told in that zone) or a step of a milestone
        needs the name, BusyError where an account may still sign in, NotFoundError where there is
        nothing."""
        with self._database.writing() as connection:
            found = _found(connection, name)
            _check(connection, found, zone)
            code = base64.b32encode(secrets.token_bytes(5)).decode().lower()
            reference = f"erased-{code}"
            rows = sum(_erase(connection, it, found.names, reference) for it in found.held)
            _erase_from_audit(connection, found, reference, now)
            kept = tuple(it for it in found.held if it.erasing is Erasing.KEPT)
            return Erased(reference, rows, len(found.audit), kept)


def _found(connection: Connection, name: str) -> PersonalData:
    found = personal_data(connection, name) if name.strip() else PersonalData((), (), (), ())
    if not found.held and not found.audit:
        raise NotFoundError(
            f"nothing is held of '{name}'",
            todo="Write the name of an account ('lineproof user list'), or an author's as it "
            "stands in a list of corrections.",
        )
    return found


def _check(connection: Connection, found: PersonalData, zone: ZoneInfo) -> None:
    if found.needed:
        places = list(dict.fromkeys(_told(it, zone) for it in found.needed))
        more = len(places) - 1
        raise InputError(
            f"{places[0]} needs the name: {found.needed[0].why}"
            + (f" (and so do {more} more)" if more else ""),
            todo="Nothing was erased. What an accepted figure or a decision rests on stays as "
            "long as it does.",
        )
    mine = t.accounts.c.name.in_(found.names) & t.accounts.c.disabled_at.is_(None)
    enabled = connection.execute(select(t.accounts.c.name).where(mine)).scalar()
    if enabled is not None:
        raise BusyError(
            f"the account '{enabled}' may still sign in",
            todo=f"Disable it first: 'lineproof user disable {enabled}'. Nothing was erased.",
        )


def _told(needed: NeededPeriod | NeededStep, zone: ZoneInfo) -> str:
    if isinstance(needed, NeededStep):
        of = f"milestone {needed.milestone} of project" if needed.milestone else "project"
        return f"{of} {needed.project}"
    start, end = (
        it.astimezone(zone).isoformat(timespec="minutes") for it in (needed.start, needed.end)
    )
    return f"the accepted period of {needed.line} from {start} to {end}"


def _erase(connection: Connection, held: Held, names: Iterable[str], reference: str) -> bool:
    """Whether there was anything to erase."""
    column, table = held.column, held.column.table
    mine = and_(*(it == key for it, key in zip(table.primary_key, held.key, strict=True)))
    if held.erasing is Erasing.OWN:
        connection.execute(delete(table).where(mine))
    elif held.erasing in (Erasing.ROW, Erasing.TEXT):
        text = held.row[column.name]
        other = named(names).sub(reference, text) if is_text(column) else reference
        connection.execute(update(table).where(mine).values({column: other}))
        tell_erased(connection, table, *held.key)
    return held.erasing is not Erasing.KEPT


def _erase_from_audit(
    connection: Connection, found: PersonalData, reference: str, now: datetime
) -> None:
    """The rows, and one more that tells it."""
    names = {printable(it) for it in found.names}
    rows = {it.number: _without(it, names, reference) for it in found.audit}
    for number, entry in rows.items():
        values = {
            name: getattr(entry.event, name) for name in ("who", "address", "place", "outcome")
        }
        connection.execute(
            update(t.audit).where(t.audit.c.number == number).values(**values, salt=None)
        )
    contents = {number: entry_digest(entry_json(entry)) for number, entry in rows.items()}
    who, address = actor()
    event = Event(Done.ACCOUNT, who, address, reference, said(contents.items()))
    note(connection, add(connection, event, now), reference, contents)


def _without(entry: Entry, names: Iterable[str], reference: str) -> Entry:
    """The row without the name; and where it is by that person, without the address."""
    event, pattern = entry.event, named(names)
    return replace(
        entry,
        salt=None,
        event=replace(
            event,
            who=pattern.sub(reference, event.who),
            address="" if pattern.fullmatch(event.who) else event.address,
            place=pattern.sub(reference, event.place),
            outcome=pattern.sub(reference, event.outcome),
        ),
    )
