"""Steps of milestones and declared conflicts of interest: rows that are only ever added.

Whether a step may be taken is the caller's to check, within the transaction that adds it. What is
accepted is frozen in the same transaction (store.registry.project_work.accepted_periods): both
last, or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from domain.milestone_states import ConflictOfInterest, Step, StepTaken
from domain.time import Window
from store.archive.blobs import Blobs
from store.registry.database import RegistryDatabase
from store.registry.erased_rows import last_erasure
from store.registry.project_work.accepted_periods import FrozenCheck, add_frozen, period_of
from store.registry.project_work.tables import conflicts, milestone_steps
from store.registry.record import insert_recorded

StepCheck = Callable[[Sequence[StepTaken], Sequence[ConflictOfInterest]], None]
# Facts as bytes (accepted_periods.facts_bytes), by line and window.
AcceptedFacts = Mapping[tuple[str, Window], bytes]


class MilestoneSteps:
    """To read: what was done up to `known_at`; None: all of it. Read again only where there is more
    of it, or a name was erased."""

    def __init__(self, database: RegistryDatabase, known_at: datetime | None = None) -> None:
        self._database = database
        self._known_at = known_at
        self._read: tuple[tuple[int, int], dict[str, list[StepTaken]]] = ((0, 0), {})

    def of_project(self, project: str) -> list[StepTaken]:
        """Of all its milestones, in the order in which they were taken."""
        with self._database.reading() as connection:
            return self.within(connection, project)

    def within(self, connection: Connection, project: str) -> list[StepTaken]:
        """The same, as the connection's transaction sees them."""
        last = connection.execute(select(func.max(milestone_steps.c.id))).scalar()
        if not last:
            return []
        stamp = (last, last_erasure(connection))
        if self._read[0] != stamp:
            taken: dict[str, list[StepTaken]] = {}
            for it in steps_rows(connection):
                taken.setdefault(it.project, []).append(it)
            self._read = (stamp, taken)
        return [it for it in self._read[1].get(project, ()) if self._is_known(it.taken_at)]

    def conflicts(self, project: str) -> list[ConflictOfInterest]:
        """In the order in which they were declared."""
        with self._database.reading() as connection:
            rows = conflict_rows(connection, project)
        return [it for it in rows if self._is_known(it.declared_at)]

    def _is_known(self, at: datetime) -> bool:
        return self._known_at is None or at <= self._known_at


class TakingSteps:
    """To write."""

    def __init__(self, database: RegistryDatabase, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def step(
        self,
        new: StepTaken,
        check: StepCheck,
        accepted: AcceptedFacts,
        check_frozen: Callable[[Window], FrozenCheck],
    ) -> None:
        """Record it, if `check` (which is given the milestone's earlier steps and the project's
        conflicts of interest) does not raise, and freeze the facts that are accepted by it, if none
        of the checks beside the lines' frozen periods does. Raises BusyError where somebody else
        took one at the same moment."""
        periods = {
            period_of(line, window, data, new.author, new.taken_at): data
            for (line, window), data in accepted.items()
        }
        self._blobs.put_all([(period.digest, data) for period, data in periods.items()])
        with self._database.writing() as connection:
            rows = steps_rows(connection, new.project)
            mine = [it for it in rows if it.milestone == new.milestone]
            check(mine, conflict_rows(connection, new.project))
            for period in periods:
                add_frozen(connection, period, check_frozen(period.window))
            insert_recorded(
                connection,
                milestone_steps,
                project=new.project,
                milestone=new.milestone,
                number=len(mine) + 1,  # taken, if somebody was quicker
                step=new.step.value,
                author=new.author,
                taken_at=new.taken_at,
                reason=new.reason,
                due=new.due,
                verdict=new.verdict,
            )

    def conflict(self, new: ConflictOfInterest) -> None:
        """Record it. Raises BusyError where somebody else declared one at the same moment."""
        with self._database.writing() as connection:
            insert_recorded(
                connection,
                conflicts,
                project=new.project,
                number=len(conflict_rows(connection, new.project)) + 1,
                author=new.author,
                declared_at=new.declared_at,
                reason=new.reason,
            )


def steps_rows(connection: Connection, project: str | None = None) -> list[StepTaken]:
    """Those of the project (None: of all), in the order in which they were taken."""
    wanted = select(milestone_steps).order_by(milestone_steps.c.id)
    if project is not None:
        wanted = wanted.where(milestone_steps.c.project == project)
    return [_step(row) for row in connection.execute(wanted).mappings()]


def conflict_rows(connection: Connection, project: str) -> list[ConflictOfInterest]:
    """Those of the project, in the order in which they were declared."""
    c = conflicts.c
    wanted = select(c.project, c.author, c.declared_at, c.reason).where(c.project == project)
    return [ConflictOfInterest(*row) for row in connection.execute(wanted.order_by(c.number))]


def _step(row: RowMapping) -> StepTaken:
    return StepTaken(
        row["project"],
        row["milestone"],
        Step(row["step"]),
        row["author"],
        row["taken_at"],
        row["reason"],
        row["due"],
        row["verdict"],
    )
