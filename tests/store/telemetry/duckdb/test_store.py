"""What only the DuckDB file can get wrong: kills, a full disk, two owners, readers beside a
writer."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from duckdb_writer import ROWS, content
from small_disk import SmallDisk, small_disk
from telemetry import at, batch, facts, samples, spans

from domain.errors import BusyError, StorageError
from domain.time import Window
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

LINE = "filler-1"
SUPPORT = Path(__file__).parents[3] / "support"


@contextlib.contextmanager
def killed_writer(file: Path, first: int) -> Iterator[subprocess.Popen[str]]:
    """A process that appends batch after batch from that number on, killed -9 at the end."""
    with subprocess.Popen(
        [sys.executable, SUPPORT / "duckdb_writer.py", file, str(first)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{SUPPORT.parents[1]}:{SUPPORT}"},
    ) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "open\n"
            yield writer
        finally:
            writer.kill()


def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """kill -9 at any moment: every acknowledged batch is there once, and an unacknowledged one
    whole or not at all."""
    file, seed = tmp_path / "t.duckdb", 20260302
    rng = random.Random(seed)
    acknowledged = kills = 0
    while kills < 10 or acknowledged <= 20:  # fewer would prove little
        kills += 1
        # As an agent does: the first batch that was not acknowledged comes again.
        with killed_writer(file, acknowledged + 1) as writer:
            time.sleep(rng.uniform(0.0, 0.4))
            writer.kill()
            assert writer.stdout is not None
            said = writer.stdout.read().split()
        acknowledged = max([acknowledged, *map(int, said)])
        _holds(file, acknowledged)


def _holds(file: Path, acknowledged: int) -> None:
    store = DuckDBStore(file)
    last = store.last_batch("agent-1")
    numbers = [record.number for record in store.batches(limit=10**6)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) in (acknowledged, acknowledged + 1)  # the last one may not have been said
    assert last is None or last.number == len(numbers)
    history = store.history(LINE, at(0), at(len(numbers) + 1))
    assert history.samples.height == ROWS * len(numbers)
    assert len(history.spans) == (1 if numbers else 0)
    assert len(store.dirty()) == 2 * len(numbers)
    if numbers:
        assert store.append([content(len(numbers))]) == [False]
    store.close()
    with duckdb.connect(str(file), read_only=True) as raw:
        rows = raw.execute("SELECT count(*) FROM samples").fetchone()
    assert rows == (ROWS * len(numbers),)  # doubles would not show in a history


@pytest.fixture(params=[6, 20], ids=["log", "checkpoint"])
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    """One that is full before DuckDB's first checkpoint, or in one."""
    with small_disk(tmp_path, request.param) as made:
        yield made


def test_a_full_disk_takes_a_batch_whole_or_not_at_all(disk: SmallDisk) -> None:
    store = DuckDBStore(disk.path / "t.duckdb")
    rng = random.Random(1)
    some = samples(*({"time": at(0, us=i), "value": rng.random()} for i in range(5000)))

    def one(number: int) -> tuple[BatchRecord, BatchContent]:
        later = pl.col("time") + pl.duration(seconds=number)
        return batch(number, some.with_columns(later, pl.col("value").shuffle(number)))

    def fill() -> None:
        for number in range(1, 500):
            store.append([one(number)])

    with pytest.raises(StorageError, match=r"t\.duckdb: .*free space"):
        fill()
    kept = len(store.batches(limit=1000))
    assert kept > 0
    with pytest.raises(StorageError):
        store.append([one(kept + 1)])
    # Reading goes on, and once there is space again so does writing.
    assert [record.number for record in store.batches(limit=1000)] == list(range(1, kept + 1))
    assert store.history(LINE, at(0), at(1000)).samples.height == 5000 * kept
    disk.enlarge(200)
    assert store.append([one(kept + 1)]) == [True]
    assert store.append([one(kept)]) == [False]
    # As after a kill: the log has to be replayed over what did not fit.
    (disk.path / "copy").mkdir()
    for file in disk.path.glob("t.duckdb*"):
        shutil.copy(file, disk.path / "copy")
    store.close()
    again = DuckDBStore(disk.path / "copy" / "t.duckdb")
    assert again.history(LINE, at(0), at(1000)).samples.height == 5000 * (kept + 1)
    again.close()


def test_a_file_that_another_process_has_open_is_busy(tmp_path: Path) -> None:
    with (
        killed_writer(tmp_path / "t.duckdb", 1),
        pytest.raises(BusyError, match=r"t\.duckdb: .*another process.*--url"),
    ):
        DuckDBStore(tmp_path / "t.duckdb")


def test_readers_see_whole_batches_while_a_writer_writes(tmp_path: Path) -> None:
    """Each batch holds equally many samples of two machines: no reader sees one without the
    other, and the ledger never runs ahead of the samples."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    stop, failures = threading.Event(), []

    def read() -> None:
        try:
            while not stop.is_set():
                batches = len(store.batches(limit=1000))
                history = store.history(LINE, at(0), at(1000))
                seen = history.samples
                assert history.spans["end"].to_list() in ([], [at(1 + seen.height / 20)])
                counts = dict(seen["machine"].value_counts().iter_rows())
                assert counts.get("filler", 0) == counts.get("meter", 0)
                assert seen.height >= 20 * batches
                store.dirty()
                store.latest(LINE)
        except Exception as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 60):
        rows = [{"time": at(number, us=i), "value": 1.0} for i in range(10)]
        both = samples(*rows).vstack(samples(*rows, machine="meter"))
        store.append([batch(number, both, spans((at(number), at(number + 1))))])
    stop.set()
    for reader in readers:
        reader.join()
    store.close()
    assert failures == []


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """Memory that grew from 1 to 6 GB: thingsboard-gateway#1445. What DuckDB keeps stays under
    its limit while several times as much goes through it, and all of it is there."""
    store = DuckDBStore(tmp_path / "t.duckdb", memory_limit="32MB")
    some = samples(*({"time": at(0, us=i), "value": i * 0.7} for i in range(20_000)))
    used = []
    for first in range(1, 120, 10):
        store.append(
            [
                batch(n, some.with_columns(pl.col("time") + pl.duration(seconds=n)))
                for n in range(first, first + 10)
            ]
        )
        store.history(LINE, at(first - 5), at(first))
        used += store._file.rows("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")[0]
    assert max(used) < 40_000_000
    assert store.history(LINE, at(0), at(400)).samples.height == 120 * 20_000
    store.close()


def test_writers_of_two_threads_take_turns(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    answers: dict[str, list[bool]] = {}

    def write(agent: str) -> None:
        answers[agent] = [
            store.append([batch(n, samples({"time": at(n), "value": 1.0}), agent=agent)])[0]
            for n in range(1, 40)
        ]

    threads = [threading.Thread(target=write, args=(agent,)) for agent in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"a": [True] * 39, "b": [True] * 39}
    ids = [mark.id for mark in store.dirty()]
    assert len(ids) == len(set(ids)) == 78
    store.close()


def test_ids_go_on_after_a_restart(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    store.append([batch(1, samples({"time": at(1), "value": 1.0}))])
    before = store.dirty()
    hours = [(at(0), at(3600))]
    store.replace_facts(LINE, "spec", [Window(*hours[0])], facts(hours), before[-1].id)
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.dirty() == []
    store.append([batch(2, samples({"time": at(2), "value": 1.0}))])
    (after,) = store.dirty()
    assert after.id > before[-1].id
    store.close()
