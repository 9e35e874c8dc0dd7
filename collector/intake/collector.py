"""Takes batches in: archive first, then store, then acknowledge.

Rules:

- A receipt is given once the batch is stored, never before. What fails half way was not
  acknowledged; the agent sends it again, and the repeat completes it: the archive takes the same
  bytes twice without harm, and the store knows a batch by its agent and number.
- What costs time and needs no order (signature, digest, decoding) is done in the caller's
  thread; the rest by `collector.intake.group_writer`, in groups.
- Nothing is thrown away: what is refused goes to quarantine with its outcome. Only a batch
  behind a gap is left to its agent, which still holds it, until it is sent a second time; and
  of senders who cannot prove who they are, no more is kept than `store.archive.quarantine` has
  room for, so that nobody can fill the disk.
- What is malformed is so whatever is signed: it is found out before anything is kept.
- No state of its own: the store has the last word on what is known and what is new, so any
  number of collectors may share one store.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta

import structlog

from collector.intake.decisions import AUTHENTICATED, Decision, Outcome, authenticate
from collector.intake.group_writer import Waiting, Writer
from collector.intake.live_intake import LiveIntake
from collector.intake.metrics import IntakeMetrics
from collector.intake.payload import PayloadError, decode
from collector.intake.receipts import Receipt, receipt_of
from collector.intake.row_rules import AHEAD_MAX, LATEST
from collector.intake.signatures import AgentKeys, verify
from domain.batches import parse_batch
from domain.errors import InputError
from domain.panics import panics_as_errors
from store.archive.protocol import BatchArchive
from store.telemetry.protocol import TelemetryStore
from store.telemetry.unsealed import Unsealed

_log = structlog.get_logger(__name__)


class Collector:
    """The intake over one store. `now` gives aware datetimes; `ahead_max` None takes samples
    of any future (history that is imported, not measured now). `unsealed`: where what is told
    live goes; None: nobody here shows it, and agents are told so by its absence."""

    def __init__(
        self,
        telemetry: TelemetryStore,
        archive: BatchArchive,
        keys: AgentKeys,
        now: Callable[[], datetime],
        *,
        ahead_max: timedelta | None = AHEAD_MAX,
        metrics: IntakeMetrics | None = None,
        unsealed: Unsealed | None = None,
    ) -> None:
        self._archive = archive
        self._keys = keys
        self._now = now
        self._ahead_max = ahead_max
        self.metrics = metrics or IntakeMetrics()
        self._behind_gap: dict[str, str] = {}  # agent → digest refused for a gap last
        self.live = (
            None
            if unsealed is None
            else LiveIntake(unsealed, telemetry, keys, now, archive.quarantine, self.metrics)
        )
        self._writer = Writer(
            telemetry,
            archive,
            now,
            self.metrics,
            self._keep_refused,
            self.live.stored if self.live else _nothing,
        )

    def receive(self, data: bytes) -> Receipt:
        """Take one sealed batch in; returns once it is stored or refused. Thread-safe.

        Raises StorageError when it could not be stored, BusyError when too many wait:
        then it was not acknowledged, and the same bytes may come again.
        """
        with self._writer.coming(), panics_as_errors():
            believed = self._believe(data)
        if isinstance(believed, Waiting):
            self._writer.put(believed)
            receipt = believed.receipt.result()
        else:
            receipt = believed
            self._keep_refused(data, receipt)
        self.metrics.answered(receipt.outcome)
        return receipt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within the block nothing is stored: agents are told to come again, and keep what they
        have. Raises BusyError where somebody else holds it."""
        with self._writer.held():
            yield

    def close(self) -> None:
        """Finish what waits, then stop. The stores stay open: they belong to the caller."""
        self._writer.close()

    def _believe(self, data: bytes) -> Waiting | Receipt:
        """The batch with its frames, or why it is refused whatever came before it."""
        try:
            batch = parse_batch(data)
        except InputError as error:
            return Receipt(Outcome.MALFORMED, detail=str(error))
        header, digest = batch.header, batch.header.digest
        keys = self._keys.keys_of(header.agent, header.sealed_at)
        refused = authenticate(batch, keys, verify)
        # What came in before stays believed: only here, at the door, a revocation matters.
        if refused is None and self._keys.is_revoked(header.agent):
            refused = Outcome.REVOKED_AGENT
        if refused is not None:
            return receipt_of(header, digest, Decision(refused))
        latest = self._latest()
        try:
            return Waiting(header, digest, data, decode(batch, latest), latest, Future())
        except PayloadError as error:
            detail = f"The batch cannot be used: {error}."
            return receipt_of(header, digest, Decision(Outcome.BAD_PAYLOAD), detail)

    def _latest(self) -> datetime:
        return LATEST if self._ahead_max is None else self._now() + self._ahead_max

    def _keep_refused(self, data: bytes, receipt: Receipt) -> None:
        """Refused bytes into quarantine; of batches behind a gap only those sent again."""
        if receipt.acknowledged:
            self._behind_gap.pop(receipt.agent, None)
            return
        if receipt.outcome is Outcome.GAP and receipt.digest != self._behind_gap.get(receipt.agent):
            self._behind_gap[receipt.agent] = receipt.digest
            return
        outcome, quarantine = receipt.outcome, self._archive.quarantine
        if outcome in AUTHENTICATED:
            quarantine.keep(data, outcome.value)
            kept = True
        else:
            kept = quarantine.keep_of_stranger(data, outcome.value)
        self.metrics.refused(kept=kept)
        _log.warning(
            "batch refused",
            outcome=outcome.value,
            agent=receipt.agent,
            number=receipt.number,
            expected=receipt.expected,
            kept=kept,
        )


def _nothing(agent: str, number: int, digest: str) -> None:
    """Nobody is told what was stored."""
