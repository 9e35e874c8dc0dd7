"""What must be true before a history file is sealed: rows read, checked, sorted, counted."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from domain.errors import InputError, shortened
from domain.frames import SAMPLES, UTC_US
from domain.plant import Plant
from domain.samples import Span
from domain.time import micros
from lineproof.history_import.external_sort import ORDER, SortedRuns
from lineproof.history_import.file_map import AS_DOCUMENTED, FileMap
from lineproof.history_import.increments import OrderError, RunningTotals
from lineproof.history_import.raw_codes import map_codes, raw_codes
from lineproof.history_import.rows import BAD_ROWS, RowRules, Sorted, rest_of, sort_out
from lineproof.history_import.source_files import HistoryFile, open_history, readable
from lineproof.history_import.times import TimeFormat
from lineproof.progress import StepProgress

BAD_ROWS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """What is common to the files of one import."""

    plant: Plant
    line: str
    now: datetime
    until: datetime | None = None
    profile: str | None = None
    keep_good: bool = False
    file_map: FileMap = AS_DOCUMENTED

    def rules(self) -> tuple[RowRules, dict[str, str]]:
        """What rows are judged by, and machine → digest of the profile that decodes its codes."""
        machines = self.plant.lines[self.line].machines
        how = self.file_map
        codes = map_codes(how.codes) if how.codes else None
        digests: dict[str, str] = {}
        if self.profile is not None:
            if how.codes:
                raise InputError(
                    "codes come from the profile or from the map file, not from both",
                    where="--profile",
                    todo="Leave out --profile, or `codes` in the map file. Nothing was changed.",
                )
            codes, digests = raw_codes(self.profile, machines)
        zone = self.plant.zone if how.zone is None else ZoneInfo(how.zone)
        rules = RowRules(
            self.line,
            frozenset(machines),
            TimeFormat(zone, how.time_format),
            self.now,
            codes,
            how.numbers,
            how.scale,
        )
        return rules, {f"{self.line}/{key}": value for key, value in digests.items()}


@dataclass(slots=True)
class Prepared:
    """A file that was read to its end: its sorted rows, bad rows, machines and extent.

    `ended`: how many of `rows` are there only because a bad row ends what held before it.
    """

    source: HistoryFile
    runs: SortedRuns
    bad: pl.DataFrame
    first_of: dict[str, datetime]
    end: datetime
    rows: int
    ended: int
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


@contextlib.contextmanager
def prepared_files(
    job: Job, files: Sequence[Path], folder: Path, progress: StepProgress | None
) -> Iterator[list[Prepared]]:
    """All files, read and judged; nothing is changed. `folder` takes what memory does not."""
    rules, profiles = job.rules()
    sources = [open_history(path, job.file_map) for path in files]
    with contextlib.ExitStack() as stack:
        found = []
        for source in sources:
            runs = stack.enter_context(SortedRuns(folder))
            with readable(source.path):
                found.append(_prepare(job, source, runs, rules, progress))
            found[-1].profiles = profiles
        yield found


def _prepare(
    job: Job,
    source: HistoryFile,
    runs: SortedRuns,
    rules: RowRules,
    progress: StepProgress | None,
) -> Prepared:
    bad, endings = [BAD_ROWS.to_frame()], [SAMPLES.to_frame()]
    totals = job.file_map.totals()
    read = bad_rows = 0
    for chunk in source.chunks():
        found = judged(source, chunk, rules, totals)
        if found.bad.height:
            bad_rows += found.bad.height
            if not job.keep_good or bad_rows > BAD_ROWS_MAX:
                raise _bad_row(source, found.bad, job.keep_good)
            bad.append(found.bad)
            endings.append(found.endings)
            runs.add(found.endings)
        runs.add(found.samples)
        read += chunk.height
        if progress is not None:
            progress(f"reading {source.path.name}", read, None)
    if totals:
        runs.add(rest_of(totals, rules))
    ended = pl.concat(endings).select(ORDER).unique().height
    return _measured(job, source, runs, pl.concat(bad).sort("row"), ended)


def judged(
    source: HistoryFile, chunk: pl.DataFrame, rules: RowRules, totals: RunningTotals | None
) -> Sorted:
    """The rows of a chunk, judged. Raises InputError for increments that do not add up."""
    try:
        return sort_out(chunk, rules, totals)
    except OrderError as error:
        raise InputError(
            error.what,
            where=source.place(error.row),
            todo=f"{error.todo} Nothing was changed.",
        ) from None


def _bad_row(source: HistoryFile, wrong: pl.DataFrame, keep_good: bool) -> InputError:
    first = wrong.sort("row").row(0, named=True)
    said = f"'{shortened(first['value'])}'" if first["value"] else "nothing"
    column = source.file_map.column_named(first["column"], first["machine"], first["signal"])
    if keep_good:
        return InputError(
            f"more than {BAD_ROWS_MAX} rows cannot be used, the last in column '{column}': {said}",
            where=source.place(first["row"]),
            todo=f"{first['todo']} Nothing was changed.",
        )
    return InputError(
        f"column '{column}' cannot be used: {said}",
        where=source.place(first["row"]),
        todo=f"{first['todo']} Nothing was changed.",
    )


def _measured(
    job: Job, source: HistoryFile, runs: SortedRuns, bad: pl.DataFrame, ended: int
) -> Prepared:
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
    return Prepared(source, runs, bad, first_of, end, rows, ended, digest.hexdigest(), job)


_BAD_ORDER = ("time", "machine", "signal", "column", "value")


def _canonical(frame: pl.DataFrame, columns: Sequence[str]) -> bytes:
    """The rows as bytes that depend on nothing but their content."""
    text = frame.select(columns).with_columns(pl.col(UTC_US).to_physical())
    return text.write_csv(include_header=False, quote_style="non_numeric").encode()
