"""The audit: rows follow each other, and one that was changed or taken away is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from domain.access import Assignment
from domain.errors import InputError
from store.registry.audit import (
    Audit,
    AuditFilter,
    Done,
    Event,
    acting,
    command_line,
    printable,
)
from store.registry.database import RegistryDatabase
from store.registry.registry import Registry
from store.registry.tables import audit as table

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
EVENT = Event(Done.SIGN_IN, "chan", "192.0.2.7")


@pytest.fixture
def database(tmp_path: Path) -> RegistryDatabase:
    return RegistryDatabase(tmp_path / "registry.sqlite")


@pytest.fixture
def audit(database: RegistryDatabase) -> Audit:
    """With five rows, a minute apart."""
    found = Audit(database)
    for number in range(5):
        found.add(replace(EVENT, place=f"place {number}"), NOW + timedelta(minutes=number))
    return found


def test_rows_come_newest_first_and_go_on_where_a_page_ended(audit: Audit) -> None:
    assert [it.number for it in audit.page(AuditFilter(), limit=2)] == [5, 4]
    assert [it.number for it in audit.page(AuditFilter(), before=4, limit=2)] == [3, 2]
    assert [it.event.place[-1] for it in audit.all(AuditFilter())] == list("43210")
    assert list(audit.faults()) == []


def test_rows_are_found_by_who_by_what_and_by_time(audit: Audit) -> None:
    audit.add(Event(Done.REFUSED, "lee"), NOW)
    assert [it.number for it in audit.all(AuditFilter(who="lee"))] == [6]
    assert [it.number for it in audit.all(AuditFilter(what="refused"))] == [6]
    minute = timedelta(minutes=1)
    assert [
        it.number for it in audit.all(AuditFilter(start=NOW + minute, end=NOW + 3 * minute))
    ] == [
        3,
        2,
    ]


@pytest.mark.parametrize(
    "column", ["at", "who", "address", "what", "place", "outcome", "count", "previous", "digest"]
)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_row_that_was_changed_is_named(
    audit: Audit, database: RegistryDatabase, column: str, number: int
) -> None:
    changed = {"at": NOW + timedelta(days=1), "count": 7}.get(column, "x" * 64)
    with database.writing() as connection:
        connection.execute(
            update(table).where(table.c.number == number).values(**{column: changed})
        )
    assert any(f"row {number} " in it for it in audit.faults())


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ([1], "row 1 is missing"),
        ([3], "row 3 is missing"),
        ([5], "row 5 is missing"),
        ([4, 5], "rows 4 to 5 are missing"),
        ([1, 2, 3, 4, 5], "rows 1 to 5 are missing"),
    ],
)
def test_a_row_that_is_missing_is_named(
    audit: Audit, database: RegistryDatabase, gone: list[int], told: str
) -> None:
    with database.writing() as connection:
        connection.execute(delete(table).where(table.c.number.in_(gone)))
    assert list(audit.faults()) == [told]


def test_a_row_that_was_put_in_is_named(audit: Audit, database: RegistryDatabase) -> None:
    with database.writing() as connection:
        row = dict(connection.execute(select(table)).mappings().first() or {})
        connection.execute(insert(table).values(row | {"number": 6}))
    assert list(audit.faults()) == ["row 6 was put in"]


@pytest.mark.parametrize("typed", ["a\r\nb", "\x1b[2J", "\x9b2J", "\ud800", "\u202e", "\x00"])
def test_what_was_typed_is_kept_as_printable_text(audit: Audit, typed: str) -> None:
    audit.add(Event(Done.REFUSED, typed, typed, typed * 200, typed), NOW)
    event = audit.page(AuditFilter(), limit=1)[0].event
    assert all(it.isprintable() and len(it) <= 201 for it in (event.who, event.place))
    assert printable(typed) == event.who
    assert list(audit.faults()) == []


def test_a_second_process_goes_on_with_the_chain(
    audit: Audit, database: RegistryDatabase, tmp_path: Path
) -> None:
    Audit(RegistryDatabase(tmp_path / "registry.sqlite")).add(EVENT, NOW)
    audit.add(EVENT, NOW)
    assert [it.number for it in audit.all(AuditFilter())] == [7, 6, 5, 4, 3, 2, 1]
    assert list(audit.faults()) == []


def test_accounts_tokens_and_agents_tell_what_was_done_to_them(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    roles, version = [Assignment.parse("administrator")], registry.version
    registry.accounts.add("boss", "", roles, NOW)
    registry.accounts.add("chan", "", roles, NOW)
    mine = acting.set(("boss", "192.0.2.7"))
    registry.accounts.set_password("chan", "plover plinth plenty")
    registry.accounts.set_assignments("chan", [Assignment.parse("auditor")])
    registry.accounts.disable("chan", NOW)
    registry.accounts.enable("chan")
    secret = registry.tokens.add("report", roles, NOW + timedelta(days=1), NOW, by="boss")
    registry.tokens.revoke("report", NOW)
    assert registry.version == version
    registry.agents.enrol("agent-1", b"k" * 32, NOW)
    acting.reset(mine)
    told = [
        (it.event.who, it.event.place, it.event.outcome) for it in registry.audit.all(AuditFilter())
    ]
    assert told == [
        ("boss", "agent-1", "enrolled"),
        ("boss", "report", "revoked"),
        ("boss", "report", "added by boss as administrator@everything"),
        ("boss", "chan", "enabled"),
        ("boss", "chan", "disabled"),
        ("boss", "chan", "roles auditor@everything"),
        ("boss", "chan", "new password"),
        (command_line(), "chan", "added as administrator@everything"),
        (command_line(), "boss", "added as administrator@everything"),
    ]
    assert secret not in str(told)


def test_what_is_not_done_is_not_told(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], NOW)
    before = list(registry.audit.all(AuditFilter()))
    with pytest.raises(InputError):
        registry.accounts.disable("boss", NOW)
    assert list(registry.audit.all(AuditFilter())) == before
