"""What a node writes while little happens: files, and bytes for each byte that lasts.

    python benchmarks/idle_writing.py [--seconds 600] [--warm-up 330] [--machines 3] [--running]
                                      [--folder DIR]

`lineproof up` as anybody would start it, with machines of an OPC UA server in this process. They
stand still and only say that they are there; with `--running` each counts an item a second and
stops for 5 s of every 40. Counted over the seconds are the files made below the data folder, the
bytes that the kernel had to write for the node (`write_bytes` of /proc), and the growth of the
archive, which is all that must last: the rest can be made anew from it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asyncua import Server, ua
from processes import free_port, written_mb

HOUR_S, DAY_S = 3600, 86_400
FILES_AIM, WRITTEN_AIM = 100, 3.0
PRODUCING, STOPPED = 1, 2
CYCLE_S, STOP_S = 40, 5  # of machines that run
_LANGUAGES = ("en", "zh-Hant", "zh-Hans")
_NAMESPACE = "urn:benchmark:idle"


@dataclass(frozen=True)
class IdleWriting:
    """Over `seconds`: files made, MB written, MB by which the archive grew, batches in it."""

    seconds: float
    files: int
    written_mb: float
    archive_mb: float

    def an_hour(self, amount: float) -> float:
        return amount * HOUR_S / self.seconds


def idle_writing(
    folder: Path, machines: int, warm_up_s: float, seconds: float, *, running: bool = False
) -> IdleWriting:
    """Run the node in the folder and measure it, its machines standing still or `running`. Raises
    SystemExit when it ends early."""
    data, plant = folder / "node", folder / "plant.yaml"
    with _served(machines, running) as url:
        plant.write_text(_plant(machines, url))
        command = [sys.executable, "-m", "lineproof", "up", "--port", str(free_port())]
        node = subprocess.Popen(
            [*command, "--plant", str(plant), "--data", str(data)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            time.sleep(warm_up_s)
            files, archive, before = _files(data), _archive_mb(data), written_mb(node.pid)
            since = time.monotonic()
            time.sleep(seconds)
            if node.poll() is not None:
                raise SystemExit(f"the node ended early: {node.communicate()[1].decode()}")
            return IdleWriting(
                time.monotonic() - since,
                len(_files(data) - files),
                written_mb(node.pid) - before,
                _archive_mb(data) - archive,
            )
        finally:
            node.send_signal(signal.SIGINT)
            node.wait(60)


def _files(folder: Path) -> set[Path]:
    return {it for it in folder.rglob("*") if it.is_file()}


def _archive_mb(data: Path) -> float:
    return sum(it.stat().st_size for it in (data / "archive").rglob("*.segment")) / 1e6


def _plant(machines: int, url: str) -> str:
    """A line of each machine."""
    lines = {}
    for number in range(machines):
        name = f"machine-{number}"
        parameters = {
            "state": f"{_NAMESPACE}:Counters/State{number}",
            "total_count": f"{_NAMESPACE}:Counters/Total{number}",
            "state_codes": "1=producing, 2=stopped",
        }
        lines[f"line-{number}"] = {
            "name": dict.fromkeys(_LANGUAGES, f"Line {number}"),
            "calendar": "day",
            "ideal_cycle_time_s": 1.0,
            "machines": {
                name: {
                    "profile": "generic/opcua-counters",
                    "connection": {"url": url, "security": "none"},
                    "parameters": parameters,
                }
            },
            "roles": {"state": name, "total_count": name},
        }
    shift = {"name": "A", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    shift |= {"start": "00:00", "end": "24:00"}
    plant = {
        "plant": "idle",
        "timezone": "Asia/Hong_Kong",
        "company": {
            "name": dict.fromkeys(_LANGUAGES, "Idle Ltd"),
            "business_registration": "12345678",
        },
        "calendars": {"day": {"holidays": "none", "shifts": [shift]}},
        "lines": lines,
    }
    return json.dumps(plant)  # which is YAML, too


@contextmanager
def _served(machines: int, running: bool) -> Iterator[str]:
    """The address of a server, while it runs in a thread of its own."""
    url, ready, stop = f"opc.tcp://127.0.0.1:{free_port()}", threading.Event(), threading.Event()

    async def serve() -> None:
        server = Server()
        await server.init()
        server.set_endpoint(url)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await server.register_namespace(_NAMESPACE)
        counters = await server.nodes.objects.add_object(
            ua.NodeId("Counters", index), f"{index}:Counters"
        )
        variables = [
            [
                await counters.add_variable(ua.NodeId(name, index), f"{index}:{name}", value)
                for name, value in ((f"State{number}", STOPPED), (f"Total{number}", 7))
            ]
            for number in range(machines)
        ]
        async with server:
            ready.set()
            second = 0
            while not stop.is_set():
                await asyncio.sleep(1.0)
                second += 1
                for number, (state, total) in enumerate(variables if running else ()):
                    stops = (second + number) % CYCLE_S < STOP_S
                    await state.write_value(STOPPED if stops else PRODUCING)
                    if not stops:
                        await total.write_value(7 + second)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait(30)
    try:
        yield url
    finally:
        stop.set()
        thread.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--warm-up", type=float, default=330)
    parser.add_argument("--machines", type=int, default=3)
    parser.add_argument("--running", action="store_true", help="machines that count and stop")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = idle_writing(
            Path(folder),
            options.machines,
            options.warm_up,
            options.seconds,
            running=options.running,
        )
    print(f"files: {found.files * DAY_S / found.seconds:.0f} a day (aim: under {FILES_AIM})")
    print(
        f"an hour: {found.an_hour(found.written_mb):.1f} MB written, the archive grows by "
        f"{found.an_hour(found.archive_mb):.2f} MB"
    )
    print(f"written / lasting: {found.written_mb / found.archive_mb:.1f} (aim: {WRITTEN_AIM})")


if __name__ == "__main__":
    main()
