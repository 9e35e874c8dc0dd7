"""A whole plant under one scheduler and one seed: agents, network, node, clocks, and their faults.

`run` lets so many faults befall it, checks after each what must hold (simulated_checks), and in the
end heals all and looks whether everything arrived. The same seed gives the same course.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace

from simulated_agent import Machine, SimulatedAgent
from simulated_checks import Checks
from simulated_disk import Disk, Drive
from simulated_network import Network, Trouble
from simulated_node import SimulatedNode
from simulated_time import AtOnce, VirtualLoop, put_in_place, run_in

import edge.spool.outbox
import edge.spool.spool
import edge.uplink
import store.archive.segment_appending
from domain.errors import LineproofError

AGENTS = 2
FAULTS_OF_A_PLANT = 100
SETTLED_WITHIN_S = 3600.0
HEALED = 0.7  # how often all is well again before the next fault
FLUSH_S = 2.0  # as of a small plant
REFUSALS = (errno.ENOSPC, errno.EIO)


class SimulatedPlant:
    """`did`: what befell it, and how often."""

    def __init__(self, loop: VirtualLoop, seed: int, folder: Path, disk: Disk) -> None:
        self.loop = loop
        self.chance = Random(seed)
        self.disk = disk
        self.folder = folder
        self.did: Counter[str] = Counter()
        self.network = Network(lambda: self.node, Random(self.chance.random()))
        self.agents = [self._agent(f"agent-{number}") for number in range(1, AGENTS + 1)]
        self.node = SimulatedNode(folder / "node", loop, self._drive)
        self.checks = Checks(self.agents, self.network)
        self.backup: Path | None = None

    def _agent(self, name: str) -> SimulatedAgent:
        line = name.replace("agent", "line")
        chance = Random(self.chance.random())
        machines = [Machine(line, f"{line}-{it}", chance) for it in "ab"]
        (self.folder / name).mkdir()
        return SimulatedAgent(
            name, self.folder / name, self.loop, chance, self.network, machines, self._drive
        )

    def _drive(self, folder: Path) -> Drive:
        self.disk.drives[folder] = Drive(folder, Random(self.chance.random()))
        return self.disk.drives[folder]

    # faults: each begins something, which `heal` ends where it lasts

    async def agent_dies(self, agent: SimulatedAgent, *, lost_power: bool) -> None:
        old = agent.folder
        await agent.kill(lost_power=lost_power)
        self._clear(old)
        await asyncio.sleep(self.chance.uniform(0, 20))
        agent.begin()

    def node_dies(self, *, lost_power: bool) -> None:
        old = self.node.folder
        self.node.kill(lost_power=lost_power)
        self._clear(old)

    async def node_begins(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.node.begin()
        self.checks.node_began_anew()

    def _clear(self, folder: Path) -> None:
        self.disk.drives.pop(folder, None)
        shutil.rmtree(folder)

    async def kill_agent(self) -> None:
        await self.agent_dies(self.chance.choice(self.agents), lost_power=False)

    async def cut_agents_power(self) -> None:
        await self.agent_dies(self.chance.choice(self.agents), lost_power=True)

    async def kill_agent_in_a_write(self) -> None:
        self._at_some_call(self.chance.choice(self.agents).drive)

    async def kill_node(self) -> None:
        self.node_dies(lost_power=False)
        await self.node_begins(self.chance.uniform(0, 30))

    async def cut_nodes_power(self) -> None:
        self.node_dies(lost_power=True)
        await self.node_begins(self.chance.uniform(0, 30))

    async def kill_node_in_a_write(self) -> None:
        self._at_some_call(self.node.drive)

    def _at_some_call(self, drive: Drive) -> None:
        drive.lost_power = self.chance.random() < 0.5
        drive.die_at = self.chance.randrange(12)

    async def stop_node(self) -> None:
        self.node.stop()
        await self.node_begins(self.chance.uniform(0, 60))

    async def put_node_back(self) -> None:
        """From the backup before; what it lacks, the agents send again."""
        backup, old = self.backup, self.node.folder
        self.backup = self.folder / f"backup-{self.loop.time():.6f}"
        self.node.back_up(self.backup)
        if backup is not None:
            self.node.stop()
            self._clear(old)
            self.node.folder = backup.rename(self.folder / f"node-{self.loop.time():.6f}")
            self.network.receipts.clear()
            await self.node_begins(self.chance.uniform(0, 10))

    async def fill_agents_disk(self) -> None:
        self.chance.choice(self.agents).file_limit = self.chance.choice((0, 4096, 40_000, 200_000))

    async def fill_nodes_disk(self) -> None:
        self.node.file_limit = self.chance.choice((0, 4096, 100_000, 1 << 20))

    async def refuse_agents_writes(self) -> None:
        self._refuse(self.chance.choice(self.agents).drive)

    async def refuse_nodes_writes(self) -> None:
        self._refuse(self.node.drive)

    def _refuse(self, drive: Drive) -> None:
        drive.error = self.chance.choice(REFUSALS)
        drive.refuses_syncs_only = self.chance.random() < 0.5
        drive.refuse_after = self.chance.randrange(8)

    async def slow_agents_disk(self) -> None:
        self.chance.choice(self.agents).disk_delay_s = self.chance.uniform(0.05, 5.0)

    async def agents_clock_jumps(self) -> None:
        off = timedelta(hours=self.chance.uniform(-48, 48))
        self.chance.choice(self.agents).clock_off = self.chance.choice((timedelta(0), off))

    async def nodes_clock_jumps(self) -> None:
        off = timedelta(hours=self.chance.uniform(-20, 20))
        self.node.clock_off = self.chance.choice((timedelta(0), off))

    async def machines_fall_silent(self) -> None:
        """Hours close meanwhile."""
        for agent in self.agents:
            agent.is_silent = self.chance.random() < 0.7
        await asyncio.sleep(self.chance.uniform(60, 2400))

    def faults(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """By name."""
        mine = (
            self.kill_agent, self.cut_agents_power, self.kill_agent_in_a_write, self.kill_node,
            self.cut_nodes_power, self.kill_node_in_a_write, self.stop_node, self.put_node_back,
            self.fill_agents_disk, self.fill_nodes_disk, self.refuse_agents_writes,
            self.refuse_nodes_writes, self.slow_agents_disk, self.agents_clock_jumps,
            self.nodes_clock_jumps, self.machines_fall_silent,
        )  # fmt: skip
        named = {it.__name__.replace("_", " "): it for it in mine}
        return {**named, **{f"network: {it}": self._network_fault(it) for it in Trouble}}

    def _network_fault(self, trouble: Trouble) -> Callable[[], Awaitable[None]]:
        async def begins() -> None:
            self.network.trouble = trouble
            self.network.share = self.chance.choice((0.3, 0.7, 1.0))

        return begins

    async def bury(self) -> None:
        """Who died in a write begins anew."""
        for agent in self.agents:
            if agent.drive.is_dead:
                await self.agent_dies(agent, lost_power=False)
        if self.node.drive.is_dead:
            self.node_dies(lost_power=False)
            await self.node_begins(self.chance.uniform(0, 10))

    def heal(self) -> None:
        self.network.trouble = None
        for drive in self.disk.drives.values():
            drive.refuse_after = drive.die_at = None
        for agent in self.agents:
            agent.file_limit, agent.disk_delay_s, agent.is_silent = None, 0.0, False
        self.node.file_limit = None

    # the course of things

    async def begin(self) -> None:
        self.node.prepare(self.agents)
        self.node.begin()
        for agent in self.agents:
            agent.begin()

    async def suffer(self, faults: int) -> None:
        known = self.faults()
        for _ in range(faults):
            name = self.chance.choice(list(known))
            self.did[name] += 1
            await known[name]()
            await asyncio.sleep(self.chance.uniform(2, 25))
            await self.bury()
            self.node.keep()
            await self.bury()
            self.checks.all_hold(self.node)
            if self.chance.random() < HEALED:
                self.heal()

    async def recover(self) -> None:
        """All is well again: nothing waits, and everything is there."""
        self.heal()
        self.node.clock_off = timedelta(0)
        for agent in self.agents:
            agent.clock_off = timedelta(0)
        await asyncio.sleep(60)
        for agent in self.agents:
            agent.is_silent = True
        until = self.loop.time() + SETTLED_WITHIN_S
        while any(map(_waits, self.agents)):
            assert self.loop.time() < until, [
                (it.name, it.outbox.depth, it.outbox.problem, it.uplink.status.problem)
                for it in self.agents
            ]
            await asyncio.sleep(10)
        self.node.keep()
        self.checks.all_hold(self.node)
        self.checks.all_promised_came(self.node)
        self.checks.facts_are_those_of_a_rebuild(self.node)

    async def end(self) -> None:
        for agent in self.agents:
            await agent.kill(lost_power=False)
        if self.node.is_up:
            self.node.stop()


def _waits(agent: SimulatedAgent) -> bool:
    depth = agent.outbox.depth
    return bool(agent.outbox.unsaved or depth.pending_chunks or depth.sealed_batches)


@contextlib.contextmanager
def _edges(loop: VirtualLoop, chance: Random, disk: Disk) -> Iterator[None]:
    """The outermost ones: clocks, chance, threads and the system's calls."""
    clock = SimpleNamespace(monotonic=loop.time, time=loop.time)
    with (
        put_in_place(
            {
                (edge.spool.outbox, "time"): clock,
                (edge.spool.outbox, "FLUSH_S"): FLUSH_S,
                (edge.uplink, "time"): clock,
                (edge.uplink, "random"): SimpleNamespace(random=chance.random),
                (edge.spool.spool, "_RESERVE_BYTES"): 64 << 10,
                (store.archive.segment_appending, "SYNCS"): AtOnce(),
            }
        ),
        disk.in_place(),
    ):
        yield


@dataclass(frozen=True)
class Course:
    """What befell a plant, how long it lasted in its own time, and the digests of all batches
    that came of it."""

    did: Counter[str]
    lasted_s: float
    digests: frozenset[str]


def run(seed: int, faults: int, folder: Path) -> Course:
    """So many faults befall a new plant. An AssertionError says what did not hold."""
    loop, disk = VirtualLoop(), Disk()
    plant = SimulatedPlant(loop, seed, folder, disk)

    async def course() -> None:
        try:
            await plant.begin()
            await plant.suffer(faults)
            await plant.recover()
        except (AssertionError, LineproofError) as error:
            error.add_note(f"after {plant.did.total()} faults, at {loop.time():.1f} s: {plant.did}")
            raise
        finally:
            await plant.end()

    with _edges(loop, Random(seed), disk):
        run_in(loop, course())
    return Course(plant.did, loop.time(), frozenset(plant.checks.rows))


def run_many(seed: int, faults: int, folder: Path) -> Counter[str]:
    """In plants one after the other, each by the next seed; says how far it is. What failed names
    the command that shows it again."""
    did: Counter[str] = Counter()
    began = time.monotonic()
    while did.total() < faults:
        count = min(FAULTS_OF_A_PLANT, faults - did.total())
        with tempfile.TemporaryDirectory(dir=folder) as place:
            try:
                did += run(seed, count, Path(place)).did
            except Exception as error:
                error.add_note(f"see it again: make simulate SEED={seed} FAULTS={count}")
                raise
        rate = did.total() / (time.monotonic() - began)
        print(
            f"seed {seed}: {did.total()} faults, none lost, none doubled; {rate:.1f}/s", flush=True
        )
        seed += 1
    print(dict(did.most_common()))
    return did
