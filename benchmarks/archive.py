"""Files made and bytes written for each byte that lasts: segments against a file for each batch.

    python benchmarks/archive.py [--batches 1000] [--agents 3] [--rows 20] [--folder DIR]

The same small batches, sealed by agents in turns, go one by one into an archive, and into files of
their own with a line for each arrival, as before there were segments; every one is on disk before
the next comes. Bytes written are what the kernel says it had to write for this process
(`write_bytes` of /proc/self/io), so the folder must lie on a disk. Then all of them are read again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake import a_work
from processes import written_mb

from domain.batches import parse_batch
from store.archive.blobs import Blobs
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch

START = datetime(2026, 3, 2, tzinfo=UTC)
WRITTEN_AIM = 3.0


@dataclass(frozen=True)
class Kept:
    """`lasting_mb`: of the batches."""

    files: int
    written_mb: float
    lasting_mb: float
    put_s: float
    get_s: float

    @property
    def ratio(self) -> float:
        return self.written_mb / self.lasting_mb


def small_batches(count: int, agents: int, rows: int) -> list[IncomingBatch]:
    """Sealed by the agents in turns."""
    each = -(-count // agents)
    work = [a_work(index, each, rows) for index in range(agents)]
    found = []
    for number in range(count):
        one = work[number % agents]
        at = START + timedelta(seconds=number)
        data = one.sealed[number // agents]
        digest = parse_batch(data).header.digest
        found.append(IncomingBatch(one.agent, digest, data, at, at + timedelta(days=1)))
    return found


def in_segments(folder: Path, batches: Sequence[IncomingBatch]) -> Kept:
    archive = Archive(folder / "archive")
    kept = _kept(
        folder / "archive", batches, lambda it: archive.put_all([it]), lambda it: archive.get(it)
    )
    archive.close()
    return kept


def in_files(folder: Path, batches: Sequence[IncomingBatch]) -> Kept:
    """A file for each batch, and a line of arrival."""
    blobs = Blobs(folder / "files" / "batches", ".batch")
    arrivals = folder / "files" / "arrivals.jsonl"

    def put(batch: IncomingBatch) -> None:
        blobs.put_all([(batch.digest, batch.data)])
        with arrivals.open("a") as file:
            file.write(f'{{"digest":"{batch.digest}","received":{10**15},"latest":{10**15}}}\n')
            file.flush()
            os.fsync(file.fileno())

    return _kept(folder / "files", batches, put, blobs.get)


def _kept(
    folder: Path,
    batches: Sequence[IncomingBatch],
    put: Callable[[IncomingBatch], None],
    get: Callable[[str], bytes],
) -> Kept:
    before_mb, begun = written_mb(os.getpid()), time.perf_counter()
    for batch in batches:
        put(batch)
    put_s, written = time.perf_counter() - begun, written_mb(os.getpid()) - before_mb
    begun = time.perf_counter()
    for batch in batches:
        if get(batch.digest) != batch.data:
            raise SystemExit("a batch came back as another one")
    get_s = time.perf_counter() - begun
    files = sum(it.is_file() for it in folder.rglob("*"))
    return Kept(files, written, sum(len(it.data) for it in batches) / 1e6, put_s, get_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=1000)
    parser.add_argument("--agents", type=int, default=3)
    parser.add_argument("--rows", type=int, default=20, help="of a batch")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    batches = small_batches(options.batches, options.agents, options.rows)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = {"files": in_files(Path(folder), batches)}
        found["segments"] = in_segments(Path(folder), batches)
    for name, it in found.items():
        print(
            f"{name}: {it.files} files, {it.written_mb:.1f} MB written for "
            f"{it.lasting_mb:.1f} MB that last ({it.ratio:.1f} x), put in {it.put_s:.1f} s, "
            f"read in {it.get_s:.2f} s"
        )
    print(f"written / lasting of segments: {found['segments'].ratio:.2f} (aim: {WRITTEN_AIM})")


if __name__ == "__main__":
    main()
