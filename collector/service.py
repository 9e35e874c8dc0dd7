"""Takes batches in: archive first, then store, then acknowledge.

Rules:

- A receipt is given after the batch lasts, never before. What fails half way was not
  acknowledged; the agent sends it again, and the repeat heals: the archive takes the same
  bytes twice without harm, the store knows a batch by its agent and number.
- Callers wait in one bounded queue; a single thread takes all that waits as one group: one
  archive write, one commit. What costs time and needs no order (signature, digest,
  decoding) is done before, in the caller's thread. The order of arrival is kept per agent.
- Nothing is thrown away: what is refused goes to quarantine with its outcome. Only a batch
  behind a gap is left to its agent, which still holds it, until it is sent a second time.
- No state of its own: the store knows where an agent's chain stands. What this collector
  stored last is remembered to save the question, but nothing is refused on that memory, and
  the store has the last word on what is new; so any number of collectors may share one store.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from collector.chains import Chains
from collector.decode import LATEST, PayloadError, decode
from collector.intake import ACKNOWLEDGED, Decision, Outcome, authenticate
from collector.metrics import IntakeMetrics
from collector.verify import verify
from domain.batches import SealedBatch, parse_batch
from domain.errors import BusyError, InputError, LineproofError
from store.protocol import BatchContent, BatchRecord, TelemetryStore

GROUP_MAX = 64  # batches in one commit
WAITING_MAX = 64  # batches that wait; more are told to come back
AHEAD_MAX = timedelta(days=1)  # a machine's clock this far ahead of ours is no clock

_log = structlog.get_logger(__name__)


class Archive(Protocol):
    """What the collector asks of the archive of sealed bytes."""

    def put_all(self, batches: Sequence[tuple[str, bytes]]) -> None:
        """Make (digest, bytes) last. The same ones again are harmless."""
        ...

    def quarantine(self, data: bytes, reason: str) -> None: ...


class AgentKeys(Protocol):
    """What the collector asks of the registry."""

    def agent_key(self, agent: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a batch. `agent`, `number` and `digest` are empty for what is no batch;
    `detail` is a sentence for people."""

    outcome: Outcome
    agent: str = ""
    number: int = 0
    digest: str = ""
    expected: int | None = None
    detail: str = ""

    @property
    def acknowledged(self) -> bool:
        return self.outcome in ACKNOWLEDGED


@dataclass(slots=True)
class _Waiting:
    """A believed and decoded batch, and who waits for it."""

    batch: SealedBatch
    digest: str
    data: bytes
    content: BatchContent
    receipt: Future[Receipt]


class Collector:
    """The intake over one store. `now` gives aware datetimes; `ahead_max` None takes samples
    of any future (history that is imported, not measured now)."""

    def __init__(
        self,
        telemetry: TelemetryStore,
        archive: Archive,
        registry: AgentKeys,
        now: Callable[[], datetime],
        *,
        ahead_max: timedelta | None = AHEAD_MAX,
        metrics: IntakeMetrics | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._archive = archive
        self._registry = registry
        self._now = now
        self._ahead_max = ahead_max
        self.metrics = metrics or IntakeMetrics()
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(WAITING_MAX)
        self._chains = Chains(telemetry)
        self._behind_gap: dict[str, str] = {}  # agent → digest refused for a gap last
        self._closed = False
        self._gate = threading.Lock()  # nothing is put behind the word to stop
        self._writer = threading.Thread(target=self._write, name="intake", daemon=True)
        self._writer.start()

    def receive(self, data: bytes) -> Receipt:
        """Take one sealed batch in; returns when it lasts or is refused. Thread-safe.

        Raises StorageError when it could not be made to last, BusyError when too many wait:
        then it was not acknowledged, and the same bytes may come again.
        """
        believed = self._believe(data)
        if isinstance(believed, Receipt):
            receipt = believed
            self._keep_refused(data, receipt)
        else:
            self._enqueue(believed)
            receipt = believed.receipt.result()
        self.metrics.answered(receipt.outcome)
        return receipt

    def close(self) -> None:
        """Finish what waits, then stop. The stores stay open: they belong to the caller."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._writer.join()

    # in the caller's thread

    def _believe(self, data: bytes) -> _Waiting | Receipt:
        """The batch with its frames, or why it is refused whatever came before it."""
        try:
            batch = parse_batch(data)
        except InputError as error:
            return Receipt(Outcome.MALFORMED, detail=str(error))
        header, digest = batch.header, batch.header.digest
        refused = authenticate(batch, self._registry.agent_key(header.agent), verify)
        detail = "" if refused is None else _DETAILS[refused]
        if refused is None:
            try:
                content = decode(batch, self._latest())
                return _Waiting(batch, digest, data, content, Future())
            except PayloadError as error:
                refused, detail = Outcome.BAD_PAYLOAD, f"The batch cannot be used: {error}."
        return Receipt(refused, header.agent, header.number, digest, detail=detail)

    def _latest(self) -> datetime:
        return LATEST if self._ahead_max is None else self._now() + self._ahead_max

    def _enqueue(self, item: _Waiting) -> None:
        with self._gate:
            if self._closed:
                raise BusyError("the collector is stopping", todo="Send the batch again later.")
            try:
                self._waiting.put_nowait(item)
            except queue.Full:
                raise BusyError(
                    f"{WAITING_MAX} batches are waiting already",
                    todo="Send the batch again later.",
                ) from None

    # in the writer's thread

    def _write(self) -> None:
        while True:
            group = self._next_group()
            if group:
                try:
                    self._settle(group)
                except Exception as error:
                    self._give_up(group, error)
            elif self._closed:
                return

    def _next_group(self) -> list[_Waiting]:
        """All that waits, at most GROUP_MAX; empty when it was woken to stop."""
        group: list[_Waiting] = []
        item = self._waiting.get()
        while item is not None:
            group.append(item)
            if len(group) == GROUP_MAX:
                break
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
        if item is None and group:
            self._waiting.put(None)
        return group

    def _settle(self, group: list[_Waiting]) -> None:
        """Decide over the group, make what is accepted last, then tell everybody."""
        started = time.monotonic()
        decisions = self._chains.decide([item.batch.header for item in group])
        received = self._now()
        accepted = [
            (index, item)
            for index, item in enumerate(group)
            if decisions[index].outcome is Outcome.ACCEPTED
        ]
        if accepted:
            self._archive.put_all([(item.digest, item.data) for _, item in accepted])
            fresh = self._telemetry.append(
                [(_record(it, received), it.content) for _, it in accepted]
            )
            for (index, item), is_new in zip(accepted, fresh, strict=True):
                if is_new:
                    content = item.content
                    self.metrics.lasted(content.samples.height, content.rejections.height)
                else:  # another collector stored this number meanwhile
                    decisions[index] = self._chains.decide_anew(item.batch.header)
        self.metrics.took(time.monotonic() - started)
        for item, decision in zip(group, decisions, strict=True):
            self._tell(item, _receipt(item, decision))

    def _tell(self, item: _Waiting, receipt: Receipt) -> None:
        """What lasts is told whatever happens to the rest; what is refused, once it is kept."""
        try:
            self._keep_refused(item.data, receipt)
        except Exception as error:
            item.receipt.set_exception(error)
        else:
            item.receipt.set_result(receipt)

    def _give_up(self, group: list[_Waiting], error: Exception) -> None:
        """Nobody of the group is acknowledged; the collector goes on."""
        self._chains.forget()
        self.metrics.failed()
        if not isinstance(error, LineproofError):  # a sentence is for the caller to tell
            _log.error("batches not stored", batches=len(group), exc_info=error)
        for item in group:
            if not item.receipt.done():
                item.receipt.set_exception(error)

    # in either

    def _keep_refused(self, data: bytes, receipt: Receipt) -> None:
        """Refused bytes into quarantine; of batches behind a gap only those sent again."""
        if receipt.acknowledged:
            self._behind_gap.pop(receipt.agent, None)
            return
        if receipt.outcome is Outcome.GAP and receipt.digest != self._behind_gap.get(receipt.agent):
            self._behind_gap[receipt.agent] = receipt.digest
            return
        _log.warning(
            "batch refused",
            outcome=receipt.outcome.value,
            agent=receipt.agent,
            number=receipt.number,
            expected=receipt.expected,
        )
        self._archive.quarantine(data, receipt.outcome.value)


def _record(item: _Waiting, received: datetime) -> BatchRecord:
    content, header = item.content, item.batch.header
    times = content.samples["time"]
    first, last = times.min(), times.max()
    assert first is None or isinstance(first, datetime)
    assert last is None or isinstance(last, datetime)
    return BatchRecord(
        agent=header.agent,
        number=header.number,
        digest=item.digest,
        samples=content.samples.height,
        rejections=content.rejections.height,
        first_time=first,
        last_time=last,
        received=received,
    )


def _receipt(item: _Waiting, decision: Decision) -> Receipt:
    header = item.batch.header
    return Receipt(
        decision.outcome,
        header.agent,
        header.number,
        item.digest,
        decision.expected,
        _DETAILS[decision.outcome].format(number=header.number, expected=decision.expected),
    )


_DETAILS = {
    Outcome.ACCEPTED: "Batch {number} lasts.",
    Outcome.DUPLICATE: "Batch {number} was there already.",
    Outcome.UNKNOWN_AGENT: "No agent of that name is enrolled.",
    Outcome.BAD_SIGNATURE: "The signature does not fit the key enrolled for this agent.",
    Outcome.BAD_PAYLOAD: "The payload is not the one that the header signed.",
    Outcome.CONFLICT: "Another batch was accepted as number {number}; next is {expected}.",
    Outcome.GAP: "Batches are missing before number {number}: send number {expected} first.",
    Outcome.BROKEN_CHAIN: "Batch {number} does not follow the last accepted one; next is "
    "{expected}.",
}
