"""Three collectors behind nginx, one of them killed every two seconds: is anything lost or doubled?

    PYTHONPATH=tests/support python benchmarks/collectors_killed.py [--seconds 120] [--every 2]

Real PostgreSQL (registry, telemetry, facts), real nginx with `deploy/nginx/collectors.conf`, three
`lineproof collector` processes, and agents that seal batches and send each until it is
acknowledged, as fast as they are taken, and after a failure with the pauses of `lineproof edge`.
Every `--every` seconds one collector in turn gets SIGKILL and is started again. In the end every
sample that was sent is looked for in the store. Printed: the 50th and 99th percentile of what an
agent waited for its acknowledgement (with everything that was tried again), against the same agents
and collectors in a first part in which nobody is killed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

import httpx
from certificates import Certificate, make_certificate
from peers import PATIENCE_S, ROOT, free_port, local_get, port_open, require, running, wait_until
from postgres import postgres_server
from sender import Sender, counts

from edge.sources.connection import back_off_s
from store.telemetry.postgresql.store import PostgresStore

CONFIG = ROOT / "deploy" / "nginx" / "collectors.conf"
COLLECTORS = 3
ROWS = 50  # samples of a batch
LINE, SIGNAL = "filler-1", "total_count"  # as `counts` tells
DAY = timedelta(days=1)
_PLACES = ("127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083")


@dataclass
class CollectorProcess:
    """`lineproof collector`, killed and started again as often as asked."""

    config: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.config.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lineproof", "collector", "--config", self.config],
                stdout=log, stderr=log, cwd=ROOT,
            )  # fmt: skip

    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.port}/api/v1/health/ready"
            return bool(local_get(url).is_success)
        return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(PATIENCE_S)


@dataclass
class Agent:
    """Seals and sends until told to stop; `headers`: that it sends with each batch; `waits`:
    seconds to each acknowledgement."""

    sender: Sender
    url: str
    authority: Path
    headers: dict[str, str] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    tries: int = 0

    def run(self, stop: threading.Event) -> None:
        with httpx.Client(
            verify=str(self.authority), headers=self.headers, trust_env=False, timeout=30
        ) as client:
            while not stop.is_set():
                sealed = self.sender.seal(
                    counts(self.sender.number, ROWS, machine=self.sender.name)
                )
                begun, jitter = time.monotonic(), Random(self.sender.name)
                for failures in itertools.count(1):
                    if self._acknowledged(client, sealed.to_bytes()):
                        break
                    time.sleep(back_off_s(failures, jitter.random()))
                self.waits.append(time.monotonic() - begun)

    def _acknowledged(self, client: httpx.Client, data: bytes) -> bool:
        self.tries += 1
        try:
            answer = client.post(f"{self.url}/api/v1/batches", content=data)
        except httpx.HTTPError:
            return False
        if answer.status_code == httpx.codes.CONFLICT:
            raise AssertionError(f"an honest agent was refused: {answer.text}")
        return answer.status_code == httpx.codes.OK


@contextlib.contextmanager
def plant(folder: Path, agents: int) -> Iterator[tuple[list[Agent], list[CollectorProcess], str]]:
    """The agents, the collectors behind nginx, and the URL of their database."""
    senders = [Sender(f"agent-{number}") for number in range(agents)]
    keys = {it.name: base64.b64encode(it.public_key).decode() for it in senders}
    made = make_certificate(folder, "collectors")
    with postgres_server() as server, contextlib.ExitStack() as stack:
        url = server.empty()
        collectors = []
        for number in range(COLLECTORS):
            config, port = folder / f"collector-{number}.yaml", free_port()
            config.write_text(
                f"data: data-{number}\nport: {port}\nstore: postgresql\nregistry: {url}\n"
                f"tls: 'off'\ntrusted_proxies: [127.0.0.1]\nagents: {keys}\n"
            )
            collectors.append(CollectorProcess(config, port))
            collectors[-1].start()
            stack.callback(collectors[-1].kill)
            wait_until(collectors[-1].is_ready, f"collector {number}")
        front = free_port()
        conf = folder / "nginx.conf"
        conf.write_text(_nginx(folder, front, [it.port for it in collectors], made))
        command = [require(program="nginx"), "-p", folder, "-c", conf, "-e", folder / "nginx.log"]
        stack.enter_context(
            running(command, ready=lambda: port_open(front), log=folder / "nginx.log")
        )
        here = f"https://127.0.0.1:{front}"
        yield [Agent(it, here, made.certificate) for it in senders], collectors, url


def _nginx(folder: Path, front: int, ports: list[int], made: Certificate) -> str:
    """A whole configuration around ours, of which only places are others."""
    changes = dict(zip(_PLACES, (f"127.0.0.1:{port}" for port in ports), strict=True)) | {
        "listen 443 ssl": f"listen 127.0.0.1:{front} ssl",
        "/etc/lineproof/tls/collectors.pem": str(made.certificate),
        "/etc/lineproof/tls/collectors.key": str(made.key),
        "server_name collectors.example": "server_name 127.0.0.1",
    }
    ours = CONFIG.read_text()
    for old, new in changes.items():
        assert old in ours
        ours = ours.replace(old, new)
    paths = "".join(
        f"{it}_temp_path {folder}/nginx-{it};\n"
        for it in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\npid {folder}/nginx.pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{ours}\n}}\n"
    )


@contextlib.contextmanager
def sending(agents: list[Agent]) -> Iterator[None]:
    """Within the block all agents send; at its end each has its last batch acknowledged."""
    stop = threading.Event()
    threads = [threading.Thread(target=it.run, args=(stop,)) for it in agents]
    for it in threads:
        it.start()
    try:
        yield
    finally:
        stop.set()
        for it in threads:
            it.join(PATIENCE_S)
    assert not any(it.is_alive() for it in threads), "an agent's last batch was never acknowledged"


def kill_in_turn(collectors: list[CollectorProcess], seconds: float, every_s: float) -> int:
    """How many were killed. Each is started again at once, and comes back in a few seconds."""
    kills, until = 0, time.monotonic() + seconds
    for it in itertools.cycle(collectors):
        if time.monotonic() >= until:
            return kills
        begun = time.monotonic()
        it.kill()
        kills += 1
        it.start()
        time.sleep(max(0.0, every_s - (time.monotonic() - begun)))
    return kills


def lost_and_doubled(agents: list[Agent], url: str) -> tuple[int, int]:
    """Samples that were acknowledged and are not in the store, or more often than once."""
    sent = distinct = 0
    with contextlib.closing(PostgresStore(url)) as store:
        for it in agents:
            machine, batches = it.sender.name, it.sender.number - 1
            sent += batches * ROWS
            told = counts(1, batches * ROWS + ROWS, machine=machine)["time"]
            distinct += store.said(LINE, machine, SIGNAL, told[0] - DAY, told[-1] + DAY).height
        lying = store.sample_count(LINE, told[0] - DAY, told[-1] + DAY * 365)
    return sent - distinct, lying - distinct


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--seconds", type=float, default=120.0)
    reader.add_argument("--every", type=float, default=2.0)
    reader.add_argument("--agents", type=int, default=8)
    asked = reader.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        plant(Path(folder), asked.agents) as (agents, collectors, url),
    ):
        with sending(agents):
            time.sleep(asked.seconds / 4)
        calm = _told("nobody is killed", agents)
        with sending(agents):
            kills = kill_in_turn(collectors, asked.seconds, asked.every)
        rough = _told(f"{kills} kills", agents)
        lost, doubled = lost_and_doubled(agents, url)
    print(f"ratio of the 99th percentiles: {rough / calm:.1f}")
    print(f"lost: {lost}  doubled: {doubled}")
    sys.exit(bool(lost or doubled))


def _told(what: str, agents: list[Agent]) -> float:
    """Prints what the agents waited in this part, which it forgets; the 99th percentile."""
    waits = [wait for it in agents for wait in it.waits]
    again = sum(it.tries for it in agents) - len(waits)
    for it in agents:
        it.waits.clear()
        it.tries = 0
    parts = quantiles(waits, n=100)
    print(
        f"{what}: {len(waits)} batches of {ROWS} samples, {again} sent again; acknowledged after "
        f"{parts[49] * 1000:.0f} ms (p50), {parts[98] * 1000:.0f} ms (p99), "
        f"{max(waits) * 1000:.0f} ms at most"
    )
    return parts[98]


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
