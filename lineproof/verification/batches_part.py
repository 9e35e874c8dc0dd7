"""Each agent's sealed batches: signed by its keys, one after the other without a gap, and reaching
to the chain head that the ledger has. What holds is stored, so that facts can be made of it: of
measured values, which no fact depends on, no more than how far they reach (`needed_samples`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.intake.decisions import Outcome, Position, authenticate, place
from collector.intake.group_writer import batch_record
from collector.intake.payload import PayloadError, decode
from collector.intake.signatures import verify
from collector.replay.replay import GROUP_BATCHES, GROUP_ROWS
from domain.agent_keys import key_statement
from domain.batches import SealedBatch, parse_batch
from domain.errors import InputError
from domain.ledger.leaves import ChainHeadLeaf
from domain.time import instant
from lineproof.dossier import paths
from lineproof.dossier.batch_files import ArrivedBatch, read_batches
from lineproof.progress import StepProgress
from lineproof.verification.evidence import Evidence, differs
from lineproof.verification.needed_samples import measured_on_panels, needed_samples
from lineproof.verification.opened_part import OpenedDays
from lineproof.verification.outcome import DoesNotHoldError
from store.node.opening import Stores
from store.registry.agents import AgentKey
from store.telemetry.protocol import BatchContent, BatchRecord

_WHY = {
    Outcome.UNKNOWN_AGENT: "no agent of that name has a key in the record",
    Outcome.BAD_SIGNATURE: "it is not signed by a key that its agent had",
    Outcome.BAD_PAYLOAD: "its content is not what its agent signed",
    Outcome.GAP: "batches before it are missing",
    Outcome.CONFLICT: "another batch of that number stands before it",
    Outcome.DUPLICATE: "it is there twice",
    Outcome.BROKEN_CHAIN: "it does not follow the batch before it",
}


def _key_fault(evidence: Evidence) -> DoesNotHoldError | None:
    """Each later key of an agent is signed by the one before it."""
    keys = {said["agent"]: said["public_key"] for _, said in evidence.record_leaves("agents")}
    for _, said in evidence.record_leaves("agent_keys"):
        agent, new = said["agent"], said["public_key"]
        before, signature = bytes.fromhex(keys[agent]), bytes.fromhex(said["signature"])
        if not verify(before, signature, key_statement(agent, bytes.fromhex(new))):
            return differs(
                paths.LEAVES, f"a later key of agent {agent} is not signed by the one before it"
            )
        keys[agent] = new
    return None


def _newest(evidence: Evidence, agent: str) -> int:
    """The number of the agent's last batch that the ledger has seen; 0: none."""
    return max((it.number for it in evidence.heads(agent)), default=0)


class BatchesRead:
    """One pass over all batches. `signatures`, `chains`: the first that does not hold; `count`:
    how many there are."""

    def __init__(
        self,
        evidence: Evidence,
        stores: Stores,
        progress: StepProgress | None,
        opened: OpenedDays | None = None,
    ) -> None:
        """`opened`: days whose batches the plant handed over besides."""
        self._opened = opened
        self._evidence = evidence
        self._stores = stores
        self._progress = progress
        self._has_content = "raw_samples" not in evidence.about["confidential"]
        self._on_panels = measured_on_panels(stores.registry.site_visits, evidence.project)
        self._group: list[tuple[BatchRecord, BatchContent]] = []
        self._rows = 0  # of the group
        self._total = sum(_newest(evidence, it) for it in evidence.about["agents"])
        self._keys: dict[str, tuple[AgentKey, ...]] = {
            it.name: it.keys for it in stores.registry.agents.all()
        }
        self.signatures: DoesNotHoldError | None = None
        self.chains: DoesNotHoldError | None = None
        self.count = 0

    def read(self) -> None:
        known = {paths.batches_folder(it): it for it in self._evidence.about["agents"]}
        for path in self._evidence.dossier.under("batches/"):
            if f"{path.rpartition('/')[0]}/" not in known:
                self.signatures = differs(path, "the dossier names no agent that this is of")
                return
        self.signatures = _key_fault(self._evidence)
        for folder, agent in known.items():
            if self.signatures is None:
                self._read_agent(agent, folder)
            if self.signatures is not None:
                return
        self._store()

    def _read_agent(self, agent: str, folder: str) -> None:
        heads = {it.number: it for it in self._evidence.heads(agent)}
        last, path = Position(), folder
        for path, number, arrived in self._arrived(folder):
            batch = self._believed(agent, path, number, arrived)
            if batch is None:
                return
            digest = batch.header.digest
            if self.chains is None:
                found = place(batch.header, last, None).outcome
                if found is not Outcome.ACCEPTED:
                    self.chains = differs(path, f"batch {batch.header.number}: {_WHY[found]}")
                self._check_head(path, heads, batch.header.number, digest)
            last = Position(batch.header.number, digest)
            self.count += 1
            if self._progress is not None:
                self._progress("checking batches", self.count, self._total)
        newest = _newest(self._evidence, agent)
        if self.chains is None and last.number != newest:
            self.chains = differs(
                path,
                f"the batches of {agent} end with number {last.number}; the ledger has seen "
                f"number {newest}",
            )

    def _arrived(self, folder: str) -> Iterator[tuple[str, int, ArrivedBatch]]:
        """Path, place in it, batch."""
        for path in self._evidence.dossier.under(folder):
            with self._evidence.dossier.open(path) as file:
                for number, arrived in enumerate(read_batches(file, path), start=1):
                    yield path, number, arrived

    def _believed(
        self, agent: str, path: str, number: int, arrived: ArrivedBatch
    ) -> SealedBatch | None:
        """The batch, kept to be stored; None where it does not hold: then `signatures` says why."""
        try:
            batch = parse_batch(arrived.data)
        except InputError as error:
            self.signatures = differs(path, f"batch {number} of this file: {error.what}")
            return None
        header = batch.header
        sealed = instant(header.sealed_at)
        keys = [it.public_key for it in self._keys.get(agent, ()) if it.seals_at(sealed)]
        refused: Outcome | None = None
        if header.agent != agent:
            refused = Outcome.UNKNOWN_AGENT
        elif self._has_content:
            refused = authenticate(batch, keys, verify)
        elif not any(verify(key, batch.signature, header.signed_bytes) for key in keys):
            refused = Outcome.BAD_SIGNATURE
        if refused is None and self._has_content:
            try:
                content = decode(batch, arrived.latest)
                record = batch_record(header, header.digest, content, arrived.received)
            except PayloadError:
                refused = Outcome.BAD_PAYLOAD
            else:
                self._keep(record, content)
        elif refused is None and self._opened is not None:
            self._keep(*self._opened.content(header, arrived))
        if refused is not None:
            self.signatures = differs(path, f"batch {header.number} of {agent}: {_WHY[refused]}")
            return None
        return batch

    def _check_head(
        self, path: str, heads: dict[int, ChainHeadLeaf], number: int, digest: str
    ) -> None:
        head = heads.get(number)
        if self.chains is None and head is not None and head.digest != digest:
            self.chains = differs(path, f"batch {number} is not the one that the ledger has seen")

    def _keep(self, record: BatchRecord, content: BatchContent) -> None:
        content = replace(content, samples=needed_samples(content.samples, self._on_panels))
        self._group.append((record, content))
        self._rows += content.samples.height
        if len(self._group) == GROUP_BATCHES or self._rows >= GROUP_ROWS:
            self._store()

    def _store(self) -> None:
        if self._group and self.chains is None:
            self._stores.telemetry.append(self._group)
        self._group, self._rows = [], 0
