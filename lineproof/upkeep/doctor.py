"""What `doctor` looks at: one function for each thing that can be wrong with a node.

A finding is ok, a warning (somebody should look) or a problem (data are missing, refused or
about to be), with what to do. Reads only; `now` is an argument.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from analytics.corrections.invalidation import touched
from domain.batch_header import GENESIS
from domain.batches import parse_batch, payload_digest
from domain.errors import InputError, LineproofError, NotFoundError, StorageError
from lineproof.history_import.contradictions import contradictions_of
from lineproof.refused_readings import refused_readings
from lineproof.undefined_names import LOOKED_BACK
from lineproof.upkeep.apply import undefined_in
from lineproof.upkeep.archive_checks import archive, quarantine
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.source_checks import sources, wiring
from store.node.opening import Stores
from store.telemetry.protocol import BatchRecord

BatchesSeen = Callable[[int], None]  # batches that were looked at

_FREE_PROBLEM_BYTES = 256 << 20
_FREE_WARNING_BYTES = 2 << 30
_AHEAD = timedelta(minutes=5)  # a stored batch this far ahead of the clock: one of the two is wrong
_PAGE = 500
_FAULTS_TOLD = 5


def examine(
    stores: Stores,
    now: datetime,
    progress: BatchesSeen | None = None,
    *,
    is_running: bool = False,
    takes_batches: bool = True,
) -> list[Finding]:
    """Every check on an open node; one that `is_running` brings its facts up to date by itself, and
    only one that `takes_batches` knows agents and keeps what they sealed."""
    records = list(_records(stores))
    intake: list[Finding] = []
    if takes_batches:
        intake = [
            *agents(stores, records),
            *chains(stores, records, progress),
            *archive(stores, records),
            quarantine(stores),
        ]
    return [
        disk(stores.folder.path),
        store(stores),
        clock(records, now),
        *plants(stores),
        *intake,
        *sources(stores, now),
        *wiring(stores),
        rejections(stores),
        facts(stores, is_running=is_running),
        *undefined(stores),
        *contradicting(stores),
        *refused(stores),
        *frozen_periods(stores),
        audit(stores),
    ]


def disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    detail = f"{free / (1 << 30):.1f} GiB are free where the data lie"
    if free < _FREE_PROBLEM_BYTES:
        return Finding("disk", "problem", detail, "Free some space now: batches are refused soon.")
    if free < _FREE_WARNING_BYTES:
        return Finding("disk", "warning", detail, "Plan for more space.")
    return Finding("disk", "ok", detail)


def store(stores: Stores) -> Finding:
    try:
        stores.telemetry.check()
    except LineproofError as error:
        return Finding("store", "problem", str(error), error.todo)
    return Finding("store", "ok", "the telemetry store takes a write and gives it back")


def clock(records: list[BatchRecord], now: datetime) -> Finding:
    newest = max((record.received for record in records), default=None)
    if newest is not None and newest > now:
        return Finding(
            "clock",
            "problem",
            f"this machine's clock was later before: a batch came in at {newest.isoformat()}",
            "Set the clock right and keep it so (NTP).",
        )
    last = max((it.last_time for it in records if it.last_time is not None), default=None)
    if last is not None and last > now + _AHEAD:
        return Finding(
            "clock",
            "warning",
            f"a sample is of {last.isoformat()}, which has not come yet",
            "Compare the clocks of this machine and of the agents (NTP).",
        )
    return Finding("clock", "ok", f"it is {now.isoformat(timespec='seconds')}")


def plants(stores: Stores) -> Iterator[Finding]:
    found = stores.registry.plants.all()
    if not found:
        yield Finding("plants", "warning", "no plant is registered", "Run lineproof apply.")
    for plant in found:
        yield Finding(f"plant {plant.id}", "ok", f"lines {', '.join(plant.lines)}")


def agents(stores: Stores, records: list[BatchRecord]) -> Iterator[Finding]:
    """Those enrolled, and those whose batches are there without being enrolled."""
    enrolled = {agent.name: agent for agent in stores.registry.agents.all()}
    sent = {record.agent for record in records}
    for name in sorted(enrolled.keys() | sent):
        subject = f"agent {name}"
        if name not in enrolled:
            yield Finding(
                subject,
                "problem",
                "batches of it are here, but it is not enrolled",
                "Enrol it again, or the batches that it sends now are refused.",
            )
        elif revoked := enrolled[name].revoked_at:
            yield Finding(subject, "ok", f"revoked at {revoked:%Y-%m-%d %H:%M} UTC")
        elif name not in sent:
            yield Finding(
                subject,
                "warning",
                "enrolled, but nothing came from it yet",
                "Check that it runs and reaches this collector.",
            )
        else:
            count = sum(record.agent == name for record in records)
            yield Finding(subject, "ok", f"{count} batches")


def chains(
    stores: Stores, records: list[BatchRecord], progress: BatchesSeen | None = None
) -> Iterator[Finding]:
    """Every batch of every agent is archived as it was sealed and follows the one before."""
    broken: dict[str, str] = {}
    last: dict[str, tuple[int, str]] = {}
    for done, record in enumerate(records, start=1):
        number, digest = last.get(record.agent, (0, GENESIS))
        what = _link_fault(stores, record, number, digest)
        if what:
            broken.setdefault(record.agent, what)
        last[record.agent] = (record.number, record.digest)
        if progress is not None:
            progress(done)
    for agent, (number, _) in last.items():
        if agent in broken:
            yield Finding(
                f"chain {agent}",
                "problem",
                broken[agent],
                "Put the archive back from a backup; what is missing can prove nothing.",
            )
        else:
            yield Finding(f"chain {agent}", "ok", f"whole from batch 1 to batch {number}")


def _link_fault(stores: Stores, record: BatchRecord, number: int, digest: str) -> str:
    """Why the batch does not follow batch `number` with that digest; empty when it does."""
    if record.number != number + 1:
        return f"batch {number + 1} is missing in the ledger"
    try:
        batch = parse_batch(stores.archive.get(record.digest))
    except NotFoundError:
        return f"batch {record.number} is missing in the archive"
    except InputError:
        return f"batch {record.number} in the archive is damaged"
    except StorageError as error:
        return f"batch {record.number} in the archive cannot be read: {error.what}"
    header = batch.header
    if header.digest != record.digest or payload_digest(batch.payload) != header.payload_digest:
        return f"batch {record.number} in the archive is not the one that was accepted"
    if header.previous != digest:
        return f"batch {record.number} does not follow batch {number}"
    return ""


def rejections(stores: Stores) -> Finding:
    counts = stores.telemetry.rejection_counts()
    if counts.is_empty():
        return Finding("rejections", "ok", "every reading could be used")
    worst = counts.sort("count", descending=True).row(0, named=True)
    return Finding(
        "rejections",
        "warning",
        f"{counts['count'].sum()} readings or rows could not be used, most of {worst['line']}/"
        f"{worst['machine']}: {worst['reason']} ({worst['count']})",
        "Correct the profile or its parameters; the raw values are kept.",
    )


def facts(stores: Stores, *, is_running: bool = False) -> Finding:
    corrected = {
        line
        for plant in stores.registry.plants.all()
        for line in plant.lines
        if touched(stores.registry.facts_basis.line_corrections(line).not_yet_applied)
    }
    lines = sorted({mark.line for mark in stores.telemetry.dirty()} | corrected)
    if not lines:
        return Finding("facts", "ok", "up to date")
    known = {line for plant in stores.registry.plants.all() for line in plant.lines}
    strange = [line for line in lines if line not in known]
    if strange:
        return Finding(
            "facts",
            "warning",
            f"samples of lines that no plant has: {', '.join(strange)}",
            "Apply a plant file that describes them.",
        )
    if is_running:
        return Finding("facts", "ok", f"being brought up to date of {', '.join(lines)}")
    return Finding(
        "facts", "warning", f"not up to date of {', '.join(lines)}", "A running node mends it."
    )


def undefined(stores: Stores) -> Iterator[Finding]:
    """Products and reasons that machines told lately and that their plants do not define."""
    for it in undefined_in(stores):
        yield Finding(f"{it.kind} {it.name}", "warning", it.detail, it.todo)


def contradicting(stores: Stores) -> Iterator[Finding]:
    """What machines said lately that contradicts itself."""
    for plant in stores.registry.plants.all():
        for line in plant.lines.values():
            extent = stores.telemetry.extent(line.id)
            if extent is None:
                continue
            start = extent.end - LOOKED_BACK
            for it in contradictions_of(stores.telemetry, line, plant.zone, start, extent.end):
                yield Finding(
                    f"{it.signal} {line.id}",
                    "warning",
                    f"line '{line.id}': {it.sentence()}",
                    "Find out what tells it twice: two agents, two addresses, or two files of one "
                    "time that differ.",
                )


def refused(stores: Stores) -> Iterator[Finding]:
    """Readings of counters that were not believed lately."""
    for plant in stores.registry.plants.all():
        for line in plant.lines.values():
            for it in refused_readings(stores.telemetry, plant, line):
                subject = f"{it.role} {line.id}/{it.machine}"
                yield Finding(subject, "warning", it.detail, it.todo)


def frozen_periods(stores: Stores) -> Iterator[Finding]:
    """The accepted facts of every frozen period are there as they were accepted."""
    for plant in stores.registry.plants.all():
        for line in plant.lines:
            for period in stores.registry.records.frozen(line):
                local = period.start.astimezone(plant.zone).isoformat(timespec="minutes")
                subject = f"frozen {line} from {local}"
                try:
                    stores.registry.records.frozen_facts(period)
                except LineproofError as error:
                    yield Finding(
                        subject, "problem", str(error), "Put the documents back from a backup."
                    )
                else:
                    yield Finding(subject, "ok", f"as {period.author} accepted it")


def audit(stores: Stores) -> Finding:
    """Its rows are there as they were written."""
    faults = list(islice(stores.registry.audit.faults(), _FAULTS_TOLD))
    if not faults:
        return Finding("audit", "ok", "every row follows the one before it")
    return Finding(
        "audit",
        "problem",
        f"it is not as it was written: {'; '.join(faults)}",
        "Put the registry back from a backup, and find out who could write into its file.",
    )


def _records(stores: Stores) -> Iterator[BatchRecord]:
    """The whole batch ledger, by agent and number."""
    after: tuple[str, int] | None = None
    while page := stores.telemetry.batches(after=after, limit=_PAGE):
        yield from page
        after = (page[-1].agent, page[-1].number)
