"""Work ends between two reads of a store once nobody waits for it, wherever its thread is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers import PATIENCE_S, wait_until

from domain.errors import StorageError
from store.archive.blobs import Blobs
from store.telemetry.duckdb.file import DuckDBFile
from store.work import NoLongerWantedError, Work, piece, working

ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range % 7 = b.range"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[DuckDBFile]:
    found = DuckDBFile(tmp_path / "telemetry.duckdb", "200MB")
    yield found
    found.close()


def test_reads_are_counted_and_the_next_one_after_the_end_is_refused(file: DuckDBFile) -> None:
    work = Work()
    with working(work):
        assert [file.rows("SELECT 1") for _ in range(3)] == [[(1,)]] * 3
        assert work.pieces == 3
        work.end()
        with pytest.raises(NoLongerWantedError):
            file.rows("SELECT 1")
    assert file.rows("SELECT 1") == [(1,)], "who reads for himself is not stopped"


def test_a_read_that_runs_is_interrupted(file: DuckDBFile) -> None:
    """Without it the query would take weeks."""
    work = Work()
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            with working(work):
                file.frame(ENDLESS)
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    wait_until(lambda: work.pieces, "the query to begin")
    work.end()
    thread.join(PATIENCE_S)
    assert [type(error) for error in ended] == [NoLongerWantedError]


def test_writes_do_not_ask(file: DuckDBFile) -> None:
    """What was begun lasts: half of a change is none."""
    work = Work()
    work.end()
    with working(work), file.transaction() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 1 AS number")
    assert file.rows("SELECT number FROM kept") == [(1,)]


def test_files_of_the_archive_are_pieces_too(tmp_path: Path) -> None:
    work = Work()
    work.end()
    with working(work), pytest.raises(NoLongerWantedError):
        Blobs(tmp_path, ".batch").get("00" * 32)


def test_an_error_of_work_that_is_wanted_stays_what_it_is() -> None:
    with working(Work()), pytest.raises(StorageError), piece():
        raise StorageError("the disk is gone")
