"""A journal is read up to its last whole record, wherever it was cut, torn or spoilt."""

import hashlib
from dataclasses import replace

import pytest

from edge.spool.journal_records import Kind, Place, Record, read_journal

BEGIN = 4711


def content_of(number: int) -> bytes:
    """Of the same length for each number, also when it is packed."""
    return bytes(it & 0x7F for it in hashlib.sha256(str(number).encode()).digest())


def written(numbers: range, begin: int = BEGIN, *, has_end: bool = True) -> bytes:
    """A round of records of those numbers, some of which tell of acknowledged batches."""
    data, place = b"", Place(0, begin)
    for number in numbers:
        kind = Kind.ACKNOWLEDGED if number % 4 == 3 else Kind.CHUNK
        record = replace(place.record(kind, number, content_of(number)), has_end=has_end)
        data, place = data + record.to_bytes(), place.behind(record, content_of(number))
    return data + place.end_mark if has_end else data


def numbers(data: bytes, done: int = 0) -> list[int]:
    """Of the records that are believed; each must hold what was written."""
    told = read_journal(data, BEGIN, done).told
    assert [it.content for it in told] == [content_of(it.number) for it in told]
    return [it.number for it in told]


OLD = written(range(1, 9))  # all done with
NEW = written(range(9, 14))
END_BYTES = len(Place(0, BEGIN).end_mark)
SIZE = (len(NEW) - END_BYTES) // 5


def test_what_was_written_is_read_and_the_next_one_begins_behind_it() -> None:
    found = read_journal(OLD, BEGIN, 0)
    assert [it.number for it in found.told] == list(range(1, 9))
    assert [it.kind is Kind.ACKNOWLEDGED for it in found.told].count(True) == 2
    assert (found.next.offset, found.lost_to) == (8 * SIZE, 0)
    more = found.next.record(Kind.CHUNK, 9, content_of(9))
    assert numbers(OLD[: 8 * SIZE] + more.to_bytes()) == list(range(1, 10))
    assert numbers(OLD, done=5) == [6, 7, 8]
    nothing_left = read_journal(OLD, BEGIN, 8)
    assert (nothing_left.told, nothing_left.next.offset, nothing_left.lost_to) == ((), 0, 0)


def test_a_write_that_was_torn_at_any_byte_costs_its_record_and_is_told() -> None:
    """As a kill or a loss of power leaves it: the new bytes up to there, the old ones behind."""
    for whole in range(5):
        before = written(range(9, 9 + whole)) if whole else b""
        write = written(range(9, 10 + whole))[whole * SIZE :]
        for torn_at in range(len(write)):
            there = before + OLD[len(before) :]
            there = there[: whole * SIZE] + write[:torn_at] + there[whole * SIZE + torn_at :]
            found = read_journal(there, BEGIN, 8)
            left = whole + (there[whole * SIZE :].startswith(write[:SIZE]))
            assert [it.number for it in found.told] == list(range(9, 9 + left))
            is_old = there == before + OLD[len(before) :]
            is_new = there[whole * SIZE :].startswith(write)
            assert found.lost_to == (0 if is_old or is_new else 9 + left)


def test_a_file_that_was_cut_at_any_byte_gives_its_whole_records_and_says_so() -> None:
    for length in range(1, len(NEW)):
        whole = min(length // SIZE, 5)
        assert numbers(NEW[:length], done=8) == list(range(9, 9 + whole))
        assert read_journal(NEW[:length], BEGIN, 8).lost_to == 9 + whole


@pytest.mark.parametrize("spoilt_bytes", [1, 4, SIZE])
def test_a_spoilt_byte_costs_its_record_and_those_behind_and_is_told(spoilt_bytes: int) -> None:
    """Those behind are not believed: a span among them would vouch for what is lost. So also where
    the marker of the last one is spoilt, or of the only one."""
    for count in (1, 5):
        data = written(range(9, 9 + count)) + bytes(SIZE)
        for place in range(count * SIZE + END_BYTES):
            spoilt = bytearray(data)
            for at in range(place, min(place + spoilt_bytes, len(data))):
                spoilt[at] ^= 0x10
            found = read_journal(bytes(spoilt), BEGIN, 8)
            whole = place // SIZE
            assert [it.number for it in found.told] == list(range(9, 9 + whole))
            assert found.lost_to >= 9 + whole


def test_what_an_agent_before_wrote_without_end_marks_is_read() -> None:
    """And so is what is written behind it now."""
    before = written(range(9, 14), has_end=False)
    found = read_journal(before + OLD, BEGIN, 8)
    assert [it.number for it in found.told] == list(range(9, 14))
    assert (found.next.offset, found.lost_to) == (len(before), 0)
    assert read_journal(before[: 2 * SIZE + 20], BEGIN, 8).lost_to == 11
    record = found.next.record(Kind.CHUNK, 14, content_of(14))
    end_mark = found.next.behind(record, content_of(14)).end_mark
    more = before + record.to_bytes() + end_mark
    assert numbers(more, done=8) == list(range(9, 15))
    assert read_journal(more, BEGIN, 8).lost_to == 0
    assert read_journal(more[: -len(end_mark)], BEGIN, 8).lost_to == 15


def test_a_page_that_never_reached_the_disk_is_a_hole() -> None:
    hole = NEW[:SIZE] + bytes(SIZE) + NEW[2 * SIZE :]
    found = read_journal(hole, BEGIN, 8)
    assert ([it.number for it in found.told], found.lost_to) == ([9], 13)


@pytest.mark.parametrize(
    "data", [bytes(4096), bytes(7), b"LPx", b"LPc\n" * 50, b"LPe\n" * 50, bytes(range(256)) * 9]
)
def test_rubbish_is_no_journal_and_is_told(data: bytes) -> None:
    found = read_journal(data, BEGIN, 0)
    assert (found.told, found.next.offset, found.lost_to) == ((), 0, 1)


def test_a_file_in_which_nothing_was_written_is_whole() -> None:
    for data in (b"", Place(0, BEGIN).end_mark.ljust(4096, b"\0")):
        assert read_journal(data, BEGIN, 0).lost_to == 0


def test_the_journal_of_another_spool_is_not_believed() -> None:
    found = read_journal(written(range(1, 4), begin=BEGIN + 1), BEGIN, 0)
    assert (found.told, found.lost_to) == ((), 3)


def test_what_a_machine_says_cannot_make_numbers_run_away() -> None:
    forged = Record(Kind.CHUNK, 2**63, 0, b"").to_bytes()
    data = Place(0, BEGIN).record(Kind.CHUNK, 1, b"").to_bytes() + forged
    found = read_journal(data, BEGIN, 1)
    assert (found.told, found.lost_to) == ((), 0)


def test_what_is_like_the_content_before_takes_little() -> None:
    place = Place(0, BEGIN)
    for second in range(100):
        content = b'[["line-1"],["filler"],["total_count"],[17800000%d],[17800000%d]]' % (
            (second * 1_000_003 + 10**8,) * 2
        )
        record = place.record(Kind.CHUNK, second + 1, content)
        assert place.content(record) == content
        place = place.behind(record, content)
    assert record.size < 55
