"""A project with dense data: its dossier and the check of that, against the least that could do.

    python benchmarks/dossier_scale.py [--days 2] [--signals 20] [--every-s 1]

A line whose signals are told once a second (or less often) is imported, so that it lies in sealed
batches, and judged by two milestones. Then, each in a process of its own:

    read      every sealed batch is read from the archive and hashed        the baseline
    dossier   the dossier is made, without reports                          <= 3 x
    verify    it is verified, with everything made again from the batches   <= 3 x

Shown are seconds by the clock and of the CPU (all threads), the ratio of the latter, which other
work on the machine changes less, and the peak of resident memory. What 24 months would take is told
by days alone: both go through batch after batch, so time grows with the days; whether memory does,
two runs of different length show. Verdicts: benchmarks/verdicts.py.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from processes import memory_mb

from lineproof.dossier.making import make_dossier
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from lineproof.verification.verify import verify_dossier
from store.node.opening import ONCE_MEMORY, Stores, open_stores

FIRST = date(2026, 3, 2)
LINE, REF = "press-1", "SCALE-1"
MONTHS_24_DAYS = 730
AIM = 3.0
BASE = "read"
_GAUGES = "\n".join(
    f"      g{number}: {{name: {{en: G{number}}}, machine: m, unit: g}}" for number in range(40)
)
PLANT = """\
plant: scale
timezone: Asia/Hong_Kong
company: {{name: {{en: Scale Ltd}}, business_registration: "1"}}
lines:
  press-1:
    name: {{en: Press}}
    ideal_cycle_time_s: 1
    machines: {{m: {{profile: import}}}}
    roles: {{state: m, total_count: m, good_count: m}}
    measurements:
{gauges}
"""
GRANT = """\
project: SCALE-1
scheme: NIFS
plant: scale
lines: [press-1]
approved_cost_hkd: 54000000
approved_on: 2026-01-15
start: {start}
end: 2028-01-31
milestones:
  - id: M1
    clause: "1"
    due: {end}
    title: {{en: Output}}
    terms: {{kind: output, good_units: 1000, start: {start}, end: {end}}}
  - id: M2
    clause: "2"
    due: {end}
    title: {{en: OEE}}
    terms:
      {{kind: kpi, metric: oee, op: ">=", target: 0.2, window: {{start: {start}, end: {end}}}}}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock, and of the CPU: of all threads."""

    seconds: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Phase:
    taken: Taken
    peak_mb: float


def history(folder: Path, day: int, signals: int, every_s: int) -> Path:
    """A Parquet file of one day: a state now and then, counts and measured values all the time."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) - timedelta(hours=8)
    begin = start + timedelta(days=day)
    seconds = pl.int_range(0, 86_400, every_s, eager=True)
    times, changes = (_times(begin, it) for it in (every_s, 600))
    frames = [_signal("state", changes, pl.Series(["producing", "stopped"] * 72))]
    count = seconds + day * 86_400
    frames += [
        _signal(it, times, (count // 2).cast(pl.String)) for it in ("total_count", "good_count")
    ]
    for number in range(signals - 2):
        values = ((seconds * (number + 3)) % 97).cast(pl.String)
        frames.append(_signal(f"measurement.g{number}", times, values))
    path = folder / f"day-{day}.parquet"
    pl.concat(frames).sort("time").write_parquet(path)
    return path


def _times(begin: datetime, every_s: int) -> pl.Series:
    """Those of a day."""
    seconds = pl.duration(seconds=pl.int_range(0, 86_400, every_s))
    return pl.select(pl.lit(begin) + seconds).to_series()


def _signal(name: str, times: pl.Series, values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"time": times, "value": values}).select(
        "time", machine=pl.lit("m"), signal=pl.lit(name), value="value"
    )


def make(folder: Path, days: int, signals: int, every_s: int) -> int:
    """The data folder; how many samples went in."""
    start, end = FIRST.isoformat(), (FIRST + timedelta(days=days - 1)).isoformat()
    plant, grant = folder / "plant.yaml", folder / "grant.yaml"
    plant.write_text(PLANT.format(gauges=_GAUGES), encoding="utf-8")
    grant.write_text(GRANT.format(start=start, end=end), encoding="utf-8")
    with open_stores(folder / "node") as stores:
        apply_files(stores.registry, [plant, grant], datetime.now(UTC))
        for day in range(days):
            path = history(folder, day, signals, every_s)
            import_files(stores, None, LINE, [path], now=datetime.now(UTC))
            path.unlink()
        return sum(it.samples for it in _batches(stores))


def as_of(days: int) -> datetime:
    """The midnight behind the last day."""
    day = FIRST + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def timed(work: Callable[[], object]) -> Taken:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - begun, time.process_time() - cpu_begun)


def read(folder: Path, _days: int) -> Taken:
    with open_stores(folder / "node") as stores:
        digests = [it.digest for it in _batches(stores)]
        return timed(lambda: [sha256(stores.archive.get(it)).hexdigest() for it in digests])


def _batches(stores: Stores) -> list[Any]:
    found = page = stores.telemetry.batches(limit=1000)
    while page:
        page = stores.telemetry.batches(after=(page[-1].agent, page[-1].number), limit=1000)
        found = [*found, *page]
    return found


def dossier(folder: Path, days: int) -> Taken:
    with open_stores(folder / "node", memory_limit=ONCE_MEMORY) as stores:
        out, at = folder / "dossier.zip", as_of(days)
        return timed(
            lambda: make_dossier(stores, REF, out, at, lambda: datetime.now(UTC), languages=())
        )


def verify(folder: Path, _days: int) -> Taken:
    def held() -> None:
        failed = verify_dossier(folder / "dossier.zip").failed
        if failed is not None:
            raise SystemExit(f"the dossier does not hold: {failed}")

    return timed(held)


PHASES: dict[str, Callable[[Path, int], Taken]] = {
    BASE: read,
    "dossier": dossier,
    "verify": verify,
}


def in_a_process(name: str, folder: Path, days: int) -> Phase:
    """The phase in a process of its own, whose memory is its alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (name, folder, days))


def _measured(name: str, folder: Path, days: int) -> Phase:
    taken = PHASES[name](folder, days)
    return Phase(taken, memory_mb(os.getpid(), "VmHWM"))


def measured(folder: Path, days: int, signals: int, every_s: int) -> tuple[int, dict[str, Phase]]:
    """How many samples, and what each phase took."""
    rows = make(folder, days, signals, every_s)
    return rows, {name: in_a_process(name, folder, days) for name in PHASES}


def told(name: str, phases: dict[str, Phase], days: int) -> str:
    phase = phases[name]
    taken = phase.taken
    text = f"{name:8} {taken.seconds:8.3f} s, CPU {taken.cpu_s:8.3f} s, {phase.peak_mb:5.0f} MB"
    if name == BASE:
        return text
    ratio = taken.cpu_s / phases[BASE].taken.cpu_s
    hours = taken.cpu_s * MONTHS_24_DAYS / days / 3600
    return f"{text}, {ratio:4.0f} x {BASE} (aim: <= {AIM:.0f}); CPU of 24 months: {hours:.2f} h"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--signals", type=int, default=20, choices=range(2, 41))
    parser.add_argument("--every-s", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        rows, phases = measured(Path(folder), options.days, options.signals, options.every_s)
    print(f"{rows:,} samples of {options.signals} signals in {options.days} days")
    for name in PHASES:
        print(told(name, phases, options.days))


if __name__ == "__main__":
    main()
