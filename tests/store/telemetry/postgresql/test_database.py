"""What only the database of a telemetry store can get wrong: texts, servers that go, long reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peers import PATIENCE_S, free_port
from postgres import PostgresServer
from telemetry import at, batch, samples

from domain.errors import InputError, StorageError
from store.telemetry.postgresql.database import PostgresDatabase, database_url
from store.telemetry.postgresql.schema import SCHEMA
from store.telemetry.postgresql.store import PostgresStore
from store.work import NoLongerWantedError, Work, working

LINE = "filler-1"
ODD = ["", "'", "''; DROP SCHEMA telemetry; --", "\\", "\\'", "{0} {x} %s $1", "\x00", "\x1a",
       "\x1a0\x1a\x00\x1a1", "綫\U0001f3ed", "\r\n\t"]  # fmt: skip


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(database_url(postgres.empty()), SCHEMA)
    yield database
    database.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\x1a'\\{}"))
    )
)
def test_every_text_comes_back_from_a_query(database: PostgresDatabase, texts: list[str]) -> None:
    texts = [*texts, *ODD]
    told = database.frame(
        "SELECT * FROM unnest({texts}::text[]) WITH ORDINALITY AS it(text, place) ORDER BY place",
        texts=texts,
    )
    assert told["text"].to_list() == texts


def test_names_and_texts_of_telemetry_may_be_anything(postgres: PostgresServer) -> None:
    store = PostgresStore(postgres.empty())
    rows = [{"time": at(n), "text": text, "signal": f"s{text}"} for n, text in enumerate(ODD)]
    for number, name in enumerate(ODD, 1):
        store.append([batch(number, samples(*rows, line=name, machine=name), agent=name)])
    for number, name in enumerate(ODD, 1):
        found = store.history(name, at(0), at(60)).samples.sort("time")
        assert found["text"].to_list() == ODD
        assert found["signal"].to_list() == [f"s{it}" for it in ODD]
        assert found["machine"].unique().to_list() == [name]
        last = store.last_batch(name)
        assert last is not None
        assert (last.agent, last.number) == (name, number)
    assert sorted(store.changes()) == sorted(ODD)
    store.close()


def test_a_server_that_ends_its_connections_is_no_trouble(postgres: PostgresServer) -> None:
    url = postgres.empty()
    store = PostgresStore(url)
    store.append([batch(1, samples({"time": at(10), "value": 5.0}))])
    name = database_url(url).database
    postgres.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    time.sleep(1.1)  # what was used just now is taken without asking
    assert store.append([batch(2, samples({"time": at(11), "value": 6.0}))]) == [True]
    assert store.history(LINE, at(0), at(60)).samples.height == 2
    store.close()


def test_a_batch_whose_connection_ends_in_the_middle_is_not_there(
    postgres: PostgresServer,
) -> None:
    url = postgres.empty()
    database = PostgresDatabase(database_url(url), SCHEMA)

    def write() -> None:
        with database.transaction() as frames:
            frames.do("UPDATE counters SET mark = 7")
            (pid,) = frames.read("SELECT pg_backend_pid() AS pid")["pid"]
            postgres.execute(f"SELECT pg_terminate_backend({pid}, 10000)")
            frames.do("UPDATE counters SET mark = 8")

    with pytest.raises(StorageError, match="could not be written"):
        write()
    assert database.rows("SELECT mark FROM counters") == [(0,)]
    database.close()


def test_a_read_that_nobody_wants_any_more_ends(database: PostgresDatabase) -> None:
    work = Work()
    threading.Timer(0.3, work.end).start()
    begun = time.monotonic()
    with working(work), pytest.raises(NoLongerWantedError):
        database.frame(f"SELECT pg_sleep({PATIENCE_S})")
    assert time.monotonic() - begun < PATIENCE_S
    assert database.rows("SELECT 1 AS one") == [(1,)]


@pytest.mark.parametrize(
    "url", ["", "lineproof", "sqlite:///x", "mysql://u:geheim@h/d", "postgresql://u:geheim@h:x/d"]
)
def test_what_is_no_url_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="not that of a PostgreSQL database") as refused:
        PostgresStore(url)
    assert "geheim" not in str(refused.value)


def test_a_server_that_is_away_is_told_without_its_password() -> None:
    url = f"postgresql://lineproof:geheim@127.0.0.1:{free_port()}/lineproof?password=geheim"
    with pytest.raises(StorageError, match="could not be written") as told:
        PostgresStore(url)
    assert "geheim" not in str(told.value)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: PostgresServer) -> None:
    made = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with pytest.raises(InputError, match="keeps texts as SQL_ASCII"):
        PostgresStore(postgres.empty(made))


def test_tables_of_a_later_version_are_left_alone(postgres: PostgresServer) -> None:
    url = postgres.empty()
    PostgresStore(url).close()
    name = str(database_url(url).database)
    postgres.execute("UPDATE telemetry.version SET number = 99", name)
    with pytest.raises(StorageError, match="written by a later version of Lineproof"):
        PostgresStore(url)
