"""The intake over a real store and archive: what lasts, what is refused, what heals."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from archived import incoming
from bad_batches import panicking_stream
from sender import Sender, counts
from small_disk import SmallDisk, small_disk

from collector.intake.collector import Collector
from collector.intake.decisions import Outcome
from collector.intake.receipts import Receipt
from domain.errors import BusyError, StorageError
from domain.panics import LibraryPanicError
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FAR = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        yield opened


@pytest.fixture
def sender(stores: Stores) -> Sender:
    return enrolled(stores, "agent-1")


def enrolled(stores: Stores, name: str) -> Sender:
    sender = Sender(name)
    stores.registry.agents.enrol(name, sender.public_key, NOW)
    return sender


def new_collector(stores: Stores) -> Collector:
    return Collector(stores.telemetry, stores.archive, stores.registry.agents, lambda: NOW)


@pytest.fixture
def collector(stores: Stores) -> Iterator[Collector]:
    made = new_collector(stores)
    yield made
    made.close()


def stored(stores: Stores) -> list[float]:
    return stores.telemetry.history("filler-1", *FAR).samples["value"].to_list()


def metric(collector: Collector, name: str, **labels: str) -> float:
    value = collector.metrics.registry.get_sample_value(name, labels)
    assert value is not None
    return value


def test_what_is_accepted_lasts_in_archive_ledger_and_telemetry(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    batch = sender.seal(counts(1))
    receipt = collector.receive(batch.to_bytes())
    assert receipt == Receipt(
        Outcome.ACCEPTED, "agent-1", 1, batch.header.digest, 2, "Batch 1 is stored."
    )
    assert stores.archive.get(batch.header.digest) == batch.to_bytes()
    record = stores.telemetry.last_batch("agent-1")
    assert record is not None
    assert (record.number, record.digest, record.samples) == (1, batch.header.digest, 10)
    assert record.received == NOW
    assert stored(stores) == [float(n) for n in range(10, 20)]


def test_a_repeat_is_harmless_and_says_so(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    batches = [sender.seal(counts(number)).to_bytes() for number in (1, 2, 3)]
    for data in batches:
        assert collector.receive(data).outcome is Outcome.ACCEPTED
    before = stored(stores)
    assert [collector.receive(data).outcome for data in batches] == [Outcome.DUPLICATE] * 3
    assert stored(stores) == before
    assert metric(collector, "lineproof_intake_batches_total", outcome="duplicate") == 3
    assert metric(collector, "lineproof_intake_samples_total") == 30


def test_a_collector_started_anew_knows_where_every_chain_stands(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    first, second = sender.seal(counts(1)), sender.seal(counts(2))
    collector.receive(first.to_bytes())
    collector.close()
    again = new_collector(stores)
    assert again.receive(first.to_bytes()).outcome is Outcome.DUPLICATE
    assert again.receive(second.to_bytes()).outcome is Outcome.ACCEPTED
    again.close()


def test_two_collectors_share_one_store(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    """Behind a load balancer: what one of them remembers may be out of date."""
    other, fork = new_collector(stores), Sender()
    batches = [sender.seal(counts(number)).to_bytes() for number in range(1, 6)]
    fork.seal()
    forked = [fork.seal(counts(number)).to_bytes() for number in (12, 13)]
    takes = [(collector, 0), (other, 1), (collector, 1), (collector, 2), (other, 0), (other, 3)]
    assert [one.receive(batches[index]).outcome.value for one, index in takes] == [
        "accepted",
        "accepted",
        "duplicate",
        "accepted",
        "duplicate",
        "accepted",
    ]
    assert collector.receive(forked[0]).outcome is Outcome.CONFLICT
    assert other.receive(batches[4]).outcome is Outcome.ACCEPTED
    assert collector.receive(forked[1]).outcome is Outcome.CONFLICT
    assert collector.receive(batches[3]).outcome is Outcome.DUPLICATE
    assert len(stored(stores)) == 50
    assert metric(collector, "lineproof_intake_samples_total") == 20
    other.close()


def test_what_is_refused_is_kept_in_quarantine_and_counted(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    fork = Sender()
    other = fork.seal(counts(9)).to_bytes()
    assert collector.receive(sender.seal(counts(1)).to_bytes()).acknowledged
    forged = replace(sender.seal(counts(2)), signature=b"\0" * 64)
    refused = {
        Outcome.MALFORMED: b"hello",
        Outcome.UNKNOWN_AGENT: Sender("nobody").seal(counts(1)).to_bytes(),
        Outcome.BAD_SIGNATURE: forged.to_bytes(),
        Outcome.CONFLICT: other,
        Outcome.BROKEN_CHAIN: fork.seal(counts(2)).to_bytes(),
    }
    for outcome, data in refused.items():
        assert collector.receive(data).outcome is outcome
        assert metric(collector, "lineproof_intake_batches_total", outcome=outcome.value) == 1
    kept = {item.reason: item.path.read_bytes() for item in stores.archive.quarantine.listed(100)}
    assert kept == {outcome.value: data for outcome, data in refused.items()}
    assert len(stored(stores)) == 10


def test_a_signed_batch_without_frames_is_refused_and_kept(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    good = sender.seal(counts(1))
    header = replace(good.header, samples=11)
    lying = replace(good, header=header, signature=sender.key.sign(header.signed_bytes))
    receipt = collector.receive(lying.to_bytes())
    assert receipt.outcome is Outcome.BAD_PAYLOAD
    assert "holds 10 samples, its header says 11" in receipt.detail
    assert stores.archive.quarantine.counts() == {"bad_payload": 1}
    assert stores.telemetry.last_batch("agent-1") is None


def test_behind_a_gap_a_batch_stays_with_its_agent_until_it_comes_again(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    first, second, third = (sender.seal(counts(number)).to_bytes() for number in (1, 2, 3))
    receipt = collector.receive(second)
    assert (receipt.outcome, receipt.expected) == (Outcome.GAP, 1)
    assert stores.archive.quarantine.counts() == {}
    assert [collector.receive(data).outcome for data in (first, second, third)] == (
        [Outcome.ACCEPTED] * 3
    )
    sender.seal()  # lost
    lost = sender.seal(counts(5)).to_bytes()
    assert [collector.receive(lost).expected for _ in range(3)] == [4, 4, 4]
    assert stores.archive.quarantine.counts() == {"gap": 1}


def test_archived_but_not_stored_heals_by_the_repeat(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    """What a crash between archive and store leaves behind."""
    batch = sender.seal(counts(1))
    stores.archive.put_all([incoming(batch.to_bytes(), digest=batch.header.digest)])
    assert collector.receive(batch.to_bytes()).outcome is Outcome.ACCEPTED
    assert len(stored(stores)) == 10


def test_rows_that_cannot_be_right_are_rejections_and_the_rest_counts(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    odd = pl.int_range(pl.len()) == 3
    frame = counts(1).with_columns(value=pl.when(~odd).then("value"))
    ahead = counts(2, 1).with_columns(time=pl.lit(NOW + timedelta(days=2)))
    assert collector.receive(sender.seal(pl.concat([frame, ahead])).to_bytes()).acknowledged
    assert len(stored(stores)) == 9
    reasons = stores.telemetry.rejection_counts()["reason"].sort().to_list()
    assert reasons == ["impossible time", "not a finite number"]
    assert metric(collector, "lineproof_intake_rejections_total") == 2


def test_many_agents_at_once_share_commits_and_each_keeps_its_order(
    stores: Stores, collector: Collector
) -> None:
    agents = [enrolled(stores, f"agent-{n}") for n in range(8)]

    def play(index: int) -> list[Receipt]:
        sender = agents[index]
        return [
            collector.receive(sender.seal(counts(n, machine=f"m{index}")).to_bytes())
            for n in range(1, 13)
        ]

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(play, range(8)))
    for index, mine in enumerate(receipts):
        assert [it.outcome for it in mine] == [Outcome.ACCEPTED] * 12
        assert [(it.agent, it.number) for it in mine] == [
            (f"agent-{index}", n) for n in range(1, 13)
        ]
    assert len(stored(stores)) == 8 * 12 * 10
    groups = metric(collector, "lineproof_intake_group_seconds_count")
    assert groups < 8 * 12


def test_one_batch_from_many_threads_is_stored_once(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    data = sender.seal(counts(1)).to_bytes()
    start = threading.Barrier(8)

    def send(_: int) -> Outcome:
        start.wait()
        return collector.receive(data).outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(send, range(8)))
    assert outcomes == [Outcome.ACCEPTED] + [Outcome.DUPLICATE] * 7
    assert len(stored(stores)) == 10


def test_a_group_that_failed_is_forgotten(
    stores: Stores, sender: Sender, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that was decided over but not stored does not count as the chain's last one."""
    first, second = (sender.seal(counts(number)).to_bytes() for number in (1, 2))
    collector.receive(first)
    with monkeypatch.context() as broken:
        broken.setattr(stores.archive, "put_all", _disk_is_full)
        with pytest.raises(StorageError):
            collector.receive(second)
    assert collector.receive(second).outcome is Outcome.ACCEPTED
    assert len(stored(stores)) == 20


def test_a_panic_while_storing_costs_its_own_group_alone(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    def append(*_: object) -> None:
        pl.read_ipc_stream(io.BytesIO(panicking_stream()))

    batch = sender.seal(counts(1)).to_bytes()
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(stores.telemetry, "append", append)
        with pytest.raises(LibraryPanicError, match="gave up"):
            collector.receive(batch)
    assert collector.receive(batch).outcome is Outcome.ACCEPTED


def test_strangers_cannot_fill_the_disk(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    stores.archive.quarantine.max_bytes = 1 << 20
    bodies = [b"%d" % number + b"\xff" * 60_000 for number in range(40)]
    for body in [*bodies, b"x" * 70_000]:  # the last is larger than one of them may be
        assert collector.receive(body).outcome is Outcome.MALFORMED
    assert stores.archive.quarantine.counts() == {"malformed": 17}
    assert metric(collector, "lineproof_intake_batches_total", outcome="malformed") == 41
    assert metric(collector, "lineproof_intake_refused_not_kept_total") == 24
    sender.seal()
    ours = sender.seal(counts(2)).to_bytes()
    assert [collector.receive(ours).outcome for _ in range(2)] == [Outcome.GAP] * 2
    assert stores.archive.quarantine.counts() == {"gap": 1, "malformed": 17}


def _disk_is_full(*_: object) -> None:
    raise StorageError("the disk is full")


def test_a_refused_neighbour_in_the_same_group_spoils_nothing(
    stores: Stores, collector: Collector
) -> None:
    """One bad batch must not end all of them (the like of influxdata/telegraf#19186)."""
    good, bad = enrolled(stores, "good"), enrolled(stores, "bad")
    bad.seal()
    work = [good.seal(counts(1)).to_bytes(), bad.seal(counts(1)).to_bytes()] * 4
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda data: collector.receive(data).outcome, work))
    assert set(outcomes[::2]) == {Outcome.ACCEPTED, Outcome.DUPLICATE}
    assert set(outcomes[1::2]) == {Outcome.GAP}


def test_a_collector_that_stops_takes_nothing_more(
    stores: Stores, sender: Sender, collector: Collector
) -> None:
    collector.close()
    collector.close()
    with pytest.raises(BusyError, match="stopping"):
        collector.receive(sender.seal(counts(1)).to_bytes())


def test_a_full_disk_acknowledges_nothing_and_the_collector_goes_on(tmp_path: Path) -> None:
    """Batches until the disk is full, then room is made: all that was acknowledged is there."""
    with small_disk(tmp_path, size_mib=16) as disk:
        disk.fill(leave_bytes=10_000_000)
        _fill_and_free(disk)


def _fill_and_free(disk: SmallDisk) -> None:
    with open_stores(disk.path / "node") as stores:
        sender, collector = enrolled(stores, "agent-1"), new_collector(stores)
        acknowledged, data, error = _until_full(sender, collector)
        assert (error.http_status, "again" in str(error)) == (507, True)
        assert acknowledged > 0
        assert metric(collector, "lineproof_intake_storage_failures_total") == 1
        last = stores.telemetry.last_batch("agent-1")
        assert last is not None
        assert last.number in (acknowledged, acknowledged + 1)
        disk.make_room()
        assert collector.receive(data).acknowledged
        assert collector.receive(sender.seal(noise(acknowledged + 2)).to_bytes()).acknowledged
        assert len(stored(stores)) == (acknowledged + 2) * ROWS
        collector.close()


ROWS = 5_000


def noise(number: int) -> pl.DataFrame:
    """A batch that does not compress."""
    random = Random(number)
    return counts(number, ROWS).with_columns(
        value=pl.Series([random.random() for _ in range(ROWS)])
    )


def _until_full(sender: Sender, collector: Collector) -> tuple[int, bytes, StorageError]:
    """How many batches were acknowledged, the first that was not, and what was said."""
    for acknowledged in range(2_000):
        data = sender.seal(noise(acknowledged + 1)).to_bytes()
        try:
            assert collector.receive(data).outcome is Outcome.ACCEPTED
        except StorageError as error:
            return acknowledged, data, error
    pytest.fail("the disk was never full")
