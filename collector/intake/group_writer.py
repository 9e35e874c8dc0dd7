"""Stores believed batches in groups: archive first, then telemetry, then the receipts.

One thread takes all that waits as one group: one archive write, one commit. A commit of four
batches costs little more than one of a single batch, so while more are on their way it waits
for them a moment. The order of arrival is kept. When a group cannot be stored, none of its batches
is acknowledged: the agents send again, and the repeat completes it.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

import structlog

from collector.intake.chains import Chains
from collector.intake.decisions import InChain, Outcome
from collector.intake.metrics import IntakeMetrics
from collector.intake.receipts import Receipt, receipt_of
from domain.batch_header import BatchHeader
from domain.errors import BusyError, LineproofError
from domain.panics import panics_as_errors
from store.archive.protocol import BatchArchive
from store.archive.segment_appending import IncomingBatch
from store.telemetry.protocol import BatchContent, BatchRecord, TelemetryStore

GROUP_MAX = 64  # batches in one commit
WAITING_MAX = 64  # batches that wait; more are told to come back
LINGER_S = 0.02  # at most, for batches on their way

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Waiting:
    """A believed and decoded batch, and who waits for it. `latest`: no sample is later."""

    header: BatchHeader
    digest: str
    data: bytes
    content: BatchContent
    latest: datetime
    receipt: Future[Receipt]


class Writer:
    """`keep_refused` keeps the bytes of a batch that the chain refuses, before its receipt is
    given; `stored` is told agent, number and digest of each batch that is stored."""

    def __init__(
        self,
        telemetry: TelemetryStore,
        archive: BatchArchive,
        now: Callable[[], datetime],
        metrics: IntakeMetrics,
        keep_refused: Callable[[bytes, Receipt], None],
        stored: Callable[[str, int, str], None],
    ) -> None:
        self._telemetry = telemetry
        self._archive = archive
        self._now = now
        self._metrics = metrics
        self._keep_refused = keep_refused
        self._stored = stored
        self._chains = Chains(telemetry)
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING_MAX)
        self._coming = 0
        self._closed = False
        self._gate = threading.Lock()  # nothing is put behind the word to stop, or to wait
        self._held = False
        self._storing = threading.Lock()
        self._thread = threading.Thread(target=self._write, name="intake", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def coming(self) -> Iterator[None]:
        """Within the block a batch may be on its way here."""
        with self._gate:
            self._coming += 1
        try:
            yield
        finally:
            with self._gate:
                self._coming -= 1

    def put(self, item: Waiting) -> None:
        """Have it stored; its future gets the receipt. Raises BusyError."""
        with self._gate:
            if self._closed:
                raise BusyError("the collector is stopping", todo="Send the batch again later.")
            if self._held:
                raise BusyError(
                    "evidence is being handed out, and must not change meanwhile",
                    todo="Send the batch again in a moment.",
                )
            try:
                self._waiting.put_nowait(item)
            except queue.Full:
                raise BusyError(
                    f"{WAITING_MAX} batches are waiting already",
                    todo="Send the batch again later.",
                ) from None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within the block nothing is stored, and who sends is told to come again. For one at a
        time. Raises BusyError."""
        with self._gate:
            if self._held or self._closed:
                raise BusyError("the intake is held already", todo="Try again in a moment.")
            self._held = True
        try:
            with self._storing:  # what is being stored is stored first
                yield
        finally:
            with self._gate:
                self._held = False

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    # in the writer's thread

    def _write(self) -> None:
        stop = False
        while not stop:
            items, stop = self._next_items()
            if items:
                try:
                    with self._storing, panics_as_errors():
                        self._settle(items)
                except Exception as error:  # the callers wait for an answer, whatever it is
                    self._give_up(items, error)

    def _next_items(self) -> tuple[list[Waiting], bool]:
        """All that waits and what is on its way, at most GROUP_MAX; and whether to stop."""
        items: list[Waiting] = []
        item = self._waiting.get()
        until = time.monotonic() + LINGER_S
        while item is not None:
            items.append(item)
            if len(items) == GROUP_MAX:
                return items, False
            left = until - time.monotonic() if self._coming else 0.0
            try:
                item = self._waiting.get(block=left > 0, timeout=max(left, 0.0))
            except queue.Empty:
                return items, False
        return items, True

    def _settle(self, items: list[Waiting]) -> None:
        """Decide over the group, store what is accepted, then give the receipts."""
        begun = time.monotonic()
        decisions = self._chains.decide([(item.header, item.digest) for item in items])
        accepted = [
            (index, item)
            for index, item in enumerate(items)
            if decisions[index].outcome is Outcome.ACCEPTED
        ]
        if accepted:
            received = self._now()
            self._archive.put_all(
                [
                    IncomingBatch(it.header.agent, it.digest, it.data, received, it.latest)
                    for _, it in accepted
                ]
            )
            fresh = self._telemetry.append(
                [
                    (batch_record(it.header, it.digest, it.content, received), it.content)
                    for _, it in accepted
                ]
            )
            for (index, item), is_new in zip(accepted, fresh, strict=True):
                if is_new:
                    content = item.content
                    self._metrics.lasted(content.samples.height, content.rejections.height)
                    self._stored(item.header.agent, item.header.number, item.digest)
                else:  # another collector stored this number meanwhile
                    decisions[index] = self._chains.decide_anew(item.header)
        self._metrics.took(time.monotonic() - begun)
        for item, decision in zip(items, decisions, strict=True):
            self._tell(item, receipt_of(item.header, item.digest, decision))

    def _tell(self, item: Waiting, receipt: Receipt) -> None:
        """What is stored is acknowledged whatever happens to the rest; what is refused, once it is
        kept."""
        try:
            self._keep_refused(item.data, receipt)
        except Exception as error:  # told to the caller, who waits for it
            item.receipt.set_exception(error)
        else:
            item.receipt.set_result(receipt)

    def _give_up(self, items: list[Waiting], error: Exception) -> None:
        """None of the group is acknowledged; the collector goes on."""
        self._chains.forget()
        self._metrics.failed()
        if not isinstance(error, LineproofError):  # a sentence is for the caller to tell
            _log.error("batches not stored", batches=len(items), exc_info=error)
        for item in items:
            if not item.receipt.done():
                item.receipt.set_exception(error)


def batch_record(
    header: InChain, digest: str, content: BatchContent, received: datetime
) -> BatchRecord:
    """The ledger row of a decoded batch."""
    times = content.samples["time"]
    first, last = times.min(), times.max()
    assert first is None or isinstance(first, datetime)
    assert last is None or isinstance(last, datetime)
    return BatchRecord(
        agent=header.agent,
        number=header.number,
        digest=digest,
        samples=content.samples.height,
        rejections=content.rejections.height,
        first_time=first,
        last_time=last,
        received=received,
    )
