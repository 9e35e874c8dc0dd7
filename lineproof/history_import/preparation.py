"""What must be true before a history file is sealed: rows read, checked, sorted, counted."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from domain.errors import InputError
from domain.frames import UTC_US
from domain.plant import Plant
from domain.samples import Span
from domain.time import micros
from lineproof.history_import.external_sort import ORDER, SortedRuns
from lineproof.history_import.raw_codes import raw_codes
from lineproof.history_import.rows import BAD_ROWS, RowRules, sort_out
from lineproof.history_import.source_files import HistoryFile, open_history
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


@contextlib.contextmanager
def prepared_files(
    job: Job, files: Sequence[Path], folder: Path, progress: StepProgress | None
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


def _prepare(
    job: Job,
    source: HistoryFile,
    runs: SortedRuns,
    rules: RowRules,
    progress: StepProgress | None,
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
