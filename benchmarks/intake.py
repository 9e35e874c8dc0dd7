"""Samples per second from sealed batch to durable store, as a ratio to plain DuckDB inserts.

    python benchmarks/intake.py [--batches 60] [--rows 10000] [--agents 4] [--rounds 5]

Agents hand over sealed batches at the same time, each waiting for its receipt before the next
one, as over HTTP: signature, digest, decoding, checks of every row, archive, ledger and store
are all in it. The baseline inserts the same frames into a plain DuckDB table on the same disk,
one commit for each batch, in the same run and in turns, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.intake.collector import Collector
from collector.intake.decisions import Outcome
from domain.batch_header import GENESIS
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Span
from domain.states import MachineState
from edge.spool.sealing import seal
from store.node.opening import open_stores

AIM = 0.6
START = datetime(2026, 3, 2, tzinfo=UTC)
MACHINES = 25
COUNTERS = ("total_count", "good_count", "reject_count", "energy")
GAUGES = ("speed", "power", "measurement.temperature", "measurement.pressure", "measurement.torque")
_STORED = ["line", "machine", "signal", "time", "value", "text", "quality"]


@dataclass(frozen=True)
class Work:
    """What one agent hands over: frames for the baseline, the same ones sealed."""

    agent: str
    key: Ed25519PrivateKey
    frames: list[pl.DataFrame]
    sealed: list[bytes]


def a_frame(line: str, first: int, rows: int, random: np.random.Generator) -> pl.DataFrame:
    """SAMPLES as a line gives them: 250 series, one state change in ten rows."""
    machine = random.integers(0, MACHINES, rows)
    names = np.array(["state", *COUNTERS, *GAUGES])
    signal = names[random.integers(0, len(names), rows)]
    state = random.integers(0, len(MachineState), rows)
    is_state = signal == "state"
    number = np.round(random.random(rows) * 100_000, 3)
    at = pl.Series(first + np.sort(random.integers(0, 10_000_000, rows))).cast(SAMPLES["time"])
    return pl.DataFrame(
        {
            "line": np.full(rows, line),
            "machine": np.char.add("machine-", machine.astype(str)),
            "signal": signal,
            "time": at,
            "received": at + timedelta(milliseconds=40),
            "value": np.where(is_state, state, number).astype(float),
            "text": np.where(is_state, np.array(MachineState.names())[state], None).tolist(),
            "quality": np.zeros(rows, np.uint8),
            "raw": np.where(is_state, state.astype(str), None).tolist(),
        },
        schema_overrides={"text": pl.String, "raw": pl.String},
    ).select(pl.col(name).cast(kind) for name, kind in SAMPLES.items())


def a_work(index: int, batches: int, rows: int) -> Work:
    random = np.random.default_rng(index)
    key = Ed25519PrivateKey.generate()
    origin = int(START.timestamp() * 1e6)
    frames = [
        a_frame(f"line-{index}", origin + number * 10_000_000, rows, random)
        for number in range(batches)
    ]
    sealed, previous = [], GENESIS
    for number, frame in enumerate(frames, 1):
        at = START + timedelta(seconds=10 * number)
        batch = seal(
            key,
            agent=f"agent-{index}",
            number=number,
            previous=previous,
            sealed_at=at,
            samples=frame,
            rejections=REJECTIONS.to_frame(),
            spans=[
                Span(f"line-{index}", f"machine-{machine}", at - timedelta(seconds=10), at)
                for machine in range(MACHINES)
            ],
            profiles={},
        )
        previous = batch.header.digest
        sealed.append(batch.to_bytes())
    return Work(f"agent-{index}", key, frames, sealed)


def plain_seconds(folder: Path, work: list[Work]) -> float:
    """The same frames into one table, a commit for each batch."""
    frames = [frame.select(_STORED) for one in work for frame in one.frames]
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE samples (line VARCHAR, machine VARCHAR, signal VARCHAR, "
            "time TIMESTAMPTZ, value DOUBLE, text VARCHAR, quality UTINYINT)"
        )
        begun = time.perf_counter()
        for frame in frames:
            connection.register("incoming", frame.to_arrow())
            connection.execute("INSERT INTO samples SELECT * FROM incoming")
            connection.unregister("incoming")
        return time.perf_counter() - begun


def intake_seconds(folder: Path, work: list[Work]) -> float:
    """The sealed batches through the collector, all agents at the same time."""
    with open_stores(folder / "node") as stores:
        for one in work:
            stores.registry.agents.enrol(one.agent, one.key.public_key().public_bytes_raw(), START)
        collector = Collector(
            stores.telemetry, stores.archive, stores.registry.agents, lambda: datetime.now(UTC)
        )
        refused: list[Outcome] = []

        def hand_over(one: Work) -> None:
            for data in one.sealed:
                outcome = collector.receive(data).outcome
                if outcome is not Outcome.ACCEPTED:
                    refused.append(outcome)

        threads = [threading.Thread(target=hand_over, args=(one,)) for one in work]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        collector.close()
        if refused:
            raise SystemExit(f"{len(refused)} batches were refused: {set(refused)}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=60, help="in all, each round")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    each = max(1, options.batches // options.agents)
    work = [a_work(index, each, options.rows) for index in range(options.agents)]
    samples = options.agents * each * options.rows
    ratios = []
    for number in range(1, options.rounds + 1):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            plain = plain_seconds(Path(folder), work)
            intake = intake_seconds(Path(folder), work)
        ratios.append(plain / intake)
        print(
            f"round {number}: plain insert {samples / plain / 1e3:,.0f} k samples/s, "
            f"intake {samples / intake / 1e3:,.0f} k samples/s, ratio {ratios[-1]:.2f}"
        )
    print(f"intake / plain insert, median: {statistics.median(ratios):.2f} (aim: {AIM})")


if __name__ == "__main__":
    main()
