"""An agent's memory over a day with 200 broken connections, accelerated.

    python benchmarks/disconnects.py [--disconnects 200] [--aside 40]

`lineproof edge` reads an OPC UA server, JSON and Sparkplug B over mosquitto, twenty values a second
of each, and hands over to a collector; all of it through relays that cut its connections, one after
the other. After each cut it is waited until the agent, by its own metrics, is connected again and
hands over again. So the broken connections of a day, and as many values as a machine says in a day
that changes every few seconds, take some minutes. Resident memory is read after each: the middle
one of the last forty against that of forty after the first `--aside` ones, in which caches fill.
A count that is missing in a confirmed span is for tests/simulation/edge/test_rough_network.py.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Protocol

import httpx
from processes import cpu_s, free_port, memory_mb
from prometheus_client.parser import text_string_to_metric_families
from rough_network import Rough, config, rough
from scripted_collector import scripted_collector

AIM = 0.05  # by how much memory may have changed
WINDOW = 40  # readings of memory whose middle one counts
WAIT_S = 120.0
LOOK_S = 0.1


@dataclass(frozen=True)
class Day:
    """`memory`: MB after each broken connection; `values`: that the agent took; CPU of it."""

    memory: tuple[float, ...]
    values: int
    losses: int
    cpu_s: float

    def change(self, aside: int) -> float:
        """The last readings against the first ones after those that are put aside."""
        first = median(self.memory[aside : aside + WINDOW])
        return median(self.memory[-WINDOW:]) / first


class Process(Protocol):
    """An agent that runs."""

    @property
    def pid(self) -> int: ...

    def terminate(self) -> None: ...

    def wait(self) -> int: ...


def own_process(file: Path) -> Process:
    """`lineproof edge` with that file."""
    command = [sys.executable, "-m", "lineproof", "edge", "--config", str(file)]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=path)


async def a_day(
    folder: Path, disconnects: int, start: Callable[[Path], Process] = own_process
) -> Day:
    """`start` runs an agent with the file. Raises SystemExit when it does not come back."""
    with scripted_collector() as collector:
        async with rough(folder, Random(1), collector.port) as network:
            url, file = status_of(folder, network)
            counting = asyncio.create_task(network.count_on())
            async with running(start, file) as agent, httpx.AsyncClient(trust_env=False) as client:
                told = Told(client, url)
                machines = len(network.truths)
                await told.until(lambda it: it.connected == machines, "the first connections")
                memory = [await broken(network, told, agent.pid, it) for it in range(disconnects)]
                last, used_s = await told.now(), cpu_s(agent.pid)
            counting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await counting
    return Day(tuple(memory), last.values, last.losses, used_s)


async def broken(network: Rough, told: Told, pid: int, number: int) -> float:
    """Cut one relay's connections; the agent's memory once all is well again."""
    relay, machines = network.relays[number % len(network.relays)], len(network.truths)
    before = await told.now()
    relay.cut()
    if relay is not network.relays[-1]:
        await told.until(lambda it: it.losses > before.losses, "the loss")
    await told.until(
        lambda it: (
            it.connected == machines
            and it.alive >= machines - 1
            and it.batches > before.batches + 1
        ),
        "the agent to be well again",  # a Sparkplug node is asked for its births now and then
    )
    return memory_mb(pid)


@dataclass(frozen=True)
class _Known:
    """Sums over the agent's machines, as its metrics tell them."""

    connected: int
    alive: int
    values: int
    losses: int
    batches: int


class Told:
    """What the agent at `url` tells of itself."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def now(self) -> _Known:
        with contextlib.suppress(httpx.HTTPError):
            text = (await self._client.get(f"{self._url}/metrics")).text
            sums: dict[str, float] = {}
            for family in text_string_to_metric_families(text):
                for it in family.samples:
                    sums[it.name] = sums.get(it.name, 0) + it.value
            names = (
                "source_connected",
                "machine_alive",
                "source_readings_total",
                "source_losses_total",
                "uplink_batches_total",
            )
            return _Known(*(int(sums[f"lineproof_agent_{name}"]) for name in names))
        return _Known(0, 0, 0, 0, 0)

    async def until(self, holds: Callable[[_Known], bool], what: str) -> None:
        for _ in range(int(WAIT_S / LOOK_S)):
            if holds(await self.now()):
                return
            await asyncio.sleep(LOOK_S)
        raise SystemExit(f"waited {WAIT_S:g} s in vain: {what}")


def status_of(folder: Path, network: Rough) -> tuple[str, Path]:
    """Where the agent shows its status, and its file."""
    port = free_port()
    settings = config(folder, network).model_dump(mode="json", exclude_none=True)
    file = folder / "edge.yaml"
    file.write_text(
        json.dumps({**settings, "status": {"port": port}}), encoding="utf-8"
    )  # YAML too
    return f"http://127.0.0.1:{port}", file


@contextlib.asynccontextmanager
async def running(start: Callable[[Path], Process], file: Path) -> AsyncIterator[Process]:
    process = start(file)
    try:
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--disconnects", type=int, default=200)
    parser.add_argument("--aside", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        day = asyncio.run(a_day(Path(folder), given.disconnects))
    change = day.change(given.aside)
    print(
        f"{given.disconnects} broken connections, {day.values:,} values, {day.cpu_s:.0f} s of CPU"
    )
    print(f"memory of the agent, MB: {', '.join(f'{it:.0f}' for it in day.memory[::20])}")
    print(f"the last {WINDOW} against {WINDOW} after the first {given.aside}: {change:.3f} ×")
    print(f"aim: {1 - AIM:g} to {1 + AIM:g}")
    return 0 if abs(change - 1) <= AIM else 1


if __name__ == "__main__":
    raise SystemExit(main())
