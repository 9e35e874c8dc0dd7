"""What people say of a line's time: corrections, and the periods that were accepted.

The part of the registry that only ever grows. Nothing here is changed or removed: a withdrawal
is a record of its own, a frozen period stays as it was accepted. Whether a record makes sense
is the caller's to check, within the same transaction; clocks and ids are the caller's too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from domain.corrections import Correction
from domain.errors import NotFoundError
from domain.plan_changes import PlanChange
from domain.time import Window
from store.archive.blobs import Blobs
from store.registry import correction_rows
from store.registry.correction_rows import (
    CheckedCorrection,
    CorrectionCheck,
    CorrectionRows,
)
from store.registry.database import RegistryDatabase
from store.registry.plan_changes import PlanCheck, add_plan_change, plan_changes_of
from store.registry.project_work import accepted_periods
from store.registry.project_work.accepted_periods import FrozenCheck, FrozenPeriod


class LineRecords:
    """To read: what was recorded up to `known_at`; None: all of it."""

    def __init__(
        self,
        database: RegistryDatabase,
        blobs: Blobs,
        corrections: CorrectionRows,
        known_at: datetime | None = None,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._corrections = corrections
        self._known_at = known_at

    def lines_with_records(self) -> frozenset[str]:
        """The lines for which people ever recorded anything, even after `known_at`."""
        with self._database.reading() as connection:
            return correction_rows.corrected_lines(connection) | accepted_periods.frozen_lines(
                connection
            )

    def corrections(self, line: str) -> list[Correction]:
        """Every correction of the line, withdrawals and withdrawn ones too, in the order of
        recording."""
        with self._database.reading() as connection:
            rows = self._corrections.of(connection, line)
        return [it for it in rows if self._is_known(it)]

    def correction(self, identity: str) -> Correction:
        """Raises NotFoundError."""
        with self._database.reading() as connection:
            found = correction_rows.correction_by_id(connection, identity)
        if found is None or not self._is_known(found):
            raise NotFoundError(
                f"there is no correction '{identity}'",
                todo="Take the id from the line's list of corrections.",
            )
        return found

    def plan_changes(self, line: str) -> list[PlanChange]:
        """The exceptions of the line's calendar that were entered, and their withdrawals, in the
        order of recording."""
        with self._database.reading() as connection:
            rows = plan_changes_of(connection, line)
        return [it for it in rows if self._known_at is None or it.recorded_at <= self._known_at]

    def frozen(self, line: str) -> list[FrozenPeriod]:
        """The line's frozen periods, sorted by start; they do not overlap."""
        with self._database.reading() as connection:
            return accepted_periods.frozen_rows(connection, line, self._known_at)

    def frozen_facts(self, period: FrozenPeriod) -> pl.DataFrame:
        """The accepted FACTS. Raises NotFoundError or StorageError where they are gone."""
        return accepted_periods.facts_of_bytes(self.frozen_bytes(period.digest), period.digest)

    def frozen_bytes(self, digest: str) -> bytes:
        """The same as they are kept. Raises as `frozen_facts`."""
        return self._blobs.get(digest)

    def _is_known(self, correction: Correction) -> bool:
        return self._known_at is None or correction.recorded_at <= self._known_at


class Recording:
    """To write."""

    def __init__(
        self, database: RegistryDatabase, blobs: Blobs, corrections: CorrectionRows
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._corrections = corrections

    def correction(self, correction: Correction, check: CorrectionCheck) -> None:
        """Record it, if `check` (which is given the line's earlier ones, withdrawals too) does
        not raise. Raises BusyError where somebody else recorded one at the same moment."""
        self.corrections([(correction, check)])

    def corrections(self, checked: Sequence[CheckedCorrection]) -> None:
        """Several of one line as one: all of them are recorded in this order, or none. Raises
        as `correction`."""
        with self._database.writing() as connection:
            correction_rows.add_corrections(connection, self._corrections, checked)

    def plan_change(self, change: PlanChange, check: PlanCheck) -> None:
        """Record it, if `check` (which is given the line's earlier ones) does not raise. Raises
        BusyError where somebody else recorded one at the same moment."""
        with self._database.writing() as connection:
            add_plan_change(connection, change, check)

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
        period = accepted_periods.period_of(line, window, data, author, now)
        self._blobs.put_all([(period.digest, data)])
        with self._database.writing() as connection:
            accepted_periods.add_frozen(connection, period, check)
        return period
