"""An archive on an object store: crashes between two objects, stores that lose or spoil them, and
what lies there that nobody put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archived import CAME, flip, incoming
from object_stores import ObjectServer, object_server

from domain.errors import NotFoundError, StorageError
from store.archive.object_batches import ObjectArchive
from store.archive.object_client import ObjectPlace

Given = Callable[[str], ObjectServer]
BATCHES = [incoming(f"batch {n}\n".encode() * 9, latest=CAME) for n in range(6)]
DIGEST = BATCHES[0].digest


@pytest.fixture
def place(object_store: Given) -> ObjectPlace:
    return object_store("rclone").place()


@pytest.fixture
def files(object_store: Given, place: ObjectPlace) -> Path:
    """Where the archive's objects lie as files."""
    return object_store("rclone").folder / place.prefix


@pytest.fixture
def archive(place: ObjectPlace, tmp_path: Path) -> Iterator[ObjectArchive]:
    with closing(ObjectArchive(place, tmp_path)) as opened:
        opened.put_all(BATCHES)
        yield opened


def of(files: Path, suffix: str, digest: str = DIGEST) -> Path:
    (path,) = (files / "batches" / digest[:2] / digest).glob(f"*{suffix}")
    return path


def test_objects_hold_the_sealed_bytes_and_nothing_else(
    archive: ObjectArchive, files: Path
) -> None:
    assert archive.get(DIGEST) == of(files, ".batch").read_bytes() == BATCHES[0].data
    assert of(files, ".arrival").read_bytes() == b""
    assert sum(it.is_file() for it in files.rglob("*")) == 2 * len(BATCHES)


def test_a_crash_between_bytes_and_arrival_is_made_good_when_it_is_sent_again(
    archive: ObjectArchive, files: Path
) -> None:
    of(files, ".arrival").unlink()
    assert DIGEST in set(archive.digests())
    assert DIGEST not in {it.digest for it in archive.arrivals()}
    assert abs(archive.written_at(DIGEST) - datetime.now(UTC)) < timedelta(minutes=5)
    archive.put_all(BATCHES)
    assert {it.digest for it in archive.arrivals()} == {it.digest for it in BATCHES}
    assert archive.written_at(DIGEST) == CAME


@pytest.mark.parametrize("size", [0, 10, 1000])
def test_a_batch_of_another_length_is_found_by_listing(
    archive: ObjectArchive, files: Path, size: int
) -> None:
    path = of(files, ".batch")
    path.write_bytes(bytes(size))
    (damage,) = archive.damaged()
    assert path.name in str(damage)
    assert f"({size} bytes instead of {len(BATCHES[0].data)})" in str(damage)
    assert set(archive.digests()) == {it.digest for it in BATCHES[1:]}
    with pytest.raises(StorageError, match=rf"{path.name}: the batch .* is damaged"):
        archive.get(DIGEST)
    archive.put_all(BATCHES[:1])
    assert archive.get(DIGEST) == BATCHES[0].data
    assert list(archive.damaged()) == []


def test_other_bytes_of_the_same_length_are_found_by_reading(
    archive: ObjectArchive, files: Path
) -> None:
    assert len(list(archive.digests())) == len(BATCHES)
    flip(of(files, ".batch"), 5)
    assert list(archive.damaged()) == []
    with pytest.raises(StorageError, match=r"is damaged.*earlier version"):
        archive.get(DIGEST)
    archive.put_all(BATCHES[:1])
    assert archive.get(DIGEST) == BATCHES[0].data


def test_a_lost_batch_is_missing_though_its_arrival_is_known(
    archive: ObjectArchive, files: Path
) -> None:
    of(files, ".batch").unlink()
    assert DIGEST not in set(archive.digests())
    assert DIGEST in {it.digest for it in archive.arrivals()}
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        archive.get(DIGEST)
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        archive.first_lines(DIGEST, 1, 10)


def test_the_first_of_two_contents_holds_until_it_is_damaged(
    archive: ObjectArchive, files: Path
) -> None:
    other = incoming(b"signed again", digest=DIGEST, latest=CAME)
    first = of(files, ".batch")
    archive.put_all([other])
    assert archive.get(DIGEST) == BATCHES[0].data
    flip(first, 5)
    archive.put_all([other])
    assert archive.get(DIGEST) == other.data, "what came again is whole"
    assert first.exists(), "nothing is removed"


def test_what_nobody_put_there_is_told_and_changes_nothing(
    archive: ObjectArchive, files: Path, place: ObjectPlace
) -> None:
    strange = [
        "notes.txt",
        "photos/cat.jpg",
        "batches/readme",
        "batches/zz/file",
        f"batches/{DIGEST[:2]}/file",
        f"batches/{DIGEST[:2]}/{DIGEST}/{'0' * 64}.batch",
        f"batches/{DIGEST[:2]}/{DIGEST}/0000000001-x-1.arrival",
    ]
    for name in strange:
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text("x")
    told = {f"{place.url}/{it}" for it in strange} - {
        f"{place.url}/photos/cat.jpg",
        f"{place.url}/batches/zz/file",
    }
    assert set(archive.strange()) == told | {f"{place.url}/photos", f"{place.url}/batches/zz"}
    assert sorted(archive.digests()) == sorted(it.digest for it in BATCHES)
    assert archive.get(DIGEST) == BATCHES[0].data
    assert len(list(archive.arrivals())) == len(BATCHES)


def test_a_store_that_goes_away_keeps_nothing_and_the_same_call_completes_it(
    tmp_path: Path,
) -> None:
    """Here an empty one comes back, on another port."""
    with object_server("rclone", tmp_path / "first") as server:
        archive = ObjectArchive(server.place(), tmp_path)
    with closing(archive), pytest.raises(StorageError, match="no connection"):
        archive.put_all(BATCHES)
    with (
        object_server("rclone", tmp_path / "second") as server,
        closing(ObjectArchive(server.place(), tmp_path)) as again,
    ):
        again.put_all(BATCHES)
        assert [again.get(it.digest) for it in BATCHES] == [it.data for it in BATCHES]
