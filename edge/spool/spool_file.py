"""The spool's SQLite file: opening it, its tables, and whose it is.

One process owns the file from here until it is closed, and one agent for good.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from domain.batch_header import GENESIS
from domain.errors import InputError
from edge.spool.errors import sentences

# A commit writes whole pages, and most are small. Old files keep the pages that they have.
_PAGE_BYTES = 512
_CHECKPOINT_PAGES = 6_000
_VERSION = 3  # 1: frames without rows were written, too; 2: few rows as Arrow streams
_SCHEMA = """
CREATE TABLE agent (
    name TEXT NOT NULL, next_number INTEGER NOT NULL, previous TEXT NOT NULL
) STRICT;
CREATE TABLE pending (
    id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, size INTEGER NOT NULL,
    samples BLOB NOT NULL, rejections BLOB NOT NULL, spans TEXT NOT NULL, profiles TEXT NOT NULL
) STRICT;
CREATE TABLE sealed (
    number INTEGER PRIMARY KEY, size INTEGER NOT NULL, digest TEXT NOT NULL, batch BLOB NOT NULL
) STRICT;
"""
# Chunks name their set of profiles: it is the same in all of them for months.
_SINCE_3 = """
CREATE TABLE IF NOT EXISTS profile_sets (
    id INTEGER PRIMARY KEY, profiles TEXT NOT NULL UNIQUE
) STRICT;
"""


def opened_spool_file(path: Path, name: str) -> sqlite3.Connection:
    """The file of the agent `name`, made when it is not there. Raises BusyError, InputError,
    StorageError."""
    with sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
    try:
        with sentences(path):
            _prepare(db, path, name)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, name: str) -> None:
    # One process owns the file, so no shared memory; overwriting deleted telemetry with
    # zeros (Debian's default) would double the writes for nothing.
    for pragma in (
        f"page_size = {_PAGE_BYTES}",  # before the first write, as the next one
        "auto_vacuum = INCREMENTAL",
        "locking_mode = EXCLUSIVE",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = OFF",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
    ):
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN EXCLUSIVE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        _execute(db, _SCHEMA)
        db.execute("INSERT INTO agent VALUES (?, 1, ?)", (name, GENESIS))
    if version in (0, 1, 2):
        _execute(db, _SINCE_3)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
    _sync_folder(path.parent)
    if version not in (0, 1, 2, _VERSION):
        raise InputError(
            f"this spool has format {version}, this program knows format {_VERSION}",
            where=str(path),
            todo="Let the program that wrote it send what is in it first.",
        )
    (owner,) = db.execute("SELECT name FROM agent").fetchone()
    if owner != name:
        raise InputError(
            f"this spool belongs to the agent '{owner}', not to '{name}'",
            where=str(path),
            todo="Give each agent its own data folder, or the old name back.",
        )


def _execute(db: sqlite3.Connection, script: str) -> None:
    """Within a transaction, which `executescript` would end."""
    for statement in filter(str.strip, script.split(";")):
        db.execute(statement)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
