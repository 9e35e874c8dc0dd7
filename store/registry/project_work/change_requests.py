"""Change requests and their decisions: rows that are only ever added.

Whether one may be asked or decided is the caller's to check, within the transaction that adds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.errors import NotFoundError
from domain.milestone_states import ConflictOfInterest
from store.registry.database import RegistryDatabase
from store.registry.project_work.milestone_steps import conflict_rows
from store.registry.project_work.tables import change_decisions, change_requests
from store.registry.record import insert_recorded

DecisionCheck = Callable[[ChangeRequest, Sequence[ConflictOfInterest]], None]


class ChangeRequests:
    """To read: what was asked and decided up to `known_at`; None: all of it."""

    def __init__(self, database: RegistryDatabase, known_at: datetime | None = None) -> None:
        self._database = database
        self._known_at = known_at

    def of_project(self, project: str) -> list[ChangeRequest]:
        """In the order of their numbers."""
        with self._database.reading() as connection:
            found = request_rows(connection, project)
        known_at = self._known_at
        if known_at is None:
            return found
        return [
            it
            if it.decision is None or it.decision.decided_at <= known_at
            else replace(it, decision=None)
            for it in found
            if it.asked_at <= known_at
        ]


class AskingChanges:
    """To write."""

    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def ask(self, new: ChangeRequest) -> ChangeRequest:
        """Keep it under the project's next number, whatever its own. Raises BusyError where
        somebody else asked at the same moment."""
        with self._database.writing() as connection:
            kept = replace(new, number=len(request_rows(connection, new.project)) + 1)
            insert_recorded(
                connection,
                change_requests,
                project=kept.project,
                number=kept.number,
                kind=kept.kind.value,
                milestone=kept.milestone,
                line=kept.line,
                machine=kept.machine,
                replaced_at=kept.replaced_at,
                old=kept.old,
                new=kept.new,
                reason=kept.reason,
                author=kept.author,
                asked_at=kept.asked_at,
            )
        return kept

    def decide(
        self, project: str, number: int, new: ChangeDecision, check: DecisionCheck
    ) -> ChangeRequest:
        """Keep the decision, if `check` (which is given the request and the project's conflicts of
        interest) does not raise. Raises NotFoundError, and BusyError where somebody else decided
        it at the same moment."""
        with self._database.writing() as connection:
            found = {it.number: it for it in request_rows(connection, project)}
            if number not in found:
                raise NotFoundError(
                    f"project {project} has no change request {number}",
                    todo=f"It has {len(found)}." if found else "It has none.",
                )
            check(found[number], conflict_rows(connection, project))
            insert_recorded(
                connection,
                change_decisions,
                project=project,
                request=number,
                approved=new.approved,
                author=new.author,
                decided_at=new.decided_at,
                reason=new.reason,
            )
        return replace(found[number], decision=new)


def request_rows(connection: Connection, project: str) -> list[ChangeRequest]:
    """Those of the project with their decisions, in the order of their numbers."""
    d, r = change_decisions.c, change_requests.c
    decisions = {
        row["request"]: ChangeDecision(
            row["approved"], row["author"], row["decided_at"], row["reason"]
        )
        for row in connection.execute(
            select(change_decisions).where(d.project == project)
        ).mappings()
    }
    rows = connection.execute(
        select(change_requests).where(r.project == project).order_by(r.number)
    ).mappings()
    return [_request(row, decisions.get(row["number"])) for row in rows]


def _request(row: RowMapping, decision: ChangeDecision | None) -> ChangeRequest:
    return ChangeRequest(
        row["project"],
        row["number"],
        ChangeKind(row["kind"]),
        row["old"],
        row["new"],
        row["reason"],
        row["author"],
        row["asked_at"],
        row["milestone"],
        row["line"],
        row["machine"],
        row["replaced_at"],
        decision,
    )
