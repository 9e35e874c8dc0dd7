"""What is to be proved comes into the ledger: each row of the record, chain heads by the hour.

Rules: leaves follow the record's rows in their order, whatever kinds of rows there are. With rows
that figures are handed in or accepted by, and every hour, go the chain heads of all agents that
sent something since. The registry is told last how far the ledger came; a crash at any point leaves
rows without a leaf at most, which the next refresh adds. Where ledger and registry do not belong
together (one of the two was put back from an older copy), nothing is added, and every refresh says
so: what was signed once is not signed otherwise.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from domain.errors import StorageError
from domain.ledger.leaves import ChainHeadLeaf, DossierLeaf, Leaf, RecordLeaf
from store.ledger.ledger import LEDGER_BACKUP, Ledger
from store.registry.ledger_ends import LedgerEnd
from store.registry.project_work.tables import milestone_steps, site_visits
from store.registry.record import RecordEntry
from store.registry.registry import Registry
from store.registry.tables import frozen
from store.telemetry.protocol import BatchRecord, TelemetryReader

# Rows of the record before which the batches up to then are told: what people do with milestones
# (submissions, decisions), figures that are accepted, and visits, whose readings are held against
# what had been sealed.
WITH_HEADS = frozenset({milestone_steps.name, frozen.name, site_visits.name})
_PAGE = 500  # rows of the record in one checkpoint
_BEHIND_ALL = 1 << 62  # a batch's number that no agent reaches


class LedgerKeeper:
    """Over the ledger, registry and telemetry of one node; `now` is its clock."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        telemetry: TelemetryReader,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._telemetry = telemetry
        self._now = now
        self._lock = threading.RLock()
        self._hour: datetime | None = None  # in which chain heads were taken last
        self._heads_known: dict[str, int] | None = None  # as Ledger.heads, read once

    def refresh(self, *, with_heads: bool = False) -> int:
        """Add what is not in the ledger yet (`with_heads`: chain heads whatever the hour); how many
        leaves that were. Without a plant there is none: it is named after one.

        Raises StorageError where leaves cannot be added, or must not.
        """
        with self._lock:
            if not self._begun():
                return 0
            for fault in misfits(self._ledger, self._registry):
                raise StorageError(fault, where=str(self._ledger.folder), todo=LEDGER_BACKUP)
            now, added = self._now(), 0
            if with_heads:
                self._hour = None
            while leaves := self._page(now):
                self._add(leaves)
                self._hour = _hour_of(now)
                added += len(leaves)
            self._hour = _hour_of(now)
            self._tell_end()
            return added

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Within the block nobody else adds a leaf."""
        with self._lock:
            yield

    def tell_dossier(self, digest: str, rows: int) -> int:
        """The index of the leaf that tells of a dossier with that digest, made over so many rows of
        the record; it is added where it is not there. Raises StorageError."""
        with self._lock:
            known = self._ledger.leaf_of_dossier(digest)
            if known is not None:
                return known
            self._add([DossierLeaf(self._now(), rows, digest)])
            self._tell_end()
            return self._ledger.size - 1

    def _add(self, leaves: Sequence[Leaf]) -> None:
        self._ledger.append(leaves)
        heads = {it.agent: it.number for it in leaves if isinstance(it, ChainHeadLeaf)}
        self._heads_known = {**(self._heads_known or self._ledger.heads()), **heads}

    def _begun(self) -> bool:
        if not self._ledger.is_begun and self._registry.ledger_ends.last() is None:
            plants = self._registry.plants.all()
            if not plants:
                return False
            self._ledger.begin(plants[0].id)
        return True

    def _page(self, now: datetime) -> list[Leaf]:
        """Leaves that come next; none where all are there."""
        last = self._ledger.last_record()
        rows = self._registry.recorded.entries(last.number if last else 0, _PAGE)
        found: list[Leaf] = []
        if _hour_of(now) != self._hour or any(it.of in WITH_HEADS for it in rows):
            found += self._heads(now)
        return found + [RecordLeaf(now, it.number, it.of, it.content, it.digest) for it in rows]

    def _tell_end(self) -> None:
        """The registry knows how far the ledger is, also where a crash came between."""
        size = self._ledger.size
        root = self._ledger.root_at(size)
        if size and root is not None:
            end = LedgerEnd(str(self._ledger.verifier_key()), size, root)
            if self._registry.ledger_ends.last() != end:
                self._registry.ledger_ends.keep(end)

    def _heads(self, now: datetime) -> Iterator[Leaf]:
        """Of each agent that sent something since its last one."""
        if self._heads_known is None:
            self._heads_known = self._ledger.heads()
        for it in last_batches(self._telemetry):
            if it.number > self._heads_known.get(it.agent, 0):
                yield ChainHeadLeaf(now, it.agent, it.number, it.digest)


def last_batches(telemetry: TelemetryReader) -> Iterator[BatchRecord]:
    """The last batch of every agent that ever sent one, without reading the others."""
    page = telemetry.batches(limit=1)
    while page:
        last = telemetry.last_batch(page[0].agent)
        if last is not None:
            yield last
        page = telemetry.batches(after=(page[0].agent, _BEHIND_ALL), limit=1)


def misfits(ledger: Ledger, registry: Registry) -> Iterator[str]:
    """Why ledger and registry do not belong together, in sentences."""
    end = registry.ledger_ends.last()
    if not ledger.is_begun:
        if end is not None:
            yield f"the ledger is gone: it had {end.size} leaves"
        return
    if end is not None and str(ledger.verifier_key()) != end.verifier_key:
        yield "this is another ledger than the one that was begun here"
        return
    if end is not None and (root := ledger.root_at(end.size)) != end.root:
        how = "is older" if root is None else "differs"
        yield f"the ledger {how}: the registry knows it with {end.size} leaves"
    last = ledger.last_record()
    if last is None:
        return
    row: list[RecordEntry] = registry.recorded.entries(last.number - 1, 1)
    if not row:
        yield f"the registry is older than the ledger, which has row {last.number} of its record"
    elif row[0].digest != last.digest:
        yield f"row {last.number} of the registry's record is not the one that the ledger has"


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
