"""A thousand reconnects over OPC UA: what is left behind at the server, and the agent's memory.

    python benchmarks/reconnects.py [--reconnects 1000] [--seed 1]

A server in a process of its own (asyncua) changes twenty variables twenty times a second. The
connection of a source breaks again and again, at an instant drawn by the seed: while it connects,
subscribes or listens. After every third break the server has ended the session, so that everything
is subscribed to anew; else it is taken up again. At no time may the server hold more than two
sessions and subscriptions of us (one of them without a connection), and none after the end; memory
may not grow by more than 5 % after the first tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog
from opcua_server import counter
from processes import free_port, memory_mb
from reconnects_server import NAMES
from recording_sink import RecordingSink, running_source, until, utc_now
from tcp_proxy import tcp_proxy

from edge.sources import connection as backing_off
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.source import OpcUaLink
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkSource

HELD_MAX = 2
GROWTH_MAX = 0.05
BREAKS_WITHIN_S = 0.3
EXPIRES_EVERY = 3


@dataclass
class Left:
    """What the server held of us at the most and in the end (sessions, subscriptions); memory in
    MB after the first tenth and in the end; how often the source was connected, and a loss bridged.
    """

    most: tuple[int, int] = (0, 0)
    end: tuple[int, int] = (0, 0)
    memory_mb: tuple[float, float] = (0.0, 0.0)
    connects: int = 0
    bridged: int = 0


class Forgetting(RecordingSink):
    """Keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.values = 0

    def forget(self) -> None:
        self.values += len(self.readings())
        self.events.clear()
        self.connects.clear()


class Server:
    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, str(Path(__file__).with_name("reconnects_server.py"))]
        pipe = subprocess.PIPE
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [*command, str(self.port)], stdin=pipe, stdout=pipe, env=found
        )
        self._answer()

    def held(self, ask: str = "count") -> tuple[int, int]:
        """Sessions and subscriptions."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{ask}\n".encode())
        self._process.stdin.flush()
        sessions, subscriptions = map(int, self._answer().split())
        return sessions, subscriptions

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode()


def source_of(port: int) -> LinkSource:
    connection = {
        "url": f"opc.tcp://127.0.0.1:{port}",
        "security": "none",
        "publishing_interval_ms": "20",
    }
    settings, reporter = opcua_settings(connection, "bench"), Reporter("l", "m", utc_now)
    known_as = KnownAs("bench", "bench", Path("unused"))
    link = OpcUaLink(settings, [counter(name) for name in NAMES], reporter, known_as)
    return LinkSource(link, reporter)


async def broken(reconnects: int, seed: int, server: Server) -> Left:
    """Breaks the connection so often."""
    chance, left, sink = random.Random(seed), Left(), Forgetting()
    async with tcp_proxy(server.port) as proxy:
        source = source_of(proxy.port)
        async with running_source(source, sink):
            for number in range(reconnects):
                await asyncio.sleep(chance.uniform(0, BREAKS_WITHIN_S))
                tries = proxy.connections
                proxy.cut()
                ask = "expire" if number % EXPIRES_EVERY == 0 else "count"
                held = await asyncio.to_thread(server.held, ask)
                left.most = max(left.most[0], held[0]), max(left.most[1], held[1])
                sink.forget()
                while proxy.connections == tries:  # one that was just being made was not cut
                    proxy.cut()
                    await asyncio.sleep(0.05)
                if number == reconnects // 10:
                    left.memory_mb = _memory_mb(), 0.0
            sink.forget()
            await until(lambda: bool(sink.readings()), "values after the last break")
        left.memory_mb = left.memory_mb[0], _memory_mb()
        left.connects, left.bridged = source.status.connects, source.status.bridged
    for _ in range(50):
        left.end = await asyncio.to_thread(server.held)
        if left.end == (0, 0):
            break
        await asyncio.sleep(0.1)
    return left


def measured(reconnects: int, seed: int) -> Left:
    """One run, with a server of its own."""
    backing_off.BACK_OFF_FIRST_S = 0.02
    server = Server()
    try:
        return asyncio.run(broken(reconnects, seed, server))
    finally:
        server.stop()


def _memory_mb() -> float:
    gc.collect()
    return memory_mb(os.getpid())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reconnects", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    left = measured(given.reconnects, given.seed)
    growth = left.memory_mb[1] / left.memory_mb[0] - 1
    print(f"seed {given.seed}: {left}, memory {growth:+.1%}")
    if max(*left.most, *left.end, 0) > HELD_MAX or left.end != (0, 0) or growth > GROWTH_MAX:
        sys.exit("something is left behind")


if __name__ == "__main__":
    main()
