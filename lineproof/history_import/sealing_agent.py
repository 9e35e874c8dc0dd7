"""The agent that seals imported history: a key and a chain of its own in every data folder.

It does what an edge agent does, in small: a batch is on its disk before it is handed over and
stays until the collector has it for good. So it never signs two batches with one number, and
an import that was killed goes on where it was. It remembers what it imported by digest,
and relies on that only where the batch ledger confirms it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from collector.intake.collector import Collector
from collector.intake.receipts import Receipt
from domain.batch_header import GENESIS
from domain.errors import CheckFailedError, NotFoundError, StorageError
from domain.samples import Span
from edge.keys import agent_key
from edge.spool.sealing import seal
from store.archive.blobs import Blobs
from store.registry.agents import Agents
from store.telemetry.protocol import TelemetryStore

AGENT = "import"
_PENDING = "pending.batch"


class ImportAgent:
    """Seals and hands over batches, one after the other. `folder` is its own."""

    def __init__(
        self,
        folder: Path,
        *,
        agents: Agents,
        telemetry: TelemetryStore,
        collector: Collector,
        now: Callable[[], datetime],
    ) -> None:
        self._key = agent_key(folder)
        public = self._key.public_key().public_bytes_raw()
        agents.enrol(AGENT, public, now(), origin="lineproof import")
        self._pending = folder / _PENDING
        self._collector = collector
        self._now = now
        if self._pending.exists():
            # Either outcome ends it: it is stored, or a later batch has made it void.
            self._collector.receive(self._pending.read_bytes())
            self._pending.unlink()
        self._telemetry = telemetry
        self._imported = Blobs(folder / "imported", ".json")
        last = telemetry.last_batch(AGENT)
        self._number = 1 if last is None else last.number + 1
        self._previous = GENESIS if last is None else last.digest

    def hand_over(
        self,
        samples: pl.DataFrame,
        rejections: pl.DataFrame,
        spans: Sequence[Span],
        profiles: Mapping[str, str],
    ) -> Receipt:
        """Seal and deliver one batch. Raises StorageError when it cannot be stored,
        CheckFailedError when the collector refuses it."""
        batch = seal(
            self._key,
            agent=AGENT,
            number=self._number,
            previous=self._previous,
            sealed_at=self._now(),
            samples=samples,
            rejections=rejections,
            spans=spans,
            profiles=profiles,
        )
        data = batch.to_bytes()
        self._keep(data)
        receipt = self._collector.receive(data)
        if not receipt.acknowledged:
            raise CheckFailedError(
                f"batch {receipt.number} of the import was refused: {receipt.detail}",
                todo="Nothing of it was stored; import the file again.",
            )
        self._pending.unlink()
        self._number += 1
        self._previous = receipt.digest
        return receipt

    def imported(self, digest: str) -> bool:
        """Whether content of that digest was imported to its end, and is there still."""
        try:
            known = json.loads(self._imported.get(digest))
        except NotFoundError:
            return False
        rows = self._telemetry.batches(agent=AGENT, after=(AGENT, known["number"] - 1), limit=1)
        return bool(rows) and rows[0].digest == known["batch"]

    def remember(self, digest: str, last: Receipt) -> None:
        """Content of that digest is all there; `last` is the receipt of its last batch."""
        memory = {"number": last.number, "batch": last.digest}
        self._imported.put_all([(digest, json.dumps(memory).encode())])

    def _keep(self, data: bytes) -> None:
        aside = self._pending.with_suffix(".new")
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._pending)
        except OSError as error:
            raise StorageError(
                f"the disk did not take a batch of the import ({error.strerror})",
                where=str(aside.parent),
                todo="Make room on this disk and import again: what is stored already counts once.",
            ) from None
