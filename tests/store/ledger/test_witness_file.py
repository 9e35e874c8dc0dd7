"""What others said lasts as they said it; how asking went is always of the last time."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import LaterVersionError, StorageError
from store.ledger.witness_file import Standing, WitnessFile

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witnesses.sqlite"


def test_reading_makes_no_file(path: Path) -> None:
    file = WitnessFile(path)
    assert file.cosignatures("a") == []
    assert file.cosigned_sizes() == []
    assert file.last_size("w") == 0
    assert file.standing("w") is None
    assert not path.exists()


def test_cosignatures_are_kept_by_the_text_that_they_are_of(path: Path) -> None:
    file = WitnessFile(path)
    for size, text, witness in ((3, "a", "w"), (3, "b", "w"), (5, "c", "w"), (3, "a", "v")):
        file.keep_cosignature(size, text, witness, f"line of {text} by {witness}")
    file.keep_cosignature(3, "a", "w", "another time")
    file.close()
    again = WitnessFile(path)
    assert again.cosignatures("a") == [("v", "line of a by v"), ("w", "line of a by w")]
    assert again.cosigned_sizes() == [5, 3]
    assert (again.last_size("w"), again.last_size("v"), again.last_size("x")) == (5, 3, 0)
    again.close()


def test_how_asking_went_is_of_the_last_time(path: Path) -> None:
    file, done = WitnessFile(path), Standing("w", AT, AT, 7)
    later = AT + timedelta(hours=1)
    for it in (Standing("w", AT), done, done.failed(later, "no", "ask", is_grave=True)):
        file.keep_standing(it)
        assert file.standing("w") == it
    assert file.standing("w") == Standing("w", later, AT, 7, 1, "no", "ask", True)
    file.close()


@pytest.mark.parametrize("change", ["DELETE FROM cosignatures", "UPDATE cosignatures SET line = 1"])
def test_what_was_said_is_only_ever_added(path: Path, change: str) -> None:
    file = WitnessFile(path)
    file.keep_cosignature(3, "a", "w", "line")
    file.close()
    with (
        contextlib.closing(sqlite3.connect(path)) as other,
        pytest.raises(sqlite3.IntegrityError, match="only ever added"),
    ):
        other.execute(change)


def test_one_whose_maker_was_killed_is_made_whole(path: Path) -> None:
    path.touch()
    file = WitnessFile(path)
    assert file.cosigned_sizes() == []
    file.keep_cosignature(3, "a", "w", "line")
    assert file.cosigned_sizes() == [3]
    file.close()


def test_a_file_that_is_none_is_told(path: Path) -> None:
    path.write_bytes(b"x" * 4096)
    with pytest.raises(StorageError, match="cannot be read"):
        WitnessFile(path).cosigned_sizes()


def test_a_file_has_the_number_of_its_format_and_one_without_is_the_same(path: Path) -> None:
    WitnessFile(path).keep_cosignature(3, "a", "w", "line")
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        file.execute("PRAGMA user_version = 0")
    assert WitnessFile(path).cosigned_sizes() == [3]
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 2")
    with pytest.raises(LaterVersionError, match="the ledger was written by a later version"):
        WitnessFile(path).cosigned_sizes()
