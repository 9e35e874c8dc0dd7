"""What an archive must do wherever its batches lie: content-addressed, whole or absent, never
overwritten; and quarantine."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archived import CAME, incoming
from object_stores import KEY_ID, KINDS, SECRET, ObjectServer

from domain.errors import NotFoundError
from store.archive.arrivals import Arrival
from store.archive.object_batches import ObjectArchive
from store.archive.protocol import BatchArchive
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch

Opening = Callable[[], BatchArchive]


@pytest.fixture(params=["folder", *KINDS])
def opening(
    request: pytest.FixtureRequest, object_store: Callable[[str], ObjectServer], tmp_path: Path
) -> Iterator[Opening]:
    """Opens the same archive each time; empty at first."""
    opened: list[BatchArchive] = []
    place = None if request.param == "folder" else object_store(request.param).place()

    def opens() -> BatchArchive:
        opened.append(Archive(tmp_path) if place is None else ObjectArchive(place, tmp_path))
        return opened[-1]

    yield opens
    for it in opened:
        it.close()


def several(count: int) -> list[IncomingBatch]:
    """A second after one another."""
    times = (CAME + timedelta(seconds=number) for number in range(count))
    return [incoming(f"batch {n}".encode(), received=at, latest=at) for n, at in enumerate(times)]


def test_what_was_put_is_there_after_a_restart(opening: Opening) -> None:
    batches = several(50)
    opening().put_all(batches)
    archive = opening()
    archive.take_over()
    assert [archive.get(it.digest) for it in batches] == [it.data for it in batches]
    assert list(archive.digests()) == sorted(it.digest for it in batches)
    assert list(archive.batches()) == [archive.get(it) for it in archive.digests()]
    assert sorted(archive.stored_order()) == list(archive.digests())
    assert [archive.written_at(it.digest) for it in batches] == [it.received for it in batches]
    assert {it.digest: it for it in archive.arrivals()} == {
        it.digest: Arrival(it.digest, it.received, it.received) for it in batches
    }
    assert list(archive.strange()) == list(archive.damaged()) == []


def test_others_read_what_lies_there(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """From where it is said to lie, with what their own environment gives."""
    monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_KEY_ID", KEY_ID)
    monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_SECRET", SECRET)
    archive = opening()
    first, second = several(2)
    archive.put_all([first, second])
    told = archive.lies_at(first.digest)
    assert told is not None
    lying = pickle.loads(pickle.dumps(told))
    assert lying.length == len(first.data)
    assert (lying.read(first.digest), lying.read(second.digest)) == (first.data, None)
    assert archive.lies_at("0" * 64) is None
    assert archive.obstacle is None or pickle.loads(pickle.dumps(archive.obstacle))() == ""


def test_an_empty_archive_has_nothing(opening: Opening) -> None:
    archive = opening()
    archive.put_all([])
    assert list(archive.digests()) == list(archive.stored_order()) == list(archive.arrivals()) == []
    assert list(archive.strange()) == list(archive.damaged()) == []


def test_the_same_batch_again_changes_nothing(opening: Opening) -> None:
    archive = opening()
    (batch,) = several(1)
    archive.put_all([batch])
    archive.put_all([batch, batch])
    archive.put_all([incoming(b"other bytes under an old name", digest=batch.digest)])
    for it in (archive, opening()):
        assert it.get(batch.digest) == batch.data
        assert list(it.arrivals()) == [Arrival(batch.digest, batch.received, batch.received)]
        assert list(it.digests()) == [batch.digest]


def test_of_a_batch_that_comes_again_the_last_arrival_holds(opening: Opening) -> None:
    """Whatever the clock says meanwhile, and whoever else has opened the archive."""
    data = b"batch" * 1000
    times = [CAME, CAME + timedelta(days=2), CAME - timedelta(days=1), CAME - timedelta(days=1)]
    for at in times:
        opening().put_all([incoming(data, received=at, latest=at + timedelta(days=1))])
    digest = incoming(data).digest
    archive = opening()
    expected = [Arrival(digest, at, at + timedelta(days=1)) for at in times[:3]]
    assert list(archive.arrivals()) == expected
    assert archive.written_at(digest) == times[-1]
    assert archive.get(digest) == data


def test_a_batch_without_arrival_has_none_and_says_what_is_known(opening: Opening) -> None:
    archive = opening()
    batch = incoming(b"old", received=CAME)
    archive.put_all([batch])
    assert list(archive.arrivals()) == []
    assert archive.written_at(batch.digest) == CAME
    came = CAME + timedelta(days=1)
    archive.put_all([incoming(b"old", received=came, latest=came)])
    assert list(archive.arrivals()) == [Arrival(batch.digest, came, came)]
    assert archive.written_at(batch.digest) == came


def test_what_is_not_there_is_said(opening: Opening) -> None:
    archive = opening()
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        archive.get("0" * 64)
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        archive.first_lines("0" * 64, 3, 100)
    with pytest.raises(NotFoundError, match="nothing with the digest"):
        archive.written_at("0" * 64)
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        archive.get("../../etc/passwd")
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        archive.put_all([incoming(b"x", digest="../../etc/passwd")])


def test_first_lines_are_read_alone_and_bounded(opening: Opening) -> None:
    archive = opening()
    batch, empty = incoming(b"one\ntwo\r\nthree\rfour"), incoming(b"")
    archive.put_all([batch, incoming(b"behind\nit\n"), empty])
    assert archive.first_lines(batch.digest, 2, 100) == b"one\ntwo\r\n"
    assert archive.first_lines(batch.digest, 9, 100) == batch.data
    assert archive.first_lines(batch.digest, 3, 6) == b"one\ntw"
    assert archive.first_lines(empty.digest, 3, 6) == archive.get(empty.digest) == b""


def test_many_put_at_the_same_time_from_several_threads(opening: Opening) -> None:
    archive, batches = opening(), several(24)
    groups = [batches[first : first + 8] for first in (0, 8, 16, 4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(archive.put_all, groups))
    assert list(archive.digests()) == sorted(it.digest for it in batches)
    assert [archive.get(it.digest) for it in batches] == [it.data for it in batches]


def test_refused_bytes_are_kept_with_their_reason(opening: Opening) -> None:
    archive = opening()
    assert archive.quarantine.counts() == {}
    before = datetime.now(UTC)
    archive.quarantine.keep(b"one", "bad_signature")
    archive.quarantine.keep(b"one", "bad_signature")
    archive.quarantine.keep(b"two", "bad_signature")
    archive.quarantine.keep(b"one", "malformed")
    assert archive.quarantine.counts() == {"bad_signature": 2, "malformed": 1}
    refused = opening().quarantine.listed(100)
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
