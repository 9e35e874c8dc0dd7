"""What a registry on PostgreSQL needs besides its tables; SQLite has it by itself.

Writers of all processes take turns, by a lock of the database that ends with their transaction: so
the record's rows follow each other without a gap, in the order in which they count. Each change
that an answer shows is counted in a table, so every process knows when to ask again. Texts sort by
their code points, as in SQLite and Python: a database that sorts otherwise is refused.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    Table,
    create_engine,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from domain.errors import BusyError, InputError
from store.registry.tables import metadata
from store.server_url import shown

changes_seen = Table(
    "changes_seen",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
NAME = "postgresql"
DRIVER = "postgresql+psycopg"
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A
_WRITERS = 0x4C696E65  # names the lock: what else takes locks in that database takes others
_CONNECT_S = 10
_TURN_S = 30  # at most; a writer takes some milliseconds
_SORTED = ("C", "POSIX")
_MADE_SO = (
    "Make it so: CREATE DATABASE lineproof ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE "
    "template0;"
)


def postgresql_engine(url: URL) -> Engine:
    """To a server of that URL; nothing is asked yet. Raises InputError without the driver."""
    try:
        return create_engine(
            url.set(drivername=DRIVER),
            pool_pre_ping=True,  # a server that was started anew is no trouble
            connect_args={
                "connect_timeout": _CONNECT_S,
                "application_name": "lineproof",
                "options": f"-c lock_timeout={_TURN_S}s",
            },
        )
    except ModuleNotFoundError:
        raise InputError(
            "a registry on PostgreSQL needs the driver psycopg, which is not installed",
            where=shown(url),
            todo="Install it: pip install 'lineproof[postgresql]'.",
        ) from None


def check_database(connection: Connection, where: str) -> None:
    """Raises InputError where texts are kept or sorted otherwise than the program does."""
    encoding, collation = connection.execute(
        text(
            "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database"
            " WHERE datname = current_database()"
        )
    ).one()
    if encoding != "UTF8" or collation not in _SORTED:
        raise InputError(
            f"this database keeps texts as {encoding} and sorts them by '{collation}'",
            where=where,
            todo=_MADE_SO,
        )


def take_turn(connection: Connection) -> None:
    """Until the transaction ends no other process writes. Raises BusyError where the one before
    does not end."""
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise BusyError(
            f"somebody else has been changing the registry for {_TURN_S} seconds",
            todo="Nothing was changed; try again.",
        ) from None


def count_change(connection: Connection) -> None:
    """Within the transaction that makes it."""
    connection.execute(update(changes_seen).values(number=changes_seen.c.number + 1))


def changes_counted(connection: Connection) -> int:
    """How many there were, by any process."""
    return int(connection.execute(select(changes_seen.c.number)).scalar_one())
