"""What must hold of a simulated plant after every fault.

Nothing acknowledged is lost, nothing is there twice, nothing is there that no machine said; a
confirmed span holds all that was said in it; stored facts are what a computation anew gives; the
ledger and the registry belong together. Each breach is an AssertionError with its sentence.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from simulated_agent import SimulatedAgent
from simulated_network import Network
from simulated_node import SimulatedNode

from analytics.calendar.slices import borders
from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from collector.facts.keeper import FactsKeeper
from collector.replay.replay import replay
from domain.batches import parse_batch
from domain.time import Window, instant
from store.history.line_history import line_history
from store.node.ledger_keeper import misfits
from store.telemetry.duckdb.store import DuckDBStore

EVER = Window(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
Row = tuple[str, str, datetime, float]  # machine, signal, time, value
_COLUMNS = ("machine", "signal", "time", "value")


@dataclass
class Checks:
    """Over one plant. `rows`: what each batch that was ever stored holds, by its digest."""

    agents: Sequence[SimulatedAgent]
    network: Network
    rows: dict[str, list[Row]] = field(default_factory=dict)
    _of: dict[tuple[str, str, datetime], str] = field(default_factory=dict)
    _read_back: set[str] = field(default_factory=set)

    def node_began_anew(self) -> None:
        """What was read back once is to be read back again."""
        self._read_back.clear()

    def all_hold(self, node: SimulatedNode) -> None:
        stored: list[str] = []
        faults = self.network.faults
        assert not faults, f"a collector met an error of its own: {faults}"
        for agent in self.agents:
            faults = agent.faults() + agent.problems
            assert not faults, f"{agent.name} met an error of its own: {faults}"
            acknowledged_to = self.network.acknowledged_to.get(agent.name, 0)
            let_go = agent.let_go_to - acknowledged_to
            assert let_go <= 0, f"{agent.name} let go of {let_go} batches without a receipt"
            stored += self._chain(node, agent)
        self._samples(node, stored)
        self._facts(node)
        found = list(misfits(node.stores.ledger, node.stores.registry))
        assert found == [], f"the ledger: {found}"

    def _chain(self, node: SimulatedNode, agent: SimulatedAgent) -> list[str]:
        """The digests that the store has of the agent; all that was acknowledged is among them."""
        ledger = node.stores.telemetry.batches(agent=agent.name, limit=1_000_000)
        numbers = [it.number for it in ledger]
        assert numbers == list(range(1, len(numbers) + 1)), f"{agent.name}: batches {numbers}"
        digests = {it.number: it.digest for it in ledger}
        for number, digest in self.network.receipts.get(agent.name, {}).items():
            found = digests.get(number)
            assert found == digest, f"{agent.name}: acknowledged batch {number} is not stored"
        for number, digest in digests.items():
            if digest not in self.rows:
                self._came(agent, digest, number)
            if digest not in self._read_back:
                data = node.stores.archive.get(digest)
                assert data == self.network.sent[digest], f"{agent.name}: batch {number} differs"
                self._read_back.add(digest)
        for it in ledger:
            assert it.samples == len(self.rows[it.digest]), f"{agent.name}: rows of {it.number}"
        return list(digests.values())

    def _came(self, agent: SimulatedAgent, digest: str, number: int) -> None:
        """A batch that was not stored before."""
        batch = parse_batch(self.network.sent[digest])
        rows = list(pl.read_ipc_stream(batch.samples_bytes).select(_COLUMNS).iter_rows())
        self.rows[digest] = rows
        told = {it.name: {said[:2]: said[2] for said in it.told} for it in agent.machines}
        for machine, signal, at, value in rows:
            where = f"{agent.name}, batch {number}: {machine} {signal} at {at}"
            assert told[machine].get((signal, at)) == value, f"{where} was never said"
            before = self._of.setdefault((machine, signal, at), digest)
            assert before == digest, f"{where} came in another batch already"
        assert len(set(rows)) == len(rows), f"{agent.name}, batch {number}: a sample is twice"
        for _, machine, start, end in batch.header.spans:
            for signal, at in told[machine]:
                if instant(start) <= at <= instant(end):
                    where = f"{agent.name}, batch {number}: {machine} {signal} at {at}"
                    assert (machine, signal, at) in self._of, f"{where} was confirmed, and is lost"

    def _samples(self, node: SimulatedNode, stored: Sequence[str]) -> None:
        expected = {row for digest in stored for row in self.rows[digest]}
        found: set[Row] = set()
        for line in self.lines:
            telemetry = node.stores.telemetry
            count = telemetry.sample_count(line, EVER.start, EVER.end)
            samples = telemetry.history(line, EVER.start, EVER.end).samples
            rows = list(samples.select(_COLUMNS).iter_rows())
            assert count == len(rows), f"{line}: {count - len(rows)} samples are twice"
            found.update(rows)
        assert not expected - found, f"samples are lost: {sorted(expected - found)[:3]}"
        assert not found - expected, f"samples of no batch: {sorted(found - expected)[:3]}"

    @property
    def lines(self) -> list[str]:
        return sorted({it.line for agent in self.agents for it in agent.machines})

    def _facts(self, node: SimulatedNode) -> None:
        """What is stored is what a computation anew gives."""
        telemetry, registry = node.stores.telemetry, node.stores.registry
        (plant,) = registry.plants.all()
        for line in self.lines:
            facts = telemetry.facts(line, line_digest(plant, line), EVER.start, EVER.end)
            extent = telemetry.extent(line)
            if facts.is_empty() or extent is None or telemetry.dirty(line):
                continue
            first = instant(int(borders(plant, line, extent)[0]))
            end = facts["end"].max()
            assert isinstance(end, datetime)
            corrections = registry.facts_basis.line_corrections(line)
            history = line_history(telemetry, line, first, end, corrections.in_force)
            anew = line_facts(plant, line, history, first, end)
            assert facts.equals(anew), f"{line}: stored facts are not those of its samples"

    def all_promised_came(self, node: SimulatedNode) -> None:
        """Once nothing waits any more: what an agent said was on its disk is at the collector."""
        for agent in self.agents:
            for machine in agent.machines:
                missing = [
                    (signal, at)
                    for signal, at, _ in map(machine.told.__getitem__, sorted(machine.promised))
                    if (machine.name, signal, at) not in self._of
                ]
                assert not missing, f"{machine.name}: promised and lost: {missing[:3]}"
        assert list(node.stores.ledger.faults()) == []

    def facts_are_those_of_a_rebuild(self, node: SimulatedNode) -> None:
        """From the archive alone, as a store that never met a fault."""
        registry = node.stores.registry
        (plant,) = registry.plants.all()
        node.facts.refresh()
        with tempfile.TemporaryDirectory() as folder:
            anew = DuckDBStore(Path(folder) / "anew.duckdb")
            try:
                done = replay(node.stores.archive, registry.agents, anew, Path(folder) / "index")
                assert (done.missing, done.quarantined, done.unreadable) == (0, 0, [])
                FactsKeeper(anew, registry.facts_basis, node.now).refresh()
                for line in self.lines:
                    spec = line_digest(plant, line)
                    made, stored = (
                        it.facts(line, spec, EVER.start, EVER.end)
                        for it in (anew, node.stores.telemetry)
                    )
                    assert stored.equals(made), f"{line}: facts are not those of a rebuild"
            finally:
                anew.close()
