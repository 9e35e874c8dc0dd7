"""The parts of a plant under load, each a process of its own: broker, node, agents, machines.

The node is the one of the page benchmarks (page_node.py): it runs no agents. The agents are
`lineproof edge`, each with its share of the lines and its status page, from which is read what it
took and what waits in its spool. Whatever ends a block ends its processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from live_feeder import now_us
from live_lines import MACHINE
from page_data import DAY_US, works_files
from page_requests import Client
from plant_machines import Tally, line_topic, profile_text
from processes import free_port

from edge.keys import agent_key
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files
from store.node.opening import open_stores

_START_S, _STOP_S = 240, 60
_HISTORY_US = 10 * DAY_US  # in which the grant's milestones lie


@dataclass(frozen=True)
class Agent:
    """A running agent: its process and the port of its status page."""

    name: str
    pid: int
    port: int


def prepare(folder: Path, lines: Sequence[str], agents: int) -> Path:
    """The node's data folder: plant and grant file applied, agents known by the keys in their own
    folders."""
    node, until_us = folder / "node", now_us()
    with open_stores(node) as stores:
        files = works_files(folder, tuple(lines), until_us - _HISTORY_US, until_us)
        apply_files(stores.registry, files, utc_now())
        for number in range(agents):
            key = agent_key(agent_folder(folder, number)).public_key().public_bytes_raw()
            stores.registry.agents.enrol(agent_name(number), key, utc_now(), origin="benchmark")
    return node


def agent_name(number: int) -> str:
    return f"agent-{number}"


def agent_folder(folder: Path, number: int) -> Path:
    return folder / agent_name(number)


@contextlib.contextmanager
def agents_running(
    folder: Path, shares: Sequence[Sequence[str]], signals: int, broker: int, node: int
) -> Iterator[list[Agent]]:
    """An agent for each share of the lines; the block begins once all machines are connected."""
    profile = folder / "profile.yaml"
    profile.write_text(profile_text(signals), encoding="utf-8")
    with contextlib.ExitStack() as stack:
        agents = []
        for number, lines in enumerate(shares):
            port = free_port()
            config = {
                "name": agent_name(number),
                "data": str(agent_folder(folder, number)),
                "collector": f"http://127.0.0.1:{node}",
                "machines": [_machine(line, profile, broker) for line in lines],
                "status": {"port": port},
            }
            file = folder / f"{agent_name(number)}.yaml"
            file.write_text(json.dumps(config), encoding="utf-8")  # which is YAML, too
            log = stack.enter_context(file.with_suffix(".log").open("wb"))
            command = [sys.executable, "-m", "lineproof", "edge", "--config", str(file)]
            agent = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(ended, agent)
            agents.append(Agent(agent_name(number), agent.pid, port))
        for agent, lines in zip(agents, shares, strict=True):
            _wait_connected(folder, agent, len(lines))
        yield agents


def _machine(line: str, profile: Path, broker: int) -> dict[str, object]:
    connection = {"url": f"mqtt://127.0.0.1:{broker}", "topic": line_topic(line)}
    return {"line": line, "machine": MACHINE, "profile": str(profile), "connection": connection}


def _wait_connected(folder: Path, agent: Agent, machines: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if metric_sums(agent.port).get("lineproof_agent_source_connected") == machines:
                return
        if not Path(f"/proc/{agent.pid}").exists():
            break
        time.sleep(0.25)
    told = (folder / f"{agent.name}.log").read_text()[-2000:]
    raise SystemExit(f"{agent.name} is not connected to all its machines: {told}")


class MachinesProcess:
    """plant_machines.py, publishing."""

    def __init__(
        self, folder: Path, lines: Sequence[str], signals: int, interval_s: float, broker: int
    ) -> None:
        self._result = folder / "said.npz"
        command = [sys.executable, str(Path(__file__).with_name("plant_machines.py"))]
        command += ["--port", str(broker), "--lines", ",".join(lines), "--signals", str(signals)]
        command += ["--interval", str(interval_s), "--result", str(self._result)]
        self.process = started(command)
        self.began = time.monotonic()

    def change(self, interval_s: float) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{interval_s}\n")
        self.process.stdin.flush()

    def end(self) -> Tally:
        """What was said in all."""
        self.process.communicate(timeout=_STOP_S)
        return Tally.read(self._result)


def started(command: Sequence[str]) -> subprocess.Popen[str]:
    """A program that writes a line once it is ready, and ends with its standard input."""
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=path)
    assert process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit(f"{command[1]} did not start")
    return process


def ended(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End it by SIGTERM, or where that does not help, at once."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def metric_sums(port: int, prefix: str = "lineproof_") -> dict[str, float]:
    """What a node or an agent tells at /metrics, added up over labels. Raises OSError."""
    client = Client(port)
    try:
        text = client.get("/metrics").decode()
    finally:
        client.close()
    sums: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith(prefix):
            name, value = line.split("{", 1)[0].split(" ", 1)[0], line.rsplit(" ", 1)[1]
            sums[name] = sums.get(name, 0.0) + float(value)
    return sums


def bucket_counts(port: int, metric: str, label: str) -> dict[float, float]:
    """The counts of a histogram's buckets, by their upper bounds, where a label says so."""
    client = Client(port)
    try:
        text = client.get("/metrics").decode()
    finally:
        client.close()
    counts = {}
    for line in text.splitlines():
        if line.startswith(f"{metric}_bucket{{") and label in line:
            counts[float(line.split('le="', 1)[1].split('"', 1)[0])] = float(line.rsplit(" ", 1)[1])
    return counts


def quantile_below(before: Mapping[float, float], now: Mapping[float, float], part: float) -> float:
    """The least bound below which that part of what came between two readings lies (s)."""
    more = {bound: count - before.get(bound, 0.0) for bound, count in now.items()}
    total = max(more.values(), default=0.0)
    return min((it for it, count in more.items() if total and count >= part * total), default=0.0)
