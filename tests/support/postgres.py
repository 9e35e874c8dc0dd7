"""A real PostgreSQL for tests: Debian's server on a socket of its own, one for a test process.

Its programs refuse to run as root; then they run as Debian's user `postgres`. A database is a copy
of one that was migrated once.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from peers import require, running

from store.registry.registry import Registry

_VERSIONS = Path("/usr/lib/postgresql")
_MADE = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE"
_numbers = itertools.count(1)


class PostgresServer:
    """`sockets`: the folder in which it listens."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets
        self._is_migrated = False

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def empty(self, made: str = f"{_MADE} template0") -> str:
        """The URL of a new database without tables."""
        name = f"made_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} {made}")
        return self.url(name)

    def migrated(self, documents: Path) -> str:
        """The URL of a new database with the registry's tables and a key of its own."""
        if not self._is_migrated:
            self.execute(f"CREATE DATABASE migrated {_MADE} template0")
            Registry(self.url("migrated"), documents).close()
            self._is_migrated = True
        return self.empty("TEMPLATE migrated")


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """For the length of the block; skips where it is not installed."""
    newest = max(_VERSIONS.glob("*/bin"), default=_VERSIONS / "bin")
    initdb, server = require(path=newest / "initdb"), require(path=newest / "postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    as_whom: list[str | Path] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_whom = [require(program="setpriv"), "--reuid=postgres", "--regid=postgres"]
        as_whom.append("--clear-groups")
    data = folder / "data"
    making = [*as_whom, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
    command = [*as_whom, server, "-D", data, "-k", folder, "-c", "listen_addresses="]
    quick = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    try:
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL)
        with running(
            [*command, *quick],
            ready=PostgresServer(folder).answers,
            log=folder / "server.log",
        ):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
