"""The edge agent: machines → outbox → uplink, wired and run together.

Each machine is read by a task of its own, so that one that fails never ends the others; the outbox
and the uplink serve them all. Stopping ends the sources first, then stores and seals what they
handed over, then sends what can be sent in a few seconds. What cannot be sent stays in the spool
for the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from domain.batches import SealedBatch
from domain.live_frames import LiveFrame
from domain.samples import Span
from edge.collector_clock import AgentClock
from edge.collector_trust import pinned_authority, trust
from edge.config import AgentConfig
from edge.keys import agent_key, public_key
from edge.known_clocks import KnownClocks
from edge.live_uplink import LiveUplink
from edge.machine import EdgeMachine
from edge.machine_status import MachineStatus
from edge.own_clock import OwnClock
from edge.sources.base import Now
from edge.spool.depth import SpoolDepth
from edge.spool.outbox import Outbox
from edge.spool.sealing import live_frame, samples_frame, seal
from edge.spool.spool import SPOOL_FILE, Cut, Spool
from edge.spool.unsealed import Untold
from edge.uplink import Uplink, UplinkStatus

_log = structlog.get_logger(__name__)

# That a machine goes on being heard is told so many times before it would count as silent.
QUIET_RATIO = 3
QUIET_AGE_MAX_S = 20.0
DRAIN_S = 1.0  # the rest keeps in the spool
CANCEL_AGAIN_S = 1.8  # longer than it takes to close a connection in good order


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """A snapshot for metrics and the status page. `problem` is why sources wait, else empty, and
    `problem_s` for how long; `waits`: how often one had to; `unsaved`: rows handed over that are
    not on disk yet; `clock`: what is known of the agent's own."""

    name: str
    started: datetime
    public_key: str
    machines: tuple[MachineStatus, ...]
    spool: SpoolDepth
    problem: str
    problem_s: float
    waits: int
    unsaved: int
    uplink: UplinkStatus
    clock: AgentClock


def quiet_age_s(stale_after_s: Sequence[float]) -> float:
    """How long it may wait that machines go on being heard; `stale_after_s`: of each of them."""
    return min([QUIET_AGE_MAX_S, *(it / QUIET_RATIO for it in stale_after_s)])


def clock() -> datetime:
    """The time of this machine, aware and in UTC."""
    return datetime.now(UTC)


class Agent:
    """One agent over its data folder, which it owns from here until `run` has ended.

    Raises InputError for a configuration that cannot work, BusyError when another agent uses
    the data folder, StorageError when the folder cannot be used.
    """

    def __init__(self, config: AgentConfig, *, now: Now = clock) -> None:
        self._config = config
        self._now = now
        self._started = now()
        clocks = KnownClocks(config.data, is_used=(config.data / SPOOL_FILE).exists())
        self._machines = [
            EdgeMachine(it, config.name, now, clocks, self._clock, config.data)
            for it in config.machines
        ]
        self._key = agent_key(config.data)
        clocks.begin()
        self._own_clock = OwnClock(config.data, now())
        self._spool = Spool(
            config.data,
            config.name,
            limit_bytes=config.spool.max_bytes,
            keep_bytes=config.spool.keep_bytes,
        )
        self._outbox = Outbox(
            self._spool,
            seal=self._seal,
            take_spans=self._take_spans,
            profiles={it.key: it.profile_digest for it in self._machines},
            max_samples=config.batch.max_samples,
            max_age_s=config.batch.max_age_s,
            quiet_age_s=quiet_age_s([it.stale_after_s for it in config.machines]),
            max_age_live_s=config.batch.max_age_live_s,
            tell=self._tell,
        )
        self._uplink = Uplink(
            self._outbox,
            url=config.collector,
            agent=config.name,
            public_key=self.public_key,
            token=config.token.get_secret_value() if config.token else None,
            now=now,
            trusts=trust(pinned_authority(config.data, config.authority)),
            collector_name=config.collector_name,
        )
        self._live_uplink = LiveUplink(self._outbox, config.collector, self._uplink.client)

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def public_key(self) -> str:
        """What a collector enrols, in base64."""
        return public_key(self._key)

    def _clock(self) -> AgentClock:
        """What receipts showed of our clock."""
        status = self._uplink.status
        right_at = status.clock_right_at
        if right_at is not None:
            self._own_clock.was_right(right_at)
        is_compared = right_at is not None or status.clock_ahead_s != 0
        return AgentClock(status.clock_ahead_s, self._own_clock.unsure_since, is_compared)

    def status(self) -> AgentStatus:
        return AgentStatus(
            name=self.name,
            started=self._started,
            public_key=self.public_key,
            machines=tuple(it.status for it in self._machines),
            spool=self._outbox.depth,
            problem=self._outbox.problem,
            problem_s=self._outbox.problem_s,
            waits=self._outbox.waits,
            unsaved=self._outbox.unsaved,
            uplink=self._uplink.status,
            clock=self._clock(),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Read, keep and send until `stop`; then write everything to disk."""
        _log.info("agent starts", agent=self.name, public_key=self.public_key)
        halt = asyncio.Event()
        readers = [asyncio.create_task(it.run(self._outbox)) for it in self._machines]
        workers = [
            asyncio.create_task(self._outbox.run(halt)),
            asyncio.create_task(self._uplink.run(halt)),
            asyncio.create_task(self._live_uplink.run(halt)),
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            # A worker ends before `stop` only by a fault of ours, which must not go unseen.
            await asyncio.wait([stopped, *workers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end([stopped, *readers])
            halt.set()
            try:
                await asyncio.gather(*workers)
            finally:
                await self._leave()

    async def _leave(self) -> None:
        await self._outbox.finish()
        await self._uplink.drain(DRAIN_S)
        if self._outbox.unsaved:
            _log.error(
                "rows lost: the disk did not take them",
                rows=self._outbox.unsaved,
                problem=self._outbox.problem,
            )
        await self._outbox.close()
        depth = self._outbox.depth
        _log.info("agent stopped", agent=self.name, batches_kept=depth.sealed_batches)

    def _take_spans(self) -> list[Span]:
        return [span for it in self._machines for span in it.take_spans()]

    def _seal(self, cut: Cut) -> SealedBatch:
        return seal(
            self._key,
            agent=self.name,
            number=cut.number,
            previous=cut.previous,
            sealed_at=self._now(),
            samples=cut.samples,
            rejections=cut.rejections,
            spans=cut.spans,
            profiles=cut.profiles,
        )

    def _tell(self, untold: Untold, previous: str) -> LiveFrame:
        return live_frame(
            self._key,
            agent=self.name,
            number=untold.number,
            previous=previous,
            sequence=untold.sequence,
            told_at=self._now(),
            samples=samples_frame(untold.samples),
            spans=untold.spans,
        )


async def end(tasks: Sequence[asyncio.Task[Any]], again_s: float = CANCEL_AGAIN_S) -> None:
    """Cancel the tasks until all have ended: a library that is just closing a connection may
    swallow a cancellation and go on, so one is not always enough."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)  # what they failed of was logged by them
