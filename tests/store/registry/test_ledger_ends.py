"""How far the ledger came is kept, once; rubbish in its place is the end of no ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.registry.database import RegistryDatabase
from store.registry.ledger_ends import LedgerEnd, LedgerEnds


@pytest.fixture
def ends(tmp_path: Path) -> LedgerEnds:
    return LedgerEnds(RegistryDatabase(tmp_path / "r.sqlite"))


def test_the_last_one_is_kept(ends: LedgerEnds) -> None:
    assert ends.last() is None
    for size in (3, 5):
        ends.keep(LedgerEnd("key", size, bytes([size] * 32)))
    assert ends.last() == LedgerEnd("key", 5, bytes([5] * 32))


@pytest.mark.parametrize("root", ["", "x", "0" * 63, "ä" * 64, 7])
def test_a_root_that_is_none_is_that_of_no_ledger(
    ends: LedgerEnds, tmp_path: Path, root: object
) -> None:
    ends.keep(LedgerEnd("key", 5, bytes(32)))
    with closing(sqlite3.connect(tmp_path / "r.sqlite")) as db, db:
        db.execute("UPDATE ledger_end SET root = ?", (root,))
    assert ends.last() == LedgerEnd("key", 5, b"")


@pytest.mark.parametrize("size", ["x", -3, 0, 1.5])
def test_a_size_that_is_none_is_that_of_no_ledger(
    ends: LedgerEnds, tmp_path: Path, size: object
) -> None:
    ends.keep(LedgerEnd("key", 5, bytes(32)))
    with closing(sqlite3.connect(tmp_path / "r.sqlite")) as db, db:
        db.execute("UPDATE ledger_end SET size = ?", (size,))
    assert ends.last() == LedgerEnd("key", 0, bytes(32))
