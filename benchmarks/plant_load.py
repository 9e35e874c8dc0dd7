"""A whole plant live on one machine: what one node holds, and whether it loses anything.

    python benchmarks/plant_load.py [--lines 1000] [--signals 50] [--interval 5] [--seconds 60]
                                    [--agents 4] [--search] [--at-most 285]

Machines publish what changed as JSON over a real broker (plant_machines.py), `lineproof edge`
processes read them, spool, seal and hand over to one node, which answers pages meanwhile. Printed
are the samples a second, how long batches wait for their receipts, how late counts show, how long
pages take, CPU and memory by process, bytes a line a day, and what all of it costs as a multiple of
plant_bare.py, which takes the same messages in the same run. In the end the node is stopped, and
all that was said must be in its store, once, by number and checksum of each signal.

`--search` lets the signals change ever more often, from a sixteenth of the rate on, until counts
show later than 5 s or the agents take less than is said, and says which rate still held. After
`--at-most` seconds the run ends itself and its processes.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize

from mqtt_broker import mqtt_broker
from page_data import line_name
from page_node import node_process
from plant_parts import (
    Agent,
    MachinesProcess,
    agents_running,
    bucket_counts,
    ended,
    metric_sums,
    prepare,
    quantile_below,
    started,
)
from plant_probe import Probe, Seen, probing, quantile
from plant_store import Difference, bytes_a_line_day, difference, sizes, stored_tally
from processes import cpu_s, memory_mb

LAG_AIM_S, MEMORY_AIM_MB = 5.0, 4096.0
TAKEN_AIM = 0.95  # of what is said
SEARCH = (16, 8, 4, 2, 1)  # times the interval
PROBE = "probe"
_SETTLE_S, _BARE_S, _DRAIN_S = 5.0, 10.0, 75.0
_POSTS = "lineproof_http_request_duration_seconds"
_OF_POSTS = '/api/v1/batches"'
_WAITING = ("unsaved_rows", "pending_rows", "sealed_rows")
_BROKER = {"persistence": "false", "log_type": "error"}  # no more work than it has to do


@dataclass(frozen=True)
class Size:
    """`seconds` of each stretch that is measured, after `settle_s`; `bare_s` beside the least."""

    lines: int
    signals: int
    interval_s: float
    seconds: float
    agents: int
    settle_s: float = _SETTLE_S
    bare_s: float = _BARE_S

    @property
    def rate(self) -> float:
        """Samples a second that are to be said."""
        return self.lines * self.signals / self.interval_s


@dataclass(frozen=True)
class Stretch:
    """What was seen over some seconds: said (as drawn) and taken samples a second, cores and MB by
    process, the bounds of the waits of batches (s), and by how much the spools grew (rows)."""

    rate: float
    taken: float
    cores: dict[str, float]
    memory_mb: dict[str, float]
    receipt_p50_s: float
    receipt_p99_s: float
    waiting: float
    seen: Seen

    @property
    def keeps_up(self) -> bool:
        lags = (*self.seen.live_s, *self.seen.kpis_s)
        return self.taken >= TAKEN_AIM * self.rate and max(lags, default=0.0) <= LAG_AIM_S

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"said {self.rate:,.0f} samples/s, taken {self.taken:,.0f}/s, keeps up: " + (
            "yes" if self.keeps_up else "NO"
        )
        for name, used in self.cores.items():
            yield f"  {name:12} {used:5.2f} cores {self.memory_mb[name]:7.0f} MB"
        yield (
            f"  receipt of a batch: p50 within {self.receipt_p50_s:g} s, "
            f"p99 within {self.receipt_p99_s:g} s; {self.waiting:,.0f} rows wait in spools"
        )
        lags = (("live JSON", self.seen.live_s), ("KPI rows", self.seen.kpis_s))
        for where, lags_s in lags:
            yield (
                f"  a count shows in {where}: p50 {quantile(lags_s, 0.5):.1f} s, "
                f"p99 {quantile(lags_s, 0.99):.1f} s, worst {max(lags_s, default=0.0):.1f} s "
                f"of {len(lags_s)} (aim: ≤ {LAG_AIM_S:g} s)"
            )
        for name, taken_s in self.seen.pages_s.items():
            p99_ms = quantile(taken_s, 0.99) * 1e3
            yield f"  {name}: p99 {p99_ms:,.0f} ms of {len(taken_s)}"


@dataclass(frozen=True)
class Load:
    """A whole run. `cpu_us`: microseconds of CPU for each sample, of node and agents, and of the
    least; `apart` None: not all was through in time, `waiting` rows are still in spools."""

    stretches: tuple[Stretch, ...]
    cpu_us: float
    bare_us: float
    said: int
    messages: int
    machines_late_s: float
    rejected: int
    waiting: int
    apart: Difference | None
    bytes_a_line_day: dict[str, float]
    failed: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """What all costs, as a multiple of the least; nan where that took nothing."""
        return self.cpu_us / self.bare_us if self.bare_us else math.nan

    @property
    def is_whole(self) -> bool:
        return self.apart is not None and self.apart.is_none and not self.rejected


class Running:
    """A plant that runs: what it used and took up to now."""

    def __init__(self, node: tuple[int, int], agents: Sequence[Agent], probe: Probe) -> None:
        self.node_pid, self.node_port = node
        self.agents, self.probe = agents, probe
        self._pids = {"node": self.node_pid} | {it.name: it.pid for it in agents}
        self.others: dict[str, int] = {}

    def cpu(self) -> dict[str, float]:
        """Of this process without those that it started, and of each of the others."""
        others = {name: cpu_s(pid) for name, pid in (self._pids | self.others).items()}
        return others | {PROBE: time.process_time()}

    def product_cpu_s(self) -> float:
        """Of node and agents."""
        return sum(cpu_s(pid) for pid in self._pids.values())

    def memory_mb(self) -> dict[str, float]:
        others = {name: memory_mb(pid) for name, pid in (self._pids | self.others).items()}
        resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
        return others | {PROBE: resident_pages * getpagesize() / (1 << 20)}

    def told(self, *names: str) -> float:
        """A sum over the agents of what they tell of themselves."""
        sums = [metric_sums(it.port) for it in self.agents]
        return sum(it.get(f"lineproof_agent_{name}", 0.0) for it in sums for name in names)

    def waiting(self) -> float:
        return self.told(*(f"spool_{name}" for name in _WAITING))

    def stretch(self, rate: float, seconds: float) -> Stretch:
        self.probe.begin()
        since, cpu, taken = time.monotonic(), self.cpu(), self.told("source_readings_total")
        posts = bucket_counts(self.node_port, _POSTS, _OF_POSTS)
        time.sleep(seconds)
        past_s, used = time.monotonic() - since, self.cpu()
        more = self.told("source_readings_total") - taken
        posts_now = bucket_counts(self.node_port, _POSTS, _OF_POSTS)
        return Stretch(
            rate,
            more / past_s,
            {name: (used[name] - before) / past_s for name, before in cpu.items()},
            self.memory_mb(),
            quantile_below(posts, posts_now, 0.5),
            quantile_below(posts, posts_now, 0.99),
            self.waiting(),
            self.probe.end(),
        )


def bare_beside(running: Running, folder: Path, broker: int, seconds: float) -> tuple[float, float]:
    """Microseconds of CPU for each sample, of node and agents, and of the least beside them."""
    program = str(Path(__file__).with_name("plant_bare.py"))
    process = started(
        [sys.executable, program, "--port", str(broker), "--file", str(folder / "bare.duckdb")]
    )
    try:
        start_s, used = cpu_s(process.pid), running.product_cpu_s()
        taken = running.told("source_readings_total")
        time.sleep(seconds)
        bare_used_s = cpu_s(process.pid) - start_s
        used = running.product_cpu_s() - used
        taken = running.told("source_readings_total") - taken
        _, values = process.communicate(timeout=60)[0].split()
    finally:
        ended(process)
    return used / max(1.0, taken) * 1e6, bare_used_s / max(1, int(values)) * 1e6


def drained(running: Running, seconds: float) -> int:
    """Wait until nothing waits in the spools; how many rows do when the time is over."""
    until = time.monotonic() + seconds
    while (waiting := int(running.waiting())) and time.monotonic() < until:
        time.sleep(0.5)
    return waiting


def intervals(size: Size, search: bool) -> list[float]:
    return [size.interval_s * times for times in (SEARCH if search else (1,))]


def measured(folder: Path, size: Size, *, search: bool = False) -> Load:
    """Run a plant in the folder. Raises SystemExit where a part of it does not start or ends."""
    lines = [line_name(number) for number in range(size.lines)]
    shares = [lines[number :: size.agents] for number in range(size.agents)]
    data = prepare(folder, lines, size.agents)
    before = sizes(folder)
    wanted = intervals(size, search)
    stretches: list[Stretch] = []
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(mqtt_broker(folder, options=_BROKER))
        node = stack.enter_context(node_process(data))
        parts = folder, shares, size.signals, broker.port, node[1]
        agents = stack.enter_context(agents_running(*parts))
        watched = lines[:: max(1, size.lines // 3)][:3]
        running = Running(node, agents, stack.enter_context(probing(watched, node[1], broker.port)))
        before["spool"] = sizes(folder)["spool"]  # with its reserves
        begun = time.monotonic()
        machines = MachinesProcess(folder, lines, size.signals, wanted[0], broker.port)
        stack.callback(ended, machines.process)
        running.others = {"broker": broker.process.pid, "machines": machines.process.pid}
        for interval_s in wanted:
            machines.change(interval_s)
            time.sleep(size.settle_s)
            rate = size.lines * size.signals / interval_s
            stretches.append(running.stretch(rate, size.seconds))
            print(stretches[-1], flush=True)
            if search and not stretches[-1].keeps_up:
                machines.change(wanted[0])  # so that what waits gets through
                break
        costs = bare_beside(running, folder, broker.port, size.bare_s)
        said, past_s = machines.end(), time.monotonic() - begun
        waiting = drained(running, _DRAIN_S)
        rejected = int(running.told("rejections_total"))
        failed = tuple(running.probe.failed)
    apart = None
    if not waiting:
        apart = difference(said, stored_tally(data / "telemetry.duckdb", lines, size.signals))
    return Load(
        tuple(stretches),
        *costs,
        int(said.counts.sum()),
        said.messages,
        said.late_s_max,
        rejected,
        waiting,
        apart,
        bytes_a_line_day(before, sizes(folder), size.lines, past_s),
        failed,
    )


def summary(load: Load, size: Size) -> Iterator[str]:
    """What is said of the whole run, and the rows for docs/scaling.md."""
    yield (
        f"said in all: {load.said:,} samples in {load.messages:,} messages; the machines were "
        f"{load.machines_late_s:.1f} s late at most"
    )
    if load.apart is None:
        yield f"NOT JUDGED: {load.waiting:,} rows still wait in the spools"
    else:
        yield (
            f"missing {load.apart.missing}, doubled {load.apart.doubled}, series with another "
            f"checksum {load.apart.changed}, rejected {load.rejected}: "
            + ("nothing lost, nothing doubled" if load.is_whole else "NOT WHOLE")
        )
    yield (
        f"CPU of node and agents {load.cpu_us:.0f} µs a sample, the least {load.bare_us:.1f} µs: "
        f"{load.ratio:.0f} ×"
    )
    for kind, amount in load.bytes_a_line_day.items():
        yield f"  {kind:10} {amount / 1e6:10.1f} MB a line a day, as if all went on like this"
    for what in dict.fromkeys(load.failed):
        yield f"no answer: {what}"
    held = [it for it in load.stretches if it.keeps_up]
    rate = max((it.rate for it in held), default=0.0)
    last = load.stretches[-1]
    product = {name: last.cores[name] for name in last.cores if name.startswith(("node", "agent"))}
    memory = sum(last.memory_mb[name] for name in product)
    yield "| lines × signals | said/s | held/s | cores | memory | µs a sample | × the least |"
    yield (
        f"| {size.lines:,} × {size.signals} | {last.rate:,.0f} | {rate:,.0f} | "
        f"{sum(product.values()):.2f} | {memory:,.0f} MB (aim: {MEMORY_AIM_MB:,.0f}) | "
        f"{load.cpu_us:.0f} | {load.ratio:.0f} |"
    )


def _end_after(seconds: int) -> None:
    """End the blocks that are open, and with them their processes, then or at SIGTERM."""

    def over(number: int, _: object) -> None:
        raise SystemExit(f"ended by {signal.Signals(number).name} before it was through")

    signal.signal(signal.SIGALRM, over)
    signal.signal(signal.SIGTERM, over)
    signal.alarm(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--signals", type=int, default=50)
    parser.add_argument("--interval", type=float, default=5, help="mean seconds between changes")
    parser.add_argument("--seconds", type=float, default=60, help="of each stretch measured")
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--search", action="store_true", help="for the highest rate that holds")
    parser.add_argument("--at-most", type=int, default=285, help="seconds for all of it")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    given = parser.parse_args()
    size = Size(given.lines, given.signals, given.interval, given.seconds, given.agents)
    _end_after(given.at_most)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        load = measured(Path(folder), size, search=given.search)
    print("\n".join(summary(load, size)))
    return 0 if load.is_whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
