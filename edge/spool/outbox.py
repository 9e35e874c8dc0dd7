"""The spool behind the event loop: group commit, sealing when due, and back-pressure.

What sources hand over gathers in memory for a moment and becomes durable in one commit
(`flushed` tells when). What is durable is sealed by size or age. That machines go on being heard
is no news, so alone it waits longer; that one is heard again is. While the collector shows what is
told before it is sealed (edge.live_uplink), batches may grow for longer, the longer the agent runs.
The SQLite file is touched by one thread of its own, so a slow disk never stops the event loop.

What is in the file outlasts the process. A row outlasts a loss of power, too, once somebody waits
for it (`flushed`), it is sealed, or it is `SYNC_S` old; that a machine went on being heard, once it
is sealed.

Memory is bounded: `ready` makes sources wait while too much is gathered, the disk refuses, or the
spool is nearly full; the log and `problem` say so, and nothing that was taken is given up. Spans
are taken together with the samples handed over before them, so a span on disk never vouches for
samples that were lost with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from domain.batches import SealedBatch
from domain.errors import StorageError
from domain.live_frames import LiveFrame
from domain.samples import Rejection, Span
from edge.spool.depth import SpoolDepth
from edge.spool.errors import full
from edge.spool.kept import Kept
from edge.spool.rows import GatheredRows, RowOrKept
from edge.spool.sealing import rejections_frame, samples_frame
from edge.spool.spool import Cut, Spool, StoredBatch
from edge.spool.unsealed import Chunk, Unsealed, Untold

_log = structlog.get_logger(__name__)

FLUSH_S = 0.25
FLUSH_ROWS = 5_000
GATHERED_ROWS_MAX = 20_000
RETRY_S = 1.0
SYNC_S = 10.0
# After a start somebody may wait to see that what is sealed gets through: until then batches are
# sealed at this share of the time that went by.
START_SHARE = 0.2
# With more than this many batches waiting the collector is away: many small ones would only
# cost space, so they are allowed to grow.
BACKLOG_BATCHES = 8
BACKLOG_AGE_S = 60.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Gathered:
    chunk: Chunk
    kept: Sequence[Kept]
    last: int  # the running number of the last row in it


class Outbox:
    """The way of samples into the spool and of sealed batches out of it.

    `seal` signs a cut. `take_spans` gives the spans confirmed since it was last called.
    `profiles` maps "line/machine" to the digest of the profile that decodes it. `quiet_age_s`: how
    long spans that go on may wait for a row. `max_age_live_s`: the age while `is_shown`; `tell`
    signs what a live frame is made of, behind the batch with that digest.
    """

    def __init__(
        self,
        spool: Spool,
        *,
        seal: Callable[[Cut], SealedBatch],
        take_spans: Callable[[], Sequence[Span]],
        profiles: Mapping[str, str],
        max_samples: int,
        max_age_s: float,
        quiet_age_s: float = 0.0,
        max_age_live_s: float = 0.0,
        tell: Callable[[Untold, str], LiveFrame] | None = None,
    ) -> None:
        self._spool = spool
        self._seal_cut = seal
        self._take_spans = take_spans
        self._profiles = dict(profiles)
        self._max_samples = max_samples
        self._max_age_s = max_age_s
        self._quiet_age_s = max(quiet_age_s, max_age_s)
        self._max_age_live_s = max_age_live_s
        self._tell = tell
        self._unsealed = Unsealed(spool.depth.pending_chunks)
        self._untold = asyncio.Event()
        self.is_shown = False  # what is told before it is sealed
        self._heard_until: dict[tuple[str, str], datetime] = {}  # by line and machine
        self._is_heard_anew = False  # a machine, in what is not sealed
        self._thread = ThreadPoolExecutor(1, "spool")
        self._rows = GatheredRows()
        self._held: _Gathered | None = None  # on its way to disk, or refused by it
        self._gathered = 0  # rows ever handed over
        self._stored = 0  # of them in the file
        self._durable = 0  # of them also after a loss of power
        self._spans_taken = time.monotonic()
        # What a run before left is due at once.
        self._pending_since = -math.inf if spool.depth.pending_chunks else time.monotonic()
        self._synced = self._started = time.monotonic()
        self._flush_now = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._sealed = asyncio.Event()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self.problem = ""
        self._problem_began = 0.0
        self.waits = 0  # how often a source had to wait

    @property
    def depth(self) -> SpoolDepth:
        return self._spool.depth

    @property
    def unsaved(self) -> int:
        """Rows handed over that are not in the file yet."""
        return self._gathered - self._stored

    @property
    def problem_s(self) -> float:
        """How long the problem has stood; 0 without one."""
        return time.monotonic() - self._problem_began if self.problem else 0.0

    # in: for sources, in the event loop's thread

    def kept(self, machine: str) -> Kept:
        """What the runs before knew of a machine, as in "line/machine"."""
        return self._spool.kept.get(machine, Kept(machine, ""))

    def add(self, row: RowOrKept) -> None:
        """Gather a row, or several in columns; on disk once a later `flushed` returns. None is on
        disk before those that were added before it."""
        before = len(self._rows)
        self._rows.add(row)
        self._gathered += len(self._rows) - before
        if len(self._rows) >= FLUSH_ROWS:
            self._flush_now.set()
        if len(self._rows) >= GATHERED_ROWS_MAX:
            self._room.clear()

    async def ready(self) -> None:
        """Wait until there is room for more."""
        if not self._room.is_set():
            self.waits += 1
            await self._room.wait()

    async def flushed(self) -> None:
        """Wait until all rows added before this call are on disk."""
        if self._durable < self._gathered:
            done = asyncio.get_running_loop().create_future()
            self._waiting.append((self._gathered, done))
            await done

    # the work

    async def run(self, stop: asyncio.Event) -> None:
        """Flush and seal as they fall due, until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._flush_now.wait(), RETRY_S if self._held else FLUSH_S)
            self._flush_now.clear()
            await self._work(everything=False)

    async def finish(self) -> None:
        """Flush and seal all there is, as far as the disk permits."""
        await self._work(everything=True)

    async def close(self) -> None:
        await self._in_thread(self._spool.close)
        self._thread.shutdown()

    async def _work(self, *, everything: bool) -> None:
        problem = ""
        try:
            await self._flush(everything)
            if self._is_sync_due() and self._durable < self._stored:
                await self._in_thread(self._sync)
                self._tell_waiting()
        except StorageError as error:
            problem = str(error)
        try:  # a full spool only empties if what is in it is sealed and sent
            while self._seal_due(everything):
                await self._in_thread(self._seal_next)
                self._sealed.set()
        except StorageError as error:
            problem = problem or str(error)
        if not problem and self.depth.nearly_full:
            problem = str(full(self._spool.path, self.depth.limit_bytes))
        self._tell_sources(problem)
        if self._unsealed.has_untold:
            self._untold.set()

    async def _flush(self, everything: bool) -> None:
        goal = (
            self._gathered
        )  # and no further, so that a busy source does not keep the sealing waiting
        while self._hold(everything):
            await self._in_thread(self._store_held)
            self._tell_waiting()
            if self._stored >= goal and not everything:
                return

    def _hold(self, everything: bool) -> bool:
        """Take the next rows in hand, unless some still are; False if there is nothing."""
        if self._held is not None:
            return True
        rows = self._rows.take(self._max_samples)
        spans_due = everything or time.monotonic() - self._spans_taken >= self._max_age_s
        spans: Sequence[Span] = ()
        if not len(self._rows) and (rows or spans_due):
            spans = self._take_spans()
            self._spans_taken = time.monotonic()
            self._follow(spans)
        if rows or spans:
            told = [row for row in rows if not isinstance(row, Kept)]
            kept = [row for row in rows if isinstance(row, Kept)]
            chunk = Chunk(told, spans)
            self._held = _Gathered(chunk, kept, self._gathered - len(self._rows))
        return self._held is not None

    def _follow(self, spans: Sequence[Span]) -> None:
        for span in spans:
            key = span.line, span.machine
            if self._heard_until.get(key) != span.start:
                self._is_heard_anew = True
            self._heard_until[key] = span.end

    def _tell_waiting(self) -> None:
        for goal, done in self._waiting:
            if goal <= self._durable and not done.done():
                done.set_result(None)
        self._waiting = [it for it in self._waiting if not it[1].done()]

    def _seal_due(self, everything: bool) -> bool:
        depth = self.depth
        if not depth.pending_chunks:
            return False
        backlog = depth.sealed_batches > BACKLOG_BATCHES
        is_news = depth.pending_rows or self._is_heard_anew
        age_max_s = self._max_age_s if is_news else self._quiet_age_s
        if self.is_shown:
            since_start_s = time.monotonic() - self._started
            age_max_s = max(age_max_s, min(self._max_age_live_s, since_start_s * START_SHARE))
        if backlog:
            age_max_s = max(age_max_s, BACKLOG_AGE_S)
        aged = time.monotonic() - self._pending_since >= age_max_s
        return everything or aged or depth.pending_rows >= self._max_samples

    def _tell_sources(self, problem: str) -> None:
        if problem and not self.problem:
            _log.error("sources wait", problem=problem)
            self._problem_began = time.monotonic()
        elif self.problem and not problem:
            _log.info("sources go on")
        self.problem = problem
        if problem or len(self._rows) >= GATHERED_ROWS_MAX:
            self._room.clear()
        else:
            self._room.set()

    # out: for the uplink

    async def next_batch(self) -> StoredBatch:
        """The sealed batch with the lowest number, as soon as there is one."""
        while True:
            self._sealed.clear()
            batch = await self._in_thread(self._spool.oldest)
            if batch is not None:
                return batch
            await self._sealed.wait()

    async def acknowledge(self, number: int) -> None:
        """Let go of that batch. Raises StorageError when the disk refuses even that."""
        await self._in_thread(self._spool.acknowledge, number)

    async def go_back(self, expected: int) -> bool:
        """As the spool's."""
        return await self._in_thread(self._spool.go_back, expected)

    # out: for the live uplink

    async def next_frame(self) -> tuple[Untold, bytes]:
        """What is not told yet, signed, as soon as there is any."""
        while True:
            self._untold.clear()
            made = await self._in_thread(self._next_frame)
            if made is not None:
                return made
            await self._untold.wait()

    async def answered(self, frame: Untold, expected: int | None) -> bool:
        """The collector expects that frame next; None: it has the batch. Whether one can go on."""
        can_be_told = await self._in_thread(self._unsealed.answered, frame, expected)
        self._untold.set()
        return can_be_told

    # in the spool's thread: what changes here changes whole, even if the waiter is cancelled

    def _store_held(self) -> None:
        held = self._held
        if held is None:
            return
        was_empty = not self._spool.depth.pending_chunks
        is_synced = self._is_sync_due() and self._durable < held.last
        self._spool.append(
            samples_frame(held.chunk.samples),
            rejections_frame([row for row in held.chunk.rows if isinstance(row, Rejection)]),
            held.chunk.spans,
            self._profiles,
            kept=held.kept,
            is_synced=is_synced,
        )
        self._held = None
        self._unsealed.add(held.chunk)
        self._stored = held.last
        if is_synced:
            self._are_synced()
        if was_empty:
            self._pending_since = time.monotonic()

    def _seal_next(self) -> None:
        cut = self._spool.cut(self._max_samples)
        if cut is not None:
            self._spool.store(cut, self._seal_cut(cut))
            self._unsealed.sealed(cut.chunks)
            if not self.depth.pending_chunks:  # others may be in the journal without a sync
                self._are_synced()
            self._is_heard_anew = False
            self._pending_since = time.monotonic()

    def _sync(self) -> None:
        self._spool.sync()
        self._are_synced()

    def _are_synced(self) -> None:
        self._durable, self._synced = self._stored, time.monotonic()

    def _is_sync_due(self) -> bool:
        return bool(self._waiting) or time.monotonic() - self._synced >= SYNC_S

    def _next_frame(self) -> tuple[Untold, bytes] | None:
        frame = self._unsealed.untold(self.depth.next_number)
        if frame is None or self._tell is None:
            return None
        return frame, self._tell(frame, self._spool.previous).to_bytes()

    async def _in_thread(self, work: Callable[..., _Result], *arguments: object) -> _Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *arguments)
