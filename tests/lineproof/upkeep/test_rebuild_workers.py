"""Rebuild by workers: the same to the last bit as by one process, whatever is killed meanwhile."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import answer, refused, run
from dask_node import all_of, odd_node, put, rebuild_until_facts
from dask_workers import Cluster, cluster
from forked_process import ForkedProcess
from made_up import START, end_of
from object_stores import KEY_ID, SECRET, ObjectServer, object_server
from peers import PATIENCE_S, free_port
from rebuild_workers import NOW
from sender import Sender, counts

from collector.workers import batches, facts
from domain.errors import InputError
from lineproof.upkeep.rebuild import PIECES, RebuildSummary, rebuild_folder
from store.archive.object_batches import ObjectArchive
from store.archive.object_client import ObjectPlace
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch

KEY_NAMES = ("LINEPROOF_STORE__ARCHIVE_KEY_ID", "LINEPROOF_STORE__ARCHIVE_SECRET")


@dataclass
class Node:
    """A folder, what a plain rebuild of it gives, and its odd agent."""

    data: Path
    plain: RebuildSummary
    found: list[Any]
    sender: Sender


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """With two workers."""
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        started.start(2)
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with object_server("rclone", tmp_path_factory.mktemp("rclone") / "objects") as running:
        yield running


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Node:
    data = tmp_path_factory.mktemp("rebuilt") / "node"
    sender = odd_node(data)
    plain = rebuild_folder(data, NOW)
    assert plain.replayed.quarantine == {"bad_signature": 1, "unknown_agent": 1}
    assert (plain.replayed.undated, plain.replayed.missing) == (1, 2)
    assert plain.replayed.rejections == 10
    return Node(data, plain, all_of(data), sender)


@pytest.fixture
def node(rebuilt: Node, tmp_path: Path) -> Node:
    """A copy of it without telemetry."""
    data = tmp_path / "node"
    shutil.copytree(rebuilt.data, data)
    (data / "telemetry.duckdb").unlink()
    return Node(data, rebuilt.plain, rebuilt.found, rebuilt.sender)


def test_the_same_to_the_last_bit(
    node: Node, scheduler: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In many pieces, by two workers."""
    monkeypatch.setattr(batches, "PIECE_BATCHES", 8)
    monkeypatch.setattr(facts, "ROWS_SENT", 20_000)
    said: list[tuple[str, int, int | None]] = []
    summary = rebuild_folder(
        node.data, NOW, lambda *it: said.append(it), scheduler=scheduler.address
    )
    assert summary == node.plain
    assert all_of(node.data) == node.found
    steps = {what: (done, total) for what, done, total in said}
    assert steps["computing facts"] == (summary.slices, summary.slices)
    assert steps["verifying batches"][0] == summary.replayed.batches
    assert not (node.data / PIECES).exists()


def test_the_command(node: Node, scheduler: Cluster) -> None:
    """What it prints is the same, and so are the figures."""
    asked = ("kpi", "--start", START.isoformat(), "--end", end_of(40).isoformat(), "--by", "week")
    by_workers = rebuilding(node.data, "--scheduler", scheduler.address)
    figures = answer(*asked, "--data", node.data)
    assert by_workers == rebuilding(node.data)
    assert answer(*asked, "--data", node.data) == figures != []
    sentence = refused(
        "rebuild", "--data", node.data, "--scheduler", f"tcp://127.0.0.1:{free_port()}"
    )
    assert "no Dask scheduler answers there" in sentence


def rebuilding(data: Path, *more: str) -> Any:
    """What the command prints as JSON. Some of the batches are in quarantine, and it says so; of
    Dask it says nothing."""
    outcome = run("rebuild", "--data", data, "--json", "--yes", *more)
    said = [json.loads(line)["event"] for line in outcome.errors.splitlines()]
    assert (outcome.status, set(said)) == (1, {"archived batch does not verify"})
    return outcome.json


def test_what_workers_cannot_read_the_node_reads(
    node: Node, scheduler: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a batch in a file of its own, as before there were segments, or one that was moved."""
    pieces = batches._pieces
    monkeypatch.setattr(batches, "_pieces", lambda archive, *it: pieces(Nowhere(), *it))
    assert rebuild_folder(node.data, NOW, scheduler=scheduler.address) == node.plain
    assert all_of(node.data) == node.found


class Nowhere:
    """An archive of which nobody else can read anything."""

    def lies_at(self, _digest: str) -> None:
        return None


def test_batches_on_an_object_store(
    node: Node, server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker reads them with a key of its own."""
    place = server.place()
    monkeypatch.setenv(KEY_NAMES[0], KEY_ID)
    monkeypatch.setenv(KEY_NAMES[1], SECRET)
    moved_to(place, node.data)
    with cluster(node.data.parent) as own:
        with (
            own.foreign({KEY_NAMES[1]: "another"}),
            pytest.raises(InputError, match=r"this worker cannot read the archive: .*refuses"),
        ):
            rebuild_folder(node.data, NOW, scheduler=own.address)
        with own.foreign({}):
            # Nothing is left for the node to read: a worker that could not would be told of.
            monkeypatch.setattr(batches, "examine_here", None)
            assert rebuild_folder(node.data, NOW, scheduler=own.address) == node.plain
    assert all_of(node.data) == node.found


def moved_to(place: ObjectPlace, data: Path) -> None:
    """The batches of the folder to the object store, and the folder to them."""
    with (
        closing(ObjectArchive(place, data / "nothing")) as there,
        closing(Archive(data / "archive")) as here,
    ):
        latest = {it.digest: it.latest for it in here.arrivals()}
        there.put_all(
            [
                IncomingBatch("any", it, here.get(it), here.written_at(it), latest.get(it))
                for it in here.digests()
            ]
        )
    shutil.rmtree(data / "archive" / "segments")
    (data / "store.yaml").write_text(
        f"archive_url: {place.url}\narchive_endpoint: {place.endpoint}\n"
    )


def test_a_worker_is_killed_meanwhile(
    node: Node, scheduler: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PIECE_BATCHES", 4)
    (more,) = scheduler.start()

    def told(_what: str, done: int, _total: int | None) -> None:
        if done == 2:
            more.kill()

    assert rebuild_folder(node.data, NOW, told, scheduler=scheduler.address) == node.plain
    assert more.wait(PATIENCE_S) != 0
    assert all_of(node.data) == node.found


def test_it_goes_on_where_it_was_killed(node: Node, scheduler: Cluster) -> None:
    """What was done is taken up, but for what came in since."""
    log = node.data.with_name("killed.log")
    killed = ForkedProcess(rebuild_until_facts, str(node.data), scheduler.address, output=log)
    assert killed.wait(PATIENCE_S) == -9, log.read_text()
    done = _pieces_of(node.data)
    assert len(done) >= 4
    late = node.sender.seal(counts(7))
    put(node.data, [late])
    beside = node.data.with_name("beside")
    shutil.copytree(node.data, beside)
    seen: set[tuple[str, int]] = set()

    def told(_what: str, _done: int, _total: int | None) -> None:
        seen.update(_pieces_of(node.data))

    summary = rebuild_folder(node.data, NOW, told, scheduler=scheduler.address)
    assert done < seen
    assert summary == rebuild_folder(beside, NOW)
    assert summary.replayed.batches == node.plain.replayed.batches + 1
    assert all_of(node.data) == all_of(beside)
    assert not (beside / PIECES).exists()


def _pieces_of(data: Path) -> set[tuple[str, int]]:
    """Each piece and its file: one that is made again gets another file."""
    return {(it.name, it.stat().st_ino) for it in (data / PIECES).glob("*.piece")}
