"""How long pages, live JSON and event streams take, as ratios of one run.

    python benchmarks/pages.py [--part sequential|load|thousand] [--days 365] [--seconds 60]

A real node in a process of its own answers over HTTP while a live feeder hands it sealed batches
every second; feeder, viewers and loader are other processes and count for nothing.

sequential   a line with a year of history among 50: each page as a multiple of health/live (the
             unit), one request after the other, and "anew": with new data before each
load         the same node, 32 connections: live JSON and what FastAPI answers at the least
thousand     1,000 lines read every 5 s: CPU of the node, how late a count shows, 200 viewers,
             and what others are answered meanwhile, as a multiple of what FastAPI answers at
             the least
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from live_feeder import LiveAgent, feeding
from page_data import MILESTONE, PROJECT, Size, line_name, prepare
from page_lag import lag
from page_node import TRIVIAL, node_process
from page_requests import Client, Timed, in_turns, under_load
from page_viewers import viewers
from processes import cpu_s, memory_mb

PARTS = ("sequential", "load", "thousand")
CONNECTIONS = 32
VIEWERS = 200
PAUSE_S = 1.5  # something new comes in every second
_WATCHED = 3  # lines whose counts are awaited


@dataclass(frozen=True)
class Figure:
    """One row of the table. `aim` None: told for comparison only."""

    what: str
    value: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    def __str__(self) -> str:
        aim = (
            "" if self.aim is None else f"{'≥' if self.at_least else '≤'} {self.aim:g} {self.unit}"
        )
        verdict = "" if self.aim is None else ("yes" if self.is_reached else "NO")
        figure = f"{self.value:>8.2f} {self.unit:<6} {aim:>10} {verdict:>4}"
        return f"{self.what:<50} {figure}  {self.note}"

    @property
    def is_reached(self) -> bool:
        if self.aim is None:
            return True
        return self.value >= self.aim if self.at_least else self.value <= self.aim


@dataclass(frozen=True)
class Options:
    """`seconds` of each stretch that is measured; `times` that each page is asked for at most."""

    size: Size
    seconds: float
    times: int
    rounds: int
    viewers: int


@dataclass(frozen=True)
class Running:
    """A node with its feeder. `check` ends the program when the feeder has ended."""

    pid: int
    port: int
    agents: list[LiveAgent]
    check: Callable[[], None]

    def cores(self, seconds: float) -> float:
        """CPU seconds a second that the node takes over that time."""
        used_s, since = cpu_s(self.pid), time.monotonic()
        time.sleep(seconds)
        self.check()
        return (cpu_s(self.pid) - used_s) / (time.monotonic() - since)


@contextmanager
def running(folder: Path, size: Size, settle_s: float) -> Iterator[Running]:
    """Data, node and feeder; the block begins when they have run for a while."""
    begun = time.monotonic()
    agents = prepare(folder, size)
    print(f"{size.lines} lines prepared in {time.monotonic() - begun:.0f} s", flush=True)
    with node_process(folder / "node") as (pid, port), feeding(agents, port) as check:
        time.sleep(settle_s)
        check()
        yield Running(pid, port, agents, check)
        print(
            f"memory of the node: {memory_mb(pid):.0f} MB, at most {memory_mb(pid, 'VmHWM'):.0f} MB"
        )


def sequential(node: Running, options: Options) -> Iterator[Figure]:
    """Each page in turns with the unit, over one connection."""
    client = Client(node.port)
    month_end = datetime.now(UTC)
    month = {"start": (month_end - timedelta(days=30)).isoformat(), "end": month_end.isoformat()}
    line = line_name(0)
    pages = (
        ("line page", f"/lines/{line}", 25),
        (f"floor of {options.size.lines}", "/floor", 25),
        ("grant page", f"/grants/{PROJECT}", 15),
        ("milestone page", f"/grants/{PROJECT}/{MILESTONE}", 15),
        ("live JSON", f"/api/v1/lines/{line}", 3),
        ("KPI rows of a month by day", f"/api/v1/lines/{line}/kpis?{urlencode(month)}&by=day", 10),
    )
    for name, path, aim in pages:
        for what, pause_s in ((name, 0), (f"{name} anew", PAUSE_S)):
            timed = in_turns(
                client, path, times=options.times, budget_s=options.seconds, pause_s=pause_s
            )
            yield from _multiples(what, timed, aim)
        node.check()
    client.close()


def _multiples(name: str, timed: Timed, aim: float) -> list[Figure]:
    unit_ms = statistics.median(timed.unit_seconds) * 1e3
    note = (
        f"{statistics.median(timed.seconds) * 1e3:.1f} ms, unit {unit_ms:.2f} ms, "
        f"first {timed.first_s * 1e3:.0f} ms, {len(timed.seconds)} requests"
    )
    return [
        Figure(f"{name} / unit, median", timed.median_ratio, "×", aim, note=note),
        Figure(f"{name} / unit, mean", timed.mean_ratio, "×", aim),
    ]


def load(node: Running, options: Options) -> Iterator[Figure]:
    """Live JSON and the trivial answer in turns; the median of the rounds' ratios."""
    rates, p99s, notes = [], [], []
    for _ in range(options.rounds):
        seconds = options.seconds / options.rounds / 2
        trivial, live = (
            under_load(node.port, path, connections=CONNECTIONS, seconds=seconds)
            for path in (TRIVIAL, f"/api/v1/lines/{line_name(0)}")
        )
        rates.append(live.requests_per_s / trivial.requests_per_s)
        p99s.append(live.p99_s / trivial.p99_s)
        notes.append(f"{live.requests_per_s:.0f} and {trivial.requests_per_s:.0f} requests/s")
        node.check()
    rate, p99 = statistics.median(rates), statistics.median(p99s)
    yield Figure("live JSON / trivial, requests a second", rate, "×", 0.5, True, notes[-1])
    yield Figure("live JSON / trivial, p99 under load", p99, "×", 4)
    paths = ["/floor/events"] * options.viewers
    yield looked_at(node, options, f"floor of {options.size.lines}", paths, None)


def thousand(node: Running, options: Options) -> Iterator[Figure]:
    """The node on its own with its lines, then asked, then looked at."""
    count = options.size.lines
    alone = node.cores(options.seconds)
    yield Figure(f"{count} live lines: CPU of the node", alone, "cores", 1)
    agent = node.agents[-1]
    numbers = range(min(_WATCHED, len(agent.story.lines)))
    late = lag(node.port, agent, numbers, options.seconds)
    for where, lags in (("live JSON", late.live_s), ("KPI rows", late.kpis_s)):
        worst = max(lags, default=math.inf)
        yield Figure(f"a count shows in {where}, worst", worst, "s", 5, note=_spread(lags))
    first = max(late.first_s, default=math.inf)
    yield Figure("what who begins to look sees first, worst", first, "s", note="its age")
    node.check()
    client = Client(node.port)
    floor = in_turns(client, "/floor", times=options.times, budget_s=options.seconds, unit=TRIVIAL)
    client.close()
    trivial_s = statistics.median(floor.unit_seconds)
    note = f"{floor.p99_s * 1e3:.0f} ms, trivial {trivial_s * 1e3:.2f} ms"
    what = f"floor page of {count} lines, p99 / trivial"
    yield Figure(what, floor.p99_s / trivial_s, "×", 100, note=note)
    lines = [line_name(number % count) for number in range(options.viewers)]
    paths = [f"/lines/{line}/events" for line in lines]
    yield looked_at(node, options, "line pages", paths, 0.2)
    yield from while_looked_at(node, options, paths)


def looked_at(
    node: Running, options: Options, what: str, paths: Sequence[str], aim: float | None
) -> Figure:
    """What event streams on the paths add to the CPU of the node."""
    what = f"{len(paths)} viewers of {what}: CPU added"
    alone = node.cores(options.seconds)
    try:
        with viewers(node.port, paths) as received:
            before, begun = received(), time.monotonic()
            together = node.cores(options.seconds)
            sent = (received() - before) / (time.monotonic() - begun)
    except TimeoutError as error:
        return Figure(what, math.inf, "cores", aim, note=str(error))
    note = f"{together:.2f} cores in all, {sent / 1e3:.0f} kB/s sent"
    return Figure(what, together - alone, "cores", aim, note=note)


def while_looked_at(node: Running, options: Options, paths: Sequence[str]) -> Iterator[Figure]:
    """What others are answered while event streams on the paths are open, each in turns with the
    trivial answer."""
    asked = (
        ("floor page", "/floor"),
        ("line page", f"/lines/{line_name(0)}"),
        ("live JSON", f"/api/v1/lines/{line_name(0)}"),
    )
    with viewers(node.port, paths):
        client = Client(node.port)
        for what, path in asked:
            budget_s = options.seconds / len(asked)
            timed = in_turns(
                client, path, times=options.times, budget_s=budget_s, unit=TRIVIAL, pause_s=PAUSE_S
            )
            trivial_s = statistics.median(timed.unit_seconds)
            note = (
                f"{statistics.median(timed.seconds) * 1e3:.1f} ms, trivial {trivial_s * 1e3:.2f} ms"
            )
            name = f"{what} while {len(paths)} look / trivial, median"
            yield Figure(name, timed.median_ratio, "×", note=note)
        client.close()
    node.check()


def _spread(lags: Sequence[float]) -> str:
    if not lags:
        return "nothing showed"
    return f"median {statistics.median(lags):.1f} s of {len(lags)} readings"


_PART = {"sequential": sequential, "load": load, "thousand": thousand}


def measured(
    folder: Path, parts: Sequence[str], options: Options, settle_s: float
) -> Iterator[Figure]:
    """The figures of some of the parts, one after the other on one new node."""
    with running(folder, options.size, settle_s) as node:
        for part in parts:
            yield from _PART[part](node, options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--days", type=float, default=365, help="of the first line's history")
    parser.add_argument("--lines", type=int, default=50, help="on the floor of 'sequential'")
    parser.add_argument("--many", type=int, default=1000, help="lines of 'thousand'")
    parser.add_argument("--seconds", type=float, default=60, help="of each stretch measured")
    parser.add_argument("--times", type=int, default=200, help="each page is asked for at most")
    parser.add_argument("--viewers", type=int, default=VIEWERS)
    parser.add_argument("--settle", type=float, default=20, help="seconds before measuring")
    given = parser.parse_args()
    wanted = given.part or PARTS
    floor = Size(given.lines, given.days, days_each=2, live_period_s=10, agents=2)
    many = Size(given.many, days=10, days_each=0.5, live_period_s=5, agents=4)
    figures: list[Figure] = []
    for size, of_size in ((floor, ("sequential", "load")), (many, ("thousand",))):
        parts = [part for part in of_size if part in wanted]
        if not parts:
            continue
        options = Options(size, given.seconds, given.times, rounds=3, viewers=given.viewers)
        with tempfile.TemporaryDirectory() as folder:
            for figure in measured(Path(folder), parts, options, given.settle):
                print(figure, flush=True)
                figures.append(figure)
    missed = sum(not figure.is_reached for figure in figures)
    print(f"{len(figures)} figures, {missed} aims not reached")


if __name__ == "__main__":
    main()
