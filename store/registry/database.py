"""Opening the registry's database: engine, migrations, transactions, readable errors.

SQLite by default (write-ahead log, every commit on disk, for the one process that has the data
folder), PostgreSQL by URL, for any number of them (store.registry.postgresql). Migrations run when
it opens. Writers take turns.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from domain.errors import BusyError, InputError, LaterVersionError, StorageError
from store.registry.postgresql import (
    DRIVER,
    NAME,
    changes_counted,
    check_database,
    count_change,
    postgresql_engine,
    take_turn,
)
from store.server_url import shown

_DAMAGES = ("no such table", "no such column", "malformed", "not a database", "disk image")
MIGRATIONS = Path(__file__).parent / "migrations"


class RegistryDatabase:
    """The database at a path (SQLite) or URL. Raises InputError for a URL that is none, or a
    database that cannot be used; StorageError where it cannot be opened or migrated."""

    def __init__(self, path_or_url: Path | str) -> None:
        url = _url(path_or_url)
        self._is_shared = url.get_backend_name() == NAME
        self._where = shown(url) if self._is_shared else url.database
        self._writer_lock = threading.Lock()
        self._version = 0
        self._engine = postgresql_engine(url) if self._is_shared else _sqlite_engine(url)
        try:
            with self._troubles("opened"), self._engine.begin() as connection:
                self._prepare(connection, shown(url))
        except BaseException:
            self._engine.dispose()  # SQLite takes away what it put beside the file
            raise

    def _prepare(self, connection: Connection, where: str) -> None:
        if self._is_shared:
            check_database(connection, where)
            take_turn(connection)
        else:
            # By itself Python begins no transaction before tables are made: a process that is
            # killed between two of them would leave a database that no later one can use.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        migrate(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._troubles("read"), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, *, visible: bool = True) -> Iterator[Connection]:
        """Changes that last when the block ends, or not at all. Without `visible` they are
        nothing that an answer of the registry shows."""
        with self._writer_lock, self._troubles("written"), self._engine.begin() as connection:
            if self._is_shared:
                take_turn(connection)
            yield connection
            if self._is_shared and visible:
                count_change(connection)
        if visible:
            with self._writer_lock:
                self._version += 1

    @property
    def version(self) -> int:
        """Grows with every visible change: that this process makes, or any that shares it."""
        if not self._is_shared:
            return self._version
        with self.reading() as connection:
            return changes_counted(connection)

    @property
    def tables_version(self) -> str:
        """Which migration the tables have. Raises StorageError."""
        with self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def _troubles(self, done: str) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise BusyError(
                "somebody else changed the registry at the same moment",
                where=str(self._where),
                todo="Nothing was changed; try again.",
            ) from None
        except CommandError as error:
            raise LaterVersionError(
                "the registry",
                _unknown(str(error)),
                newest_tables_version(),
                where=str(self._where),
            ) from None
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            damaged = any(it in reason for it in _DAMAGES)
            raise StorageError(
                f"the registry could not be {done} ({reason})",
                where=str(self._where),
                todo="Put the registry back from a backup."
                if damaged
                else "Nothing was half written; see that the disk has free space and the "
                "database can be reached, then try again.",
            ) from error


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        _keep_from_others(Path(url.database))
    engine = create_engine(url)
    event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _keep_from_others(file: Path) -> None:
    """Only the node's own user may read it: it has the hashes of PINs, of which there are few
    enough to try them all. What SQLite writes beside the file takes its permissions. A file that
    is somebody else's, or in a folder that cannot be written, is told of when it is opened."""
    with contextlib.suppress(OSError):
        file.touch(mode=0o600)
        for it in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            if it.exists():
                it.chmod(0o600)


def _unknown(said: str) -> str:
    """The revision that Alembic says it cannot find; its words, where it says something else."""
    found = re.search(r"identified by '([^']*)'", said)
    return found[1] if found else said


def migrate(connection: Connection) -> None:
    """Bring the tables to this program's version, within the connection's transaction."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest_tables_version() -> str:
    """To which migration this program brings the tables."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def tables_version_in(file: Path) -> str:
    """Which migration a SQLite file has, without bringing it to another; "" where it cannot be
    read, or has none."""
    try:
        address = f"{file.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def alembic_config() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _url(path_or_url: Path | str) -> URL:
    if isinstance(path_or_url, Path) or "://" not in path_or_url:
        return URL.create("sqlite", database=str(path_or_url))
    try:
        url = make_url(path_or_url)
        if url.drivername in (NAME, DRIVER, "sqlite"):
            return url
    except (ArgumentError, ValueError):  # the second of a port that is no number
        pass
    raise InputError(
        "this is not the URL of a database that can hold the registry",
        todo="Write it as in postgresql://user@host/name, or give the path of a file.",
    )


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 10000",
    ):
        connection.execute(f"PRAGMA {pragma}")
