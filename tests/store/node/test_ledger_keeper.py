"""What is recorded and what agents sent comes into the ledger once, whatever happens in between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peers import ROOT
from sender import Sender, counts
from whole_folder import make

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from collector.intake.collector import Collector
from domain.errors import StorageError
from domain.frames import FACTS
from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf, parse_leaf
from domain.time import Window
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files
from store.ledger.ledger import Ledger
from store.node.ledger_keeper import LedgerKeeper, last_batches
from store.node.opening import Stores, open_stores
from store.registry.ledger_ends import LedgerEnds

PLANT = ROOT / "docs" / "examples" / "plant.yaml"
GRANT = ROOT / "docs" / "examples" / "grant.yaml"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "node")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "node")
    return tmp_path / "node"


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    with open_stores(folder) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


def keeper_of(stores: Stores, clock: Clock) -> LedgerKeeper:
    return LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, clock)


def leaves(stores: Stores) -> list[Leaf]:
    return [parse_leaf(it) for _, it in stores.ledger.leaves(0, 1000)]


def rows(stores: Stores) -> list[int]:
    return [it.number for it in leaves(stores) if isinstance(it, RecordLeaf)]


def heads(stores: Stores) -> list[tuple[str, int]]:
    return [(it.agent, it.number) for it in leaves(stores) if isinstance(it, ChainHeadLeaf)]


def send(stores: Stores, sender: Sender) -> None:
    taken = Collector(stores.telemetry, stores.archive, stores.registry.agents, Clock())
    assert taken.receive(sender.seal(counts(1, rows=3)).to_bytes()).acknowledged
    taken.close()


def enrolled(stores: Stores, name: str) -> Sender:
    sender = Sender(name)
    stores.registry.agents.enrol(name, sender.public_key, Clock()())
    return sender


def test_every_row_of_the_record_is_a_leaf_with_its_digests(stores: Stores, clock: Clock) -> None:
    added = keeper_of(stores, clock).refresh()
    record = stores.registry.recorded.entries(0, 1000)
    assert len(record) > 8
    assert [it for it in leaves(stores) if isinstance(it, RecordLeaf)] == [
        RecordLeaf(clock.now, it.number, it.of, it.content, it.digest) for it in record
    ]
    assert heads(stores) == [("agent-1", 1), ("import", 2)]
    assert added == stores.ledger.size == len(record) + 2
    assert list(stores.ledger.faults()) == []


def test_what_is_there_is_not_added_again(stores: Stores, clock: Clock) -> None:
    keeper_of(stores, clock).refresh()
    before = stores.ledger.checkpoint_note()
    assert keeper_of(stores, clock).refresh() == 0
    clock.now += timedelta(hours=3)
    assert keeper_of(stores, clock).refresh() == 0
    assert stores.ledger.checkpoint_note() == before


def test_chain_heads_come_each_hour_and_only_of_who_sent_something(
    stores: Stores, clock: Clock
) -> None:
    keeper = keeper_of(stores, clock)
    keeper.refresh()
    one, other = enrolled(stores, "hall-2"), enrolled(stores, "hall-3")
    for sender in (one, one, other):
        send(stores, sender)
    clock.now += timedelta(minutes=29)
    assert keeper.refresh() == 2  # that they were enrolled
    assert ("hall-2", 2) not in heads(stores)
    clock.now += timedelta(minutes=1)
    assert keeper.refresh() == 2
    assert heads(stores)[-2:] == [("hall-2", 2), ("hall-3", 1)]
    send(stores, other)
    clock.now += timedelta(hours=1)
    assert keeper.refresh() == 1
    assert heads(stores)[-1] == ("hall-3", 2)


def test_figures_that_are_accepted_have_the_batches_up_to_then_before_them(
    stores: Stores, clock: Clock
) -> None:
    keeper = keeper_of(stores, clock)
    keeper.refresh()
    send(stores, enrolled(stores, "hall-2"))
    at = datetime(2026, 3, 3, tzinfo=UTC)
    window = Window(at, at + timedelta(days=1))
    stores.registry.record.freeze(
        "press-1", window, FACTS.to_frame(), "Officer", clock.now, lambda _frozen: None
    )
    keeper.refresh()
    told = [it for it in leaves(stores) if isinstance(it, ChainHeadLeaf) or it.of == "frozen"]
    assert isinstance(told[-2], ChainHeadLeaf)
    assert told[-2].agent == "hall-2"
    assert isinstance(told[-1], RecordLeaf)


def test_a_step_of_a_milestone_has_the_batches_up_to_then_before_it(
    stores: Stores, clock: Clock
) -> None:
    keeper = keeper_of(stores, clock)
    keeper.refresh()
    send(stores, enrolled(stores, "hall-2"))
    keeper.refresh()
    assert ("hall-2", 1) not in heads(stores)
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    project = stores.registry.projects.all()[0]
    step = NewStep("submit", "Ann", "as was told", "")
    take_step(queries, stores.registry.take, project.reference, project.milestones[1].id, step)
    keeper.refresh()
    head, row = leaves(stores)[-2:]
    assert isinstance(head, ChainHeadLeaf)
    assert (head.agent, head.number) == ("hall-2", 1)
    assert isinstance(row, RecordLeaf)
    assert row.of == "milestone_steps"


def test_a_clock_that_is_set_back_changes_nothing(stores: Stores, clock: Clock) -> None:
    keeper = keeper_of(stores, clock)
    keeper.refresh()
    clock.now -= timedelta(days=400)
    assert keeper.refresh() == 0
    send(stores, enrolled(stores, "hall-2"))
    assert keeper.refresh() == 1  # that it was enrolled; its head waits for the next hour
    clock.now += timedelta(hours=1)
    assert keeper.refresh() == 1


def test_terms_are_in_it_as_soon_as_they_are_registered(tmp_path: Path, clock: Clock) -> None:
    with open_stores(tmp_path / "node") as stores:
        keeper = keeper_of(stores, clock)
        assert keeper.refresh() == 0  # without a plant it has no name
        assert not stores.ledger.is_begun
        apply_files(stores.registry, [PLANT], clock.now)
        keeper.refresh()
        apply_files(stores.registry, [GRANT], clock.now)
        clock.now += timedelta(seconds=2)
        keeper.refresh()
        terms = [
            it for it in leaves(stores) if isinstance(it, RecordLeaf) and it.of == "terms_versions"
        ]
        assert {it.at for it in terms} == {clock.now}
        recorded = stores.registry.recorded.terms(stores.registry.projects.all()[0].reference)
        assert [it.entry for it in recorded] == [it.number for it in terms]
        found = stores.ledger.leaf_of_record(recorded[0].entry)
        assert found is not None
        assert found[1] == terms[0]


def test_many_rows_come_page_by_page(
    stores: Stores, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.node.ledger_keeper._PAGE", 3)
    keeper_of(stores, clock).refresh()
    assert rows(stores) == list(range(1, stores.registry.recorded.count() + 1))
    assert list(stores.ledger.faults()) == []


class CutOff(Exception):  # noqa: N818  # as a process that is killed: nobody catches it
    """The process ends here."""


@pytest.mark.parametrize("step", ["begin", "append", "keep"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_step_is_mended_by_the_next_start(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    owner = {"begin": Ledger, "append": Ledger, "keep": LedgerEnds}[step]
    real = getattr(owner, step)

    def cut_off(*given: object) -> None:
        if when == "after":
            real(*given)
        raise CutOff

    with open_stores(folder) as stores:
        monkeypatch.setattr(owner, step, cut_off)
        with pytest.raises(CutOff):
            keeper_of(stores, clock).refresh()
        monkeypatch.setattr(owner, step, real)
    with open_stores(folder) as stores:
        keeper_of(stores, clock).refresh()
        assert rows(stores) == list(range(1, stores.registry.recorded.count() + 1))
        assert list(stores.ledger.faults()) == []
        end = stores.registry.ledger_ends.last()
        assert end is not None
        assert (end.size, end.root) == (stores.ledger.size, stores.ledger.checkpoint().root)


def _older(folder: Path, what: str) -> None:
    """One more row and leaf; then `what` is as it was before."""
    place, kept = folder / what, folder.parent / "kept"
    if place.is_dir():
        shutil.copytree(place, kept)
    else:
        shutil.copy(place, kept)
    with open_stores(folder) as stores:
        enrolled(stores, "hall-9")
        keeper_of(stores, Clock()).refresh()
    if place.is_dir():
        shutil.rmtree(place)
    for it in folder.glob(f"{what}-*"):
        it.unlink()
    shutil.move(kept, place)


@pytest.mark.parametrize(
    ("what", "says"),
    [("ledger", "the ledger is older"), ("registry.sqlite", "the registry is older")],
)
def test_of_one_that_was_put_back_from_an_older_copy_nothing_is_signed(
    folder: Path, clock: Clock, what: str, says: str
) -> None:
    with open_stores(folder) as stores:
        keeper_of(stores, clock).refresh()
    _older(folder, what)
    with open_stores(folder) as stores:
        signed = stores.ledger.checkpoint_note()
        with pytest.raises(StorageError, match=says):
            keeper_of(stores, clock).refresh()
        enrolled(stores, "hall-10")
        with pytest.raises(StorageError):
            keeper_of(stores, clock).refresh()
        assert stores.ledger.checkpoint_note() == signed


def test_a_ledger_that_is_gone_is_not_begun_anew(folder: Path, clock: Clock) -> None:
    with open_stores(folder) as stores:
        keeper_of(stores, clock).refresh()
    shutil.rmtree(folder / "ledger")
    with open_stores(folder) as stores:
        with pytest.raises(StorageError, match="the ledger is gone"):
            keeper_of(stores, clock).refresh()
        assert not stores.ledger.is_begun


def test_another_nodes_ledger_is_not_gone_on_with(
    folder: Path, made: Path, tmp_path: Path, clock: Clock
) -> None:
    other = tmp_path / "other"
    shutil.copytree(made, other)
    for it in (folder, other):
        with open_stores(it) as stores:
            keeper_of(stores, clock).refresh()
    shutil.rmtree(folder / "ledger")
    shutil.copytree(other / "ledger", folder / "ledger")
    with open_stores(folder) as stores, pytest.raises(StorageError, match="another ledger"):
        keeper_of(stores, clock).refresh()


def test_the_last_batch_of_each_agent(stores: Stores) -> None:
    for name, count in (("a", 1), ("b", 3), ("綫", 2)):
        sender = enrolled(stores, name)
        for _ in range(count):
            send(stores, sender)
    found = {it.agent: it.number for it in last_batches(stores.telemetry)}
    assert found == {"a": 1, "b": 3, "綫": 2, "agent-1": 1, "import": 2}
