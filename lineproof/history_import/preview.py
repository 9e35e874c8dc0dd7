"""What an import would do with the first rows of its files; nothing is changed.

The rows are read, mapped and judged exactly as the import does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.errors import shortened
from domain.plant import Plant
from lineproof.history_import.file_map import AS_DOCUMENTED, FileMap
from lineproof.history_import.preparation import Job, judged
from lineproof.history_import.rows import rest_of
from lineproof.history_import.source_files import open_history, readable

ROWS = 1_000
_READ = 256 * 1024  # bytes of text, or rows of Parquet
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it would be taken; `time` in the plant's zone, `raw` where it was written
    otherwise."""

    time: str
    machine: str
    signal: str
    value: str
    quality: int
    raw: str | None


@dataclass(frozen=True, slots=True)
class PreviewFault:
    """A row that cannot be used: where it stands, what is in it, what to do."""

    where: str
    column: str
    value: str
    todo: str


@dataclass(frozen=True, slots=True)
class FilePreview:
    """`read`: how many values the first rows have; `bad`: how many of them cannot be used."""

    file: str
    kind: str
    unused_columns: tuple[str, ...]
    read: int
    bad: int
    rows: tuple[PreviewRow, ...]
    faults: tuple[PreviewFault, ...]


def preview_files(
    plant: Plant,
    line: str,
    files: Sequence[Path],
    *,
    now: datetime,
    profile: str | None = None,
    file_map: FileMap = AS_DOCUMENTED,
) -> tuple[FilePreview, ...]:
    """The first rows of each file as `import_files` would take them. Raises as it does."""
    job = Job(plant, line, now, profile=profile, keep_good=True, file_map=file_map)
    found = []
    for path in files:
        with readable(path):
            found.append(_preview(job, path))
    return tuple(found)


def _preview(job: Job, path: Path) -> FilePreview:
    rules, _ = job.rules()
    source = open_history(path, job.file_map)
    totals = job.file_map.totals()
    chunk = next(source.chunks(_READ), None)
    if chunk is None:
        return FilePreview(str(path), source.kind, source.extra, 0, 0, (), ())
    chunk = chunk.sort("row", maintain_order=True).head(ROWS)
    found = judged(source, chunk, rules, totals)
    samples = found.samples.vstack(rest_of(totals, rules)) if totals else found.samples
    shown = samples.sort("time", maintain_order=True).head(_SHOWN)
    rows = tuple(
        PreviewRow(
            row["time"].astimezone(job.plant.zone).isoformat(),
            row["machine"],
            row["signal"],
            _said(row["text"], row["value"]),
            row["quality"],
            row["raw"],
        )
        for row in shown.iter_rows(named=True)
    )
    faults = tuple(
        PreviewFault(
            source.place(row["row"]),
            job.file_map.column_named(row["column"], row["machine"], row["signal"]),
            shortened(row["value"]),
            row["todo"],
        )
        for row in found.bad.head(_SHOWN).iter_rows(named=True)
    )
    return FilePreview(
        str(path), source.kind, source.extra, chunk.height, found.bad.height, rows, faults
    )


def _said(text: str | None, value: float | None) -> str:
    if text is not None:
        return text
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else f"{value:.3f}"
