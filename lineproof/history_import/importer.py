"""History from files into the store, through the same intake as live batches.

Rules: every file is read and judged to its end before anything is changed; one bad row stops
all (or, with `keep_good`, goes to the rejections). Rows are sorted by content before they are
sealed, so the order in a file does not matter. Between its first and its last row (or up to
`until`) a file is complete: its machines are confirmed for that time; the last batch says so,
after all rows are there. A file's content is remembered by its digest once all of it is
stored: the same rows a second time change nothing, and an import that was cut off is repeated
without harm.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from collector.facts.keeper import FactsKeeper
from collector.intake.arrow_stream import UNPACKED_MAX_BYTES
from collector.intake.collector import Collector
from domain.errors import InputError, listed
from domain.frames import REJECTIONS, SAMPLES, UTC_US
from domain.plant import Plant
from domain.time import MICROSECOND, Window, check_past, parse_instant
from lineproof.history_import.contradictions import Contradictions, contradictions_of
from lineproof.history_import.file_map import AS_DOCUMENTED, FileMap
from lineproof.history_import.preparation import Job, Prepared, prepared_files
from lineproof.history_import.sealing_agent import AGENT, ImportAgent
from lineproof.progress import StepProgress
from lineproof.refused_readings import RefusedReadings, refused_readings
from lineproof.undefined_names import UndefinedName, undefined_names
from store.archive.blobs import storage_errors
from store.node.opening import Stores

BATCH_ROWS = 50_000
_BATCH_BYTES = UNPACKED_MAX_BYTES // 2
_ROW_BYTES = 600  # no row has more besides its texts


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of one file. `start` and `end`: the time for which it is complete."""

    file: str
    rows: int
    batches: int
    rejected: int
    start: datetime
    end: datetime
    already_imported: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of an import; `slices`: how many slices of facts it made new;
    `undefined`: what the line told in that time and its plant does not define;
    `contradictions`: what says several new things at one instant of that time; `refused`: readings
    of its counters that were not believed."""

    line: str
    files: tuple[FileSummary, ...]
    slices: int
    undefined: tuple[UndefinedName, ...]
    contradictions: tuple[Contradictions, ...]
    refused: tuple[RefusedReadings, ...]

    @property
    def already_imported(self) -> bool:
        """Whether nothing was changed, because all of it was there."""
        return all(file.already_imported for file in self.files)


def import_files(
    stores: Stores,
    collector: Collector | None,
    line: str,
    files: Sequence[Path],
    *,
    now: datetime,
    until: str | None = None,
    profile: str | None = None,
    keep_good: bool = False,
    file_map: FileMap = AS_DOCUMENTED,
    progress: StepProgress | None = None,
) -> ImportSummary:
    """Import the files into `line` and bring its facts up to date.

    `collector`: the running one of these stores; None: one for this import, which takes times
    ahead of the clock too. `until` (ISO 8601; without offset in the plant's zone): how far the
    files are complete. `profile`: decodes raw codes of state and mode.
    `file_map`: how another system writes its files. `progress` hears what is
    being done, how much is done, and of how much (None: not known).

    Raises InputError or NotFoundError with file, row, column and value before anything is
    changed; StorageError when the disk does not take it: the same call again completes it.
    """
    plant = stores.registry.plants.of_line(line)
    reach = None if until is None else _until(until, plant, now)
    job = Job(plant, line, now, reach, profile, keep_good, file_map)
    with contextlib.ExitStack() as stack:
        if collector is None:
            collector = Collector(
                stores.telemetry,
                stores.archive,
                stores.registry.agents,
                lambda: now,
                ahead_max=None,
            )
            stack.callback(collector.close)
        sorting = stores.folder.agents / AGENT / "sorting"
        shutil.rmtree(sorting, ignore_errors=True)  # what a killed import left
        with storage_errors(sorting):
            sorting.mkdir(parents=True)
        ready = stack.enter_context(prepared_files(job, files, sorting, progress))
        agent = ImportAgent(
            stores.folder.agents / AGENT,
            agents=stores.registry.agents,
            telemetry=stores.telemetry,
            collector=collector,
            now=lambda: now,
        )
        done = []
        for file in ready:
            known = agent.imported(file.digest)
            done.append(_summary(file, 0) if known else _hand_over(file, agent, progress))
    keeper = FactsKeeper(stores.telemetry, stores.registry.facts_basis, lambda: now)
    slices = keeper.refresh(line, progress and partial(progress, "computing facts"))
    start, end = min(file.start for file in done), max(file.end for file in done)
    window = Window(start, end + MICROSECOND)
    undefined = undefined_names(stores.telemetry, plant, plant.lines[line], window)
    odd = contradictions_of(stores.telemetry, plant.lines[line], plant.zone, start, end)
    refused = refused_readings(stores.telemetry, plant, plant.lines[line], window)
    return ImportSummary(line, tuple(done), slices, tuple(undefined), tuple(odd), tuple(refused))


def _until(text: str, plant: Plant, now: datetime) -> datetime:
    try:
        until = parse_instant(text, plant.zone)
        check_past(until, now, plant.zone, "--until")
        return until
    except InputError as error:
        raise InputError(
            error.what, where="--until", todo=f"{error.todo} Nothing was changed."
        ) from None


def _hand_over(file: Prepared, agent: ImportAgent, progress: StepProgress | None) -> FileSummary:
    """Seal and deliver a prepared file. The last batch confirms the time it is complete for."""
    samples, rejections = SAMPLES.to_frame(), REJECTIONS.to_frame()
    batches = done = 0
    for bucket in file.runs.buckets():
        for samples_part in bucket.iter_slices(_rows_of_a_batch(bucket)):
            agent.hand_over(samples_part, rejections, [], file.profiles)
            batches, done = batches + 1, done + samples_part.height
            if progress is not None:
                progress(f"storing {file.source.path.name}", done, file.rows)
    for rejections_part in _rejections(file.bad, file.job).iter_slices(BATCH_ROWS):
        agent.hand_over(samples, rejections_part, [], file.profiles)
        batches += 1
    last = agent.hand_over(samples, rejections, file.spans(), file.profiles)
    agent.remember(file.digest, last)
    return _summary(file, batches + 1)


def _rows_of_a_batch(samples: pl.DataFrame) -> int:
    """So many rows that they fit a batch, however long their texts are."""
    lengths = samples.select(pl.col("text", "raw").str.len_bytes().max().fill_null(0)).row(0)
    return min(BATCH_ROWS, _BATCH_BYTES // (int(sum(lengths)) + _ROW_BYTES))


def _summary(file: Prepared, batches: int) -> FileSummary:
    """`batches` 0: it was imported before."""
    warnings = []
    if file.source.extra:
        names = listed([f"'{name}'" for name in file.source.extra])
        warnings.append(f"{file.source.path}: columns that are not used: {names}")
    timeless = file.bad.filter(pl.col("column") == "time").height
    if timeless:
        warnings.append(
            f"{file.source.path}: the time of {timeless} of the rows cannot be read, so what they "
            "say is used nowhere: whatever held before them goes on to the next row"
        )
    until = file.job.until
    if until is not None and until < file.end:
        warnings.append(
            f"{file.source.path}: --until {until.isoformat()} lies before the last row; the file "
            "is complete to its last row anyway"
        )
    if file.end > file.job.now:
        warnings.append(f"{file.source.path}: reaches to {file.end.isoformat()}, in the future")
    return FileSummary(
        file=str(file.source.path),
        rows=file.rows - file.ended,
        batches=batches,
        rejected=file.bad.height,
        start=min(file.first_of.values()),
        end=file.end,
        already_imported=batches == 0,
        warnings=tuple(warnings),
    )


def _rejections(bad: pl.DataFrame, job: Job) -> pl.DataFrame:
    return bad.select(
        line=pl.lit(job.line),
        machine=pl.col("machine"),
        address=pl.col("signal"),
        raw=pl.col("value"),
        time=pl.col("time"),
        received=pl.lit(job.now).cast(UTC_US),
        reason=pl.format("imported row: {} cannot be used", "column"),
    ).select(REJECTIONS.names())
