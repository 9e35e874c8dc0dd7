"""The spool: nothing lost, nothing doubled, no gap in numbers, whatever happens when."""

import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import (
    AGENT,
    append,
    check_chain,
    close_below,
    contents,
    rejection,
    sample,
    seal_cut,
    seal_next,
    span,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.batch_header import GENESIS
from domain.batches import parse_batch
from domain.errors import BusyError, InputError, StorageError
from domain.frames import REJECTIONS, SAMPLES
from edge.spool.errors import SpoolFullError
from edge.spool.journal import JOURNAL_BYTES_MAX
from edge.spool.kept import Kept
from edge.spool.sealing import merge_spans, rejections_frame, samples_frame
from edge.spool.spool import JOURNAL_FILE, SPOOL_FILE, Spool

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LIMIT = 64 << 20
KEEP = 4 << 10  # a few of the machine's batches
MACHINE = "line-1/filler"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path, AGENT, limit_bytes=LIMIT)
    yield opened
    opened.close()


class SpoolMachine(RuleBasedStateMachine):
    """Any sequence of append, seal, acknowledge, crash and loss of power, against a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.spool = Spool(self.folder, AGENT, limit_bytes=LIMIT, keep_bytes=KEEP)
        self.numbers = count()
        self.accepted: list[int] = []
        self.collector: list[bytes] = []  # what was sent and acknowledged
        self.synced = 0  # of what was accepted
        self.is_opened_anew = False
        self.journal_synced = b""

    @rule(rows=st.integers(0, 5), profile=st.sampled_from(["p1", "p2"]), is_synced=st.booleans())
    def append(self, rows: int, profile: str, is_synced: bool) -> None:
        chunk = [next(self.numbers) for _ in range(rows)]
        kept = [Kept(MACHINE, str(chunk[-1]), (f"m{chunk[-1]}",))] if chunk else []
        append(self.spool, chunk, profile=profile, kept=kept, is_synced=is_synced)
        self.accepted += chunk
        if is_synced:
            self.synced = len(self.accepted)
            self.journal_synced = self._journal.read_bytes()

    @rule(max_rows=st.integers(1, 8))
    def seal(self, max_rows: int) -> None:
        pending = self.spool.depth.pending_chunks
        assert (seal_next(self.spool, KEY, max_rows) is None) == (pending == 0)

    @rule()
    def acknowledge(self) -> None:
        batch = self.spool.oldest()
        if batch is not None:
            self.collector.append(batch.data)
            self.spool.acknowledge(batch.number)

    @rule()
    def acknowledge_again(self) -> None:
        self.spool.acknowledge(len(self.collector))  # the last one, or none: no effect

    @rule(lost=st.integers(1, 6))
    def put_the_collector_back(self, lost: int) -> None:
        """From a backup: it lacks its last batches, which are sent again where they are kept."""
        left = self.collector[:-lost]
        if self.spool.go_back(len(left) + 1):
            assert self.collector, "there is nothing to go back to"
            self.collector = left

    @rule()
    def crash(self) -> None:
        self._restart({})

    @rule(part=st.floats(0, 1), is_beginning_new=st.booleans())
    def lose_power(self, part: float, is_beginning_new: bool) -> None:
        """Of what the journal was given since its last sync the disk may have any part."""
        new = self._journal.read_bytes() if self._journal.exists() else b""
        old = self.journal_synced.ljust(len(new), b"\0")
        place = int(part * len(new.rstrip(b"\0")))
        first, second = (new, old) if is_beginning_new else (old, new)
        self._restart({self._journal.name: first[:place] + second[place:]})
        self.spool.acknowledge(len(self.collector))  # which the disk may not have known
        sealed, pending = contents(self.folder)
        there = check_chain([*self.collector, *sealed], KEY) + pending
        assert there == self.accepted[: max(len(there), self.synced)]
        self.accepted, self.numbers, self.synced = there, count(len(there)), len(there)
        self.journal_synced = self._journal.read_bytes()

    def _restart(self, spoilt: dict[str, bytes]) -> None:
        """As a process finds it that starts anew, with these files instead."""
        after = Path(mkdtemp())
        for file in self.folder.iterdir():
            shutil.copy(file, after)
        self._leave()
        for name, data in spoilt.items():
            (after / name).write_bytes(data)
        self.folder = after
        self.spool = Spool(after, AGENT, limit_bytes=LIMIT, keep_bytes=KEEP)
        self.is_opened_anew = True

    @property
    def _journal(self) -> Path:
        return self.folder / JOURNAL_FILE

    @rule()
    def close_and_open(self) -> None:
        self.spool.close()
        self.spool = Spool(self.folder, AGENT, limit_bytes=LIMIT, keep_bytes=KEEP)
        self.is_opened_anew = True

    @invariant()
    def all_is_there_once_and_in_order(self) -> None:
        sealed, pending = contents(self.folder)
        assert check_chain([*self.collector, *sealed], KEY) + pending == self.accepted
        if self.is_opened_anew:
            self.is_opened_anew = False
            self._is_kept_with_the_samples()
        depth = self.spool.depth
        assert depth.sealed_batches == len(sealed)
        assert depth.pending_rows == len(pending)
        assert depth.next_number == len(self.collector) + len(sealed) + 1
        assert (depth.bytes == 0) == (not sealed and depth.pending_chunks == 0)

    def _is_kept_with_the_samples(self) -> None:
        """What is known of the machine is what was known with the last sample that is there."""
        last = self.accepted[-1] if self.accepted else -1
        kept = self.spool.kept.get(MACHINE, Kept(MACHINE, "-1"))
        assert int(kept.totals) == last
        assert list(kept.messages[-1:]) == ([f"m{last}"] if self.accepted else [])

    def _leave(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)

    def teardown(self) -> None:
        self._leave()


TestSpoolMachine = SpoolMachine.TestCase
TestSpoolMachine.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("padding_bytes", [0, JOURNAL_BYTES_MAX // 2])
def test_what_is_kept_of_a_machine_outlasts_its_samples(tmp_path: Path, padding_bytes: int) -> None:
    """In the journal, in the database where a chunk finds no room there, and once it is sealed."""

    def opened() -> Spool:
        return Spool(tmp_path, AGENT, limit_bytes=LIMIT)

    spool = opened()
    for number in range(3):
        kept = [Kept(MACHINE, str(number), (f"m{number}",))]
        append(spool, [number], kept=kept, padding_bytes=padding_bytes)
        known = {MACHINE: Kept(MACHINE, str(number), tuple(f"m{it}" for it in range(number + 1)))}
        for is_sealed in (False, True):
            if is_sealed and number != 1:  # what comes behind it goes on from there
                assert seal_next(spool, KEY) is not None
            spool.close()
            spool = opened()
            assert spool.kept == known
    spool.close()


def test_a_batch_holds_whole_chunks_in_order_up_to_the_limit(spool: Spool) -> None:
    for first in (0, 3, 6):
        append(spool, range(first, first + 3))
    assert seal_next(spool, KEY, max_rows=7) == 1
    assert seal_next(spool, KEY, max_rows=7) == 2
    assert seal_next(spool, KEY) is None
    sizes = []
    while (batch := spool.oldest()) is not None:
        sizes.append(parse_batch(batch.data).header.samples)
        spool.acknowledge(batch.number)
    assert sizes == [6, 3]


def test_samples_under_different_profiles_do_not_share_a_batch(spool: Spool) -> None:
    """A batch names the profile that decoded it; a restart with a corrected one must not lie."""
    append(spool, [1], profile="old")
    append(spool, [2], profile="new")
    cuts = []
    while (cut := spool.cut(100)) is not None:
        spool.store(cut, seal_cut(KEY, cut))
        cuts.append((cut.samples["value"].to_list(), cut.profiles))
    assert cuts == [([1.0], {"line-1/filler": "old"}), ([2.0], {"line-1/filler": "new"})]


def test_rejections_and_spans_travel_with_their_samples(spool: Spool) -> None:
    samples = samples_frame([sample(1, text="罐", raw="0x1", value=None)])
    rejections = rejections_frame([rejection(2)])
    spool.append(samples, rejections, [span(0, 5), span(5, 9)], {})
    cut = spool.cut(10)
    assert cut is not None
    assert cut.samples.equals(samples)
    assert cut.rejections.equals(rejections)
    assert cut.spans == (span(0, 9),)
    assert (cut.number, cut.previous) == (1, GENESIS)


def test_a_batch_that_is_not_next_is_refused(spool: Spool) -> None:
    append(spool, [1])
    cut = spool.cut(10)
    assert cut is not None
    batch = seal_cut(KEY, cut)
    spool.store(cut, batch)
    with pytest.raises(ValueError, match="sealed before"):
        spool.store(cut, batch)
    assert spool.depth.sealed_batches == 1
    append(spool, [2])
    after = spool.cut(10)
    assert after is not None
    with pytest.raises(ValueError, match="not made of the cut for 2"):
        spool.store(after, batch)
    assert spool.depth.pending_rows == 1


def test_a_full_spool_refuses_and_keeps_the_oldest(tmp_path: Path) -> None:
    """influxdata/telegraf#802, #4960: there the buffer dropped the oldest without a word."""
    spool = Spool(tmp_path, AGENT, limit_bytes=200_000)
    accepted: list[int] = []

    def fill() -> None:
        for first in count(0, 100):
            append(spool, range(first, first + 100))
            accepted.extend(range(first, first + 100))

    with pytest.raises(SpoolFullError, match=r"limit of 200,000 bytes: it keeps what it has"):
        fill()
    assert spool.depth.nearly_full
    assert spool.depth.bytes <= 200_000
    # It can still seal and hand over, and then takes more.
    while seal_next(spool, KEY, max_rows=500):
        pass
    sealed, pending = contents(tmp_path)
    assert check_chain(sealed, KEY) == accepted
    assert pending == []
    for _ in sealed:
        oldest = spool.oldest()
        assert oldest is not None
        spool.acknowledge(oldest.number)
    assert spool.depth.bytes == 0
    append(spool, [1])
    spool.close()


def test_what_was_freed_is_used_again(tmp_path: Path) -> None:
    """thingsboard-gateway#1445, on disk: what passes through must not add up."""
    spool = Spool(tmp_path, AGENT, limit_bytes=LIMIT)
    sizes = []
    for turn in range(80):
        append(spool, range(turn * 200, turn * 200 + 200), padding_bytes=500)
        number = seal_next(spool, KEY)
        assert number is not None
        spool.acknowledge(number)
        sizes.append(sum(it.stat().st_size for it in tmp_path.glob("spool.*")))
    spool.close()
    assert sizes[-1] < 1.1 * sizes[45]


def test_another_process_cannot_open_it(spool: Spool, tmp_path: Path) -> None:
    with pytest.raises(BusyError, match=r"spool\.sqlite: another agent is using this spool"):
        Spool(tmp_path, AGENT, limit_bytes=LIMIT)


def test_another_agent_cannot_take_it_over(spool: Spool, tmp_path: Path) -> None:
    spool.close()
    with pytest.raises(InputError, match="belongs to the agent 'agent-1', not to 'other'"):
        Spool(tmp_path, "other", limit_bytes=LIMIT)
    Spool(tmp_path, AGENT, limit_bytes=LIMIT).close()


def test_that_a_machine_was_heard_writes_little(spool: Spool, tmp_path: Path) -> None:
    """It comes every few seconds from each machine, all day."""
    nothing = samples_frame([]), rejections_frame([])
    spool.append(*nothing, [span(0, 5)], {"line-1/filler": "p1"})
    sizes = {it: it.stat().st_size for it in tmp_path.iterdir()}
    for second in range(5, 505, 5):
        spool.append(*nothing, [span(second, second + 5)], {"line-1/filler": "p1"})
    assert {it: it.stat().st_size for it in tmp_path.iterdir()} == sizes
    assert len((tmp_path / JOURNAL_FILE).read_bytes().rstrip(b"\0")) / 101 < 75
    cut = spool.cut(1000)
    assert cut is not None
    assert (cut.rows, cut.samples.schema, cut.rejections.schema) == (0, SAMPLES, REJECTIONS)
    assert merge_spans(cut.spans) == [span(0, 505)]


def journal_torn_at(folder: Path, place: int, pending: list[int]) -> None:
    """A spool with those numbers pending, one in a chunk, as if the bytes of its journal from
    `place` on had never reached the disk: what was sealed before lies there."""
    spool = Spool(folder, AGENT, limit_bytes=LIMIT)
    for number in range(1, 6):
        append(spool, [number])
    seal_next(spool, KEY)
    before = (folder / JOURNAL_FILE).read_bytes()
    for number in pending:
        append(spool, [number])
    spool.close()
    after = (folder / JOURNAL_FILE).read_bytes()
    (folder / JOURNAL_FILE).write_bytes(after[:place] + before[place:])


def test_a_torn_journal_costs_what_was_torn_and_numbers_go_on(tmp_path: Path) -> None:
    journal_torn_at(tmp_path / "whole", 2000, [6, 7, 8])
    data = (tmp_path / "whole" / JOURNAL_FILE).read_bytes()
    begins = [it.start() for it in re.finditer(b"LPC\n", data)]
    for left, behind in ((0, 0), (0, 30), (1, 30), (2, 15)):
        folder = tmp_path / f"{left} and {behind} bytes"
        journal_torn_at(folder, begins[left] + behind, [6, 7, 8])
        spool = Spool(folder, AGENT, limit_bytes=LIMIT)
        append(spool, [9])
        spool.close()
        sealed, pending = contents(folder)
        assert check_chain(sealed, KEY) + pending == [*range(1, 6 + left), 9]
        assert len(list(folder.glob("spool.journal.damaged-*"))) == (behind > 0)


def test_what_the_journal_cannot_keep_goes_to_the_database(spool: Spool, tmp_path: Path) -> None:
    append(spool, [1])
    append(spool, [2], padding_bytes=JOURNAL_BYTES_MAX)  # finds no room
    append(spool, [3])
    assert contents(tmp_path) == ([], [1, 2, 3])
    spool.append(samples_frame([sample(4)]), rejections_frame([]), [], {}, is_synced=False)
    close_below(tmp_path / JOURNAL_FILE)
    spool.sync()
    (tmp_path / JOURNAL_FILE).unlink()
    assert contents(tmp_path) == ([], [1, 2, 3, 4])


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / SPOOL_FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match=r"spool\.sqlite: this is not a whole spool"):
        Spool(tmp_path, AGENT, limit_bytes=LIMIT)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="data folder that it may write to"):
        Spool(tmp_path / "file", AGENT, limit_bytes=LIMIT)
