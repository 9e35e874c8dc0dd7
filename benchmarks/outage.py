"""A collector that is away for days: what its agent's spool takes, and what it costs to get it out.

    python benchmarks/outage.py [--hours 72] [--rate 1000] [--share 0.05] [--folder DIR]

Samples of `--rate` a second go into a real spool in chunks of a quarter of a second, and are sealed
as an agent seals them while its collector is away. `--share` of the time is really filled; what the
whole takes follows from it, since batches are alike. Printed: bytes of each sample, and how much of
the time fits into the spool's bound; seconds of CPU for each second of the outage; memory at the
begin, at the end and after a start with all that waits; CPU to read and let go of each batch. At
the bound the spool refuses, keeps the oldest and takes on again once a batch is let go: the
benchmark ends in failure where it does not.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import getpid
from pathlib import Path
from random import Random

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from processes import memory_mb

from domain.frames import REJECTIONS
from domain.samples import Quality, Sample
from edge.config import BatchLimits, SpoolLimits
from edge.spool.errors import SpoolFullError
from edge.spool.outbox import BACKLOG_AGE_S, FLUSH_S
from edge.spool.sealing import samples_frame, seal
from edge.spool.spool import Spool

AGENT = "bench"
HOUR_S = 3600
SIGNALS = ("total_count", "good_count", "state", "speed", "measurement.weight")
MACHINES = 20
START = datetime(2026, 3, 2, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PROFILES = {f"line-1/machine-{number}": "0" * 64 for number in range(MACHINES)}
MEMORY_AIM = 1.05  # at the end, of what it was before
NO_REJECTIONS = REJECTIONS.to_frame()


@dataclass(frozen=True)
class Outage:
    """`samples` filled `seconds` of an outage; `size_bytes` of them in the spool. CPU of filling,
    and of reading and letting go of all; MB of this process: after the first hundredth, at the end,
    and once the spool was opened anew."""

    samples: int
    seconds: float
    size_bytes: int
    fill_cpu_s: float
    empty_cpu_s: float
    begin_mb: float
    end_mb: float
    opened_cpu_s: float

    @property
    def bytes_a_sample(self) -> float:
        return self.size_bytes / self.samples


def outage(folder: Path, rate: int, seconds: float) -> Outage:
    """Fill a new spool in the folder with so many seconds, open it anew, and empty it. Raises
    SystemExit where a sample is missing."""
    spool = Spool(folder, AGENT, limit_bytes=SpoolLimits().max_bytes)
    began, begin_mb, taken = time.process_time(), 0.0, 0
    for number, frame in enumerate(chunks(rate, seconds)):
        spool.append(frame, NO_REJECTIONS, (), PROFILES, is_synced=False)
        taken += frame.height
        seal_due(spool, rate)
        if number == int(seconds / FLUSH_S / 100):
            begin_mb = memory_mb(getpid())
    fill_cpu_s = time.process_time() - began
    size_bytes, end_mb = spool.depth.bytes, memory_mb(getpid())
    spool.close()
    began = time.process_time()
    spool = Spool(folder, AGENT, limit_bytes=SpoolLimits().max_bytes)
    opened_cpu_s = time.process_time() - began
    waiting = spool.depth.sealed_rows + spool.depth.pending_rows
    if waiting != taken:
        raise SystemExit(f"{taken} samples were taken, {waiting} are there")
    began = time.process_time()
    while (batch := spool.oldest()) is not None:
        spool.acknowledge(batch.number)
    empty_cpu_s = time.process_time() - began
    spool.close()
    return Outage(
        taken, seconds, size_bytes, fill_cpu_s, empty_cpu_s, begin_mb, end_mb, opened_cpu_s
    )


def at_the_bound(folder: Path, rate: int, limit_bytes: int) -> int:
    """Fill a new spool of so many bytes to its bound and let go of one batch; how many samples it
    had taken. Raises SystemExit where it takes more than that, loses any or does not go on."""
    spool = Spool(folder, AGENT, limit_bytes=limit_bytes)
    taken, frames = 0, chunks(rate, float("inf"))
    frame = next(frames)
    with contextlib.suppress(SpoolFullError):
        while True:
            spool.append(frame, NO_REJECTIONS, (), PROFILES, is_synced=False)
            taken += frame.height
            seal_due(spool, rate)
            frame = next(frames)
    depth, oldest = spool.depth, spool.oldest()
    if depth.bytes > limit_bytes or depth.sealed_rows + depth.pending_rows != taken:
        raise SystemExit(f"at its bound it has {depth}, of {taken} samples")
    if oldest is None or oldest.number != 1:
        raise SystemExit("the oldest batch was given up")
    spool.acknowledge(oldest.number)
    spool.append(frame, NO_REJECTIONS, (), PROFILES, is_synced=False)
    spool.close()
    return taken


def seal_due(spool: Spool, rate: int) -> None:
    """As the outbox does while the collector is away: by size, and by the age of the oldest row."""
    most = BatchLimits().max_samples
    if spool.depth.pending_rows < min(most, rate * BACKLOG_AGE_S):
        return
    cut = spool.cut(most)
    assert cut is not None
    spool.store(
        cut,
        seal(
            KEY,
            agent=AGENT,
            number=cut.number,
            previous=cut.previous,
            sealed_at=START,
            samples=cut.samples,
            rejections=cut.rejections,
            spans=cut.spans,
            profiles=cut.profiles,
        ),
    )


def chunks(rate: int, seconds: float) -> Iterator[pl.DataFrame]:
    """SAMPLES of each quarter of a second, as 20 machines say them: counts that grow, states that
    seldom change, speeds and weights that never repeat, times that are not quite even."""
    chance, rows, number = Random(7), max(int(rate * FLUSH_S), 1), 0
    while number * FLUSH_S < seconds:
        begin = START + timedelta(seconds=number * FLUSH_S)
        yield samples_frame(
            [_sample(number * rows + it, rows, begin, chance) for it in range(rows)]
        )
        number += 1


def _sample(count: int, rows: int, begin: datetime, chance: Random) -> Sample:
    machine, signal = count % MACHINES, SIGNALS[count // MACHINES % len(SIGNALS)]
    time_ = begin + timedelta(seconds=FLUSH_S * (count % rows) / rows, milliseconds=chance.random())
    value, text = float(count // 100), None
    if signal == "state":
        value, text = 1.0, "producing"
    elif not signal.endswith("count"):
        value = round(chance.gauss(500, 3), 2)
    received = time_ + timedelta(milliseconds=chance.randrange(5, 60))
    return Sample(
        "line-1", f"machine-{machine}", signal, time_, received, value, text, Quality.GOOD
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=72)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        whole_s = given.hours * HOUR_S
        (Path(folder) / "whole").mkdir()
        found = outage(Path(folder) / "whole", given.rate, whole_s * given.share)
        (Path(folder) / "bound").mkdir()
        at_bound = at_the_bound(Path(folder) / "bound", given.rate, SpoolLimits().max_bytes // 100)
    limit_bytes = SpoolLimits().max_bytes
    whole_bytes = found.size_bytes / given.share
    print(f"{found.samples:,} samples filled, {found.bytes_a_sample:.1f} bytes each")
    print(
        f"{given.hours:g} h at {given.rate:,}/s: {whole_bytes / 1e9:.2f} GB of the bound of "
        f"{limit_bytes / 1e9:.2f} GB ({whole_bytes / limit_bytes:.2f}); aim ≤ 1"
    )
    print(f"at a hundredth of the bound it had {at_bound:,} samples, refused, and went on")
    print(f"CPU of filling: {found.fill_cpu_s / found.seconds:.3f} s for each second")
    print(f"opened anew in {found.opened_cpu_s:.2f} s of CPU")
    print(f"let go of: {found.samples / found.empty_cpu_s / 1e6:.1f} M samples/s of CPU")
    print(
        f"memory {found.begin_mb:.0f} MB, at the end {found.end_mb:.0f} MB: "
        f"{found.end_mb / found.begin_mb:.3f}; aim ≤ {MEMORY_AIM}"
    )
    is_good = whole_bytes <= limit_bytes and found.end_mb <= MEMORY_AIM * found.begin_mb
    return 0 if is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
