"""OPC UA values from the wire to the spool: CPU of each, as a ratio to asyncua's own handler.

    python benchmarks/opcua_values.py [--variables 1000] [--seconds 20] [--rounds 3]

A server in a process of its own changes all variables ten times a second. An agent (source,
decoder, outbox, spool, sealing) takes them in this process, whose CPU time is measured, and in turn
asyncua's subscription with a handler for each item that only counts. How long after their time the
last values of an instant were taken tells whether that can go on. A value that is lost fails the
benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from asyncua import Client
from opcua_variables import FOLDER, INTERVAL_MS, URI
from processes import free_port
from running_agent import running_agent

from edge.agent import Agent
from edge.config import AgentConfig

PER_S = 1000 // INTERVAL_MS
LATE_MAX_S = 5.0
PATIENCE_S = 60.0
PROFILE = """
name: bench/opcua
vendor: bench
model: bench
protocol: opcua
namespaces: {bench: "urn:bench:variables"}
title: {en: Bench, zh-Hant: 量度, zh-Hans: 量度}
documentation: ["https://example.org/"]
inputs:
"""


@dataclass(frozen=True)
class Taken:
    """`late_s`: how long the last values came after they were due."""

    values: int
    cpu_s: float
    late_s: float

    @property
    def each_us(self) -> float:
        return self.cpu_s / self.values * 1e6


class Variables:
    """The serving process."""

    def __init__(self, variables: int) -> None:
        self.port = free_port()
        self.variables = variables
        file = Path(__file__).with_name("opcua_variables.py")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, str(file), str(self.port), str(variables)],
            stdin=pipe,
            stdout=pipe,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit("the server did not start")

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def change(self, times: int) -> None:
        """All variables, so many times."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times}\n".encode())
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate()


async def drive(server: Variables, instants: int, taken: Callable[[], int]) -> Taken:
    """So many instants, while something takes their values; `taken`: how many it has."""
    await _until(taken, server.variables)  # their first values
    gc.collect()
    start_s, begin = time.process_time(), time.monotonic()
    server.change(instants)
    wanted = instants * server.variables
    await _until(taken, server.variables + wanted)
    used_s = time.process_time() - start_s
    late_s = time.monotonic() - begin - instants / PER_S
    return Taken(wanted, used_s, late_s)


async def _until(taken: Callable[[], int], count: int) -> None:
    before, deadline = -1, time.monotonic() + PATIENCE_S
    while taken() < count:
        if taken() > before:
            before, deadline = taken(), time.monotonic() + PATIENCE_S
        if time.monotonic() > deadline:
            raise SystemExit(f"only {taken()} of {count} values came")
        await asyncio.sleep(0.2)


class _Counts:
    """asyncua's handler for each item."""

    def __init__(self) -> None:
        self.count = 0

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        self.count += 1


async def bare(server: Variables, instants: int) -> Taken:
    """asyncua alone."""
    counts = _Counts()
    async with Client(server.url) as client:
        index = await client.get_namespace_index(URI)
        nodes = await client.get_objects_node().get_child(f"{index}:{FOLDER}")
        subscription = await client.create_subscription(INTERVAL_MS, counts)
        await subscription.subscribe_data_change(
            await nodes.get_children(), queuesize=10, sampling_interval=INTERVAL_MS
        )
        taken = await drive(server, instants, lambda: counts.count)
        await subscription.delete()
    return taken


def profile_text(variables: int) -> str:
    inputs, signals = [], []
    for number in range(variables):
        inputs.append(
            f"  v{number}: {{sources: [{{path: ['bench:{FOLDER}', 'bench:v{number}']}}]}}"
        )
        signals.append(f"  measurement.v{number}: {{input: v{number}}}")
    return "\n".join([PROFILE.rstrip(), *inputs, "signals:", *signals, ""])


async def whole(folder: Path, server: Variables, instants: int) -> Taken:
    """An agent, from the wire to the spool."""
    file = folder / "profile.yaml"
    file.write_text(profile_text(server.variables), encoding="utf-8")
    connection = {"url": server.url, "security": "none", "sampling_interval_ms": str(INTERVAL_MS)}
    machine = {
        "line": "line",
        "machine": "machine",
        "profile": str(file),
        "connection": connection | {"publishing_interval_ms": str(INTERVAL_MS)},
    }
    config = {"name": "bench", "data": folder / "data", "collector": "http://127.0.0.1:9"}
    async with running_agent(
        Agent(AgentConfig.model_validate(config | {"machines": [machine]}))
    ) as agent:
        taken = await drive(server, instants, lambda: agent.status().machines[0].source.readings)
        status = agent.status().machines[0]
        if status.source.overflows or status.source.rejections or status.rejections:
            raise SystemExit("values were lost")
    return taken


def own_peak_mb() -> float:
    """The most memory that this process ever had, without the server's."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--variables", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    found: dict[str, list[Taken]] = {}
    peak_mb = 0.0
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as name:
            server = Variables(given.variables)
            instants = given.seconds * PER_S
            agent = asyncio.run(whole(Path(name), server, instants))
            found.setdefault("agent", []).append(agent)
            peak_mb = peak_mb or own_peak_mb()  # before anything else ran here
            found.setdefault("bare", []).append(asyncio.run(bare(server, instants)))
            server.end()
    least = {name: min(taken, key=lambda it: it.cpu_s) for name, taken in found.items()}
    for name, it in least.items():
        ratio = least["bare"].each_us / it.each_us
        print(
            f"{name:6} {it.values:9,} values, {it.each_us:6.1f} us of CPU each, "
            f"{ratio:5.2f} x less than bare, late {it.late_s:5.1f} s"
        )
    print(f"memory {peak_mb:.0f} MB at most, with an agent")


if __name__ == "__main__":
    main()
