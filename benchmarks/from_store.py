"""From the telemetry file to stored facts: against only reading it, for new data, for ten years.

    python benchmarks/from_store.py [--lines 100] [--days 365] [--years 10] [--folder DIR]

Three questions, each a ratio of figures of the same run:
- all lines from the file to stored facts, as many times as only reading the same columns into
  polars, line by line; and the most memory that it took (aims: 2.5 times, under 6 GB);
- one new hour of one line, from store to stored facts, as a part of that line's year (aim: 1/500),
  and for each line when all lines get their hour together, as the lines of a plant do;
- the same, and the memory, for one line with a history of one year and of ten (aim: no growth).

Every figure comes from a process of its own, so that memory is that of the work alone. The files
are made first (`made_up.py`), through the store's own `append`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from made_up import Plants, a_plant, end_of, fill, line_name

from collector.facts.keeper import FactsKeeper
from store.telemetry.duckdb.file import query_frame
from store.telemetry.duckdb.store import DuckDBStore

AIM_READING, AIM_MEMORY_GB, AIM_HOUR = 2.5, 6.0, 1 / 500
NEW_HOURS, HOURS_TOGETHER = 24, 8


def only_read(file: Path, lines: int, _days: int) -> dict[str, float]:
    """Every line's samples into polars: the columns that facts are made of, nothing else."""
    store = DuckDBStore(file)
    rows, begun = 0, time.perf_counter()
    for number in range(lines):
        with store._file.snapshot() as cursor:
            frame = query_frame(
                cursor,
                "SELECT series, time, value, text, quality FROM readings WHERE series IN "
                "(SELECT id FROM series WHERE line = ?)",
                [line_name(number)],
            )
        rows += frame.height
    seconds = time.perf_counter() - begun
    store.close()
    return {"seconds": seconds, "rows": rows, "gb": memory_gb()}


def make_facts(file: Path, lines: int, days: int) -> dict[str, float]:
    """All slices of all lines, from the samples in the file to facts in the file."""
    store = DuckDBStore(file)
    keeper = FactsKeeper(store, Plants(a_plant(lines)), lambda: _long_after(days))
    begun = time.perf_counter()
    slices = keeper.refresh()
    seconds = time.perf_counter() - begun
    store.close()
    return {"seconds": seconds, "slices": slices, "gb": memory_gb()}


def new_hours(file: Path, lines: int, days: int) -> dict[str, float]:
    """The facts of one more hour, again and again: of all lines together, then of the first
    line alone; the median of each hour, for one line."""
    store = DuckDBStore(file)
    hours = HOURS_TOGETHER + NEW_HOURS
    keeper = FactsKeeper(store, Plants(a_plant(lines)), lambda: _long_after(days + hours / 24))
    keeper.refresh()  # knows from here on what is stored, as a running node does
    taken: dict[int, list[float]] = {lines: [], 1: []}
    for hour in range(hours):
        count, line = (lines, None) if hour < HOURS_TOGETHER else (1, line_name(0))
        fill(store, count, 1 / 24, days + hour / 24)
        begun = time.perf_counter()
        slices = keeper.refresh(line)
        taken[count].append((time.perf_counter() - begun) / count)
        # The new one, and the one before to which the first count of the hour reaches.
        if not count <= slices <= 2 * count:
            raise SystemExit(f"one new hour of {count} lines made {slices} slices of facts new")
    store.close()
    return {
        "seconds": statistics.median(taken[1]),
        "together": statistics.median(taken[lines]),
        "gb": memory_gb(),
    }


def _long_after(days: float) -> datetime:
    """When the last slice is not waited with any more for what may follow."""
    return end_of(days + 1)


def memory_gb() -> float:
    """The most that this process has had in memory. (What getrusage tells of a child may be its
    parent's: the figure outlives the exec.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, flags=re.MULTILINE)
    return int(kilobytes) / (1 << 20)


_WORK: dict[str, Callable[[Path, int, int], dict[str, float]]] = {
    work.__name__: work for work in (only_read, make_facts, new_hours)
}


def apart(
    work: Callable[[Path, int, int], dict[str, float]], file: Path, lines: int, days: int
) -> Any:
    """The work in a process of its own."""
    command = [sys.executable, __file__, "--work", work.__name__, "--file", str(file)]
    command += ["--lines", str(lines), "--days", str(days)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def made_file(folder: Path, lines: int, days: int) -> Path:
    """A file with the samples of so many lines and days, without facts."""
    file = folder / f"{lines}x{days}.duckdb"
    file.unlink(missing_ok=True)
    store = DuckDBStore(file)
    fill(store, lines, days)
    store.close()
    return file


def all_lines(folder: Path, lines: int, days: int) -> dict[str, float]:
    """Reading against facts, and new hours after it."""
    file = made_file(folder, lines, days)
    reading = min((apart(only_read, file, lines, days) for _ in range(2)), key=_seconds)
    facts = apart(make_facts, file, lines, days)
    hour = apart(new_hours, file, lines, days)
    return {
        "rows": reading["rows"],
        "reading_s": reading["seconds"],
        "facts_s": facts["seconds"],
        "ratio": facts["seconds"] / reading["seconds"],
        "gb": facts["gb"],
        "hour_s": hour["seconds"],
        "hour_of_year": hour["seconds"] / (facts["seconds"] / lines),
        "together_s": hour["together"],
        "together_of_year": hour["together"] / (facts["seconds"] / lines),
    }


def one_line(folder: Path, days: int) -> dict[str, float]:
    """Facts of a line's whole history, and a new hour of it."""
    file = made_file(folder, 1, days)
    facts, hour = apart(make_facts, file, 1, days), apart(new_hours, file, 1, days)
    return {
        "facts_s": facts["seconds"],
        "gb": facts["gb"],
        "hour_s": hour["seconds"],
        "hour_gb": hour["gb"],
    }


def _seconds(figures: dict[str, float]) -> float:
    return figures["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--work", choices=sorted(_WORK), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(_WORK[options.work](options.file, options.lines, options.days)))
        return
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        _tell_all_lines(all_lines(folder, options.lines, options.days), options.lines)
        _tell_growth(
            one_line(folder, options.days),
            one_line(folder, options.days * options.years),
            options.years,
        )
    finally:
        shutil.rmtree(folder)


def _tell_all_lines(found: dict[str, float], lines: int) -> None:
    print(
        f"{found['rows']:,} samples of {lines} lines in a DuckDB file\n"
        f"only reading:  {found['reading_s']:8.2f} s\n"
        f"file to facts: {found['facts_s']:8.2f} s, {found['ratio']:.2f} × reading "
        f"(aim: ≤ {AIM_READING}), {found['gb']:.2f} GB at most (aim: < {AIM_MEMORY_GB:.0f})\n"
        f"one new hour:  {found['hour_s'] * 1000:8.1f} ms, 1/{1 / found['hour_of_year']:.0f} of "
        f"a line's year (aim: 1/{1 / AIM_HOUR:.0f})\n"
        f"of each of {lines} lines together: {found['together_s'] * 1000:.1f} ms a line, "
        f"1/{1 / found['together_of_year']:.0f} of its year"
    )


def _tell_growth(short: dict[str, float], long: dict[str, float], years: int) -> None:
    print(
        f"one line, a history {years} times as long: facts {short['facts_s']:.2f} → "
        f"{long['facts_s']:.2f} s in {short['gb']:.2f} → {long['gb']:.2f} GB; one new hour "
        f"{short['hour_s'] * 1000:.1f} → {long['hour_s'] * 1000:.1f} ms in "
        f"{short['hour_gb']:.2f} → {long['hour_gb']:.2f} GB "
        f"({long['hour_s'] / short['hour_s']:.2f} × the time; aim: 1)"
    )


if __name__ == "__main__":
    main()
