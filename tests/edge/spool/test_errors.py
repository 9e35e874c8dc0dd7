"""What goes wrong with the spool's file is a sentence with what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from domain.errors import BusyError, StorageError
from edge.spool.errors import SpoolFullError, full, sentences, short_of_disk

PATH = Path("/data/spool.sqlite")


def test_a_file_that_is_no_spool_is_said(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"something else, and long enough to be read as a header " * 30)
    with pytest.raises(StorageError, match="this is not a whole spool"), sentences(path):
        sqlite3.connect(path).execute("SELECT * FROM pending")


def test_a_spool_of_another_agent_is_said(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE a (b)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError, match="another agent is using this spool"), sentences(path):
            sqlite3.connect(path, timeout=0).execute("SELECT * FROM a")


def test_a_folder_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be opened .*No such file"), sentences(PATH):
        (tmp_path / "none" / "file").open("rb")


def test_anything_else_of_sqlite_is_said_with_its_words() -> None:
    with pytest.raises(StorageError, match=r"does not work .*no such table"), sentences(PATH):
        sqlite3.connect(":memory:").execute("SELECT * FROM absent")


def test_a_full_spool_is_told_from_a_full_disk() -> None:
    assert isinstance(full(PATH, 5_000_000), SpoolFullError)
    assert "limit of 5,000,000 bytes" in str(full(PATH, 5_000_000))
    assert not isinstance(short_of_disk(PATH, 1 << 20), SpoolFullError)
    assert "less than 1,048,576 bytes are free" in str(short_of_disk(PATH, 1 << 20))
