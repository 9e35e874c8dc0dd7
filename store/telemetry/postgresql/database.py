"""The PostgreSQL database of a telemetry store: frames in and out by Arrow, in transactions.

The driver is ADBC's, which moves whole columns. Its connections are kept for the next piece of
work; one that failed is thrown away, so a server that was started anew is no trouble. PostgreSQL
keeps no NUL character in a text, and machines do send it:

    what a text says      how it is kept
    a NUL b               a SUB 0 b
    a SUB b               a SUB 1 b       (SUB: U+001A)
    everything else       as it is
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from adbc_driver_manager.dbapi import Connection, Cursor, Error
from adbc_driver_postgresql.dbapi import connect
from polars.exceptions import ComputeError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import GO_BACK, InputError, LaterVersionError, StorageError
from store.server_url import shown
from store.telemetry.postgresql.schema import MAKING, TABLES_VERSION
from store.work import piece

_KEPT_CONNECTIONS = 8
_OPENING = 0x4C696E66  # names the lock of whoever looks whether there are tables
_ESCAPED = {"\x1a": "\x1a1", "\x00": "\x1a0"}
_AS_SAID = {kept: said for said, kept in _ESCAPED.items()}
_TROUBLES = (Error, ComputeError)  # of the driver, and of a read that breaks off
_CONNECT_S = 10
_SURE_FOR_S = 1.0  # a connection used so lately is taken without asking


def database_url(text: str) -> URL:
    """Raises InputError where it is no URL of a PostgreSQL database."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise InputError(
            "the telemetry store's url is not that of a PostgreSQL database",
            todo="Write it as postgresql://user:password@host/database.",
        )
    return url.set(drivername="postgresql")


class PostgresDatabase:
    """The tables in a schema of the database at `url`, made when they are not there; with `is_anew`
    whatever was there goes. Thread-safe.

    Raises InputError where texts are not kept as UTF-8, StorageError when it cannot be used.
    """

    def __init__(self, url: URL, schema: str, *, is_anew: bool = False) -> None:
        self._where = shown(url)
        self._schema = schema
        settings = {"application_name": "lineproof", "connect_timeout": str(_CONNECT_S)}
        self._url = url.update_query_dict(settings).render_as_string(hide_password=False)
        self._lock = threading.Lock()
        self._free: list[tuple[Connection, float]] = []  # since when
        self._is_closed = False
        try:
            self._prepare(is_anew)
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Frames]:
        """Several queries that all see the same committed state; one piece of work."""
        with self._connection("read") as connection, connection.cursor() as cursor:
            with piece(cursor.adbc_cancel):
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield Frames(cursor, self._schema)
            connection.rollback()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Frames]:
        """Changes that last when the block ends, or not at all."""
        with self._connection("written") as connection, connection.cursor() as cursor:
            yield Frames(cursor, self._schema)
            connection.commit()

    def frame(self, query: str, **values: object) -> pl.DataFrame:
        """One query, which sees one state by itself; one piece of work."""
        with self._connection("read") as connection:
            return self.read_in(connection, query, values)

    def read_in(
        self, connection: Connection, query: str, values: Mapping[str, object]
    ) -> pl.DataFrame:
        """The same by that connection. Raises StorageError."""
        with self._troubles("read"), connection.cursor() as cursor:
            with piece(cursor.adbc_cancel):
                found = Frames(cursor, self._schema).read(query, **values)
            connection.rollback()
        return found

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        return self.frame(query, **values).rows()

    def session(self) -> Session:
        """A connection for what lasts longer than a transaction. Raises StorageError."""
        with self._troubles("opened"):
            return Session(self, self._new())

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            free, self._free = self._free, []
        for connection, _ in free:
            connection.close()

    @contextlib.contextmanager
    def _connection(self, done: str) -> Iterator[Connection]:
        """A connection between two transactions. One whose block raised is closed, which undoes
        what it had begun."""
        with self._troubles(done):
            connection = self._kept() or self._new()
            with contextlib.ExitStack() as failing:
                failing.callback(_close, connection)
                yield connection
                failing.pop_all()
        with self._lock:
            keep = not self._is_closed and len(self._free) < _KEPT_CONNECTIONS
            if keep:
                self._free.append((connection, time.monotonic()))
        if not keep:
            connection.close()

    @contextlib.contextmanager
    def _troubles(self, done: str) -> Iterator[None]:
        """What the driver raises within the block becomes a StorageError."""
        try:
            yield
        except _TROUBLES as error:
            reason = " ".join(str(error).split())
            raise StorageError(
                f"the telemetry database could not be {done} ({reason[:300]})",
                where=self._where,
                todo="See that the server runs, has free disk space and lets this user in; nothing "
                "was half written, so try again.",
            ) from error

    def _new(self) -> Connection:
        if self._is_closed:
            raise StorageError("the telemetry database is closed", where=self._where)
        connection: Connection = connect(self._url)
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {self._schema}")
            cursor.execute("SET standard_conforming_strings = on")  # `literal` counts on it
        connection.commit()
        return connection

    def _kept(self) -> Connection | None:
        """One that was used before and that the server still has."""
        while True:
            with self._lock:
                if not self._free:
                    return None
                connection, since = self._free.pop()
            if time.monotonic() - since < _SURE_FOR_S or _is_alive(connection):
                return connection
            _close(connection)

    def _prepare(self, is_anew: bool) -> None:
        with self.transaction() as frames:
            frames.do("SELECT pg_advisory_xact_lock({key})", key=_OPENING)
            encoding, there = frames.read(
                "SELECT pg_encoding_to_char(encoding) AS encoding, "
                "to_regclass({version}) IS NOT NULL AS there "
                "FROM pg_database WHERE datname = current_database()",
                version=f"{self._schema}.version",
            ).row(0)
            if encoding != "UTF8":
                raise InputError(
                    f"this database keeps texts as {encoding}",
                    where=self._where,
                    todo="Make one with ENCODING 'UTF8' TEMPLATE template0.",
                )
            if there and is_anew:
                frames.do(f"DROP SCHEMA {self._schema} CASCADE")
            if not there or is_anew:
                frames.do(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
                for statement in MAKING.split(";\n"):
                    if statement.strip():
                        frames.do(statement.replace("{", "{{").replace("}", "}}"))
            version = frames.read("SELECT max(number) AS number FROM version").item()
        if version > TABLES_VERSION:
            raise LaterVersionError(
                "telemetry in this database",
                version,
                TABLES_VERSION,
                where=self._where,
                todo=f"{GO_BACK} Or name an empty database and run 'lineproof rebuild', which "
                "fills it from the archive.",
            )
        if version != TABLES_VERSION:
            raise StorageError(
                f"its tables have version {version}, this program knows {TABLES_VERSION}",
                where=self._where,
                todo="Use the program version that wrote it, or name an empty database and run "
                "'lineproof rebuild', which fills it from the archive.",
            )


class Session:
    """A connection of its own, as long as the server keeps it: its locks end with it."""

    def __init__(self, database: PostgresDatabase, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    def read(self, query: str, **values: object) -> pl.DataFrame:
        """Raises StorageError."""
        return self._database.read_in(self._connection, query, values)

    def close(self) -> None:
        _close(self._connection)


class Frames:
    """What a transaction reads and writes. Values stand in a query as `{name}`."""

    def __init__(self, cursor: Cursor, schema: str) -> None:
        self._cursor = cursor
        self._schema = schema

    def do(self, statement: str, **values: object) -> None:
        self._cursor.execute(_filled(statement, values))

    def read(self, query: str, **values: object) -> pl.DataFrame:
        """Texts as they were said."""
        self._cursor.execute(_filled(query, values))
        found: pl.DataFrame = self._cursor.fetch_polars()
        return _texts(found, _AS_SAID, "\x1a")

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        if frame.height:
            kept = _texts(frame, _ESCAPED, "\x00", "\x1a")
            self._cursor.adbc_ingest(table, kept, mode="append", db_schema_name=self._schema)


def _texts(frame: pl.DataFrame, change: dict[str, str], *where: str) -> pl.DataFrame:
    """The frame with the texts changed that have one of the characters."""
    columns = [
        name
        for name, kind in frame.schema.items()
        if kind == pl.String
        and any(frame[name].str.contains(it, literal=True).any() for it in where)
    ]
    if not columns:
        return frame
    return frame.with_columns(pl.col(columns).str.replace_many(list(change), list(change.values())))


def _filled(query: str, values: Mapping[str, object]) -> str:
    return query.format(**{name: literal(value) for name, value in values.items()})


def literal(value: object) -> str:
    """As it stands in SQL: None, a number, a text, a time, or several of them as a list.

    >>> literal("it's"), literal([1, 2])
    ("'it''s'", 'ARRAY[1, 2]')
    """
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    if isinstance(value, str):
        # A backslash is a plain character there.
        kept = "".join(_ESCAPED.get(it, it) for it in value).replace("'", "''")
        return f"'{kept}'"
    if isinstance(value, Sequence):
        return f"ARRAY[{', '.join(map(literal, value))}]"
    raise TypeError(f"no SQL for {type(value).__name__}")


def _is_alive(connection: Connection) -> bool:
    """Whether the server still has it: a failure between two pieces of work is not theirs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 AS one")
            cursor.fetch_polars()
        connection.rollback()
    except _TROUBLES:
        return False
    return True


def _close(connection: Connection) -> None:
    with contextlib.suppress(Error):
        connection.close()
