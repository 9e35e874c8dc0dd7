"""The registry's tables: made by migrations, and refused where they are none of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from registered import let_in, quantity
from sqlalchemy import Engine, create_engine, event, text

from domain.errors import InputError, StorageError
from store.registry.database import MIGRATIONS, migrate
from store.registry.registry import Registry
from store.registry.tables import metadata


def test_the_migrations_make_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'r.sqlite'}")
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        migrate(connection)
    engine.dispose()


@pytest.mark.parametrize("tables", [1, 2, 5, 9])
def test_what_was_cut_off_while_the_tables_were_made_is_made_again(
    tmp_path: Path, tables: int
) -> None:
    made = 0

    def cut_off(*told: Any) -> None:
        nonlocal made
        made += "CREATE TABLE" in told[2]
        if made == tables:
            raise KeyboardInterrupt  # as good as any end of the process

    event.listen(Engine, "after_cursor_execute", cut_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            Registry(tmp_path / "r.sqlite", tmp_path / "documents")
    finally:
        event.remove(Engine, "after_cursor_execute", cut_off)
    Registry(tmp_path / "r.sqlite", tmp_path / "documents").close()


def test_a_registry_of_the_first_version_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO plant_lines VALUES ('filler-1', 'tko-foods')"))
    engine.dispose()
    registry = Registry(path, tmp_path / "documents")
    registry.record.correction(quantity("a"), let_in)
    assert len(registry.records.corrections("filler-1")) == 1
    registry.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT plant FROM plant_lines")).scalars().all()
    engine.dispose()
    assert kept == ["tko-foods"]


def test_a_registry_of_a_later_program_is_refused(registry: Registry, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match=r"registry\.sqlite.*later version of Lineproof"):
        Registry(tmp_path / "registry.sqlite", tmp_path / "documents")


def test_a_file_that_is_no_registry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"could not be opened .*not a database"):
        Registry(tmp_path / "r.sqlite", tmp_path / "documents")


def test_a_url_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the URL of a database"):
        Registry("://x", tmp_path / "documents")


def modes(folder: Path) -> set[int]:
    return {it.stat().st_mode & 0o777 for it in folder.iterdir() if it.is_file()}


def test_nobody_else_may_read_it_not_even_what_stands_beside_it(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    before = Registry(tmp_path / "r.sqlite", documents)
    assert modes(tmp_path) == {0o600}
    for it in tmp_path.iterdir():
        it.chmod(0o644)  # as an older version left them
    registry = Registry(tmp_path / "r.sqlite", documents)
    assert {it.name for it in tmp_path.iterdir()} >= {"r.sqlite", "r.sqlite-wal", "r.sqlite-shm"}
    assert modes(tmp_path) == {0o600}
    registry.close()
    before.close()
