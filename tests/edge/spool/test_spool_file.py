"""The spool's file: of which format it may be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from edge_samples import AGENT, append, contents

from domain.errors import InputError
from edge.spool.sealing import encode, rejections_frame
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
    with pytest.raises(InputError, match="has format 9, this program knows format 3"):
        Spool(tmp_path, AGENT, limit_bytes=LIMIT)


def test_a_spool_of_the_first_format_is_taken_over_with_what_is_in_it(
    spool: Spool, tmp_path: Path
) -> None:
    """There frames without rows were written, too."""
    append(spool, [1, 2])
    spool.close()
    with sqlite3.connect(tmp_path / SPOOL_FILE) as db:
        db.execute("UPDATE pending SET rejections = ?", (encode(rejections_frame([])),))
        db.execute("PRAGMA user_version = 1")
    db.close()
    Spool(tmp_path, AGENT, limit_bytes=LIMIT).close()
    assert contents(tmp_path) == ([], [1, 2])
    with sqlite3.connect(tmp_path / SPOOL_FILE) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (3,)
    db.close()
