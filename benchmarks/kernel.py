"""The facts kernel beside pandas and DuckDB SQL, on the same data, with the same results.

    python benchmarks/kernel.py [--lines 100] [--days 365] [--at-once 10]

The kernel gives facts (time by state, counts, ideal time, flags; by plan, mode, order, product);
pandas and DuckDB give time by state and counts of each hour, and must agree: to the microsecond
and to a millionth of an item. A line is in memory in the form that each works on; only the work
is timed. The kernel takes one line after the other, on two threads; pandas and DuckDB all that
are in memory at once, in one frame or table, DuckDB on two threads.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import polars as pl
from engines import (
    difference,
    for_pandas,
    for_sql,
    of_facts,
    of_pandas,
    pandas_hours,
    sql_hours,
)
from made_up import START, a_history, a_plant, end_of

from analytics.facts.line_facts import line_facts
from domain.frames import LineHistory
from domain.plant import Plant

THREADS = 2
ROUNDS = 3  # the best of so many counts, of the ones that take no time
AIM_PANDAS, AIM_SQL = 30.0, 8.0


@dataclass
class Seconds:
    """What each took, over all lines; `rows` are samples."""

    rows: int = 0
    kernel: float = 0.0
    pandas: float = 0.0
    sql: float = 0.0


def compared(lines: int, days: int, at_once: int = 10) -> Seconds:
    """Time all three. Raises SystemExit where they do not agree."""
    plant, taken = a_plant(lines), Seconds()
    for first in range(0, lines, at_once):
        histories = [a_history(it, days) for it in range(first, min(first + at_once, lines))]
        taken.rows += sum(history.samples.height for history in histories)
        seconds, facts = best_of_kernel(plant, histories, end_of(days))
        taken.kernel += seconds
        expected = of_facts(pl.concat(facts))
        del facts
        given = for_pandas(histories)
        begun = time.perf_counter()
        table = pandas_hours(*given, pd.Timestamp(START), pd.Timestamp(end_of(days)))
        taken.pandas += time.perf_counter() - begun
        agree("pandas", expected, of_pandas(table))
        del given, table
        with for_sql(histories) as connection:
            begun = time.perf_counter()
            hours = sql_hours(connection, START, end_of(days))
            taken.sql += time.perf_counter() - begun
        agree("DuckDB SQL", expected, hours)
    return taken


def best_of_kernel(
    plant: Plant, histories: list[LineHistory], end: datetime
) -> tuple[float, list[pl.DataFrame]]:
    """The shortest of a few times over all lines, and their facts up to `end`."""
    seconds = []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            made = list(pool.map(lambda it: line_facts(plant, it.line, it, START, end), histories))
            seconds.append(time.perf_counter() - begun)
    return min(seconds), made


def agree(name: str, expected: pl.DataFrame, found: pl.DataFrame) -> None:
    apart = difference(expected, found)
    if apart:
        raise SystemExit(f"the kernel and {name} do not agree: {apart}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--at-once", type=int, default=10, help="lines in memory at a time")
    options = parser.parse_args()
    taken = compared(options.lines, options.days, options.at_once)
    print(f"{taken.rows:,} samples of {options.lines} lines, {THREADS} threads; results agree")
    for name, seconds, aim in (
        ("facts kernel", taken.kernel, None),
        ("pandas", taken.pandas, AIM_PANDAS),
        ("DuckDB SQL", taken.sql, AIM_SQL),
    ):
        ratio = (
            "" if aim is None else f"  = {seconds / taken.kernel:5.1f} × kernel (aim: ≥ {aim:.0f})"
        )
        print(f"{name:12} {seconds:7.2f} s, {taken.rows / seconds / 1e6:6.1f} M samples/s{ratio}")


if __name__ == "__main__":
    main()
