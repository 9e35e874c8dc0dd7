"""Samples of a scheme's accepted milestones: rows that are only ever added.

Whether one may be announced, seeded, or given a result is the caller's to check, within the
transaction that adds it. A sample is of a scheme and of no project, so no dossier opens its rows:
the ledger has their digests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, select

from domain.audit_samples import AuditSample, Precision, SampleItem, SampleResult
from domain.errors import NotFoundError
from domain.milestone_states import ConflictOfInterest, StepTaken
from store.registry.database import RegistryDatabase
from store.registry.project_work.milestone_steps import conflict_rows, steps_rows
from store.registry.project_work.tables import (
    audit_sample_results,
    audit_sample_seeds,
    audit_samples,
)
from store.registry.record import insert_recorded

ResultCheck = Callable[[AuditSample, Sequence[StepTaken], Sequence[ConflictOfInterest]], None]


class AuditSamples:
    """To read and to write."""

    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def all(self) -> list[AuditSample]:
        """In the order of their numbers."""
        with self._database.reading() as connection:
            return _samples(connection)

    def results(self, sample: int) -> list[SampleResult]:
        """In the order of their numbers."""
        with self._database.reading() as connection:
            return _results(connection, sample)

    def announce(
        self, new: AuditSample, check: Callable[[Sequence[AuditSample]], None]
    ) -> AuditSample:
        """Keep it under the next number, whatever its own, if `check` (which is given those of the
        scheme so far) does not raise. Raises BusyError where somebody else was as quick."""
        with self._database.writing() as connection:
            earlier = _samples(connection)
            check([it for it in earlier if it.scheme == new.scheme])
            kept = replace(new, number=len(earlier) + 1)
            insert_recorded(
                connection,
                audit_samples,
                number=kept.number,
                scheme=kept.scheme,
                start=kept.start,
                end=kept.end,
                population=json.dumps([[it.project, it.milestone] for it in kept.population]),
                rate=kept.precision.rate,
                margin=kept.precision.margin,
                confidence=kept.precision.confidence,
                size=kept.size,
                public_value=kept.public_value,
                known_on=kept.known_on,
                author=kept.author,
                announced_at=kept.announced_at,
            )
        return kept

    def enter_seed(
        self,
        sample: int,
        value: str,
        author: str,
        at: datetime,
        check: Callable[[AuditSample], None],
    ) -> AuditSample:
        """Keep what the public value was, if `check` does not raise. Raises NotFoundError,
        BusyError."""
        with self._database.writing() as connection:
            found = _sample(connection, sample)
            check(found)
            insert_recorded(
                connection,
                audit_sample_seeds,
                sample=sample,
                value=value,
                author=author,
                entered_at=at,
            )
        return replace(found, seed_value=value, seed_author=author, seeded_at=at)

    def enter_result(self, new: SampleResult, check: ResultCheck) -> SampleResult:
        """Keep it under the sample's next number, whatever its own, if `check` (which is given the
        sample, the steps of the milestone, and the project's conflicts of interest) does not raise.
        Raises NotFoundError, BusyError."""
        item = new.item
        with self._database.writing() as connection:
            steps = [
                it for it in steps_rows(connection, item.project) if it.milestone == item.milestone
            ]
            check(_sample(connection, new.sample), steps, conflict_rows(connection, item.project))
            kept = replace(new, number=len(_results(connection, new.sample)) + 1)
            insert_recorded(
                connection,
                audit_sample_results,
                sample=kept.sample,
                number=kept.number,
                project=item.project,
                milestone=item.milestone,
                is_error=kept.is_error,
                amount_hkd=None if kept.amount_hkd is None else str(kept.amount_hkd),
                note=kept.note,
                author=kept.author,
                entered_at=kept.entered_at,
            )
        return kept


def _sample(connection: Connection, number: int) -> AuditSample:
    found = {it.number: it for it in _samples(connection)}
    if number not in found:
        raise NotFoundError(f"there is no sample {number}", todo=f"There are {len(found)}.")
    return found[number]


def _samples(connection: Connection) -> list[AuditSample]:
    rows = select(audit_sample_seeds)
    seeds = {it["sample"]: it for it in connection.execute(rows).mappings()}
    wanted = select(audit_samples).order_by(audit_samples.c.number)
    return [_read(it, seeds.get(it["number"])) for it in connection.execute(wanted).mappings()]


def _read(row: RowMapping, seed: RowMapping | None) -> AuditSample:
    found = AuditSample(
        row["number"],
        row["scheme"],
        row["start"],
        row["end"],
        tuple(SampleItem(*it) for it in json.loads(row["population"])),
        Precision(row["rate"], row["margin"], row["confidence"]),
        row["size"],
        row["public_value"],
        row["known_on"],
        row["author"],
        row["announced_at"],
    )
    if seed is None:
        return found
    return replace(
        found,
        seed_value=seed["value"],
        seed_author=seed["author"],
        seeded_at=seed["entered_at"],
    )


def _results(connection: Connection, sample: int) -> list[SampleResult]:
    c = audit_sample_results.c
    rows = select(audit_sample_results).where(c.sample == sample).order_by(c.number)
    return [
        SampleResult(
            sample,
            row["number"],
            SampleItem(row["project"], row["milestone"]),
            row["is_error"],
            None if row["amount_hkd"] is None else Decimal(row["amount_hkd"]),
            row["note"],
            row["author"],
            row["entered_at"],
        )
        for row in connection.execute(rows).mappings()
    ]
