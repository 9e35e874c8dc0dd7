"""What an archive in a folder does besides what every archive must (test_conformance): nothing is
written twice, a full disk leaves nothing half, former layouts are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archived import CAME, incoming, lying, put_in_a_file
from sender import Sender, counts
from small_disk import SmallDisk, small_disk

from domain.errors import StorageError
from store.archive.arrivals import Arrival
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch


def several(count: int) -> list[IncomingBatch]:
    """A second after one another."""
    times = (CAME + timedelta(seconds=number) for number in range(count))
    return [incoming(f"batch {n}".encode(), received=at, latest=at) for n, at in enumerate(times)]


def test_the_stored_order_is_the_order_of_putting(tmp_path: Path) -> None:
    batches = several(50)
    archive = Archive(tmp_path)
    archive.put_all(batches)
    assert list(archive.stored_order()) == [it.digest for it in batches]


def test_the_same_batch_again_is_not_written_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    (batch,) = several(1)
    archive.put_all([batch])
    (path,) = tmp_path.rglob("*.segment")
    before = path.read_bytes()
    archive.put_all([batch, batch])
    archive.put_all([incoming(b"other bytes under an old name", digest=batch.digest)])
    assert path.read_bytes() == before
    assert archive.get(batch.digest) == batch.data


def test_of_a_batch_that_comes_again_the_last_arrival_holds(tmp_path: Path) -> None:
    """Whatever the clock says meanwhile; its bytes are not written twice."""
    archive = Archive(tmp_path)
    data = b"batch" * 1000
    times = [CAME, CAME + timedelta(days=2), CAME - timedelta(days=1)]
    for at in times:
        archive.put_all([incoming(data, received=at, latest=at + timedelta(days=1))])
    digest = incoming(data).digest
    for opened in (archive, Archive(tmp_path)):
        expected = [Arrival(digest, at, at + timedelta(days=1)) for at in times]
        assert list(opened.arrivals()) == expected
        assert opened.written_at(digest) == times[-1]
        assert opened.get(digest) == data
    assert len(lying(tmp_path)) == 1
    assert len(list(tmp_path.rglob("*.segment"))) == 3
    assert sum(it.stat().st_size for it in tmp_path.rglob("*.segment")) < 2 * len(data) + 6200


def test_a_batch_in_a_file_of_its_own_is_found_too(tmp_path: Path) -> None:
    """As long as it could not be packed into a segment."""
    sealed = Sender().seal(counts(1))
    digest, data = sealed.header.digest, sealed.to_bytes()
    path = put_in_a_file(tmp_path, digest, data)
    archive = Archive(tmp_path)
    (other,) = several(1)
    archive.put_all([other])
    assert list(archive.digests()) == sorted([digest, other.digest])
    assert set(archive.stored_order()) == {digest, other.digest}
    assert archive.get(digest) == data
    assert archive.first_lines(digest, 1, 100) == b"lineproof-batch/1\n"
    assert abs(archive.written_at(digest) - datetime.now(UTC)) < timedelta(minutes=1)
    archive.put_all([incoming(data, agent="agent-1", digest=digest)])
    assert list(archive.digests()) == sorted([digest, other.digest]), "in both places, told once"
    archive.take_over()
    assert not path.exists()
    assert archive.get(digest) == data


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, size_mib=1) as made:
        yield made


def test_a_full_disk_is_said_and_leaves_nothing_half(disk: SmallDisk) -> None:
    archive = Archive(disk.path)
    kept, big = several(3), [incoming(bytes([n]) * 400_000) for n in range(4)]
    archive.put_all(kept)
    (segment,) = disk.path.rglob("*.segment")
    before = segment.read_bytes()
    with pytest.raises(StorageError, match=r"No space left.*Free some space"):
        archive.put_all(big)
    assert set(archive.digests()) == {it.digest for it in kept}
    assert segment.read_bytes() == before
    disk.enlarge(8)
    archive.put_all(big)
    for opened in (archive, Archive(disk.path)):
        assert all(opened.get(it.digest) == it.data for it in kept + big)
        assert list(opened.damaged()) == []


def test_a_full_disk_at_the_beginning_of_a_day_leaves_no_file(disk: SmallDisk) -> None:
    archive = Archive(disk.path)
    archive.put_all(several(1))
    with pytest.raises(StorageError, match="No space left"):
        archive.put_all([incoming(bytes(2 << 20), agent="another")])
    assert len(list(disk.path.rglob("*.segment"))) == 1
    assert set(archive.digests()) == {it.digest for it in several(1)}
