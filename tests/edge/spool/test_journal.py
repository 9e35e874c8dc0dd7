"""The journal's file: it keeps its size, says what it cannot take, and goes on where it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from edge_samples import close_below

from edge.spool.journal import JOURNAL_BYTES_MAX, Journal
from edge.spool.journal_records import Kind

BEGIN = 4711


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "spool.journal", BEGIN, 0)
    yield opened
    opened.close()


def contents_of(path: Path, done: int = 0) -> list[bytes]:
    return [it.content for it in Journal(path, BEGIN, done).told]


def test_what_was_added_is_there_and_the_next_opening_goes_on(journal: Journal) -> None:
    assert journal.add(Kind.CHUNK, b"one")
    assert journal.add(Kind.CHUNK, b"two", is_synced=True)
    again = Journal(journal.path, BEGIN, 0)
    assert again.add(Kind.CHUNK, b"three")
    again.close()
    assert contents_of(journal.path) == [b"one", b"two", b"three"]
    assert contents_of(journal.path, done=2) == [b"three"]


def test_its_space_is_used_again(journal: Journal) -> None:
    sizes = set()
    for turn in range(1, 200):
        assert journal.add(Kind.CHUNK, os.urandom(1000))
        assert journal.add(Kind.CHUNK, f"{turn}".encode())
        assert contents_of(journal.path, done=2 * turn - 1) == [f"{turn}".encode()]
        journal.begin_anew(2 * turn)
        sizes.add(journal.path.stat().st_size)
    assert sizes == {64 << 10}


def test_what_finds_no_room_is_refused_until_it_begins_anew(journal: Journal) -> None:
    piece = os.urandom(JOURNAL_BYTES_MAX // 4 - 200)
    assert [journal.add(Kind.CHUNK, piece) for _ in range(5)] == [True, True, True, True, False]
    assert journal.last == 4
    assert len(contents_of(journal.path)) == 4
    journal.begin_anew(4)
    assert journal.add(Kind.CHUNK, b"new")
    assert contents_of(journal.path, done=4) == [b"new"]


def test_after_the_disk_refused_nothing_is_believed_until_it_begins_anew(journal: Journal) -> None:
    """A sync that fails may have dropped what it could not write, and the next one goes well."""
    assert journal.sync()
    assert journal.add(Kind.CHUNK, b"one")
    close_below(journal.path)
    assert not journal.sync()
    assert not journal.add(Kind.CHUNK, b"two")
    assert not journal.sync()
    assert journal.last == 1
    journal.begin_anew(1)
    assert journal.add(Kind.CHUNK, b"new", is_synced=True)
    assert contents_of(journal.path, done=1) == [b"new"]


def test_one_that_is_not_whole_is_kept_aside_as_it_is(journal: Journal) -> None:
    for content in (b"one", b"two", b"three"):
        assert journal.add(Kind.CHUNK, content)
    data = bytearray(journal.path.read_bytes())
    data[data.index(Kind.CHUNK.value, 1)] ^= 1  # the second one
    journal.path.write_bytes(data)
    found = Journal(journal.path, BEGIN, 0)
    assert [it.content for it in found.told] == [b"one"]
    assert (found.is_whole, found.last) == (False, 3)
    kept = [found.keep_aside(), found.keep_aside()]
    assert kept[0] == kept[1]
    assert kept[0].read_bytes() == data


def written_bytes() -> int:
    """What the kernel had to write to disks for this process (write_bytes, proc(5))."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(it.split()[1]) for it in lines if it.startswith("write_bytes:"))


def test_a_small_record_writes_a_page_and_not_the_file(journal: Journal) -> None:
    """The kernel may hold a file in large pieces, each of which it writes as a whole."""
    for number in (1, 2, 3):
        opened = Journal(journal.path, BEGIN, 0)
        assert opened.add(Kind.CHUNK, os.urandom(100), is_synced=True)
        before = written_bytes()
        for _ in range(10):
            assert opened.add(Kind.CHUNK, os.urandom(100), is_synced=True)
        opened.close()
        assert opened.last == 11 * number
        assert written_bytes() - before <= 12 * 4096
