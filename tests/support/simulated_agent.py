"""An agent of a simulated plant: machines that count, the real spool, outbox, sealing and uplink.

It lives in a data folder, dies with it as it lies there, and begins again from what is left. What
its machines said is kept beside as the truth; what it promised (`flushed` returned) must come out
of the collector's end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from simulated_disk import Drive, files_no_larger
from simulated_time import InLoop, VirtualLoop, put_in_place

import edge.spool.outbox
from domain.batches import SealedBatch
from domain.errors import StorageError
from domain.samples import Quality, Sample, Span
from domain.states import MachineState
from edge.spool.outbox import Outbox
from edge.spool.sealing import seal
from edge.spool.spool import Cut, Spool
from edge.uplink import Uplink

START = datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
LIMIT_BYTES = 8 << 20
KEEP_BYTES = 8 << 20
STATES = (MachineState.PRODUCING, MachineState.PRODUCING, MachineState.STOPPED)
Told = tuple[str, datetime, float]  # signal, time, value


@dataclass
class Machine:
    """Counts for ever; `told` is all that it said."""

    line: str
    name: str
    chance: Random
    count: int = 0
    told: list[Told] = field(default_factory=list)
    promised: set[int] = field(default_factory=set)  # places in `told` of what must arrive
    told_before: int = 0  # by lives of the agent before
    heard_from: datetime | None = None  # since the agent's last start, or pause
    heard_until: datetime | None = None

    def says(self, at: datetime) -> Sample:
        """The next count, or now and then its state."""
        state = self.chance.choice(STATES)
        is_state = self.heard_from is None or self.chance.random() < 0.05
        self.heard_from = self.heard_from or at
        self.heard_until = at
        self.count += not is_state
        signal = "state" if is_state else "total_count"
        value = float(state.code if is_state else self.count)
        text = state.value if is_state else None
        self.told.append((signal, at, value))
        return Sample(self.line, self.name, signal, at, at, value, text, Quality.GOOD)

    def is_lost_from_sight(self) -> None:
        self.heard_from = self.heard_until = None

    def span(self) -> list[Span]:
        if self.heard_from is None or self.heard_until is None:
            return []
        if self.heard_from == self.heard_until:
            return []
        return [Span(self.line, self.name, self.heard_from, self.heard_until)]


class OwnClient(Uplink):
    """The uplink as it is, but for the socket."""

    transport: httpx.AsyncBaseTransport

    def client(self) -> httpx.AsyncClient:
        headers = {"Content-Type": "application/vnd.lineproof.batch"}
        return httpx.AsyncClient(headers=headers, transport=self.transport, timeout=30.0)


@dataclass
class SimulatedAgent:
    """`clock_off`: how far its clock is ahead; `file_limit`: no file of it may grow larger."""

    name: str
    folder: Path
    loop: VirtualLoop
    chance: Random
    transport: httpx.AsyncBaseTransport
    machines: list[Machine]
    make_drive: Callable[[Path], Drive]
    clock_off: timedelta = timedelta(0)
    disk_delay_s: float = 0.0
    file_limit: int | None = None
    is_silent: bool = False  # its machines say nothing
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(self.name.encode().ljust(32, b".")[:32])
        self.is_up = False

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def now(self) -> datetime:
        """By its own clock."""
        return self.true_time() + self.clock_off

    def true_time(self) -> datetime:
        return START + timedelta(microseconds=round(self.loop.time() * 1e6))

    def begin(self) -> None:
        """Over the folder as it lies there."""
        self.drive = self.make_drive(self.folder)
        self.spool = Spool(self.folder, self.name, limit_bytes=LIMIT_BYTES, keep_bytes=KEEP_BYTES)
        for it in self.machines:
            it.is_lost_from_sight()
            it.told_before = len(it.told)
        with put_in_place({(edge.spool.outbox, "ThreadPoolExecutor"): lambda *_: self._thread()}):
            self.outbox = self._made_outbox()
        self.uplink = OwnClient(
            self.outbox,
            url="http://collector",
            agent=self.name,
            public_key="KEY=",
            token=None,
            now=self.now,
        )
        self.uplink.transport = self.transport
        stop = asyncio.Event()
        work: list[Any] = [self.outbox.run(stop), self.uplink.run(stop)]
        work += [self._read(it, self.drive) for it in self.machines]
        self.tasks = [self.loop.create_task(it) for it in work]
        self.promises: list[asyncio.Task[None]] = []
        self.is_up = True

    def _made_outbox(self) -> Outbox:
        return Outbox(
            self.spool,
            seal=self._seal,
            take_spans=self._take_spans,
            profiles={f"{it.line}/{it.name}": "p1" for it in self.machines},
            max_samples=60,
            max_age_s=15.0,
        )

    def _thread(self) -> InLoop:
        """In the place of the outbox's own."""
        drive = self.drive

        def around(work: Callable[[], Any]) -> Any:
            if drive.is_dead:  # the dead do nothing
                raise StorageError("dead")
            with files_no_larger(self.file_limit):
                made = work()
            if drive.is_dead:
                self.loop.call_soon(self._is_gone)
            return made

        return InLoop(self.loop, lambda: self.disk_delay_s, around)

    def _is_gone(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def kill(self, *, lost_power: bool) -> None:
        """With what lies on disk at this moment, or at that which its drive chose before."""
        if not self.is_up:
            return
        self.drive.die(lost_power=lost_power)
        self.is_up = False
        for task in (*self.tasks, *self.promises):
            task.cancel()
        await asyncio.gather(*self.promises, return_exceptions=True)
        for found in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(found, Exception):
                self.problems.append(f"{self.name}: {found!r}")
        self.spool.close()
        image = self.drive.image
        assert image is not None
        self.folder = image.rename(self.folder.with_name(f"{self.name}-{self.loop.time():.6f}"))

    @property
    def let_go_to(self) -> int:
        """The number of the last batch that it takes for handed over."""
        depth = self.outbox.depth
        return depth.next_number - 1 - depth.sealed_batches

    def faults(self) -> list[str]:
        """Of ours: work never ends by itself."""
        if not self.is_up or self.drive.is_dead:
            return []
        self.promises = [it for it in self.promises if not it.done()]
        return [repr(it.exception()) for it in self.tasks if it.done() and not it.cancelled()]

    async def _read(self, machine: Machine, drive: Drive) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(2.0, 15.0))
            if self.is_silent:
                machine.is_lost_from_sight()
                continue
            waits = self.outbox.waits
            await self.outbox.ready()
            if self.outbox.waits != waits:
                machine.is_lost_from_sight()
            for _ in range(self.chance.randrange(1, 4)):
                self.outbox.add(machine.says(self.true_time()))
                await asyncio.sleep(0.001)
            if self.chance.random() < 0.2:
                self.promises.append(self.loop.create_task(self._promise(machine, drive)))

    async def _promise(self, machine: Machine, drive: Drive) -> None:
        """What was handed over in this life is on disk now."""
        handed_over = range(machine.told_before, len(machine.told))
        await self.outbox.flushed()
        if not drive.is_dead:
            machine.promised.update(handed_over)

    def _take_spans(self) -> Sequence[Span]:
        return [span for it in self.machines for span in it.span()]

    def _seal(self, cut: Cut) -> SealedBatch:
        return seal(
            self.key,
            agent=self.name,
            number=cut.number,
            previous=cut.previous,
            sealed_at=self.now(),
            samples=cut.samples,
            rejections=cut.rejections,
            spans=cut.spans,
            profiles=cut.profiles,
        )
