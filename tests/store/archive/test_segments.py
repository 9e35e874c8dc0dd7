"""Segments: whatever happens to their bytes costs the record that it happens to, and is told."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archived import CAME, flip, incoming, keep_putting, lying
from forked_process import ForkedProcess

from domain.errors import NotFoundError, StorageError
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import OPEN_FILES_MAX, IncomingBatch
from store.archive.segment_format import RECORD_HEAD_BYTES, SEGMENT_HEAD_BYTES

KILLS = 12
BATCHES = [incoming(f"batch {n} ".encode() * 9, latest=CAME) for n in range(4)]
INDEX = Path("segments") / "index.sqlite"


def put(folder: Path, batches: list[IncomingBatch] = BATCHES) -> Path:
    """Those batches, one after the other; where their segment is."""
    archive = Archive(folder)
    for it in batches:
        archive.put_all([it])
    archive.close()
    return lying(folder)[0].segment


def readable(archive: Archive) -> list[IncomingBatch]:
    found = []
    for it in BATCHES:
        with contextlib.suppress(NotFoundError, StorageError):
            assert archive.get(it.digest) == it.data
            found.append(it)
    return found


def index_of(folder: Path) -> sqlite3.Connection:
    """With a row for each record, as after many batches."""
    return sqlite3.connect(folder / INDEX)


def write_index(folder: Path) -> None:
    """All that is known into the file, as when there is much of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.archive.segment_index.MERGE_ROWS", 1)
        (folder / INDEX).unlink()
        Archive(folder).close()


def test_an_agent_has_one_file_a_day_of_arrival(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    for number, agent in enumerate(("agent-1", "agent-2") * 5):
        for at in (midnight - timedelta(microseconds=1), midnight):
            archive.put_all([incoming(f"{number} {at}".encode(), agent=agent, received=at)])
    files = sorted(str(it.relative_to(tmp_path)) for it in tmp_path.rglob("*.segment"))
    assert files == [
        f"segments/{agent}/2026-03-0{day}.segment"
        for agent in ("agent-1", "agent-2")
        for day in (2, 3)
    ]
    assert len(list(archive.digests())) == 20


@pytest.mark.parametrize(
    "agent", ["..", ".", "a/b", "../../x", "agent 1", "瓶" * 200, "x" * 200, "%2E", "CON", "a,b"]
)
def test_an_agents_name_is_made_safe(tmp_path: Path, agent: str) -> None:
    archive = Archive(tmp_path / "archive")
    twin = agent[:-1] + ("y" if agent[-1] != "y" else "z")
    archive.put_all([incoming(b"one", agent=agent), incoming(b"two", agent=twin)])
    assert [it.name for it in tmp_path.iterdir()] == ["archive"]
    found = lying(tmp_path / "archive")
    assert {it.agent for it in found} == {agent, twin}
    assert all(it.segment.parents[1] == tmp_path / "archive" / "segments" for it in found)
    assert len(list(Archive(tmp_path / "archive").digests())) == 2


def test_very_many_agents_at_once_open_few_files(tmp_path: Path) -> None:
    batches = [incoming(f"{n}".encode(), agent=f"agent-{n}") for n in range(3 * OPEN_FILES_MAX)]
    archive = Archive(tmp_path)
    archive.put_all(batches)
    assert [archive.get(it.digest) for it in batches] == [it.data for it in batches]
    assert len(list(Archive(tmp_path).digests())) == len(batches)


@pytest.mark.parametrize("cut", range(1, RECORD_HEAD_BYTES + len(BATCHES[-1].data) + 1, 13))
def test_a_record_that_a_crash_cut_off_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = put(tmp_path)
    before = path.read_bytes()
    path.write_bytes(before[:-cut])
    archive = Archive(tmp_path)
    assert readable(archive) == BATCHES[:-1]
    assert list(archive.damaged()) == []
    archive.put_all([BATCHES[-1]])
    assert len(path.read_bytes()) == len(before)
    for opened in (archive, Archive(tmp_path)):
        assert readable(opened) == BATCHES
        assert list(opened.damaged()) == []
        assert [it.digest for it in opened.arrivals()] == [it.digest for it in BATCHES]


@pytest.mark.parametrize("left", [0, 1, 500, 1024, 2047])
def test_a_head_that_a_crash_cut_off_is_written_anew(tmp_path: Path, left: int) -> None:
    path = put(tmp_path)
    path.write_bytes(path.read_bytes()[:left])
    archive = Archive(tmp_path)
    assert list(archive.damaged()) == []
    for it in BATCHES:
        archive.put_all([it])
    assert readable(Archive(tmp_path)) == BATCHES


def test_room_that_was_never_written_is_no_damage(tmp_path: Path) -> None:
    """Some file systems make a file longer before they write into it."""
    path = put(tmp_path, BATCHES[:3])
    path.write_bytes(path.read_bytes() + bytes(5_000))
    archive = Archive(tmp_path)
    assert list(archive.damaged()) == []
    archive.put_all([BATCHES[3]])
    assert path.stat().st_size < 5_000
    assert readable(Archive(tmp_path)) == BATCHES


@pytest.mark.parametrize("with_index", [True, False])
def test_a_flipped_bit_anywhere_is_told_and_costs_its_record_alone(
    tmp_path: Path, with_index: bool
) -> None:
    path = put(tmp_path)
    write_index(tmp_path)
    kept = path.read_bytes()
    index = (tmp_path / INDEX).read_bytes()
    for place in range(0, len(kept), 37):
        if with_index:
            (tmp_path / INDEX).write_bytes(index)
        else:
            (tmp_path / INDEX).unlink(missing_ok=True)
        path.write_bytes(kept)
        flip(path, place)
        archive = Archive(tmp_path)
        told = [(it.path, it.offset) for it in archive.damaged()]
        hit = [it for it in lying_in(kept, tmp_path) if it[1] <= place < it[2]]
        if not hit:  # one of the two lines of the segment's head
            assert told == [(path, place // 1024 * 1024)]
            assert readable(archive) == BATCHES
        else:
            ((number, start, _),) = hit
            assert readable(archive) == BATCHES[:number] + BATCHES[number + 1 :]
            if place < start + RECORD_HEAD_BYTES:
                assert told == [(path, start)]
            else:
                with pytest.raises(
                    StorageError, match=f"{BATCHES[number].digest}.*byte {start} of"
                ):
                    archive.get(BATCHES[number].digest)
        archive.put_all(BATCHES)  # the agent sends again what was not acknowledged
        assert readable(archive) == BATCHES
        archive.close()


def lying_in(kept: bytes, folder: Path) -> list[tuple[int, int, int]]:
    """Each record: its number, where it begins and ends."""
    found, start = [], SEGMENT_HEAD_BYTES
    for number, it in enumerate(BATCHES):
        end = start + RECORD_HEAD_BYTES + len(it.data)
        found.append((number, start, end))
        start = end
    assert start == len(kept), folder
    return found


def test_both_lines_of_a_head_gone_cost_the_file_and_the_day_goes_on(tmp_path: Path) -> None:
    path = put(tmp_path, BATCHES[:2])
    for place in (30, 1054):
        flip(path, place)
    spoilt = path.read_bytes()
    archive = Archive(tmp_path)
    assert [str(it) for it in archive.damaged()] == [f"{path} at byte 0 ({len(spoilt)} bytes)"]
    archive.put_all(BATCHES)
    assert readable(Archive(tmp_path)) == BATCHES
    assert path.read_bytes() == spoilt
    assert path.with_name("2026-03-02.2.segment").exists()


def test_what_looks_like_a_record_within_a_batch_is_none(tmp_path: Path) -> None:
    """An agent puts whole records of the very segment into its batch; then its head is damaged."""
    path = put(tmp_path, BATCHES[:1])
    record = path.read_bytes()[SEGMENT_HEAD_BYTES:]
    archive = Archive(tmp_path)
    archive.put_all([incoming(record * 3, latest=CAME), BATCHES[1]])
    flip(path, SEGMENT_HEAD_BYTES + len(record) + 9)
    found = lying(tmp_path)
    assert [it.digest for it in found] == [BATCHES[0].digest, BATCHES[1].digest]


def forged(database: sqlite3.Connection, statement: str) -> None:
    with database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records",
        "DELETE FROM records WHERE offset = 2048",
        "UPDATE records SET offset = offset + 1",
        "UPDATE records SET offset = -5",
        "UPDATE records SET offset = 'x'",
        "UPDATE records SET length = 1 << 50",
        "UPDATE records SET segment = 99",
        "UPDATE records SET is_again = 1",
        "UPDATE segments SET name = 'nowhere/2026-01-01.segment'",
        "UPDATE segments SET size = 9999999",
        "UPDATE segments SET size = 0",
        "UPDATE segments SET size = size - 50",
        "UPDATE segments SET size = size - 119",
        "UPDATE segments SET size = size - 130",
        "UPDATE segments SET size = 'x'",
        "UPDATE records SET digest = zeroblob(32) WHERE offset = 2048",
        "DROP TABLE records",
        "PRAGMA user_version = 7",
    ],
)
def test_a_forged_or_stale_index_is_never_believed(tmp_path: Path, statement: str) -> None:
    put(tmp_path)
    write_index(tmp_path)
    forged(index_of(tmp_path), statement)
    archive = Archive(tmp_path)
    assert readable(archive) == BATCHES
    assert list(archive.damaged()) == []
    assert list(archive.digests()) == sorted(it.digest for it in BATCHES)
    assert [it.digest for it in archive.arrivals()] == [it.digest for it in BATCHES]
    archive.put_all([incoming(b"new", latest=CAME)])
    again = Archive(tmp_path)
    assert readable(again) == BATCHES
    assert len(list(again.digests())) == len(BATCHES) + 1
    assert list(again.damaged()) == []


@pytest.mark.parametrize("how", ["gone", "noise", "cut", "folder", "empty"])
def test_an_index_that_cannot_be_used_is_made_anew(tmp_path: Path, how: str) -> None:
    put(tmp_path)
    write_index(tmp_path)
    file = tmp_path / INDEX
    data = file.read_bytes()
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how != "gone":
        file.write_bytes({"noise": b"x" * 9999, "cut": data[:5000], "empty": b""}[how])
    archive = Archive(tmp_path)
    assert readable(archive) == BATCHES
    assert list(archive.digests()) == sorted(it.digest for it in BATCHES)


def test_a_segment_put_back_from_a_backup_is_read_as_it_is(tmp_path: Path) -> None:
    """Shorter than the index knows it, then the whole one again."""
    path = put(tmp_path)
    write_index(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: lying(tmp_path)[1].end])
    archive = Archive(tmp_path)
    assert list(archive.digests()) == sorted(it.digest for it in BATCHES[:2])
    path.write_bytes(whole)
    assert readable(archive) == BATCHES
    path.unlink()
    archive = Archive(tmp_path)
    assert list(archive.digests()) == []
    archive.put_all([BATCHES[0]])
    assert archive.get(BATCHES[0].digest) == BATCHES[0].data


def test_another_opening_reads_while_one_writes(tmp_path: Path) -> None:
    """And two that write by turns do each other no harm."""
    writer, other = Archive(tmp_path), Archive(tmp_path)
    for number, it in enumerate(BATCHES):
        (writer if number % 2 else other).put_all([it])
        assert (other if number % 2 else writer).get(it.digest) == it.data
    assert list(Archive(tmp_path).damaged()) == []
    assert readable(Archive(tmp_path)) == BATCHES


def test_strange_things_among_the_segments_are_told(tmp_path: Path) -> None:
    path = put(tmp_path)
    strange = [
        path.with_name("notes.txt"),
        path.with_name("2026-03-09.segment"),
        tmp_path / "segments" / "odd",
    ]
    strange[0].write_text("mine")
    strange[1].symlink_to("/nowhere")
    strange[2].write_text("mine")
    archive = Archive(tmp_path)
    assert set(archive.strange()) == set(strange)
    assert readable(archive) == BATCHES


def test_what_was_acknowledged_outlives_kills_at_any_moment(tmp_path: Path) -> None:
    told, chance = tmp_path / "told", random.Random(20261129)
    for _ in range(KILLS):
        known = told.stat().st_size if told.exists() else 0
        process = ForkedProcess(
            keep_putting, tmp_path / "archive", told, 3, output=tmp_path / "log"
        )
        while process.poll() is None and (not told.exists() or told.stat().st_size == known):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    acknowledged = told.read_text().split()
    assert len(acknowledged) > KILLS
    archive = Archive(tmp_path / "archive")
    assert all(archive.get(it) for it in acknowledged)
    assert list(archive.damaged()) == []
    assert set(acknowledged) <= set(archive.digests())
