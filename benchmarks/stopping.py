"""How long a process takes to end on SIGTERM, from the midst of whatever it does.

    python benchmarks/stopping.py [--days 365] [--dense-days 30] [--only WORD]

Each state is brought about with the real program: a node of made-up lines that computes facts for
the first time, fills its board, answers long questions, has open streams, clients that do not read
or do not go on sending; commands that import and rebuild; the demo; a store that never answers. All
the while an agent hands batches over; what was acknowledged must be there afterwards. A process
that serves leaves with 0, a command with 143.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from live_feeder import LiveAgent, now_us
from live_lines import LiveLines, Story
from page_data import DAY_US, Size, line_name, prepare
from pages import Figure
from processes import free_port
from wide import STOP_AIM_S, wide_paths
from wide_askers import asking

from domain.time import instant
from store.node.opening import open_stores

TERMINATED = 128 + signal.SIGTERM
_READY_S = 120
_LINE = line_name(0)
During = Callable[[int], AbstractContextManager[object]]


@dataclass(frozen=True)
class Plant:
    """A data folder with a history, the files that it was made of, and an agent that goes on."""

    folder: Path
    dense: Path
    agent: LiveAgent

    @property
    def node(self) -> Path:
        return self.folder / "node"

    def up(self, port: int) -> list[str]:
        files = ("--plant", str(self.folder / "plant.yaml"))
        return ["up", *files, "--data", str(self.node), "--port", str(port)]

    def without_facts(self) -> None:
        """From now on another ideal cycle time holds, so that all facts are computed again."""
        plant = self.folder / "plant.yaml"
        text = plant.read_text(encoding="utf-8")
        was, will = ("0.5", "0.4") if "time_s: 0.5\n" in text else ("0.4", "0.5")
        other = text.replace(f"time_s: {was}\n", f"time_s: {will}\n")
        plant.write_text(other, encoding="utf-8")


def made(folder: Path, days: float, dense_days: float) -> Plant:
    """A year of one line, and a file with every second of another one."""
    agents = prepare(folder, Size(lines=5, days=days, days_each=0.5, live_period_s=5, agents=2))
    end_us = now_us() - DAY_US
    start_us = end_us - round(dense_days * DAY_US)
    lines = LiveLines(Story((line_name(1),), start_us, end_us, 1_000_000, seed=7))
    rows = lines.samples(start_us, end_us)
    said = pl.coalesce("text", pl.col("value").cast(pl.String))
    dense = folder / "dense.parquet"
    rows.select("time", "machine", "signal", value=said).write_parquet(dense)
    return Plant(folder, dense, agents[0])


def _process(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as said:
        command = [sys.executable, "-m", "lineproof", *arguments]
        return subprocess.Popen(command, stdout=said, stderr=said)


def _stopped_s(process: subprocess.Popen[bytes], status: int, log: Path) -> float:
    begun = time.monotonic()
    process.terminate()
    left = process.wait(60)
    taken = time.monotonic() - begun
    if left != status:
        raise SystemExit(f"left with {left}, not with {status}: {log.read_text()[-2000:]}")
    return taken


def command_s(arguments: list[str], after_s: float, log: Path, status: int = TERMINATED) -> float:
    """Of a command in the midst of its work."""
    process = _process(arguments, log)
    time.sleep(after_s)
    return _stopped_s(process, status, log)


def node_s(plant: Plant, during: During, after_s: float, log: Path) -> float:
    """Of a node in that state. What it acknowledged meanwhile is there afterwards."""
    port = free_port()
    process = _process(plant.up(port), log)
    try:
        _wait_until_ready(port)
        with _handing_over(plant, port) as acknowledged, during(port):
            time.sleep(after_s)
            taken = _stopped_s(process, 0, log)
    finally:
        process.kill()
    with open_stores(plant.node) as stores:
        last = stores.telemetry.last_batch(plant.agent.name)
        lasts = 0 if last is None else last.number
    if lasts < acknowledged[-1]:
        raise SystemExit(f"batch {acknowledged[-1]} was acknowledged, {lasts} is the last one")
    plant.agent.number, plant.agent.previous = lasts + 1, last.digest if last else ""
    return taken


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if _answered(port, "GET", "/api/v1/health/ready").status == http.client.OK:
                return
        time.sleep(0.05)
    raise SystemExit("the node does not get ready")


def _answered(
    port: int, method: str, path: str, body: bytes | None = None
) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request(method, path, body)
    answer = client.getresponse()
    answer.read()
    return answer


@contextlib.contextmanager
def _handing_over(plant: Plant, port: int) -> Iterator[list[int]]:
    """Batches, one after the other, until the node is gone; the numbers that were acknowledged."""
    acknowledged = [0]

    def hand_over() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                number = plant.agent.number
                for data in plant.agent.batches(now_us()):
                    if _answered(port, "POST", "/api/v1/batches", data).status != http.client.OK:
                        return
                    acknowledged.append(number)
                    number += 1
                time.sleep(0.05)

    thread = threading.Thread(target=hand_over)
    thread.start()
    try:
        yield acknowledged
    finally:
        thread.join()


@contextlib.contextmanager
def _connections(port: int, count: int, request: str) -> Iterator[None]:
    """So many that sent that and read nothing."""
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(request.encode())
        yield


def _asked(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _streams(port: int) -> AbstractContextManager[None]:
    return _connections(port, 200, _asked(f"/api/v1/lines/{_LINE}/live"))


def _not_reading(port: int) -> AbstractContextManager[None]:
    return _connections(port, 8, _asked(wide_paths(1)[0]))


def _half_sent(port: int) -> AbstractContextManager[None]:
    head = "POST /api/v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    return _connections(port, 8, head + "x" * 1000)


def _signing_in(port: int) -> AbstractContextManager[None]:
    body = "name=nobody&password=wrong-password-as-long-as-they-are"
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n{kind}\r\nContent-Length: {len(body)}"
    return _connections(port, 32, f"{head}\r\n\r\n{body}")


@contextlib.contextmanager
def _mute_server() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _store_that_never_answers(folder: Path, log: Path) -> float:
    with _mute_server() as port:
        settings = {
            "data": "mute", "port": free_port(), "store": "influxdb",
            "influxdb": {"url": f"http://127.0.0.1:{port}", "bucket": "b", "organisation": "o"},
        }  # fmt: skip
        config = folder / "collector.yaml"
        config.write_text(json.dumps(settings), encoding="utf-8")
        return command_s(["collector", "--config", str(config)], 4, log)


def states(plant: Plant, log: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Each state by its name, and what brings it about and gives the seconds. In this order: the
    import that was stopped is done once more, and leaves facts to compute."""
    data = ("--data", str(plant.node))
    end = instant(now_us() - DAY_US).isoformat()
    again = ["import", *data, "--line", line_name(1), "--until", end, str(plant.dense)]

    def node(during: During, after_s: float = 2, *, facts: bool = True) -> Callable[[], float]:
        def taken() -> float:
            if not facts:
                plant.without_facts()
            return node_s(plant, during, after_s, log)

        return taken

    def nothing(_port: int) -> AbstractContextManager[None]:
        return contextlib.nullcontext()

    yield "import", lambda: command_s(again, 4, log)

    def dense() -> float:
        subprocess.run([sys.executable, "-m", "lineproof", *again], check=True, capture_output=True)
        return node_s(plant, nothing, 1, log)

    yield "first facts of a line of every second", dense
    yield "first facts of a year", node(nothing, 1, facts=False)
    yield "first look of the board", node(nothing, 0)
    yield "idle", node(nothing, 5)
    yield "a dozen long questions", node(lambda port: asking(port, wide_paths(12)))
    yield "many waiting questions", node(lambda port: _many(port))
    yield "the same while facts are computed", node(lambda port: _many(port), 1, facts=False)
    yield "200 open streams", node(_streams)
    yield "clients that do not read", node(_not_reading)
    yield "batches half sent", node(_half_sent)
    yield "sign-ins", node(_signing_in, 0.3)
    yield "rebuild", lambda: command_s(["rebuild", *data], 4, log)
    yield "a store that never answers", lambda: _store_that_never_answers(plant.folder, log)
    demo = ["demo", "--no-browser", "--port", str(free_port())]
    yield "demo, making its history", lambda: command_s(demo, 3, log)
    yield "demo, running", lambda: command_s(demo, 60, log, status=0)


def _many(port: int) -> AbstractContextManager[None]:
    paths = wide_paths(60)
    return _connections_of(port, paths)


@contextlib.contextmanager
def _connections_of(port: int, paths: list[str]) -> Iterator[None]:
    with contextlib.ExitStack() as opened:
        for path in paths:
            opened.enter_context(_connections(port, 1, _asked(path)))
        yield


def measured(folder: Path, days: float, dense_days: float, only: str = "") -> Iterator[Figure]:
    """The seconds of each state whose name has `only` in it."""
    plant = made(folder, days, dense_days)
    for name, taken in states(plant, folder / "log"):
        if only in name:
            yield Figure(f"stopped: {name}", taken(), "s", STOP_AIM_S)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=365, help="of the first line's history")
    parser.add_argument("--dense-days", type=float, default=30, help="of a line of every second")
    parser.add_argument("--only", default="", help="states with this in their name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for figure in measured(Path(folder), given.days, given.dense_days, given.only):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
