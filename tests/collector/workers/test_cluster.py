"""Pieces come back in order, once each, whatever dies; who must not be asked is refused."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dask_workers import Cluster, cluster, die_once, fail, other_program
from peers import free_port

from collector.workers.cluster import Piece, workers_of
from collector.workers.piece_files import PieceFiles
from domain.errors import InputError, StorageError


def pieces(work: Callable[[Any], bytes], *texts: str) -> Iterator[tuple[str, Piece]]:
    for text in texts:
        yield text, Piece(hashlib.sha256(text.encode()).hexdigest(), work, text)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def alone(scheduler: Cluster) -> Iterator[Cluster]:
    """The scheduler with one worker."""
    scheduler.start()
    yield scheduler
    scheduler.stop_workers()


def test_pieces_come_in_order_and_once(alone: Cluster, tmp_path: Path) -> None:
    texts = [f"piece {number}" for number in range(20)]
    given = [(text, text.encode()) for text in texts]
    with workers_of(alone.address, tmp_path / "pieces") as workers:
        assert list(workers.results(pieces(str.encode, *texts))) == given
        # The second time they are there: nobody is asked, so nobody fails.
        assert list(workers.results(pieces(fail, *texts))) == given
    assert not (tmp_path / "pieces").exists()


def test_a_worker_that_dies_with_its_piece(alone: Cluster, tmp_path: Path) -> None:
    """The piece is made again by another one."""
    markers = [str(tmp_path / name) for name in ("first", "second")]
    (tmp_path / "first").touch()
    alone.start()
    with workers_of(alone.address, tmp_path / "pieces") as workers:
        found = list(workers.results(pieces(die_once, *markers)))
    assert found == [(it, f"done after {it}".encode()) for it in markers]
    assert alone.known == 1


def test_no_worker_is_left(alone: Cluster, tmp_path: Path) -> None:
    marker = str(tmp_path / "marker")

    def until_it_dies() -> None:
        with workers_of(alone.address, tmp_path / "pieces", patience_s=2) as workers:
            list(workers.results(pieces(str.encode, "done")))
            list(workers.results(pieces(die_once, marker)))

    with pytest.raises(StorageError, match=r"no worker is left.*pieces that are done are kept"):
        until_it_dies()
    kept = PieceFiles(tmp_path / "pieces")
    ((_, done),) = pieces(str.encode, "done")
    assert kept.get(done.identity) == b"done"


def test_work_that_fails(alone: Cluster, tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=r"a worker could not .* \(ArithmeticError: why\)"),
        workers_of(alone.address, tmp_path) as workers,
    ):
        list(workers.results(pieces(fail, "why")))


def test_a_worker_that_does_not_see_the_folder(alone: Cluster, tmp_path: Path) -> None:
    """There is another folder of that name, or none; also where it comes to that later."""
    folder = tmp_path / "pieces"
    refused = partial(pytest.raises, InputError, match="does not see the node's folder")
    with workers_of(alone.address, folder) as workers:
        (folder / "token").write_text("another")
        with refused():
            workers.check()
        (folder / "token").unlink()
        with refused():
            workers.check()
        with refused():
            list(workers.results(pieces(str.encode, "late")))


def test_a_worker_with_another_program(scheduler: Cluster, tmp_path: Path) -> None:
    other = other_program(tmp_path / "other")
    with (
        scheduler.foreign({"PYTHONPATH": str(other)}),
        pytest.raises(InputError, match=r"has another program: it has .*, and here is"),
        workers_of(scheduler.address, tmp_path / "pieces"),
    ):
        pytest.fail("it was let in")


def test_no_workers_at_all(scheduler: Cluster, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="the scheduler has no workers"),
        workers_of(scheduler.address, tmp_path),
    ):
        pytest.fail("there is one")


def test_the_scheduler_goes_away(tmp_path: Path) -> None:
    with cluster(tmp_path) as going:
        going.start()
        with workers_of(going.address, tmp_path / "pieces") as workers:
            found = workers.results(pieces(str.encode, *"abcdefgh"))
            assert next(found) == ("a", b"a")
            going.close()
            with pytest.raises(StorageError, match="the scheduler does not answer any more"):
                list(found)


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "http://10.0.0.5:8786", "nowhere"])
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="is no scheduler's address"),
        workers_of(address, tmp_path),
    ):
        pytest.fail("it was taken")


def test_nobody_answers(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="no Dask scheduler answers there"),
        workers_of(f"tcp://127.0.0.1:{free_port()}", tmp_path),
    ):
        pytest.fail("somebody answered")


def test_without_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with (
        pytest.raises(InputError, match=r"pip install 'lineproof\[dask\]'"),
        workers_of("tcp://127.0.0.1:1", tmp_path),
    ):
        pytest.fail("it was there")
