"""What `doctor` looks at: one function for each thing that can be wrong with a node.

A finding is ok, a warning (somebody should look) or a problem (data are missing, refused or
about to be), with what to do. Reads only; `now` is an argument.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from analytics.corrections.invalidation import touched
from domain.errors import LineproofError
from domain.panics import panics_as_errors
from lineproof.history_import.contradictions import contradictions_of
from lineproof.refused_readings import refused_readings
from lineproof.undefined_names import LOOKED_BACK
from lineproof.upkeep.apply import undefined_in
from lineproof.upkeep.archive_checks import archive, quarantine
from lineproof.upkeep.chain_checks import BatchesSeen, agents, chains
from lineproof.upkeep.findings import BACKUP, UNREADABLE, Finding
from lineproof.upkeep.ledger_checks import ledger
from lineproof.upkeep.registry_checks import audit, derived, documents, frozen_periods, record
from lineproof.upkeep.report_signing_checks import report_signing
from lineproof.upkeep.source_checks import sources, wiring
from lineproof.upkeep.table_checks import tables
from lineproof.upkeep.telemetry_checks import arrivals, contents, recomputed_facts
from lineproof.upkeep.witness_checks import witnesses
from store.node.opening import Stores
from store.registry.registry import Registry
from store.telemetry.protocol import BatchRecord

Check = Callable[[], Finding | Iterable[Finding] | None]

_SAID_MAX = 200  # characters of what a library says
_log = structlog.get_logger(__name__)
_FREE_PROBLEM_BYTES = 256 << 20
_FREE_WARNING_BYTES = 2 << 30
_AHEAD = timedelta(minutes=5)  # a stored batch this far ahead of the clock: one of the two is wrong
_PAGE = 500


def examine(
    stores: Stores,
    now: datetime,
    progress: BatchesSeen | None = None,
    *,
    is_running: bool = False,
    takes_batches: bool = True,
) -> list[Finding]:
    """Every check on an open node; one that `is_running` brings its facts up to date by itself, and
    is not read anew to be compared; only one that `takes_batches` knows agents and keeps what they
    sealed. What a check cannot read is a finding, too."""
    records: list[BatchRecord] = []
    found = looked_at("batch ledger", lambda: records.extend(_records(stores)))
    checks: list[tuple[str, Check]] = [
        ("disk", lambda: disk(stores.folder.path)),
        ("store", lambda: store(stores)),
        ("tables", lambda: tables(stores)),
        ("clock", lambda: clock(records, now)),
        ("plants", lambda: plants(stores)),
    ]
    if takes_batches:
        checks += [
            ("agents", lambda: agents(stores, records)),
            ("chains", lambda: chains(stores, records, progress)),
            ("archive", lambda: archive(stores, records)),
            ("arrivals", lambda: arrivals(stores, records)),
            ("quarantine", lambda: quarantine(stores.archive.quarantine)),
        ]
    if takes_batches and not is_running:
        checks += [
            ("telemetry", lambda: contents(stores, records)),
            ("facts", lambda: recomputed_facts(stores, now)),
        ]
    checks += [
        ("ledger", lambda: ledger(stores, records, is_running=is_running)),
        ("witnesses", lambda: witnesses(stores, now)),
        ("report signing", lambda: report_signing(stores.folder, now)),
        ("sources", lambda: sources(stores, now)),
        ("wiring", lambda: wiring(stores)),
        ("rejections", lambda: rejections(stores)),
        ("facts", lambda: facts(stores, is_running=is_running)),
        ("undefined", lambda: undefined(stores)),
        ("contradicting", lambda: contradicting(stores)),
        ("counters", lambda: refused(stores)),
        *registry_checks(stores.registry),
    ]
    for subject, check in checks:
        found += looked_at(subject, check)
    return found


def registry_checks(registry: Registry) -> list[tuple[str, Check]]:
    """The checks that need the registry and the documents alone."""
    return [
        ("record", lambda: record(registry)),
        ("registry", lambda: derived(registry)),
        ("documents", lambda: documents(registry)),
        ("frozen", lambda: frozen_periods(registry)),
        ("audit", lambda: audit(registry)),
    ]


def looked_at(subject: str, check: Check) -> list[Finding]:
    """What the check finds; that it could not be made, where it could not."""
    found: list[Finding] = []
    try:
        with panics_as_errors():
            made = check()
            found += [made] if isinstance(made, Finding) else made or []
    except LineproofError as error:
        where = f"{error.where}: " if error.where else ""
        todo = error.todo or BACKUP
        found.append(Finding(subject, "problem", f"{where}{error.what}", todo))
    except Exception as error:  # whatever somebody wrote there is to be told, not to end this
        _log.warning("doctor: a check could not be made", check=subject, exc_info=True)
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:_SAID_MAX]}"
        found.append(Finding(subject, "problem", f"it cannot be read ({reason})", UNREADABLE))
    return found


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


def _records(stores: Stores) -> Iterator[BatchRecord]:
    """The whole batch ledger, by agent and number."""
    after: tuple[str, int] | None = None
    while page := stores.telemetry.batches(after=after, limit=_PAGE):
        yield from page
        after = (page[-1].agent, page[-1].number)
