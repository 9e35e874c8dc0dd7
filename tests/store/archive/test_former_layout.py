"""An archive as it was before there were segments is packed into them, whatever interrupts it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archived import CAME, in_former_layout, pack, put_in_a_file
from forked_process import ForkedProcess
from sender import Sender, counts
from small_disk import small_disk

from domain.batches import SealedBatch
from domain.errors import StorageError
from store.archive.arrivals import Arrival
from store.archive.former_layout import FormerLayout
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch
from store.archive.segments import Segments

COUNT = 40


def sealed(count: int = COUNT) -> Iterator[IncomingBatch]:
    """Of two agents over several days."""
    senders = Sender("agent-1"), Sender("agent-2")
    for number in range(count):
        batch: SealedBatch = senders[number % 2].seal(counts(number))
        at = CAME + timedelta(hours=7 * number)
        yield IncomingBatch(
            batch.header.agent, batch.header.digest, batch.to_bytes(), at, at + timedelta(days=1)
        )


def former(folder: Path, count: int = COUNT) -> list[IncomingBatch]:
    batches = list(sealed(count))
    archive = Archive(folder)
    archive.put_all(batches)
    archive.close()
    in_former_layout(folder)
    return batches


def arrivals(batches: list[IncomingBatch]) -> list[Arrival]:
    return [Arrival(it.digest, it.received, it.latest) for it in batches if it.latest is not None]


def check(folder: Path, batches: list[IncomingBatch]) -> None:
    """All is in segments, and nothing is left where it was."""
    archive = Archive(folder)
    assert {it.name for it in folder.iterdir()} == {"segments"}
    assert [archive.get(it.digest) for it in batches] == [it.data for it in batches]
    assert list(archive.digests()) == sorted(it.digest for it in batches)
    assert list(archive.stored_order()) == [
        it.digest for it in sorted(batches, key=lambda it: (it.agent, it.received))
    ]
    came = sorted(archive.arrivals(), key=lambda it: it.received)  # those of agents may mix
    assert came == arrivals(batches)
    assert list(archive.damaged()) == list(archive.strange()) == []


def test_all_of_it_goes_into_segments_with_its_arrivals(tmp_path: Path) -> None:
    batches = former(tmp_path)
    archive = Archive(tmp_path)
    assert list(archive.arrivals()) == arrivals(batches)
    assert FormerLayout(tmp_path).packed_into(Segments(tmp_path / "segments")) == COUNT
    check(tmp_path, batches)


def test_of_several_arrivals_the_last_one_holds(tmp_path: Path) -> None:
    batches = former(tmp_path, 2)
    again = batches[0].received + timedelta(days=40)
    Archive(tmp_path)  # opened by somebody who does not pack it
    line = (tmp_path / "arrivals" / "2026-03.jsonl").read_text().splitlines()[0]
    us = str(int(again.timestamp() * 1e6))
    noted = line.split('"received"')[0] + f'"received": {us}, "latest": {us}}}\n'
    (tmp_path / "arrivals" / "2026-04.jsonl").write_text(noted)
    archive = Archive(tmp_path)
    archive.take_over()
    held = {it.digest: it.received for it in archive.arrivals()}
    assert held == {batches[0].digest: again, batches[1].digest: batches[1].received}


def test_lines_of_arrivals_that_are_damaged_cost_themselves_alone(tmp_path: Path) -> None:
    batches = former(tmp_path)
    file = min((tmp_path / "arrivals").iterdir())
    rubbish = b'{}\n{"digest": 5, "received": 1, "latest": 1}\n\xff\n' + b"[" * 99_999 + b"\n"
    file.write_bytes(rubbish + file.read_bytes() + file.read_bytes()[:40])
    Archive(tmp_path).take_over()
    check(tmp_path, batches)


def test_without_arrivals_the_files_times_stand_for_them(tmp_path: Path) -> None:
    batches = list(sealed(3))
    for number, it in enumerate(batches):
        path = put_in_a_file(tmp_path, it.digest, it.data)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    archive = Archive(tmp_path)
    archive.take_over()
    assert list(archive.arrivals()) == []
    assert [archive.written_at(it.digest) for it in batches] == [
        datetime.fromtimestamp(1_700_000_000 + number, UTC) for number in range(3)
    ]


def test_what_does_not_verify_stays_where_it_lies_and_is_found_there(tmp_path: Path) -> None:
    batches = former(tmp_path)
    spoilt, swapped, lost = batches[3], batches[4], batches[5]
    put = {it.digest: next((tmp_path / "batches").rglob(f"{it.digest}*")) for it in batches}
    put[spoilt.digest].write_bytes(spoilt.data[:-1] + b"?")
    put[swapped.digest].write_bytes(batches[0].data)
    put[lost.digest].unlink()
    no_batch = put_in_a_file(tmp_path, "ab" * 32, b"no batch")
    for _ in range(2):
        archive = Archive(tmp_path)
        archive.take_over()
        left = {it for it in (tmp_path / "batches").rglob("*") if it.is_file()}
        assert left == {put[spoilt.digest], put[swapped.digest], no_batch}
        assert archive.get(spoilt.digest) == spoilt.data[:-1] + b"?"
        assert archive.get("ab" * 32) == b"no batch"
        assert {it.digest for it in archive.arrivals()} == {it.digest for it in batches}
        assert set(archive.digests()) == {it.digest for it in batches} - {lost.digest} | {"ab" * 32}


@pytest.mark.parametrize("after_files", [0, 1, 13, COUNT - 1])
def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path, after_files: int) -> None:
    """kill -9 when so many of the old files are gone; then it goes on."""
    batches = former(tmp_path)
    process = ForkedProcess(pack, tmp_path, 3, output=tmp_path.parent / "log")
    while process.poll() is None:
        left = len(list((tmp_path / "batches").rglob("*.batch")))
        if COUNT - left >= after_files:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(30)
    archive = Archive(tmp_path)
    assert list(archive.digests()) == sorted(it.digest for it in batches)
    archive.close()
    pack(tmp_path, 3)
    check(tmp_path, batches)


def test_on_a_full_disk_it_stays_as_it_is_and_can_be_read(tmp_path: Path) -> None:
    with small_disk(tmp_path, size_mib=1) as disk:
        folder = disk.path / "archive"
        batches = former(folder)
        disk.fill(leave_bytes=4_000)
        archive = Archive(folder)
        with pytest.raises(StorageError, match="No space left"):
            archive.take_over()
        assert [archive.get(it.digest) for it in batches] == [it.data for it in batches]
        disk.make_room()
        archive.take_over()
        check(folder, batches)
