"""A journal is read up to its last whole record, wherever it was cut, torn or spoilt."""

import hashlib

import pytest

from edge.spool.journal_records import Kind, Place, Record, read_journal

BEGIN = 4711


def content_of(number: int) -> bytes:
    """Of the same length for each number, also when it is packed."""
    return bytes(it & 0x7F for it in hashlib.sha256(str(number).encode()).digest())


def written(numbers: range, begin: int = BEGIN) -> bytes:
    """A round of records of those numbers, some of which tell of acknowledged batches."""
    data, place = b"", Place(0, begin)
    for number in numbers:
        kind = Kind.ACKNOWLEDGED if number % 4 == 3 else Kind.CHUNK
        record = place.record(kind, number, content_of(number))
        data, place = data + record.to_bytes(), place.behind(record, content_of(number))
    return data


def numbers(data: bytes, done: int = 0) -> list[int]:
    """Of the records that are believed; each must hold what was written."""
    told = read_journal(data, BEGIN, done).told
    assert [it.content for it in told] == [content_of(it.number) for it in told]
    return [it.number for it in told]


OLD = written(range(1, 9))  # all done with
NEW = written(range(9, 14))
SIZE = len(NEW) // 5


def test_what_was_written_is_read_and_the_next_one_begins_behind_it() -> None:
    found = read_journal(OLD, BEGIN, 0)
    assert [it.number for it in found.told] == list(range(1, 9))
    assert [it.kind is Kind.ACKNOWLEDGED for it in found.told].count(True) == 2
    assert (found.next.offset, found.lost_to) == (len(OLD), 0)
    more = found.next.record(Kind.CHUNK, 9, content_of(9))
    assert numbers(OLD + more.to_bytes()) == list(range(1, 10))
    assert numbers(OLD, done=5) == [6, 7, 8]
    nothing_left = read_journal(OLD, BEGIN, 8)
    assert (nothing_left.told, nothing_left.next.offset, nothing_left.lost_to) == ((), 0, 0)


def test_a_round_that_was_torn_at_any_byte_gives_its_whole_records_and_none_of_the_old() -> None:
    """As a kill or a loss of power leaves it: the new bytes up to there, the old ones behind."""
    for torn_at in range(len(NEW) + 1):
        data = NEW[:torn_at] + OLD[torn_at:]
        found = read_journal(data, BEGIN, 8)
        whole = sum(data.startswith(NEW[: end * SIZE]) for end in range(1, 6))
        assert whole >= torn_at // SIZE
        assert [it.number for it in found.told] == list(range(9, 9 + whole))
        # It is told that the next one was begun, once its number is there.
        assert found.lost_to == (9 + whole if torn_at - whole * SIZE >= 12 else 0)


def test_a_file_that_was_cut_at_any_byte_gives_its_whole_records_and_says_what_was_begun() -> None:
    """Cut just behind a record it is like one that ends there."""
    for length in range(len(NEW) + 1):
        whole, more = divmod(length, SIZE)
        assert numbers(NEW[:length], done=8) == list(range(9, 9 + whole))
        assert read_journal(NEW[:length], BEGIN, 8).lost_to == (9 + whole if more else 0)


def test_a_spoilt_byte_costs_its_record_and_those_behind_and_is_told() -> None:
    """Those behind are not believed: a span among them would vouch for what is lost."""
    for place in range(len(NEW)):
        spoilt = bytearray(NEW)
        spoilt[place] ^= 0x10
        found = read_journal(bytes(spoilt), BEGIN, 8)
        whole = place // SIZE
        assert [it.number for it in found.told] == list(range(9, 9 + whole))
        is_last = whole == 4
        in_marker_or_number = place % SIZE < 12
        assert found.lost_to == (13 if not is_last else 0 if in_marker_or_number else 13)


def test_a_page_that_never_reached_the_disk_is_a_hole() -> None:
    hole = NEW[:SIZE] + bytes(SIZE) + NEW[2 * SIZE :]
    found = read_journal(hole, BEGIN, 8)
    assert ([it.number for it in found.told], found.lost_to) == ([9], 13)


@pytest.mark.parametrize(
    "data", [b"", bytes(4096), bytes(7), b"LPx", b"LPc\n" * 50, bytes(range(256)) * 9]
)
def test_rubbish_is_no_journal(data: bytes) -> None:
    found = read_journal(data, BEGIN, 0)
    assert (found.told, found.next.offset, found.lost_to) == ((), 0, 0)


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
