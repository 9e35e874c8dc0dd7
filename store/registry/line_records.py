"""What people say of a line's time: corrections, and the periods that were accepted.

The part of the registry that only ever grows. Nothing here is changed or removed: a withdrawal
is a record of its own, a frozen period stays as it was accepted. Whether a record makes sense
is the caller's to check, within the same transaction; clocks and ids are the caller's too.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import polars as pl

from domain.corrections import Correction, LineCorrections, in_force
from domain.errors import NotFoundError
from domain.time import Window
from store.archive.blobs import Blobs
from store.registry import accepted_periods, correction_rows
from store.registry.accepted_periods import FrozenCheck, FrozenPeriod
from store.registry.correction_rows import Check, CorrectionRows
from store.registry.database import RegistryDatabase


class LineRecords:
    """Of the registry whose database and blobs are given.

    `_known_at`: only what was recorded up to then is there; None: everything.
    """

    _database: RegistryDatabase
    _blobs: Blobs
    _known_at: datetime | None
    _said: CorrectionRows

    def lines_with_records(self) -> frozenset[str]:
        """The lines for which people ever recorded anything."""
        with self._database.reading() as connection:
            return correction_rows.corrected_lines(connection) | accepted_periods.frozen_lines(
                connection
            )

    def add_correction(self, correction: Correction, check: Check) -> None:
        """Record it, if `check` (which is given the line's earlier ones, withdrawals too) does
        not raise. Raises BusyError where somebody else recorded one at the same moment."""
        with self._database.writing() as connection:
            correction_rows.add_correction(connection, self._said, correction, check)

    def corrections(self, line: str, known_at: datetime | None = None) -> list[Correction]:
        """Every correction of the line, withdrawals and withdrawn ones too, recorded up to
        `known_at`, in the order of recording."""
        with self._database.reading() as connection:
            rows = self._said.of(connection, line)
        limits = [at for at in (known_at, self._known_at) if at is not None]
        return [it for it in rows if all(it.recorded_at <= at for at in limits)]

    def correction(self, identity: str) -> Correction:
        """Raises NotFoundError."""
        with self._database.reading() as connection:
            found = correction_rows.correction_by_id(connection, identity)
        if found is None or (self._known_at and found.recorded_at > self._known_at):
            raise NotFoundError(
                f"there is no correction '{identity}'",
                todo="Take the id from the line's list of corrections.",
            )
        return found

    def line_corrections(self, line: str) -> LineCorrections:
        """What the line's facts must follow, and what the stored ones do not follow yet."""
        if self._known_at is not None:  # a view of the past has no stored facts
            return LineCorrections(in_force(self.corrections(line)))
        with self._database.reading() as connection:
            return correction_rows.of_line(connection, self._said, line)

    def mark_applied(self, line: str, number: int) -> None:
        """The line's stored facts contain its corrections up to that number."""
        with self._database.writing(visible=False) as connection:
            correction_rows.mark_applied(connection, line, number)

    def freeze(
        self,
        line: str,
        window: Window,
        facts: pl.DataFrame,
        author: str,
        now: datetime,
        check: FrozenCheck,
    ) -> FrozenPeriod:
        """Keep the line's FACTS of the window as accepted, if `check` (which is given the
        line's frozen periods) does not raise. Raises BusyError, StorageError."""
        data = accepted_periods.facts_bytes(facts)
        digest = hashlib.sha256(data).hexdigest()
        period = FrozenPeriod(line, window.start, window.end, author, now, digest)
        self._blobs.put_all([(digest, data)])
        with self._database.writing() as connection:
            accepted_periods.add_frozen(connection, period, check)
        return period

    def frozen(self, line: str) -> list[FrozenPeriod]:
        """The line's frozen periods, sorted by start; they do not overlap."""
        with self._database.reading() as connection:
            return accepted_periods.frozen_rows(connection, line, self._known_at)

    def frozen_facts(self, period: FrozenPeriod) -> pl.DataFrame:
        """The accepted FACTS. Raises NotFoundError or StorageError where they are gone."""
        return accepted_periods.facts_of_bytes(self._blobs.get(period.digest), period.digest)
