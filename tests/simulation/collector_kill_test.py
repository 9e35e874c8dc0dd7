"""kill -9 of a real collector at any moment: nothing acknowledged is missing, nothing is twice."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx
from collector_process import main
from forked_process import ForkedProcess
from peers import PATIENCE_S, free_port, port_open, wait_until
from sender import Sender, counts

from collector.intake.http import PATH
from store.node.opening import open_stores

KILLS = 9
AGENTS = ("agent-1", "agent-2", "agent-3")
ROWS = 500
SEED = 20260302


class Repeating(threading.Thread):
    """Sends its batches one after the other, each until it is acknowledged."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name=name, daemon=True)
        self.sender = Sender(name)
        self.url = url
        self.acknowledged: list[str] = []
        self.outcomes: set[str] = set()
        self.stop = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not self.stop.is_set():
                number = self.sender.number
                batch = self.sender.seal(counts(number, ROWS, machine=self.name))
                while not self._sent(client, batch.to_bytes()):
                    time.sleep(0.02)
                self.acknowledged.append(batch.header.digest)

    def _sent(self, client: httpx.Client, data: bytes) -> bool:
        try:
            response = client.post(PATH, content=data)
        except httpx.TransportError:
            return False
        body = response.json()
        self.outcomes.add(body["status"] if response.is_success else body.get("outcome", "error"))
        return response.is_success


@contextlib.contextmanager
def collector(folder: Path, port: int, log: Path) -> Iterator[ForkedProcess]:
    """A collector process that listens; ended with the block, if it still runs."""
    process = ForkedProcess(main, folder, port, *AGENTS, output=log)
    try:
        wait_until(
            lambda: port_open(port) or process.poll() is not None,
            f"the collector to listen (see {log})",
        )
        assert process.poll() is None, log.read_text()[-2000:]
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def test_no_acknowledged_sample_is_missing_and_none_is_twice(tmp_path: Path) -> None:
    port, chance = free_port(), random.Random(SEED)
    agents = [Repeating(name, f"http://127.0.0.1:{port}") for name in AGENTS]
    for agent in agents:
        agent.start()
    for _ in range(KILLS):
        with collector(tmp_path / "node", port, tmp_path / "log") as process:
            before = sum(len(agent.acknowledged) for agent in agents)
            wait_until(
                lambda known=before: sum(len(it.acknowledged) for it in agents) > known,
                "a batch to be acknowledged",
            )
            time.sleep(chance.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
    with collector(tmp_path / "node", port, tmp_path / "log"):
        for agent in agents:
            agent.stop.set()
        for agent in agents:
            agent.join(timeout=60)
            assert not agent.is_alive()
    for agent in agents:
        assert agent.outcomes <= {"accepted", "duplicate", "error"}
        assert agent.acknowledged
    check_store(tmp_path / "node", agents)


def check_store(folder: Path, agents: list[Repeating]) -> None:
    with open_stores(folder) as stores:
        for agent in agents:
            ledger = stores.telemetry.batches(agent=agent.name, limit=1_000_000)
            assert [it.number for it in ledger] == list(range(1, len(agent.acknowledged) + 1))
            assert [it.digest for it in ledger] == agent.acknowledged
            assert all(stores.archive.get(it.digest) for it in ledger)
        window = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
        samples = stores.telemetry.history("filler-1", *window).samples
        for agent in agents:
            values = samples.filter(machine=agent.name)["value"].to_list()
            sent = range(ROWS, (len(agent.acknowledged) + 1) * ROWS)
            assert values == [float(value) for value in sent]
        path = stores.folder.telemetry
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT (machine, time)) FROM samples"
        ).fetchone()
    sent_rows = sum(len(agent.acknowledged) for agent in agents) * ROWS
    assert rows == (sent_rows, sent_rows)
