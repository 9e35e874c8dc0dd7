"""Whatever other hands do to a table of the registry that figures rest on, the doctor names it. The
cells come from the tables themselves: a new one is guarded, or says here why it need not be."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from whole_folder import another, make, registry_by_hand

from lineproof.upkeep.doctor import looked_at, registry_checks
from lineproof.upkeep.findings import Finding
from store.registry.record import RECORDED
from store.registry.registry import Registry
from store.registry.tables import metadata

GUARDED = sorted(
    {it.name for it in RECORDED}
    | {"plant_lines", "corrected_facts", "audit", "audit_end", "record", "record_end"}
)
_ACCESS = "says who may sign in; what they did is in the audit and in what they recorded"
_PASSES = "what is gone in hours or days, and no figure asks for it"
NOT_GUARDED = {
    "accounts": _ACCESS,
    "pins": _ACCESS,
    "badges": _ACCESS,
    "tokens": _ACCESS,
    "assignments": _ACCESS,
    "identities": _ACCESS,
    "sessions": _PASSES,
    "sign_ons": _PASSES,
    "sign_in_codes": _PASSES,
    "agent_codes": "lets an agent in once; who was let in is guarded as agents",
    "failed_tries": _PASSES,
    "ledger_end": "how far the ledger had come: the doctor holds it against the ledger itself",
    "changes_seen": "how often anything changed: of no meaning but for processes that ask again",
    "erasures": "what was erased: rows of the audit have its digest",
    "erased_rows": "what was erased: rows of the audit have its digest",
    **dict.fromkeys(
        ("reminders", "outbox", "outbox_reminders"),
        "what was told to whom of what is due: no figure and no decision rests on it",
    ),
    **dict.fromkeys(
        ("alerts", "outbox_alerts"),
        "whom the node called for what: made again from what machines said",
    ),
    "pseudonym_key": "changes how names are shown outside the plant, not what is kept",
}
# Columns without a meaning: which row it is, where there is but one.
_NO_MEANING = {("audit_end", "id"), ("record_end", "id")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("registry") / "node")


@pytest.fixture(scope="module")
def registry(folder: Path) -> Iterator[Registry]:
    with contextlib.closing(Registry(folder / "registry.sqlite", folder / "documents")) as opened:
        yield opened


def _problems(registry: Registry) -> list[Finding]:
    found = [it for check in registry_checks(registry) for it in looked_at(*check)]
    return [it for it in found if it.status != "ok"]


def _seen(
    folder: Path, registry: Registry, table: str, spoil: Callable[[sqlite3.Connection], object]
) -> list[Finding]:
    """What is found once it is spoilt; the table is as before afterwards."""
    with registry_by_hand(folder) as db:
        rows = db.execute(f'SELECT * FROM "{table}"').fetchall()
        spoil(db)
    try:
        return _problems(registry)
    finally:
        with registry_by_hand(folder) as db:
            db.execute(f'DELETE FROM "{table}"')
            places = ", ".join("?" * len(rows[0]))
            db.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)


def _run(query: str, db: sqlite3.Connection) -> None:
    db.execute(query)


def _update(query: str, value: object, row: int, db: sqlite3.Connection) -> None:
    db.execute(query, (value, row))


def test_every_table_is_guarded_or_says_why_it_is_not() -> None:
    assert sorted([*GUARDED, *NOT_GUARDED]) == sorted(metadata.tables)


def test_a_registry_that_nobody_touched_is_well(registry: Registry) -> None:
    assert _problems(registry) == []


@pytest.mark.parametrize("table", GUARDED)
def test_each_column_of_a_row(folder: Path, registry: Registry, table: str) -> None:
    with registry_by_hand(folder) as db:
        row = db.execute(f'SELECT rowid, * FROM "{table}" ORDER BY rowid DESC').fetchone()
    assert row is not None, "the folder has no row of it"
    for name, value in zip(metadata.tables[table].columns.keys(), row[1:], strict=True):
        if (table, name) in _NO_MEANING:
            continue
        new = "x" if value is None else another(value)
        query = f'UPDATE "{table}" SET "{name}" = ? WHERE rowid = ?'
        found = _seen(folder, registry, table, partial(_update, query, new, row[0]))
        assert found, f"{table}.{name} was changed from {value!r} to {new!r}"
        assert all(it.todo for it in found)
    assert _problems(registry) == []


# Without its row corrections count as not followed, so the facts are told as not up to date.
@pytest.mark.parametrize("table", sorted(set(GUARDED) - {"corrected_facts"}))
def test_rows_that_are_gone(folder: Path, registry: Registry, table: str) -> None:
    last = f'DELETE FROM "{table}" WHERE rowid = (SELECT max(rowid) FROM "{table}")'
    for query in (last, f'DELETE FROM "{table}"'):
        assert _seen(folder, registry, table, partial(_run, query)), query


@pytest.mark.parametrize("table", sorted(set(GUARDED) - {"audit_end", "record_end"}))
def test_rows_that_were_put_in(folder: Path, registry: Registry, table: str) -> None:
    """A row like the last one, told apart in all that must be unique."""

    def put_in(db: sqlite3.Connection) -> None:
        row = db.execute(f'SELECT * FROM "{table}" ORDER BY rowid DESC').fetchone()
        new = [it + 1 if isinstance(it, int) else another(it) for it in row]
        db.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(new))})', new)

    assert _seen(folder, registry, table, put_in)


def test_the_sentence_names_what_was_changed(folder: Path, registry: Registry) -> None:
    query = "UPDATE corrections SET amount = 9 WHERE line = 'press-1'"
    (found,) = _seen(folder, registry, "corrections", partial(_run, query))
    assert (found.subject, found.status) == ("record", "problem")
    assert "the correction press-1 1 was changed" in found.detail
    assert "backup" in found.todo


def test_rows_of_before_the_record_are_told_to_it_once(folder: Path, tmp_path: Path) -> None:
    """As after the migration: an older registry is well, and what is changed from then on is
    seen."""
    path = tmp_path / "registry.sqlite"
    with registry_by_hand(folder) as db, contextlib.closing(sqlite3.connect(path)) as copy:
        db.backup(copy)
        with copy:
            copy.execute("DELETE FROM record")
            copy.execute("UPDATE record_end SET number = 0, digest = ''")
    for _ in range(2):
        with contextlib.closing(Registry(path, folder / "documents")) as opened:
            assert list(opened.recorded.faults()) == []
            assert opened.recorded.count() >= len(RECORDED)
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE agents SET public_key = ?", (b"x" * 32,))
    with contextlib.closing(Registry(path, folder / "documents")) as opened:
        assert any("agent-1 was changed" in it for it in opened.recorded.faults())
