"""`rebuild` on a Dask cluster of this machine against plain `rebuild`, in the same run.

    python benchmarks/rebuild_workers.py [--lines 4] [--days 600] [--workers 1 2 4]

A node's archive of several made-up lines over some months is sealed (a state or two and a count
each minute), a day in a batch. Then telemetry and facts are made anew from it, by one process, and
with workers, which are processes of their own with one thread each: each pair one after the other,
so that both meet the same machine. The ratio is between seconds of wall clock, from connecting on.
Facts, ledger, samples and KPIs as JSON are held against each other, to the last bit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from distributed import LocalCluster
from made_up import MACHINE, START, end_of, line_name, line_samples

from analytics.facts.line_digest import line_digest
from domain.batch_header import GENESIS
from domain.frames import REJECTIONS
from domain.samples import Span
from edge.spool.sealing import seal
from lineproof.upkeep.rebuild import rebuild_folder
from store.archive.segment_appending import IncomingBatch
from store.files.plant import read_plant
from store.node.opening import Stores, open_stores

AIM = 1.3
NOW = datetime(2026, 6, 1, tzinfo=UTC)
_PLANT = """\
plant: p
timezone: Asia/Hong_Kong
company: {name: {en: P}, business_registration: "1"}
calendars:
  day:
    holidays: none
    shifts: [{name: A, days: [mon, tue, wed, thu, fri, sat], start: "07:00", end: "19:00"}]
lines:
"""
_LINE = """\
  {0}:
    name: {{en: Line}}
    calendar: day
    ideal_cycle_time_s: 1.0
    machines: {{{1}: {{profile: import}}}}
    roles: {{state: {1}, total_count: {1}}}
"""


def made(data: Path, lines: int, days: int) -> int:
    """A node's folder with the archive of so many lines and days; how many samples it holds."""
    text = _PLANT + "".join(_LINE.format(line_name(it), MACHINE) for it in range(lines))
    with open_stores(data) as stores:
        stores.registry.apply.plant(text, read_plant(text, "plant.yaml"), START)
        return sum(_sealed(stores, number, days) for number in range(lines))


def _sealed(stores: Stores, number: int, days: int) -> int:
    """A line's days, each a batch of an agent of its own."""
    line, key, previous = line_name(number), Ed25519PrivateKey.generate(), GENESIS
    stores.registry.agents.enrol(line, key.public_key().public_bytes_raw(), START)
    samples, kept = line_samples(number, days), []
    for day in range(days):
        start, end = end_of(day), end_of(day + 1)
        batch = seal(
            key,
            agent=line,
            number=day + 1,
            previous=previous,
            sealed_at=end,
            samples=samples.filter(pl.col("time") >= start, pl.col("time") < end),
            rejections=REJECTIONS.to_frame(),
            spans=[Span(line, MACHINE, start, end)],
            profiles={},
        )
        previous = batch.header.digest
        kept.append(
            IncomingBatch(line, previous, batch.to_bytes(), end, end + timedelta(minutes=5))
        )
    stores.archive.put_all(kept)
    return samples.height


def rebuilt(data: Path, scheduler: str | None = None) -> float:
    """How many seconds it took."""
    begun = time.perf_counter()
    rebuild_folder(data, NOW, scheduler=scheduler)
    return time.perf_counter() - begun


def in_force(data: Path, lines: int, days: int) -> list[object]:
    """Facts, ledger, samples and KPIs; of floats every bit."""
    found: list[object] = []
    start, end = end_of(-2), end_of(days + 2)
    with open_stores(data, must_exist=True) as stores:
        for line in map(line_name, range(lines)):
            spec = line_digest(stores.registry.plants.of_line(line), line)
            found.append(repr(stores.telemetry.facts(line, spec, start, end).rows()))
            found.append(stores.telemetry.batches(agent=line, limit=days + 1))
            samples = stores.telemetry.history(line, start, end).samples
            found.append(samples.hash_rows().to_list())
    asked = ["kpi", "--data", str(data), "--start", start.isoformat(), "--end", end.isoformat()]
    program = Path(sys.executable).with_name("lineproof")
    command = [program, *asked, "--by", "month", "--json"]
    found.append(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--days", type=int, default=600)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        data = Path(folder) / "node"
        samples = made(data, options.lines, options.days)
        print(f"{samples:,} samples of {options.lines} lines over {options.days} days")
        for count in options.workers:
            plain_s = rebuilt(data)
            expected = in_force(data, options.lines, options.days)
            with LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
            ) as cluster:
                seconds = rebuilt(data, cluster.scheduler_address)
            if in_force(data, options.lines, options.days) != expected:
                raise SystemExit(f"{count} workers make something else than one process")
            aim = f" (aim: ≤ {AIM})" if count == 1 else ""
            print(
                f"{count} workers: {seconds:6.1f} s, plain {plain_s:6.1f} s, "
                f"{seconds / plain_s:.2f} ×{aim}; the same to the last bit",
                flush=True,
            )


if __name__ == "__main__":
    main()
