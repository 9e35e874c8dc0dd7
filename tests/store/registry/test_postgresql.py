"""A registry that many processes share: they take turns, and see what others changed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import PostgresServer
from registered import NOW, apply_plant
from sqlalchemy import text

import store.registry.postgresql as postgresql
from domain.errors import BusyError, InputError, StorageError
from store.registry.registry import Registry
from store.registry.tables import metadata

WRITERS, ROWS = 4, 15


def opened(place: str, folder: Path) -> Registry:
    return Registry(place, folder / "documents")


@pytest.fixture
def place(postgres: PostgresServer, tmp_path: Path) -> str:
    return postgres.migrated(tmp_path / "documents")


def test_the_migrations_make_the_tables_that_the_program_knows(
    postgres: PostgresServer, place: str, tmp_path: Path
) -> None:
    registry = opened(place, tmp_path)
    with registry.audit._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    registry.close()


def test_writers_take_turns_and_the_record_has_no_gap(place: str, tmp_path: Path) -> None:
    registries = [opened(place, tmp_path) for _ in range(WRITERS)]

    def enrol(writer: int) -> None:
        for row in range(ROWS):
            key = (writer * ROWS + row).to_bytes(32, "big")
            registries[writer].agents.enrol(f"agent-{writer}-{row}", key, NOW)

    threads = [threading.Thread(target=enrol, args=(it,)) for it in range(WRITERS)]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    first = registries[0]
    numbers = [it.number for it in first.recorded.entries(0, 1000)]
    assert numbers == [*range(1, WRITERS * ROWS + 1)]
    assert list(first.recorded.faults()) == []
    assert len(first.agents.all()) == WRITERS * ROWS
    assert {it.version for it in registries} == {WRITERS * ROWS}
    for it in registries:
        it.close()


def test_what_another_process_changed_is_seen(place: str, tmp_path: Path) -> None:
    one, other = opened(place, tmp_path), opened(place, tmp_path)
    before = one.version
    assert one.plants.all() == []
    apply_plant(other)
    assert one.version > before
    assert [it.id for it in one.plants.all()] == ["tko-foods"]
    one.close()
    other.close()


def test_two_that_open_an_empty_database_make_the_tables_once(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    place = postgres.empty()
    found: list[Registry] = []
    threads = [
        threading.Thread(target=lambda: found.append(opened(place, tmp_path))) for _ in range(3)
    ]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    assert [it.recorded.count() for it in found] == [0, 0, 0]
    for it in found:
        it.close()


def test_a_writer_that_does_not_end_keeps_nobody_for_ever(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_TURN_S", 1)
    one, other = opened(place, tmp_path), opened(place, tmp_path)
    with one.audit._database.writing():
        began = time.monotonic()
        with pytest.raises(BusyError, match="changing the registry for 1 seconds"):
            apply_plant(other)
        assert time.monotonic() - began < 60
    apply_plant(other)
    one.close()
    other.close()


def test_a_database_that_sorts_otherwise_is_refused(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    place = postgres.empty(
        "ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
    )
    with pytest.raises(InputError, match=r"sorts them by 'C.UTF-8'\. Make it so: CREATE DATABASE"):
        opened(place, tmp_path)


def test_a_server_that_cannot_be_reached_is_one_sentence_without_the_password(
    tmp_path: Path,
) -> None:
    with pytest.raises(StorageError, match="could not be opened") as raised:
        opened("postgresql://lineproof:s3cret@127.0.0.1:1/registry", tmp_path)
    assert "s3cret" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "postgresql://lineproof:***@127.0.0.1:1/registry" in str(raised.value)


@pytest.mark.parametrize(
    "written", ["lineproof:s3cret@127.0.0.1:1/r", "127.0.0.1:1/r?password=s3cret"]
)
def test_a_password_is_never_shown(written: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as raised:
        opened(f"postgresql://{written}", tmp_path)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["mysql://u@h/d", "oracle://u@h/d", "postgresql+asyncpg://h/d", "postgresql://h:x/d"]
)
def test_other_databases_are_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the URL of a database that can hold"):
        opened(url, tmp_path)


def test_a_text_that_postgresql_cannot_keep_changes_nothing(place: str, tmp_path: Path) -> None:
    registry = opened(place, tmp_path)
    with pytest.raises(StorageError, match="could not be written"):
        registry.agents.enrol("a\0b", bytes(32), NOW)
    assert registry.agents.all() == []
    with registry.audit._database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM record")).scalar() == 0
    registry.close()
