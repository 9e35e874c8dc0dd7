"""The spool's file: of which format it may be."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from edge_samples import AGENT, append, contents, sample

from domain.batch_header import GENESIS
from domain.errors import LaterVersionError
from edge.spool.sealing import encode, rejections_frame, samples_frame
from edge.spool.spool import SPOOL_FILE, Spool

LIMIT = 64 << 20


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, AGENT, limit_bytes=LIMIT)


def test_a_spool_of_a_later_format_is_left_alone(spool: Spool, tmp_path: Path) -> None:
    spool.close()
    with sqlite3.connect(tmp_path / SPOOL_FILE) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    before = (tmp_path / SPOOL_FILE).read_bytes()
    with pytest.raises(LaterVersionError, match=r"spool was written by a later version .*format 9"):
        Spool(tmp_path, AGENT, limit_bytes=LIMIT)
    assert (tmp_path / SPOOL_FILE).read_bytes() == before


FORMER = """
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
PROFILE_SETS = """
CREATE TABLE profile_sets (id INTEGER PRIMARY KEY, profiles TEXT NOT NULL UNIQUE) STRICT;
"""
JOURNAL = """
ALTER TABLE agent ADD COLUMN journal_done INTEGER NOT NULL DEFAULT 7;
ALTER TABLE agent ADD COLUMN journal_begin INTEGER NOT NULL DEFAULT 123;
"""
KEPT = """
CREATE TABLE kept (
    machine TEXT PRIMARY KEY, totals TEXT NOT NULL, messages TEXT NOT NULL
) STRICT;
ALTER TABLE pending ADD COLUMN kept TEXT NOT NULL DEFAULT '';
"""
PROFILES = '{"line-1/filler": "p1"}'


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_spool_of_a_former_format_is_taken_over_with_what_is_in_it(
    tmp_path: Path, version: int
) -> None:
    """In 1 frames without rows were written, up to 2 each chunk named all its profiles, up to 3
    there was no journal, up to 4 nothing was kept of machines, up to 5 no batch after it was handed
    over."""
    with contextlib.closing(sqlite3.connect(tmp_path / SPOOL_FILE)) as db:
        db.executescript(FORMER + (PROFILE_SETS if version >= 3 else ""))
        db.execute("INSERT INTO agent VALUES (?, 1, ?)", (AGENT, GENESIS))
        if version >= 4:
            db.executescript(JOURNAL)
        if version == 5:
            db.executescript(KEPT)
        profiles = PROFILES
        if version >= 3:
            db.execute("INSERT INTO profile_sets VALUES (1, ?)", (PROFILES,))
            profiles = "1"
        nothing = encode(rejections_frame([])) if version == 1 else b""
        chunk = encode(samples_frame([sample(1), sample(2)])), nothing, "[]", profiles
        columns = "(id, rows, size, samples, rejections, spans, profiles)"
        db.execute(f"INSERT INTO pending {columns} VALUES (7, 2, 900, ?, ?, ?, ?)", chunk)
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
    spool = Spool(tmp_path, AGENT, limit_bytes=LIMIT)
    append(spool, [3])
    assert spool.depth.pending_rows == 3
    spool.close()
    assert contents(tmp_path) == ([], [1, 2, 3])
    with contextlib.closing(sqlite3.connect(tmp_path / SPOOL_FILE)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (6,)
