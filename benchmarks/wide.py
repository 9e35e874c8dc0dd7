"""What everybody else notices while long questions are asked: p99 with them over p99 without.

    python benchmarks/wide.py [--days 365] [--askers 12] [--seconds 20]

A real node with a line of that history, fed live. Askers in a process of their own ask for allowed
wide questions (a year of hours, ten years of days, a year of stops), each again and again as fast
as it is answered; health, floor and live JSON are asked one after the other meanwhile, and the
feeder checks that the intake takes its batches. At the end the node is stopped in the midst of it.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from live_feeder import feeding
from page_data import Size, line_name, prepare
from page_node import node_process
from page_requests import UNIT, Client
from pages import Figure
from processes import memory_mb
from wide_askers import asking

_KEPT = ("/floor", f"/api/v1/lines/{line_name(0)}")
_PAUSE_S = 0.01
MEMORY_AIM_MB = 1_000
STOP_AIM_S = 5


def wide_paths(askers: int) -> list[str]:
    """As many different questions, so that none is answered by another's answer."""
    now = datetime.now(UTC)
    line = f"/api/v1/lines/{line_name(0)}"
    kinds = (("kpis", 365, "hour"), ("kpis", 3_650, "day"), ("stops", 365, ""))
    paths = []
    for number in range(askers):
        what, days, by = kinds[number % len(kinds)]
        start = now - timedelta(days=days, minutes=number)
        query = {"start": start.isoformat(), "end": now.isoformat()} | ({"by": by} if by else {})
        paths.append(f"{line}/{what}?{urlencode(query)}")
    return paths


def p99s_ms(port: int, seconds: float) -> dict[str, float]:
    """Of health and of what live pages are made of, asked in turns for that long."""
    client = Client(port)
    taken: dict[str, list[float]] = {path: [] for path in (UNIT, *_KEPT)}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path, times in taken.items():
            times.append(client.seconds(path))
        time.sleep(_PAUSE_S)
    client.close()
    return {path: sorted(times)[int(len(times) * 0.99)] * 1e3 for path, times in taken.items()}


def measured(folder: Path, size: Size, askers: int, seconds: float) -> Iterator[Figure]:
    """The node without and with the questions, and how it stops in the midst of them."""
    agents = prepare(folder, size)
    with node_process(folder / "node") as (pid, port):
        paths = wide_paths(askers)
        with feeding(agents, port) as check:
            p99s_ms(port, min(seconds, 5))  # to warm up
            without, memory = p99s_ms(port, seconds), memory_mb(pid)
            with asking(port, paths) as answered:
                together = p99s_ms(port, seconds)
                check()
                count = answered.value
        for path, p99_ms in together.items():
            note = f"{without[path]:.1f} ms without, {p99_ms:.1f} ms with"
            ratio = p99_ms / without[path]
            yield Figure(f"{path}: p99 with / without", ratio, "×", note=note)
        grown = memory_mb(pid, "VmHWM") - memory
        note = f"{count} wide questions answered meanwhile"
        yield Figure("memory grown at most", grown, "MB", MEMORY_AIM_MB, note=note)
        with asking(port, paths):
            begun = time.monotonic()
            _stop(pid)
            yield Figure("stopped in the midst of it", time.monotonic() - begun, "s", STOP_AIM_S)


def _stop(pid: int) -> None:

    os.kill(pid, signal.SIGTERM)
    while "Z" not in _state(pid):
        time.sleep(0.01)


def _state(pid: int) -> str:
    """The process's state, "Z" once it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=365, help="of the line's history")
    parser.add_argument("--askers", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20, help="of each stretch measured")
    given = parser.parse_args()
    size = Size(lines=5, days=given.days, days_each=0.5, live_period_s=5, agents=2)
    with tempfile.TemporaryDirectory() as folder:
        for figure in measured(Path(folder), size, given.askers, given.seconds):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
