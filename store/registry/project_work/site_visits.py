"""Site visits and what was read of panels: rows that are only ever added.

Whether a visit may be entered is the caller's to check, within the transaction that adds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from domain.errors import NotFoundError
from domain.milestone_states import ConflictOfInterest
from domain.site_visits import PanelReading, SiteVisit, VisitKind, VisitWithdrawal
from store.registry.database import RegistryDatabase
from store.registry.project_work.milestone_steps import conflict_rows
from store.registry.project_work.tables import panel_readings, site_visits, visit_withdrawals
from store.registry.record import insert_recorded

VisitCheck = Callable[[Sequence[ConflictOfInterest]], None]


class SiteVisits:
    """To read: what was entered up to `known_at`; None: all of it."""

    def __init__(self, database: RegistryDatabase, known_at: datetime | None = None) -> None:
        self._database = database
        self._known_at = known_at

    def of_project(self, project: str) -> list[SiteVisit]:
        """In the order of their numbers."""
        known_at = self._known_at
        with self._database.reading() as connection:
            found = visit_rows(connection, project)
        if known_at is None:
            return found
        return [
            replace(it, withdrawn=None)
            if it.withdrawn is not None and it.withdrawn.withdrawn_at > known_at
            else it
            for it in found
            if it.recorded_at <= known_at
        ]


class EnteringVisits:
    """To write."""

    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def enter(self, new: SiteVisit, check: VisitCheck) -> SiteVisit:
        """Keep it under the project's next number, whatever its own, if `check` (which is given the
        project's conflicts of interest) does not raise. Raises BusyError where somebody else
        entered one at the same moment."""
        with self._database.writing() as connection:
            check(conflict_rows(connection, new.project))
            earlier = visit_rows(connection, new.project)
            kept = replace(new, number=len(earlier) + 1)  # taken, if somebody was quicker
            insert_recorded(
                connection,
                site_visits,
                project=kept.project,
                milestone=kept.milestone,
                number=kept.number,
                line=kept.line,
                kind=kept.kind.value,
                visited_at=kept.visited_at,
                author=kept.author,
                recorded_at=kept.recorded_at,
                note=kept.note,
            )
            for number, it in enumerate(kept.readings, start=1):
                insert_recorded(
                    connection,
                    panel_readings,
                    project=kept.project,
                    visit=kept.number,
                    number=number,
                    machine=it.machine,
                    signal=it.signal,
                    read_at=it.read_at,
                    value=str(it.value),
                    read_by=it.read_by,
                    note=it.note,
                )
        return kept

    def withdraw(
        self,
        project: str,
        number: int,
        withdrawal: VisitWithdrawal,
        check: Callable[[SiteVisit, Sequence[ConflictOfInterest]], None],
    ) -> SiteVisit:
        """Note that the visit was entered wrongly, if `check` does not raise. Raises NotFoundError;
        BusyError where somebody else withdrew it at the same moment."""
        with self._database.writing() as connection:
            visits = {it.number: it for it in visit_rows(connection, project)}
            if number not in visits:
                raise NotFoundError(
                    f"there is no visit {number} of project {project}",
                    todo="See its list for those there are.",
                )
            check(visits[number], conflict_rows(connection, project))
            insert_recorded(
                connection,
                visit_withdrawals,
                project=project,
                visit=number,
                author=withdrawal.author,
                withdrawn_at=withdrawal.withdrawn_at,
                reason=withdrawal.reason,
            )
        return replace(visits[number], withdrawn=withdrawal)


def visit_rows(connection: Connection, project: str) -> list[SiteVisit]:
    """Those of the project with their readings, in the order of their numbers."""
    c = panel_readings.c
    wanted = select(panel_readings).where(c.project == project).order_by(c.visit, c.number)
    readings: dict[int, list[PanelReading]] = {}
    for row in connection.execute(wanted).mappings():
        readings.setdefault(row["visit"], []).append(
            PanelReading(
                row["machine"],
                row["signal"],
                row["read_at"],
                Decimal(row["value"]),
                row["read_by"],
                row["note"],
            )
        )
    w = visit_withdrawals.c
    wrong = select(w.visit, w.author, w.withdrawn_at, w.reason).where(w.project == project)
    withdrawn = {visit: VisitWithdrawal(*said) for visit, *said in connection.execute(wrong).all()}
    mine = select(site_visits).where(site_visits.c.project == project)
    return [
        SiteVisit(
            project,
            row["milestone"],
            row["number"],
            row["line"],
            VisitKind(row["kind"]),
            row["visited_at"],
            row["author"],
            row["recorded_at"],
            row["note"],
            tuple(readings.get(row["number"], ())),
            withdrawn.get(row["number"]),
        )
        for row in connection.execute(mine.order_by(site_visits.c.number)).mappings()
    ]
