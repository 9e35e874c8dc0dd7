"""Rebuild: telemetry and facts from the archive are the same to the last bit; what does not
verify is kept out, kept and counted; until the end the old ones are in force."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from archived import LyingBatch, in_former_layout, lying, rewrite
from command_line import run as run_command
from exact import stored_facts
from import_plant import GOOD, HEADER, apply, run
from influx import InfluxServer, influx_server
from peers import ROOT, wait_until
from sender import Sender, counts
from small_disk import small_disk
from telemetry import at, batch, samples

from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.batches import SealedBatch
from domain.errors import CheckFailedError, StorageError
from domain.samples import Span
from lineproof.upkeep.rebuild import RebuildSummary, rebuild_folder
from store.archive.segment_appending import IncomingBatch
from store.node.opening import Stores, open_stores
from store.telemetry.duckdb.store import DuckDBStore

IMPORTED = datetime(2026, 3, 3, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
FAR = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
LATE = HEADER + (
    "2026-03-02T08:10:00+08:00,filler,state,stopped\n"
    "2026-03-02T08:20:00+08:00,filler,state,producing\n"
    "2026-03-02T09:00:00+08:00,filler,total_count,2000.25\n"
)


@dataclass
class Clock:
    """The collector's: it goes on a second with each look."""

    at: datetime = IMPORTED

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Kept:
    """All that a store knows of the line and its batches."""

    facts: list[str]
    ledger: list[Any]
    samples: pl.DataFrame
    spans: pl.DataFrame
    rejections: pl.DataFrame


def kept(data: Path) -> Kept:
    facts = stored_facts(data, "filler-1", *FAR)
    with open_stores(data, must_exist=True) as stores:
        history = stores.telemetry.history("filler-1", *FAR)
        assert stores.telemetry.dirty() == []
        return Kept(
            facts,
            stores.telemetry.batches(limit=1000),
            history.samples,
            history.spans,
            stores.telemetry.rejections(limit=1000),
        )


def same(found: Kept, expected: Kept) -> bool:
    return (
        found.facts == expected.facts
        and found.ledger == expected.ledger
        and found.samples.equals(expected.samples)
        and found.spans.equals(expected.spans)
        and found.rejections.equals(expected.rejections)
    )


def live(stores: Stores, clock: Clock, batches: int = 12) -> Sender:
    """Batches of an agent, one of them with a sample that is too far ahead of the clock to be
    true when it comes, though not when the rebuild looks at it. Facts follow every few."""
    sender = Sender("agent-1")
    stores.registry.agents.enrol("agent-1", sender.public_key, IMPORTED)
    keeper = FactsKeeper(stores.telemetry, stores.registry.facts_basis, clock)
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, clock)
    for number in range(batches):
        frame = counts(number, rows=50).with_columns(
            pl.col("time") + pl.duration(hours=4, minutes=7 * number)
        )
        if number == 5:
            ahead = frame[:1].with_columns(time=pl.lit(clock.at + timedelta(days=9)))
            frame = pl.concat([frame, ahead.cast(dict(frame.schema))])
        start = frame["time"][0]
        end = start + timedelta(minutes=5)
        receipt = collector.receive(
            sender.seal(frame, spans=[Span("filler-1", "filler", start, end)]).to_bytes()
        )
        assert receipt.acknowledged
        if number % 4 == 0:
            keeper.refresh()
    collector.close()
    keeper.refresh()
    return sender


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with imported, live and late data, its facts made in between."""
    folder, clock = tmp_path_factory.mktemp("filled"), Clock()
    data = folder / "node"
    with open_stores(data) as stores:
        apply(stores)
        good, late = folder / "good.csv", folder / "late.csv"
        good.write_text(GOOD)
        late.write_text(LATE)
        run(stores, good)
        live(stores, clock)
        run(stores, late)
    return data


@pytest.fixture
def node(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "node")


def lies(data: Path, agent: str, number: int) -> LyingBatch:
    with open_stores(data) as stores:
        (record,) = stores.telemetry.batches(agent=agent, after=(agent, number - 1), limit=1)
    (found,) = lying(data / "archive", record.digest)
    return found


def test_the_same_to_the_last_bit(node: Path) -> None:
    """Import, live and late data, facts made in between: made anew at once."""
    before = kept(node)
    assert before.facts
    assert len(before.ledger) > 12
    assert before.rejections.height == 1
    said: list[tuple[str, int, int | None]] = []
    summary = rebuild_folder(node, LATER, lambda *it: said.append(it))
    assert same(kept(node), before)
    assert summary.replayed.batches == summary.replayed.stored == len(before.ledger)
    assert summary.replayed.samples == sum(record.samples for record in before.ledger)
    assert summary.replayed.rejections == 1
    assert summary.facts == len(before.facts)
    assert (summary.replayed.quarantined, summary.replayed.missing) == (0, 0)
    assert summary.replayed.undated == 0
    assert {what for what, _, _ in said} == {"verifying batches", "computing facts"}
    assert not (node / "rebuild").exists()


def test_the_command_says_what_it_did(node: Path) -> None:
    before = kept(node)
    outcome = run_command("rebuild", "--data", node, "--json")
    assert (outcome.status, outcome.errors) == (0, "")
    assert json.loads(outcome.output) == {
        "ok": True,
        "store": "duckdb",
        "batches": len(before.ledger),
        "new_batches": len(before.ledger),
        "samples": sum(record.samples for record in before.ledger),
        "rejections": 1,
        "facts": len(before.facts),
        "slices": len({row.split(" datetime")[1] for row in before.facts}),
        "quarantined": 0,
        "quarantine": {},
        "unreadable": [],
        "missing": 0,
        "undated": 0,
    }
    said = run_command("rebuild", "--data", node)
    assert (said.status, said.output.count("\n")) == (0, 1)
    assert f"{len(before.ledger)} batches with" in said.output
    nowhere = run_command("rebuild", "--data", node / "nowhere")
    assert nowhere.status == 2
    assert "there is no data folder" in nowhere.errors


@pytest.mark.parametrize("state", ["deleted", "other version", "damaged"])
def test_whatever_the_old_file_is_like(node: Path, state: str) -> None:
    before = kept(node)
    file = node / "telemetry.duckdb"
    if state == "deleted":
        file.unlink()
    elif state == "other version":
        with duckdb.connect(str(file)) as raw:
            raw.execute("UPDATE version SET number = 1")
        with pytest.raises(StorageError, match="lineproof rebuild"):
            open_stores(node)
    else:
        file.write_bytes(b"x" * 100_000)
        # The log of the damaged file must not lie beside the new one: DuckDB refuses both then.
        other = DuckDBStore(node / "other.duckdb")
        other.append([batch(1, samples({"time": at(1), "value": 1.0}))])
        shutil.copy(node / "other.duckdb.wal", node / "telemetry.duckdb.wal")
        other.close()
    rebuild_folder(node, LATER)
    assert same(kept(node), before)


def test_a_rebuild_that_is_cut_off_leaves_the_old_one_in_force(node: Path) -> None:
    before = kept(node)

    def cut_off(what: str, done: int, total: int | None) -> None:
        if what == "computing facts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_folder(node, LATER, cut_off)
    assert same(kept(node), before)
    (node / "rebuild").mkdir()  # as a kill leaves it
    (node / "rebuild" / "telemetry.duckdb").write_bytes(b"half")
    (node / "rebuild" / "index.sqlite").write_bytes(b"half")
    rebuild_folder(node, LATER)
    assert same(kept(node), before)


def test_a_rebuild_that_is_killed_leaves_the_old_one_in_force(node: Path) -> None:
    """kill -9 as soon as there is a new file; the next run begins anew."""
    before = kept(node)
    process = subprocess.Popen(
        [sys.executable, "-m", "lineproof", "rebuild", "--data", node],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    new = node / "rebuild" / "telemetry.duckdb"
    wait_until(lambda: new.exists() or process.poll() is not None, "the new file", timeout_s=60)
    assert process.poll() is None, "it was quicker"
    process.kill()
    process.wait()
    assert same(kept(node), before)
    rebuild_folder(node, LATER)
    assert same(kept(node), before)
    assert not (node / "rebuild").exists()


def test_a_folder_in_use_is_not_rebuilt(node: Path) -> None:
    with open_stores(node):
        outcome = run_command("rebuild", "--data", node)
    assert outcome.status == 2
    assert "the data folder is in use by process" in outcome.errors


def test_a_disk_without_room_for_the_new_file_leaves_the_old_one_in_force(
    node: Path, tmp_path: Path
) -> None:
    before = kept(node)
    with small_disk(tmp_path, size_mib=64) as disk:
        there = disk.path / "node"
        shutil.copytree(node, there)
        disk.fill(leave_bytes=600_000)
        outcome = run_command("rebuild", "--data", there)
        assert outcome.status == 2, outcome.errors
        assert "Traceback" not in outcome.errors
        disk.make_room()
        assert same(kept(there), before)
        rebuild_folder(there, LATER)
        assert same(kept(there), before)


def test_a_changed_batch_is_quarantined_counted_and_shown(node: Path) -> None:
    fourth = lies(node, "agent-1", 4)
    data = bytearray(fourth.segment.read_bytes()[fourth.start : fourth.end])
    data[-40] ^= 1
    rewrite(node / "archive", {fourth.digest: bytes(data)})
    outcome = run_command("rebuild", "--data", node, "--yes", "--json")
    assert outcome.status == 1
    document = json.loads(outcome.output)
    assert document["quarantined"] == 1
    assert document["quarantine"] == {"bad_payload": 1}
    assert document["missing"] == 1  # of the chain: those behind it stand
    assert document["ok"] is False
    after = kept(node)
    numbers = [record.number for record in after.ledger if record.agent == "agent-1"]
    assert numbers == [1, 2, 3, *range(5, 13)]
    with open_stores(node) as stores:
        assert stores.archive.quarantine.counts() == {"bad_payload": 1}
        assert stores.archive.get(fourth.digest) == data, "nothing is removed from the archive"


@pytest.mark.parametrize("numbers", [[12], [11, 12], [3, 12], list(range(1, 13))], ids=str)
def test_batches_that_are_gone_are_counted_also_behind_the_end_of_a_chain(
    node: Path, numbers: list[int]
) -> None:
    """Of the former layout: where the last ones of an agent are gone, or all of them, no number is
    left out, for the files of arrivals name them."""
    gone = [lies(node, "agent-1", number).digest for number in numbers]
    in_former_layout(node / "archive")
    for digest in gone:
        next((node / "archive" / "batches").rglob(f"{digest}*")).unlink()
    outcome = run_command("rebuild", "--data", node, "--yes", "--json")
    assert outcome.status == 1
    document = json.loads(outcome.output)
    assert (document["ok"], document["quarantined"]) == (False, 0)
    assert document["missing"] == len(numbers)


def test_bytes_that_are_no_batch_or_another_one_are_quarantined(node: Path) -> None:
    first, second, third = (lies(node, "agent-1", number) for number in (1, 2, 3))
    other = third.segment.read_bytes()[third.start : third.end]
    rewrite(node / "archive", {first.digest: b"no batch", second.digest: other})
    replayed = rebuild_folder(node, LATER).replayed
    assert dict(replayed.quarantine) == {"malformed": 2}
    assert replayed.missing == 2


def _sent(batch: SealedBatch) -> IncomingBatch:
    header = batch.header
    return IncomingBatch(header.agent, header.digest, batch.to_bytes(), LATER, LATER)


def test_a_forged_batch_does_not_verify(node: Path) -> None:
    """Signed by nobody who is enrolled, or by another one's key."""
    forger = Sender("forger")
    stranger = forger.seal(counts(1))
    forger.name = "agent-1"
    forger.number, forger.previous = 13, lies(node, "agent-1", 12).digest
    signed = forger.seal(counts(99))
    with open_stores(node) as stores:
        for forged in (stranger, signed):
            stores.archive.put_all([_sent(forged)])
    before = kept(node)
    replayed = rebuild_folder(node, LATER).replayed
    assert dict(replayed.quarantine) == {"unknown_agent": 1, "bad_signature": 1}
    assert same(kept(node), before)


def test_of_two_batches_with_one_number_the_chain_tells_which(node: Path) -> None:
    """One was archived, and another was stored under its number after a crash."""
    before = kept(node)
    twin = Sender("agent-1")
    twin.number, twin.previous = 6, lies(node, "agent-1", 5).digest
    other = twin.seal(counts(77))
    with open_stores(node) as stores:
        stores.archive.put_all([_sent(other)])  # the later one, yet not meant
    replayed = rebuild_folder(node, LATER).replayed
    assert dict(replayed.quarantine) == {"conflict": 1}
    assert same(kept(node), before)


def test_without_the_agents_keys_nothing_is_exchanged(node: Path) -> None:
    before = kept(node)
    (node / "registry.sqlite").rename(node / "kept.sqlite")
    with pytest.raises(CheckFailedError, match=r"none of the .* verifies .*stays in force"):
        rebuild_folder(node, LATER)
    (node / "kept.sqlite").replace(node / "registry.sqlite")
    assert same(kept(node), before)


def test_without_arrivals_the_files_times_stand_for_them(node: Path) -> None:
    before = kept(node)
    in_former_layout(node / "archive", with_arrivals=False)
    summary = rebuild_folder(node, LATER)
    assert summary.replayed.undated == len(before.ledger)
    after = kept(node)
    assert after.samples.height == before.samples.height + 1  # by now it could be true
    assert [record.digest for record in after.ledger] == [it.digest for it in before.ledger]
    now = datetime.now(UTC)
    assert all(abs(now - record.received) < timedelta(minutes=10) for record in after.ledger)


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        yield server


def test_influxdb_is_filled_from_the_archive(node: Path, influx: InfluxServer) -> None:
    """A new bucket gets all of it; in one that has the batches, the facts are made anew."""
    before = kept(node)
    (node / "store.yaml").write_text(
        f"kind: influxdb\nurl: {influx.url}\norg: {influx.org}\n"
        f"bucket: {influx.new_bucket()}\ntoken: {influx.token}\n"
    )
    first: RebuildSummary = rebuild_folder(node, LATER)
    assert (first.store, first.replayed.stored) == ("influxdb", len(before.ledger))
    assert same(kept(node), before)
    again = rebuild_folder(node, LATER)
    assert (again.replayed.stored, again.facts) == (0, len(before.facts))
    assert same(kept(node), before)
