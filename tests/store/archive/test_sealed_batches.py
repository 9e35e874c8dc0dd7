"""Bytes that last: content-addressed, whole or absent, never overwritten; quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_disk import SmallDisk, small_disk

from domain.errors import NotFoundError, StorageError
from store.archive.sealed_batches import Archive


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def several(count: int) -> list[tuple[str, bytes]]:
    return [(digest(data), data) for data in (f"batch {n}".encode() for n in range(count))]


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    batches = several(50)
    Archive(tmp_path).put_all(batches)
    archive = Archive(tmp_path)
    assert [archive.get(name) for name, _ in batches] == [data for _, data in batches]
    assert list(archive.digests()) == sorted(name for name, _ in batches)
    assert sorted(archive.batches()) == sorted(data for _, data in batches)
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_same_batch_again_is_not_written_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    ((name, data),) = several(1)
    archive.put_all([(name, data)])
    (path,) = tmp_path.rglob("*.batch")
    before = path.stat()
    archive.put_all([(name, data), (name, data)])
    archive.put_all([(name, b"other bytes under an old name")])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert archive.get(name) == data


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        Archive(tmp_path).get("0" * 64)
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        Archive(tmp_path).get("../../etc/passwd")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, size_mib=1) as made:
        yield made


def test_a_full_disk_is_said_and_leaves_nothing_half(disk: SmallDisk) -> None:
    archive = Archive(disk.path)
    kept, big = several(3), [(digest(bytes([n]) * 400_000), bytes([n]) * 400_000) for n in range(4)]
    archive.put_all(kept)
    with pytest.raises(StorageError, match=r"No space left.*Free some space"):
        archive.put_all(big)
    assert set(archive.digests()) == {name for name, _ in kept}
    assert not list(disk.path.rglob("*.tmp"))
    disk.enlarge(8)
    archive.put_all(big)
    assert all(archive.get(name) == data for name, data in kept + big)


def test_refused_bytes_are_kept_with_their_reason(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.quarantine.counts() == {}
    before = datetime.now(UTC)
    archive.quarantine.keep(b"one", "bad_signature")
    archive.quarantine.keep(b"one", "bad_signature")
    archive.quarantine.keep(b"two", "bad_signature")
    archive.quarantine.keep(b"one", "malformed")
    assert archive.quarantine.counts() == {"bad_signature": 2, "malformed": 1}
    refused = Archive(tmp_path).quarantine.listed(100)
    assert sorted((item.reason, item.path.read_bytes()) for item in refused) == [
        ("bad_signature", b"one"),
        ("bad_signature", b"two"),
        ("malformed", b"one"),
    ]
    assert all(item.size == 3 for item in refused)
    assert [item.since for item in refused] == sorted((i.since for i in refused), reverse=True)
    assert abs((refused[0].since - before).total_seconds()) < 60
    assert len(archive.quarantine.listed(2)) == 2
    assert list(archive.digests()) == []
    with pytest.raises(ValueError, match="no short name"):
        archive.quarantine.keep(b"x", "../escape")
