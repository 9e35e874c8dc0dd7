"""The spool's SQLite file: opening it, its tables, and whose it is.

One process owns the file from here until it is closed, and one agent for good.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from domain.batch_header import GENESIS
from domain.errors import InputError, LaterVersionError, StorageError
from edge.spool.errors import sentences
from edge.spool.journal import sync_folder

# A commit writes whole pages, and most are small. Old files keep the pages that they have.
_PAGE_BYTES = 512
_CHECKPOINT_PAGES = 6_000
_VACUUM_PAGES = 8_000
_VERSION = 6  # 1: frames without rows were written, too; 2: few rows as Arrow streams
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

# Chunks lie in the journal; `pending` has those that found no room there. What the journal has up
# to the number `journal_done` is done with; its first record follows `journal_begin`, as that of no
# other spool does.
_SINCE_4 = """
ALTER TABLE agent ADD COLUMN journal_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agent ADD COLUMN journal_begin INTEGER NOT NULL DEFAULT 0;
UPDATE agent SET journal_begin = random() & 4294967295,
    journal_done = (SELECT coalesce(max(id), 0) FROM pending);
"""

_BEFORE_5 = 4
# What is known of a machine with its samples: in chunks that are sealed, and in those that wait.
_SINCE_5 = """
CREATE TABLE kept (
    machine TEXT PRIMARY KEY, totals TEXT NOT NULL, messages TEXT NOT NULL
) STRICT;
ALTER TABLE pending ADD COLUMN kept TEXT NOT NULL DEFAULT '';
"""

_BEFORE_6 = 5
# Batches up to that number are the collector's; some of them are kept.
_SINCE_6 = """
ALTER TABLE agent ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0;
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


def begin_behind(path: Path, name: str, number: int, digest: str) -> None:
    """A new, empty file whose first batch follows the one of that number and digest: of an agent
    whose collector was put back from a backup. Raises as `opened_spool_file`; StorageError where
    the agent has sealed something by the file."""
    with contextlib.closing(opened_spool_file(path, name)) as db, transaction(db, path):
        begun = db.execute(
            "UPDATE agent SET next_number = ?, previous = ? WHERE next_number = 1",
            (number + 1, digest),
        ).rowcount
        if not begun:
            raise StorageError("this spool is in use", where=str(path))


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    """What the block writes lasts whole when it ends, also after a loss of power, or nothing of it
    does. Raises StorageError, naming the file."""
    with sentences(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk may have rolled back already
                db.execute("ROLLBACK")
            raise


def shrink(db: sqlite3.Connection, path: Path) -> None:
    """Give what is free inside the files back to the disk, as far as it can be done."""
    with contextlib.suppress(StorageError), sentences(path):
        # As a script: `execute` would stop after the first page.
        db.executescript(
            "PRAGMA wal_checkpoint(TRUNCATE);"  # room for the log of the next step
            f"PRAGMA incremental_vacuum({_VACUUM_PAGES});"
            "PRAGMA wal_checkpoint(TRUNCATE)"
        )


def _prepare(db: sqlite3.Connection, path: Path, name: str) -> None:
    # One process owns the file, so no shared memory; to be said before the first read.
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in range(_VERSION + 1):  # nothing of it is touched
        raise LaterVersionError(
            "this spool",
            version,
            _VERSION,
            where=str(path),
            todo="Nothing was changed: use the later version again. It also sends what is in it.",
        )
    # Overwriting deleted telemetry with zeros (Debian's default) would double the writes for
    # nothing.
    for pragma in (
        f"page_size = {_PAGE_BYTES}",  # before the first write, as the next one
        "auto_vacuum = INCREMENTAL",
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
    if version in range(_BEFORE_5):
        _execute(db, _SINCE_3 + _SINCE_4)
    if version in range(_BEFORE_6):
        _execute(db, _SINCE_5)
    if version in range(_VERSION):
        _execute(db, _SINCE_6)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
    sync_folder(path.parent)
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
