"""The checkpoint that covers what a verdict rests on: the rows of the record, and the batches.

The newest checkpoint covers them when the ledger has a leaf of every row of the record, and chain
heads behind every batch with something from before a time. Batches of the present hour have no head
yet, and say nothing of a time that is over, unless they came late. Until the ledger has what is
lacking (rows within seconds, heads within the hour) there is no such checkpoint.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from store.ledger.ledger import Ledger
from store.node.ledger_keeper import last_batches
from store.registry.registry import Registry
from store.telemetry.protocol import BatchRecord, TelemetryReader

_LOOKED_AT_FOR = timedelta(seconds=10)
_PAGE = 1_000
_EVER = datetime.max.replace(tzinfo=UTC)
# How long before its first sample a batch says that machines were heard; and how long before it
# came it does so where it has none. (One that came later is covered with the next heads.)
_HEARD_BEFORE = timedelta(minutes=1)
_LATE_AT_MOST = timedelta(hours=1)


class CoveringCheckpoints:
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
        self._lock = threading.Lock()
        self._looked: tuple[datetime, int, datetime] | None = None

    def covering(self, until: datetime | None) -> str | None:
        """The newest checkpoint as a signed note, where it covers every row of the record, and
        every batch with something from before `until` (None: no batch is needed); None where it
        does not, or there is no ledger. Raises StorageError."""
        if not self._ledger.is_begun:
            return None
        last = self._ledger.last_record()
        if last is None or last.number < self._registry.recorded.count():
            return None
        if until is not None and self._open_from() < until:
            return None
        return self._ledger.checkpoint_note()

    def _open_from(self) -> datetime:
        """From when on there are batches without a chain head; looked at anew after ten seconds."""
        with self._lock:
            now, size = self._now(), self._ledger.size
            if self._looked is not None:
                at, of, found = self._looked
                if of == size and at <= now < at + _LOOKED_AT_FOR:
                    return found
            heads = self._ledger.heads()
            behind = [it.agent for it in last_batches(self._telemetry)
                      if it.number > heads.get(it.agent, 0)]  # fmt: skip
            found = min((self._first(it, heads.get(it, 0)) for it in behind), default=_EVER)
            self._looked = (now, size, found)
            return found

    def _first(self, agent: str, head: int) -> datetime:
        """The earliest time that the agent's batches behind that number say something of."""
        found, page = _EVER, self._telemetry.batches(agent=agent, after=(agent, head), limit=_PAGE)
        while page:
            found = min(found, *(_begin(it) for it in page))
            after = (agent, page[-1].number)
            page = self._telemetry.batches(agent=agent, after=after, limit=_PAGE)
        return found


def _begin(batch: BatchRecord) -> datetime:
    if batch.first_time is None:
        return batch.received - _LATE_AT_MOST
    return batch.first_time - _HEARD_BEFORE
