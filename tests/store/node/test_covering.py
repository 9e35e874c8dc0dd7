"""The checkpoint that is shown of a verdict covers all that it rests on, or there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sender import Sender, counts
from whole_folder import make

from api.documents.milestones import milestones_document
from api.queries.lines import Queries
from collector.intake.collector import Collector
from store.node.covering import CoveringCheckpoints
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores, open_stores

FIRST = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
UNTIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


class Clock:
    now = FIRST

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with open_stores(make(tmp_path_factory.mktemp("covering") / "node")) as opened:
        yield opened


def test_it_is_there_once_the_ledger_has_all_rows_and_all_batches(stores: Stores) -> None:
    clock = Clock()
    keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, clock)
    covering = CoveringCheckpoints(stores.ledger, stores.registry, stores.telemetry, clock)
    assert covering.covering(None) is None, "nothing is in the ledger"
    keeper.refresh()
    note = covering.covering(UNTIL)
    assert note == stores.ledger.checkpoint_note()
    sender = Sender("hall-2")
    stores.registry.agents.enrol("hall-2", sender.public_key, clock())
    assert covering.covering(None) is None, "a row of the record has no leaf yet"
    clock.now += timedelta(minutes=1)
    keeper.refresh()
    assert covering.covering(UNTIL) not in (None, note)
    taken = Collector(stores.telemetry, stores.archive, stores.registry.agents, clock)
    batch = sender.seal(counts(1, rows=3))
    assert taken.receive(batch.to_bytes()).acknowledged
    taken.close()
    [record] = stores.telemetry.batches(agent="hall-2")
    assert record.first_time is not None
    clock.now += timedelta(seconds=11)
    assert covering.covering(record.first_time) is None, "the batch has no chain head"
    assert covering.covering(record.first_time - timedelta(minutes=1)) is not None
    assert covering.covering(None) is not None, "what rests on no batch is covered"
    clock.now += timedelta(hours=1)
    keeper.refresh()
    assert covering.covering(record.first_time + timedelta(hours=1)) is not None


def test_the_milestones_document_has_it(stores: Stores) -> None:
    clock = Clock()
    covering = CoveringCheckpoints(stores.ledger, stores.registry, stores.telemetry, clock)
    queries = Queries(stores.telemetry, stores.registry, clock, checkpoints=covering)
    [project, *_] = queries.projects()
    clock.now += timedelta(days=1)
    keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, clock)
    keeper.refresh(with_heads=True)
    rows = milestones_document(queries, project.reference)["milestones"]
    assert {it["evidence"]["checkpoint"] for it in rows} == {stores.ledger.checkpoint_note()}
    without = Queries(stores.telemetry, stores.registry, clock)
    rows = milestones_document(without, project.reference)["milestones"]
    assert {it["evidence"]["checkpoint"] for it in rows} == {None}
