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
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.errors import InputError
from domain.frames import REJECTIONS, SAMPLES, UTC_US
from domain.plant import Plant
from domain.samples import Span
from domain.time import micros, parse_instant
from lineproof.history_import.external_sort import ORDER, SortedRuns
from lineproof.history_import.raw_codes import raw_codes
from lineproof.history_import.rows import BAD_ROWS, RowRules, sort_out
from lineproof.history_import.sealing_agent import AGENT, ImportAgent
from lineproof.history_import.source_files import HistoryFile, open_history
from store.archive.blobs import storage_errors
from store.node.opening import Stores

BATCH_ROWS = 50_000
BAD_ROWS_MAX = 1_000_000

Progress = Callable[[str, int, int | None], None]  # what is done, how many rows, of how many


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
    """What became of an import; `slices`: how many slices of facts it made new."""

    line: str
    files: tuple[FileSummary, ...]
    slices: int

    @property
    def already_imported(self) -> bool:
        """Whether nothing was changed, because all of it was there."""
        return all(file.already_imported for file in self.files)


@dataclass(frozen=True, slots=True)
class Job:
    """What is common to the files of one import."""

    plant: Plant
    line: str
    now: datetime
    until: datetime | None = None
    profile: str | None = None
    keep_good: bool = False


@dataclass(slots=True)
class Prepared:
    """A file that was read to its end: its sorted rows, bad rows, machines and extent."""

    source: HistoryFile
    runs: SortedRuns
    bad: pl.DataFrame
    first_of: dict[str, datetime]
    end: datetime
    rows: int
    digest: str
    job: Job
    profiles: Mapping[str, str] = field(default_factory=dict)

    def spans(self) -> list[Span]:
        """Each machine from its first row to where the file ends."""
        return [
            Span(self.job.line, machine, start, self.end)
            for machine, start in sorted(self.first_of.items())
            if start < self.end
        ]


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
    progress: Progress | None = None,
) -> ImportSummary:
    """Import the files into `line` and bring its facts up to date.

    `collector`: the running one of these stores; None: one for this import, which takes times
    ahead of the clock too. `until` (ISO 8601; without offset in the plant's zone): how far the
    files are complete. `profile`: decodes raw codes of state and mode. `progress` hears what is
    being done, how much is done, and of how much (None: not known).

    Raises InputError or NotFoundError with file, row, column and value before anything is
    changed; StorageError when the disk does not take it: the same call again completes it.
    """
    plant = stores.registry.plant_of_line(line)
    reach = None if until is None else _until(until, plant)
    job = Job(plant, line, now, reach, profile, keep_good)
    with contextlib.ExitStack() as stack:
        if collector is None:
            collector = Collector(
                stores.telemetry, stores.archive, stores.registry, lambda: now, ahead_max=None
            )
            stack.callback(collector.close)
        sorting = stores.folder.agents / AGENT / "sorting"
        shutil.rmtree(sorting, ignore_errors=True)  # what a killed import left
        with storage_errors(sorting):
            sorting.mkdir(parents=True)
        ready = stack.enter_context(_prepared(job, files, sorting, progress))
        agent = ImportAgent(
            stores.folder.agents / AGENT,
            registry=stores.registry,
            telemetry=stores.telemetry,
            collector=collector,
            now=lambda: now,
        )
        done = []
        for file in ready:
            known = agent.imported(file.digest)
            done.append(_summary(file, 0) if known else _hand_over(file, agent, progress))
    keeper = FactsKeeper(stores.telemetry, stores.registry, lambda: now)
    slices = keeper.refresh(line, progress and partial(progress, "computing facts"))
    return ImportSummary(line, tuple(done), slices)


def _until(text: str, plant: Plant) -> datetime:
    try:
        return parse_instant(text, plant.zone)
    except InputError as error:
        raise InputError(
            error.what, where="--until", todo=f"{error.todo} Nothing was changed."
        ) from None


@contextlib.contextmanager
def _prepared(
    job: Job, files: Sequence[Path], folder: Path, progress: Progress | None
) -> Iterator[list[Prepared]]:
    """All files, read and judged; nothing is changed. `folder` takes what memory does not."""
    machines = job.plant.lines[job.line].machines
    codes, digests = (None, {}) if job.profile is None else raw_codes(job.profile, machines)
    rules = RowRules(job.line, frozenset(machines), job.plant.zone, job.now, codes)
    sources = [open_history(path) for path in files]
    with contextlib.ExitStack() as stack:
        found = []
        for source in sources:
            runs = stack.enter_context(SortedRuns(folder))
            found.append(_prepare(job, source, runs, rules, progress))
            found[-1].profiles = {f"{job.line}/{key}": value for key, value in digests.items()}
        yield found


def _hand_over(file: Prepared, agent: ImportAgent, progress: Progress | None) -> FileSummary:
    """Seal and deliver a prepared file. The last batch confirms the time it is complete for."""
    samples, rejections = SAMPLES.to_frame(), REJECTIONS.to_frame()
    batches = done = 0
    for bucket in file.runs.buckets():
        for samples_part in bucket.iter_slices(BATCH_ROWS):
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


def _summary(file: Prepared, batches: int) -> FileSummary:
    """`batches` 0: it was imported before."""
    warnings = []
    if file.source.extra:
        names = ", ".join(f"'{name}'" for name in file.source.extra)
        warnings.append(f"{file.source.path}: columns that are not used: {names}")
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
        rows=file.rows,
        batches=batches,
        rejected=file.bad.height,
        start=min(file.first_of.values()),
        end=file.end,
        already_imported=batches == 0,
        warnings=tuple(warnings),
    )


def _prepare(
    job: Job,
    source: HistoryFile,
    runs: SortedRuns,
    rules: RowRules,
    progress: Progress | None,
) -> Prepared:
    bad = [BAD_ROWS.to_frame()]
    read = bad_rows = 0
    for chunk in source.chunks():
        samples, wrong = sort_out(chunk, rules)
        if wrong.height:
            bad_rows += wrong.height
            if not job.keep_good or bad_rows > BAD_ROWS_MAX:
                raise _bad_row(source, wrong, job.keep_good)
            bad.append(wrong)
        runs.add(samples)
        read += chunk.height
        if progress is not None:
            progress(f"reading {source.path.name}", read, None)
    return _measured(job, source, runs, pl.concat(bad).sort("row"))


def _bad_row(source: HistoryFile, wrong: pl.DataFrame, keep_good: bool) -> InputError:
    first = wrong.row(0, named=True)
    said = f"'{first['value']}'" if first["value"] else "nothing"
    if keep_good:
        return InputError(
            f"more than {BAD_ROWS_MAX} rows cannot be used, the last in column "
            f"'{first['column']}': {said}",
            where=source.place(first["row"]),
            todo=f"{first['todo']} Nothing was changed.",
        )
    return InputError(
        f"column '{first['column']}' cannot be used: {said}",
        where=source.place(first["row"]),
        todo=f"{first['todo']} Nothing was changed.",
    )


def _measured(job: Job, source: HistoryFile, runs: SortedRuns, bad: pl.DataFrame) -> Prepared:
    """One pass over the sorted rows: extent, machines, digest."""
    digest = hashlib.sha256()
    first_of: dict[str, datetime] = {}
    rows, last = 0, None
    for bucket in runs.buckets():
        times = bucket.group_by("machine").agg(pl.col("time").min())
        first_of = dict(times.iter_rows()) | first_of
        rows, last = rows + bucket.height, bucket["time"][-1]
        digest.update(_canonical(bucket, ORDER))
    if last is None:
        raise InputError(
            "the file has no rows that could be used",
            where=str(source.path),
            todo="Nothing was changed.",
        )
    first = min(first_of.values())
    if job.until is not None and job.until < first:
        until, begins = (at.astimezone(job.plant.zone).isoformat() for at in (job.until, first))
        raise InputError(
            f"{until} lies before the first row, {begins}, of {source.path}",
            where="--until",
            todo="Give the time up to which the file is complete. Nothing was changed.",
        )
    end = max(job.until or last, last)
    scope = {"line": job.line, "end": micros(end), "rejected": bad.height}
    digest.update(json.dumps(scope, sort_keys=True).encode())
    digest.update(_canonical(bad.sort(_BAD_ORDER, nulls_last=True), _BAD_ORDER))
    return Prepared(source, runs, bad, first_of, end, rows, digest.hexdigest(), job)


_BAD_ORDER = ("time", "machine", "signal", "column", "value")


def _canonical(frame: pl.DataFrame, columns: Sequence[str]) -> bytes:
    """The rows as bytes that depend on nothing but their content."""
    text = frame.select(columns).with_columns(pl.col(UTC_US).to_physical())
    return text.write_csv(include_header=False, quote_style="non_numeric").encode()


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
