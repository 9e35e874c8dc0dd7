"""New registries of tests have the tables that the migrations made once in this process.

Each of some thousand tests opens a new registry, and all migrations cost far more than the SQL
that they come to. The first one is migrated, and what stands in it then is written into the others;
each has a key of its own.
A registry that is not empty is migrated as ever.
"""

from __future__ import annotations

import sqlite3
from typing import cast

from sqlalchemy import Connection

from store.registry import database

_migrate = database.migrate
_made: list[str] = []


def install() -> None:
    database.migrate = _made_or_migrated


def _made_or_migrated(connection: Connection) -> None:
    if connection.dialect.name != "sqlite" or not _is_empty(connection):
        _migrate(connection)
    elif _made:
        for statement in _made:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("UPDATE pseudonym_key SET key = randomblob(32)")
    else:
        _migrate(connection)
        driver = cast(sqlite3.Connection, connection.connection.driver_connection)
        _made.extend(list(driver.iterdump())[1:-1])  # without its BEGIN and COMMIT


def _is_empty(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
