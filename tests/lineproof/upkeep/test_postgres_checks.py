"""Whatever other hands do to a table of telemetry in PostgreSQL, the doctor names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import PostgresServer, postgres_server
from whole_folder import make

from lineproof.clock import utc_now
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.rebuild import rebuild_folder
from lineproof.upkeep.telemetry_checks import contents
from store.node.opening import Stores, open_stores
from store.telemetry.postgresql.schema import SCHEMA

# One column of each, by which figures go wrong, and what it is then; {0}: the column.
CHANGED = {
    "batches": ("received", "{0} + INTERVAL '1 second'"),
    "counters": ("mark", "0"),
    "derivations": ("id", "id + 1000"),
    "lines": ("last", "{0} + INTERVAL '1 second'"),
    "machines": ("heard", "{0} - INTERVAL '1 second'"),
    "marks": ("end", "{0} + INTERVAL '1 second'"),
    "readings": ("value", "{0} + 1"),
    "rejections": ("reason", "{0} || '!'"),
    "series": ("signal", "{0} || '!'"),
    "spans": ("end", "{0} + INTERVAL '1 second'"),
}
# Of these one that is gone is seen where facts are computed again.
GONE = [*sorted(set(CHANGED) - {"derivations"}), "facts"]
TWICE = ("counters", "readings", "rejections", "spans")  # the others take none
ONE = f"(SELECT ctid FROM {SCHEMA}.{{table}} ORDER BY ctid LIMIT 1)"


class Spoilt:
    """A node whose telemetry is in PostgreSQL, and hands on its tables."""

    def __init__(self, stores: Stores, server: PostgresServer, database: str) -> None:
        self._stores = stores
        self._server = server
        self._database = database

    def found(self) -> list[Finding]:
        return [
            it
            for it in contents(self._stores, self._stores.telemetry.batches(limit=1000))
            if it.todo
        ]

    def found_after(self, statement: str, table: str) -> list[Finding]:
        """What is wrong then; afterwards the table is as before."""
        there = f"{SCHEMA}.{table}"
        self._do(f"CREATE TABLE kept AS TABLE {there}")
        try:
            self._do(statement.format(table=there, one=ONE.format(table=table)))
            return self.found()
        finally:
            self._do(f"DELETE FROM {there}")
            self._do(f"INSERT INTO {there} OVERRIDING SYSTEM VALUE TABLE kept")
            self._do("DROP TABLE kept")

    def _do(self, statement: str) -> None:
        self._server.execute(statement, self._database)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoilt]:
    with postgres_server() as server:
        url = server.empty()
        data: Path = make(tmp_path_factory.mktemp("postgres") / "node")
        (data / "store.yaml").write_text(f"kind: postgresql\ndatabase: {url}\n")
        rebuild_folder(data, utc_now())
        with open_stores(data) as stores:
            yield Spoilt(stores, server, url.partition("?")[0].rpartition("/")[2])


def test_all_is_well_at_first(node: Spoilt) -> None:
    assert node.found() == []


@pytest.mark.parametrize("table", CHANGED)
def test_a_row_that_was_changed(node: Spoilt, table: str) -> None:
    column, value = CHANGED[table]
    quoted = f'"{column}"'
    statement = f"UPDATE {{table}} SET {quoted} = {value.format(quoted)} WHERE ctid = {{one}}"
    if table == "derivations":
        statement = "UPDATE {table} SET id = DEFAULT WHERE ctid = {one}"
    assert node.found_after(statement, table)


@pytest.mark.parametrize("table", GONE)
def test_a_row_that_is_gone(node: Spoilt, table: str) -> None:
    found = node.found_after("DELETE FROM {table} WHERE ctid = {one}", table)
    assert bool(found) == (table != "facts")


@pytest.mark.parametrize("table", TWICE)
def test_a_row_that_is_there_twice(node: Spoilt, table: str) -> None:
    assert node.found_after("INSERT INTO {table} SELECT * FROM {table} LIMIT 1", table)
