"""What `doctor` finds in the registry: its rows against their record, documents and accepted facts
against their digests, the audit against itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from domain.errors import LineproofError
from lineproof.upkeep.findings import BACKUP, Finding
from store.registry.registry import Registry

_FAULTS_TOLD = 5


def record(registry: Registry) -> Finding:
    """What figures rest on is there as it was written."""
    faults = list(islice(registry.recorded.faults(), _FAULTS_TOLD))
    if faults:
        detail = f"the registry is not as it was written: {'; '.join(faults)}"
        return Finding("record", "problem", detail, BACKUP)
    count = registry.recorded.count()
    return Finding(
        "record", "ok", f"the {count} rows that figures rest on are as they were written"
    )


def derived(registry: Registry) -> Finding:
    """What follows from other rows does."""
    faults = list(islice(registry.derived.faults(), _FAULTS_TOLD))
    if faults:
        return Finding("registry", "problem", "; ".join(faults), BACKUP)
    return Finding("registry", "ok", "its rows fit each other")


def documents(registry: Registry) -> Iterator[Finding]:
    """The bytes of every document are there as they were attached, or removed as was told."""
    wrong, count, removed = [], 0, 0
    for project in registry.projects.all():
        for it in registry.attachments.of_project(project.reference):
            if it.removed_at is not None:
                removed += 1
                continue
            count += 1
            try:
                file = registry.attachments.intact(it.sha256)
            except LineproofError as error:
                wrong.append(f"{it.file_name} of {project.reference} ({error.what})")
                continue
            if file is None:
                wrong.append(f"{it.file_name} of {project.reference} (it was changed)")
            else:
                file.close()
    if wrong:
        yield Finding(
            "documents",
            "problem",
            f"{len(wrong)} are not there as they were attached, the first is {wrong[0]}",
            "Put the folder 'documents' back from a backup.",
        )
    elif count or removed:
        gone = f"; the bytes of {removed} were removed after their day" if removed else ""
        yield Finding("documents", "ok", f"all {count} are there as they were attached{gone}")


def frozen_periods(registry: Registry) -> Iterator[Finding]:
    """The accepted facts of every frozen period are there as they were accepted."""
    for plant in registry.plants.all():
        for line in plant.lines:
            for period in registry.records.frozen(line):
                local = period.start.astimezone(plant.zone).isoformat(timespec="minutes")
                subject = f"frozen {line} from {local}"
                try:
                    registry.records.frozen_facts(period)
                except LineproofError as error:
                    yield Finding(
                        subject, "problem", str(error), "Put the documents back from a backup."
                    )
                else:
                    yield Finding(subject, "ok", f"as {period.author} accepted it")


def audit(registry: Registry) -> Finding:
    """Its rows are there as they were written."""
    faults = list(islice(registry.audit.faults(), _FAULTS_TOLD))
    if not faults:
        return Finding("audit", "ok", "every row follows the one before it")
    return Finding("audit", "problem", f"it is not as it was written: {'; '.join(faults)}", BACKUP)
