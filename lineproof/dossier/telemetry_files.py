"""The files of a dossier that hold what machines said: sealed batches, and their samples as
Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from collector.intake.row_rules import AHEAD_MAX
from collector.replay.index import Entry, ReplayIndex
from domain.batches import parse_batch
from domain.time import Window, midnight
from lineproof.dossier import documents, paths
from lineproof.dossier.batch_files import ArrivedBatch, in_files
from lineproof.dossier.content import Content
from lineproof.dossier.zip_file import DossierZip
from lineproof.progress import StepProgress
from store.archive.protocol import BatchArchive
from store.telemetry.protocol import TelemetryStore

_ONE_DAY = timedelta(days=1)
_MONTH = len("2026-03")  # of a date
_CHUNK = 1 << 20
_ROWS = 100_000  # of a row group
_ROWS_AT_ONCE = 500_000  # samples in memory


def write_batches(
    content: Content, dossier: DossierZip, index: ReplayIndex, progress: StepProgress | None
) -> None:
    """Every batch of the project's agents; of confidential ones header and signature alone."""
    total, done = len(index), 0

    def of(agent: str) -> Iterator[tuple[int, ArrivedBatch]]:
        nonlocal done
        for place in index.places(agent):
            done += 1
            if progress is not None:
                progress("writing batches", done, total)
            yield place.meant.number, _arrived(content, place.meant)

    for agent in content.agents:
        for first, chunks in in_files(of(agent)):
            dossier.add_stream(paths.batches_path(agent, first), chunks)


def write_samples(
    content: Content, dossier: DossierZip, scratch: Path, progress: StepProgress | None
) -> None:
    """What was measured on the days that a verdict looks at, a file for each line and month."""
    window = documents.evidence_window(content.plant, content.found.looked_at, content.found.as_of)
    if window is None or content.keeps_samples:
        return
    days = list(_days(window, content.plant.zone))
    total, done = len(days) * len(content.project.lines), 0

    def told() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress("writing samples of days", done, total)

    for line in content.project.lines:
        for month, of in groupby(days, key=lambda it: it.name[:_MONTH]):
            path = _month(content, line, of, scratch, told)
            if path is not None:
                with path.open("rb") as file:
                    chunks = iter(partial(file.read, _CHUNK), b"")
                    dossier.add_stream(paths.samples_path(line, month), chunks)
                path.unlink()


def _arrived(content: Content, entry: Entry) -> ArrivedBatch:
    archive: BatchArchive = content.stores.archive
    data = archive.get(entry.digest)
    received = entry.received or archive.written_at(entry.digest)
    if content.keeps_samples:
        batch = parse_batch(data)
        data = data[: len(data) - len(batch.payload)]
    return ArrivedBatch(data, received, entry.latest or received + AHEAD_MAX)


@dataclass(frozen=True, slots=True)
class _Day:
    """`name`: as ISO 8601 writes it."""

    name: str
    start: datetime
    end: datetime


def _days(window: Window, zone: ZoneInfo) -> Iterator[_Day]:
    """The local days of a window."""
    day = window.start.astimezone(zone).date()
    while (start := midnight(day, zone)) < window.end:
        yield _Day(day.isoformat(), start, midnight(day + _ONE_DAY, zone))
        day += _ONE_DAY


def _month(
    content: Content, line: str, days: Iterable[_Day], scratch: Path, told: Callable[[], None]
) -> Path | None:
    """Its samples as a file; None where there are none. Each day is `told` once it is read."""
    parts: list[Path] = []
    for day in days:
        parts += _parts(content.stores.telemetry, line, day, scratch)
        told()
    if not parts:
        return None
    path = scratch / "month.parquet"
    pl.scan_ipc(parts).sink_parquet(
        path, compression="snappy", row_group_size=_ROWS, maintain_order=True
    )
    for it in parts:
        it.unlink()
    return path


def _parts(telemetry: TelemetryStore, line: str, day: _Day, scratch: Path) -> Iterator[Path]:
    """The samples of a day by time, in files of as many as memory should hold at once."""
    count = telemetry.sample_count(line, day.start, day.end)
    pieces, length = -(-count // _ROWS_AT_ONCE), day.end - day.start
    for number in range(pieces):
        start, end = (day.start + length * it / pieces for it in (number, number + 1))
        (history,) = telemetry.histories([line], start, end, neighbours=False)
        inside = history.samples.filter((pl.col("time") >= start) & (pl.col("time") < end))
        if inside.height:
            path = scratch / f"{day.name}-{number}.arrow"
            # Samples of one instant stay in their order: by machine, signal and content.
            inside.sort("time", maintain_order=True).write_ipc(path)
            yield path
