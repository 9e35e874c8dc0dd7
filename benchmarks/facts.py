"""Rows per second of the facts kernel, as a ratio to reading every column once with numpy.

    python benchmarks/facts.py [--lines 4] [--days 365]

Made-up lines with a state change every ~43 s and a count every minute (about 730,000 state
changes and 526,000 counts a year and line). The baseline reads the same arrays once (sums), on
the same two threads: the memory's own limit. Rows are all samples of all lines.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from analytics.facts.line_facts import line_facts
from domain.frames import HISTORY, UTC_US, LineHistory
from domain.plant import Calendar, Line, Machine, Plant, Shift
from domain.signals import REACH_MARGIN
from domain.states import MachineState

THREADS = 2
ROUNDS = 7
START = datetime(2025, 1, 1, tzinfo=UTC)
ROLES = ("state", "total_count")


def a_plant() -> Plant:
    shifts = tuple(
        Shift(name, frozenset(range(6)), time_of_day(start), time_of_day(end))
        for name, start, end in (("A", 7, 15), ("B", 15, 23))
    )
    calendar = Calendar("two-shift", shifts, "HK")
    machine = {"m": Machine("m", "import")}
    line = Line("l", {"en": "l"}, machine, dict.fromkeys(ROLES, "m"), calendar, 1.0)
    return Plant("p", ZoneInfo("Asia/Hong_Kong"), {"en": "p"}, "", {}, {"l": line})


def a_history(seed: int, days: int) -> LineHistory:
    """One line's samples over that many days."""
    random = np.random.default_rng(seed)
    end = START + timedelta(days=days)
    origin = int(START.timestamp() * 1e6)
    length = days * 86_400_000_000
    changes = np.sort(random.integers(0, length, size=days * 2000))
    counts = np.arange(0, length, 60_000_000)
    states = random.integers(1, len(MachineState), size=len(changes)).astype(float)
    states[:: len(changes) // days] = MachineState.UNKNOWN.code  # one gap a day
    totals = np.cumsum(random.integers(0, 60, size=len(counts))).astype(float)
    samples = pl.concat(
        _series(name, origin + times, values)
        for name, times, values in (("state", changes, states), ("total_count", counts, totals))
    )
    spans = pl.DataFrame({"machine": ["m"], "start": [START], "end": [end]}).with_columns(
        pl.col("start", "end").cast(UTC_US)
    )
    return LineHistory("l", START - REACH_MARGIN, end + REACH_MARGIN, samples, spans)


def _series(signal: str, times: np.ndarray, values: np.ndarray) -> pl.DataFrame:
    return (
        pl.DataFrame({"time": times, "value": values})
        .select(
            pl.lit("m").alias("machine"),
            pl.lit(signal).alias("signal"),
            pl.col("time").cast(UTC_US),
            "value",
            pl.lit(None, dtype=pl.String).alias("text"),
            pl.lit(0, dtype=pl.UInt8).alias("quality"),
        )
        .select(HISTORY.names())
    )


def best(work: Callable[[LineHistory], object], histories: list[LineHistory]) -> float:
    """The shortest of a few runs over all lines, in seconds."""
    seconds = []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            list(pool.map(work, histories))
            seconds.append(time.perf_counter() - begin)
    return min(seconds)


def read_once(columns: tuple[np.ndarray, ...]) -> float:
    return sum(float(column.sum()) for column in columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    plant = a_plant()
    histories = [a_history(seed, options.days) for seed in range(options.lines)]
    rows = sum(history.samples.height for history in histories)
    arrays = {
        id(history): tuple(
            history.samples[name].to_physical().to_numpy() for name in ("time", "value")
        )
        for history in histories
    }
    reading = best(lambda history: read_once(arrays[id(history)]), histories)
    end = START + timedelta(days=options.days)
    kernel = best(lambda history: line_facts(plant, "l", history, START, end), histories)
    print(
        f"{rows:,} rows of {options.lines} lines, {THREADS} threads\n"
        f"reading every column once: {reading:.3f} s, {rows / reading / 1e6:,.0f} M rows/s\n"
        f"facts kernel:              {kernel:.3f} s, {rows / kernel / 1e6:,.1f} M rows/s\n"
        f"ratio: 1/{kernel / reading:.1f} of the memory limit (aim: 1/15, or 100 M rows/s)"
    )


if __name__ == "__main__":
    main()
