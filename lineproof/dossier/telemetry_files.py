"""The files of a dossier that hold what machines said: sealed batches, and their samples as
Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from collector.intake.row_rules import AHEAD_MAX
from collector.replay.index import Entry, ReplayIndex
from domain.batches import parse_batch
from domain.frames import HISTORY
from domain.time import midnight
from lineproof.dossier import documents, paths
from lineproof.dossier.batch_files import ArrivedBatch, in_files
from lineproof.dossier.content import Content
from lineproof.dossier.zip_file import DossierZip
from lineproof.progress import StepProgress
from store.archive.sealed_batches import Archive

_DAY = timedelta(days=1)
_CHUNK = 1 << 20
_ROWS = 100_000  # of a row group


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


def write_samples(content: Content, dossier: DossierZip, scratch: Path) -> None:
    """What was measured on the days that a verdict looks at, a file for each line and month."""
    days = documents.evidence_window(content.plant, content.found.looked_at, content.found.as_of)
    if days is None or content.keeps_samples:
        return
    for line in content.project.lines:
        for month, path in _months(content, line, days.start, days.end, scratch):
            with path.open("rb") as file:
                chunks = iter(partial(file.read, _CHUNK), b"")
                dossier.add_stream(paths.samples_path(line, month), chunks)
            path.unlink()


def _arrived(content: Content, entry: Entry) -> ArrivedBatch:
    archive: Archive = content.stores.archive
    data = archive.get(entry.digest)
    received = entry.received or archive.written_at(entry.digest)
    if content.keeps_samples:
        batch = parse_batch(data)
        data = data[: len(data) - len(batch.payload)]
    return ArrivedBatch(data, received, entry.latest or received + AHEAD_MAX)


def _months(
    content: Content, line: str, start: datetime, end: datetime, scratch: Path
) -> Iterator[tuple[str, Path]]:
    """Each month's samples as a file, read day by day. None of a month without any."""
    zone, parts = content.plant.zone, []
    day = start.astimezone(zone).date()
    while (begin := midnight(day, zone)) < end:
        part = scratch / f"{day.isoformat()}.arrow"
        if _day(content, line, begin, midnight(day + _DAY, zone), part):
            parts.append(part)
        if (day + _DAY).month != day.month or midnight(day + _DAY, zone) >= end:
            if parts:
                path = scratch / "month.parquet"
                pl.scan_ipc(parts).sink_parquet(
                    path, compression="snappy", row_group_size=_ROWS, maintain_order=True
                )
                yield f"{day:%Y-%m}", path
            for it in parts:
                it.unlink()
            parts = []
        day += _DAY


def _day(content: Content, line: str, start: datetime, end: datetime, path: Path) -> bool:
    """Write the samples of a day; whether there were any."""
    history = content.stores.telemetry.history(line, start, end)
    inside = history.samples.filter((pl.col("time") >= start) & (pl.col("time") < end))
    if inside.height:
        inside.select(HISTORY.names()).sort("time", *HISTORY.names()).write_ipc(path)
    return bool(inside.height)
