"""One DuckDB file: opening, snapshots, transactions, and errors that a person can read.

Rules: one process owns the file; one lock serialises writers; every reader has a cursor of
its own and sees one committed state. Memory is bounded: what does not fit is read again or
spilled, not kept. Knows nothing of what the tables mean.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from domain.errors import GO_BACK, BusyError, LaterVersionError, StorageError
from store.telemetry.duckdb.schema import SCHEMA_VERSION, TABLES, VERSION_TABLE
from store.work import piece


class DuckDBFile:
    """The file at `path`, made with its tables when it is not there.

    Raises BusyError when another process has it open, StorageError when it cannot be used.
    """

    def __init__(self, path: Path, memory_limit: str) -> None:
        self._path = path
        self._memory_limit = memory_limit
        self._writer_lock = threading.Lock()
        self._open()

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.snapshot() as cursor:
            return cursor.execute(query, list(parameters)).fetchall()

    def frame(self, query: str, *parameters: object) -> pl.DataFrame:
        with self.snapshot() as cursor:
            return query_frame(cursor, query, parameters)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose queries all see the same committed state; one piece of work."""
        try:
            with (
                contextlib.closing(self._connection.cursor()) as cursor,
                piece(cursor.interrupt),
            ):
                cursor.begin()
                yield cursor
                cursor.commit()
        except duckdb.Error as error:
            raise self._trouble("read", error) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose changes last when the block ends, or not at all."""
        with self._writer_lock:
            try:
                with contextlib.closing(self._connection.cursor()) as cursor:
                    cursor.begin()
                    try:
                        yield cursor
                        cursor.commit()
                    except BaseException:
                        with contextlib.suppress(duckdb.Error):
                            cursor.rollback()
                        raise
            except duckdb.FatalException as error:
                # DuckDB takes nothing more after a failed write to its log until it is
                # opened again; what was committed is all there.
                self._connection.close()
                self._open()
                raise self._trouble("written", error) from error
            except duckdb.Error as error:
                raise self._trouble("written", error) from error

    def close(self) -> None:
        with self._writer_lock:
            self._connection.close()

    def _open(self) -> None:
        try:
            self._connection = duckdb.connect(
                str(self._path), config={"memory_limit": self._memory_limit}
            )
            self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
            self._connection.execute(VERSION_TABLE)
            # All rows are fetched: a result that is not read to its end keeps its transaction open,
            # and while one is open DuckDB lets go of nothing that later ones held.
            ((version,),) = self._connection.execute("SELECT max(number) FROM version").fetchall()
            if version is None:
                self._connection.execute(TABLES)
                self._connection.execute("INSERT INTO version VALUES (?)", [SCHEMA_VERSION])
            elif version > SCHEMA_VERSION:
                raise self._is_later(version, SCHEMA_VERSION)
            elif version != SCHEMA_VERSION:
                raise StorageError(
                    f"its tables have version {version}, as an earlier version of Lineproof made "
                    f"them; this one knows {SCHEMA_VERSION}",
                    where=str(self._path),
                    todo=_DAMAGED_TODO,
                )
        except duckdb.Error as error:
            raise self._trouble("opened", error) from error
        except StorageError:
            self._connection.close()  # while it is open, the file cannot be opened anew
            raise

    def _is_later(self, found: object, known: object) -> LaterVersionError:
        return LaterVersionError(
            "the telemetry database", found, known, where=str(self._path), todo=_ANEW_TODO
        )

    def _trouble(self, done: str, error: duckdb.Error) -> BusyError | StorageError:
        reason = " ".join(str(error).split())
        if (later := _LATER_FILE.search(reason)) and int(later[1]) > int(later[2]):
            return self._is_later(f"{later[1]} of DuckDB's files", later[2])
        if "Could not set lock" in reason or "being used by another process" in reason:
            return BusyError(
                "the telemetry database is open in another process",
                where=str(self._path),
                todo="Stop that process, or ask the running node with --url.",
            )
        return StorageError(
            f"the telemetry database could not be {done} ({reason[:300]})",
            where=str(self._path),
            todo=_DAMAGED_TODO if _is_damage(error, reason) else _TROUBLE_TODO,
        )


_TROUBLE_TODO = (
    "See that the disk has free space and the folder is writable; nothing was half written, so "
    "try again."
)
_DAMAGED_TODO = "Run 'lineproof rebuild --data DIR', which makes it anew from the archive."
_ANEW_TODO = (
    f"{GO_BACK} Where registry and archive can be read, 'lineproof rebuild --data DIR' makes it "
    "anew from the archive."
)
# What DuckDB says of a file of a later DuckDB.
_LATER_FILE = re.compile(r"version number (\d+), but we can only read .*?(\d+)\.")
_DAMAGES = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.CatalogException,
    duckdb.BinderException,
    duckdb.InvalidInputException,
)
_FROM_OUTSIDE = ("Permission denied", "No space left", "disk quota", "Read-only file system")


def _is_damage(error: duckdb.Error, reason: str) -> bool:
    """Whether the file itself cannot be what this program wrote."""
    return isinstance(error, _DAMAGES) and not any(it in reason for it in _FROM_OUTSIDE)


def insert(cursor: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """The frame's rows into the table, columns by name, without a copy on the way."""
    if frame.is_empty():
        return
    incoming = _ArrowStream(frame)  # noqa: F841 (DuckDB finds the variable by its name)
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")


def query_frame(
    cursor: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object]
) -> pl.DataFrame:
    return pl.DataFrame(_ArrowStream(cursor.sql(query, params=list(parameters))))


class _ArrowStream:
    """A frame or a query's result by its Arrow stream alone. Both sides speak Arrow by
    themselves; what they know of each other's classes would only load pyarrow, 40 MB, to say
    the same."""

    def __init__(self, source: pl.DataFrame | duckdb.DuckDBPyRelation) -> None:
        self.__arrow_c_stream__ = source.__arrow_c_stream__
